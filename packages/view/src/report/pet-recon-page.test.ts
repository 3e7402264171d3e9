import { identityAffine, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { sampleModel } from "../../test/sample-model.ts";
import { renderPetReconPage } from "./pet-recon-page.ts";
import type { PetReconView } from "./pet-recon-view.ts";
import { renderReport } from "./render-report.ts";

const image: Volume = {
  shape: [4, 4, 2],
  affine: identityAffine(),
  space: "scanner:pet",
  unit: "1",
  frames: [
    { start: 0, duration: 60 },
    { start: 60, duration: 120 },
  ],
  clock: "scanner",
  data: Float32Array.from({ length: 64 }, (_, i) => i),
};
const step = (change: number, logLikelihood: number) => ({ expected: 390_000, change, logLikelihood });
const view: PetReconView = {
  source: "<b>scan</b>.petsird",
  settings: [["algorithm", "OSEM, event by event"]],
  terms: [
    { name: "normalisation, n", value: "all pairs of detectors alike" },
    { name: "attenuation, a" },
    { name: "dead time", note: "live 97 % of the time" },
  ],
  frames: [
    {
      start: 0,
      duration: 60,
      prompts: 399_770,
      randoms: 79_954,
      scatter: 95_945,
      iterations: [step(1, -9), step(0.1, -7), step(0.05, -6)],
    },
    { start: 60, duration: 120, prompts: 100_000, randoms: 20_000, scatter: 16_000, iterations: [step(1, -5)] },
  ],
  course: { start: 0, width: 60, prompts: [399_770, 50_000, 50_000], delayeds: [80_000, 10_000, 10_000] },
  motion: {
    time: [0, 90],
    end: 180,
    shifts: [
      [0, 0, 0],
      [1, 2, 3],
    ],
    degrees: [
      [0, 0, 0],
      [0, 4, 0],
    ],
  },
  motionNote: "Every event was taken back.",
  notes: ["water & skull"],
  findings: [{ modality: "pet", name: "prompts", value: 399_770, unit: "{count}", verdict: "ok", note: "all" }],
  unit: "counts per mm of line",
  image,
};
const options = { software: { name: "Quintet", version: "0" }, generatedAt: "2026-01-02T03:04:05Z" };

describe("the page", () => {
  const page = renderPetReconPage(view, options);
  test.each([
    ["counts to the last one, in table and finding", ">399,770<"],
    // 399,770 - 79,954 - 95,945; 79,954 / 399,770; 95,945 / (399,770 - 79,954)
    ["trues", ">223,871<"],
    ["randoms fraction", ">0.200<"],
    ["scatter fraction", ">0.300<"],
    ["all frames together", '<th scope="row">all</th>'],
    ["a rate", ">6,663<"],
    ["what is left out", "not modelled</strong></dd><dt>Dead time"],
    ["dead time as the file has it", "live 97 % of the time"],
    ["motion", "Every event was taken back."],
    ["sums of frames", "Sum of 2 frames."],
    ["voxels", "4 × 4 × 2 of 1 × 1 × 1 mm"],
    ["a note", "Water &amp; skull"],
    ["the delayed window", "prompts less delayeds"],
    ["the gain of likelihood", "Gain of the log-likelihood"],
    ["side marks", ">L</text>"],
    ["the scale", "50 mm"],
  ])("tells %s", (_, words) => expect(page).toContain(words));
  test("shows rates, two curves of motion, two of convergence and three cuts; text of the study is escaped", () => {
    expect(page.match(/class="plot"/g)).toHaveLength(5);
    expect(page.match(/data:image\/png/g)).toHaveLength(3);
    expect(page).not.toContain("<b>scan");
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});

test("without list, motion, image and a second iteration it has what is left, and 0 stands for nothing", () => {
  const { course: _, motion: __, image: ___, ...rest } = view;
  const frames = [{ start: 0, duration: 0, prompts: 0, iterations: [step(0, 0)] }];
  const page = renderPetReconPage({ ...rest, frames }, options);
  expect(page).not.toMatch(/class="plot"|NaN|undefined|Infinity/);
  expect(page.match(/<td class="num muted">not modelled/g)).toHaveLength(4);
});

test("the report of a run has the section where an image tells of it, and none else", () => {
  const model = sampleModel({ voxel: 8 });
  expect(renderReport(model, { pixel: 4 })).not.toContain('id="pet-recon"');
  const page = renderReport({ ...model, petRecon: [view] }, { pixel: 4 });
  expect(page).toContain('<a href="#pet-recon">PET reconstruction</a>');
  expect(page).toContain(">399,770<");
});
