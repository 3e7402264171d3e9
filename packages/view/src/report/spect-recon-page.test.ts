import { affineOf, identityAffine, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { sampleModel } from "../../test/sample-model.ts";
import { renderReport } from "./render-report.ts";
import { renderSpectReconPage } from "./spect-recon-page.ts";
import type { SpectViews } from "./spect-recon-view.ts";

const views: SpectViews = {
  columns: 4,
  columnSize: 4,
  row: 2,
  sinogram: Float32Array.from({ length: 12 }, (_, i) => i % 7),
  counts: Float64Array.of(9000, 10_000, 9500),
  centres: Float64Array.of(-1, 0, 1),
};
const image: Volume = {
  shape: [4, 4, 2],
  affine: identityAffine(),
  space: "scanner:spect",
  unit: "1",
  frames: [{ start: 0, duration: 0 }],
  clock: "scanner",
  data: Float32Array.from({ length: 32 }, (_, i) => i),
};
const view = {
  source: "<b>scan</b>.hs",
  settings: [["algorithm", "OSEM"] as const, ["subsets", "12"] as const],
  terms: ["collimator: siemens-lehr"],
  notes: ["water & ellipse"],
  findings: [{ modality: "spect", name: "counts", value: 71, unit: "{count}", verdict: "bad", note: "few" } as const],
  views,
  image,
};
const options = { software: { name: "Quintet", version: "0" }, generatedAt: "2026-01-02T03:04:05Z" };

test("terms, findings, sinogram, counts, centres and three cuts; text of the study is escaped", () => {
  const page = renderSpectReconPage(view, options);
  for (const words of [
    "siemens-lehr",
    "water &amp; ellipse",
    "Sinogram of row 2",
    "&lt;b&gt;scan",
    "coronal",
    "71",
    "OSEM",
    ">12<",
    "4 × 4 × 2 of 1 × 1 × 1 mm",
  ]) {
    expect(page).toContain(words);
  }
  expect(page.match(/data:image\/png/g)).toHaveLength(4);
  // sinogram, two courses, three cuts with their store and colour bar
  expect(page.match(/<svg/g)).toHaveLength(8);
  // both sides of two cuts in either view, and the scale of each
  expect([page.match(/>L</g)?.length, page.match(/>R</g)?.length, page.match(/50 mm/g)?.length]).toEqual([4, 4, 3]);
  expect(page).not.toContain("<b>scan");
});

test("cuts lie in the world: one stored from the left is turned, one aslant is cut as it lies", () => {
  const pictures = (volume: Volume): readonly string[] =>
    renderSpectReconPage({ ...view, image: volume }, options).match(/data:image\/png;base64,[^"]+/g) ?? [];
  const { affine: _, ...rest } = image;
  // the same numbers from the other end of x, which there runs to the left
  const turned = image.data.map((_, i) => image.data[i - (i % 4) + 3 - (i % 4)] as number);
  const left = { ...rest, affine: affineOf([-1, 0, 0, 3, 0, 1, 0, 0, 0, 0, 1, 0]), data: turned };
  expect(pictures(left)).toEqual(pictures(image));
  const aslant = { ...rest, affine: affineOf([0.8, -0.6, 0, 0, 0.6, 0.8, 0, 0, 0, 0, 1, 0]) };
  expect(pictures(aslant)).toHaveLength(4);
  expect(pictures(aslant)).not.toEqual(pictures(image));
});

test("views without counts and an empty image are drawn all the same", () => {
  const silent = {
    ...views,
    sinogram: new Float32Array(12),
    counts: new Float64Array(3),
    centres: new Float64Array(3),
  };
  const page = renderSpectReconPage(
    { ...view, views: silent, image: { ...image, data: new Float32Array(32) } },
    options,
  );
  expect(page).not.toContain("NaN");
});

test("the report of a run has the section where an image tells of it, and none else", () => {
  const model = sampleModel({ voxel: 8 });
  expect(renderReport(model, { pixel: 4 })).not.toContain('id="spect-recon"');
  const { image: __, ...alone } = view;
  const page = renderReport({ ...model, spectRecon: [view, { ...alone, source: "ictal" }] }, { pixel: 4 });
  expect(page).toContain('<a href="#spect-recon">SPECT reconstruction</a>');
  expect(page.match(/Sinogram of row 2, the one/g)).toHaveLength(2);
  expect(page.match(/>Image as reconstructed/g)).toHaveLength(1);
});
