import { identityAffine, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { renderPetQcPage } from "./pet-qc-page.ts";
import type { PetQcView } from "./pet-qc-view.ts";

const image: Volume = {
  shape: [4, 4, 2],
  affine: identityAffine(),
  space: "scanner:pet",
  unit: "Bq/mL",
  frames: [{ start: 0, duration: 60 }],
  clock: "scanner",
  data: Float32Array.from({ length: 32 }, (_, i) => 1000 * i),
};
const limits = {
  nonUniformity: { warn: 0.1, bad: 0.2 },
  axial: { warn: 0.05, bad: 0.1 },
  calibration: { warn: 0.05, bad: 0.1 },
  recovery: { least: 0.5, most: 1.1 },
};
const calibration = {
  measured: 5000,
  measuredError: 50,
  expected: 6000,
  expectedError: 300,
  factor: 1.2,
  standardError: 0.06,
};
const rate = { randoms: 20, scatter: 30, scatterFraction: 0.375, randomsFraction: 0.2, noiseEquivalentError: 1 };
const slice = { regions: 40, mean: 5000, variation: 0.02, above: 0.04, below: 0.05 };
const view: PetQcView = {
  source: "<i>phantom</i>.nii.gz",
  image,
  findings: [
    { modality: "pet", name: "cross-calibration", value: 1.2, unit: "1", verdict: "bad", note: "off" },
    { modality: "pet", name: "prompt-rate", value: 100, unit: "1/s", verdict: "ok", note: "fine" },
  ],
  uniformity: {
    cylinder: { radius: 100, from: -80, to: 80 },
    mean: 5000,
    standardError: 10,
    slices: [-10, 0, 10].map((z) => ({ z, ...slice })),
  },
  recovery: {
    background: 5000,
    circles: 35,
    spheres: [
      {
        diameter: 37,
        ratio: 4,
        measuredRatio: 3.7,
        contrast: 0.9,
        standardError: 0.02,
        variability: 0.03,
        mean: 0.8,
        max: 1.1,
      },
      { diameter: 28, ratio: 0, measuredRatio: 0.4, contrast: 0.6, standardError: 0.02, variability: 0.03 },
    ],
  },
  calibration,
  counts: {
    rates: [
      { activity: 30e6, prompts: 100, trues: 50, noiseEquivalent: 25, ...rate },
      { activity: 60e6, prompts: 180, trues: 130, noiseEquivalent: 90, ...rate },
    ],
    peak: { activity: 50e6, noiseEquivalent: 95 },
  },
  limits,
};
const options = { software: { name: "Quintet", version: "0" }, generatedAt: "2026-01-02T03:04:05Z" };

test("uniformity, recovery, calibration with its verdict, count rates; text of the study is escaped", () => {
  const page = renderPetQcPage(view, options);
  for (const words of [
    "1 of 2 values bad, 0 to check.",
    "200 mm diameter and 160 mm length",
    "5 kBq/mL",
    "0.900 ± 0.020",
    "4 : 1",
    "not accepted: beyond 10.0 %",
    "1.2000 ± 0.0600",
    "largest at 50 MBq",
    "0.375",
  ]) {
    expect(page).toContain(words);
  }
  // means and extremes of slices, recovery, rates
  expect(page.match(/class="plot"/g)).toHaveLength(4);
  expect(page).not.toMatch(/<i>phantom|NaN|undefined|Infinity/);
});

test.each([
  [1.04, "accepted: within 5.0 %"],
  [0.93, "to check: beyond 5.0 %, within 10.0 %"],
  [0.85, "not accepted: beyond 10.0 %"],
])("a factor of %d is %s", (factor, words) => {
  expect(renderPetQcPage({ ...view, calibration: { ...calibration, factor } }, options)).toContain(`<strong>${words}`);
});

test("what was not measured is said, not left to be missed", () => {
  const { source, findings } = view;
  const page = renderPetQcPage({ source, image, findings, limits }, options);
  expect(page).toContain("no reading of a dose calibrator");
  expect(page).toContain("no table of counts");
  expect(page).not.toMatch(/class="plot"|NaN/);
});
