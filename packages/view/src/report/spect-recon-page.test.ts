import { identityAffine, type SpectProjections, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { renderSpectReconPage } from "./spect-recon-page.ts";

const projections: SpectProjections = {
  columns: 4,
  rows: 2,
  size: [4, 4],
  angles: Float64Array.of(0, 2, 4),
  radii: Float64Array.of(100, 100, 100),
  data: Float32Array.from({ length: 24 }, (_, i) => i % 7),
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
  terms: ["collimator: siemens-lehr"],
  notes: ["water & ellipse"],
  findings: [{ modality: "spect", name: "counts", value: 71, unit: "{count}", verdict: "bad", note: "few" } as const],
  projections,
  image,
};
const options = { software: { name: "Quintet", version: "0" }, generatedAt: "2026-01-02T03:04:05Z" };

test("terms, findings, sinogram, counts, centres and three cuts; text of the study is escaped", () => {
  const page = renderSpectReconPage(view, options);
  for (const words of ["siemens-lehr", "water &amp; ellipse", "Sinogram of row 2", "&lt;b&gt;scan", "coronal", "71"]) {
    expect(page).toContain(words);
  }
  expect(page.match(/data:image\/png/g)).toHaveLength(4);
  // two plots and their legends
  expect(page.match(/<svg/g)).toHaveLength(4);
  expect(page).not.toContain("<b>scan");
});

test("views without counts and an empty image are drawn all the same", () => {
  const silent = { ...projections, data: new Float32Array(24) };
  const page = renderSpectReconPage(
    { ...view, projections: silent, image: { ...image, data: new Float32Array(32) } },
    options,
  );
  expect(page).not.toContain("NaN");
});
