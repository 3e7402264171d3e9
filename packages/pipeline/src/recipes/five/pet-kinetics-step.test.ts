import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { affineOf, identityAffine, type LabelVolume, type Volume } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import { convolveExponential, curveThrough } from "@quintet/kernels";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Anatomy, HeadFrame, Placed } from "./outcome.ts";
import { petKineticsStep } from "./pet-kinetics-step.ts";

const folder = mkdtempSync(join(tmpdir(), "pet-kinetics-"));
const file = join(folder, "sub-01_trc-RAC_pet.nii");
const shape = [12, 10, 8] as const;
const affine = affineOf([3, 0, 0, -18, 0, 3, 0, -15, 0, 0, 3, -12]);
const frames = Array.from({ length: 16 }, (_, i) =>
  i < 6 ? { start: i * 60, duration: 60 } : { start: (i - 5) * 360, duration: 360 },
);
const middles = Float64Array.from(frames, ({ start, duration }) => (start + duration / 2) / 60);
const at = { start: middles, end: middles };
const plasma = curveThrough(
  middles,
  middles.map((t) => 6e4 * t * Math.exp(-1.5 * t) + 3e3 * Math.exp(-t / 30)),
);
const cr = convolveExponential(plasma, 0.12, at).value.map((v) => 0.4 * v);
const reference = curveThrough(middles, cr);
/** x < 4 cerebellum (no binding), 4 to 8 putamen (BP 2), then cortex (BP 0.5). */
const regionOf = (v: number): number => Math.floor((v % 12) / 4);
const bindings = [0, 2, 0.5];
const names = new Map([
  [1, "left cerebellum"],
  [2, "left putamen"],
  [3, "right frontal"],
]);
const grid = { shape, affine, space: "subject:T1w" };
const labels: LabelVolume = { ...grid, data: Uint8Array.from({ length: 960 }, (_, v) => regionOf(v) + 1), names };

beforeAll(() => {
  const curves = bindings.map((bp) => {
    const k2a = 0.12 / (1 + bp);
    const { value } = convolveExponential(reference, k2a, at);
    return cr.map((c, t) => c + (0.12 - k2a) * value[t]!);
  });
  const data = new Float32Array(960 * 16);
  for (let t = 0; t < 16; t++) for (let v = 0; v < 960; v++) data[t * 960 + v] = curves[regionOf(v)]![t]!;
  const volume: Volume<"Bq/mL"> = { shape, affine, space: "scanner:pet", unit: "Bq/mL", clock: "pet", frames, data };
  writeFileSync(file, writeNifti(volume));
});
afterAll(() => rmSync(folder, { recursive: true }));

const still: Volume<"Bq/mL"> = {
  shape,
  affine,
  space: "scanner:pet",
  unit: "Bq/mL",
  clock: "pet",
  frames: [{ start: 0, duration: 1 }],
  data: new Float32Array(960),
};
const placed = {
  volume: still,
  transform: { from: "scanner:pet", to: "subject:T1w", matrix: identityAffine() },
} as unknown as Placed;
const anatomy = { brain: { ...grid, data: new Uint8Array(960).fill(1) } } as unknown as Anatomy;
const frame = { regions: labels } as unknown as HeadFrame;
const metadata = {
  Units: "Bq/mL",
  FrameTimesStart: frames.map(({ start }) => start),
  FrameDuration: frames.map(({ duration }) => duration),
  InjectionStart: 0,
};
const run = (tracer: string, head: HeadFrame | { absent: string } = frame, more: object = {}, image = file) =>
  petKineticsStep.run(
    { file: image, placed, anatomy, frame: head },
    { source: "pet.nii", tracer, metadata: { ...metadata, ...more } },
    { progress: () => {} } as never,
  );

test("raclopride without blood: SRTM by regions and voxels finds the binding", async () => {
  const { view, measures, map } = await run("raclopride");
  expect(view?.regions.map(({ region }) => region)).toEqual(["left putamen", "right frontal"]);
  // float32 data, straight lines between 16 frames: the same model made them.
  expect(measures.map(({ value }) => value)).toBeAllclose([2, 0.5], { rtol: 1e-4 });
  expect(measures[0]).toMatchObject({ measure: "bpnd", side: "left", modality: "pet" });
  const voxel = (x: number): number => map?.data[x + 12 * 5 + 120 * 4] ?? Number.NaN;
  expect([voxel(5), voxel(10)]).toBeAllclose([2, 0.5], { rtol: 1e-3 });
  expect(Math.abs(voxel(1))).toBeLessThan(1e-3);
});
test("FDG without blood has no model, and says so; so has a head without regions", async () => {
  expect((await run("FDG")).warnings.join()).toMatch(/trapped/);
  expect((await run("raclopride", { absent: "no T1" })).warnings.join()).toMatch(/atlas/);
});
test("stated not to be corrected for decay: corrected with the radionuclide, no model without it", async () => {
  const lambda = Math.LN2 / 1221.84;
  const stored = await readVolume(file);
  const means = frames.map(
    ({ start: s, duration: d }) => (Math.exp(-lambda * s) - Math.exp(-lambda * (s + d))) / (lambda * d),
  );
  const decayed = join(folder, "decayed.nii");
  const data = stored.data.map((value, i) => value * means[Math.floor(i / 960)]!);
  writeFileSync(decayed, writeNifti({ ...stored, data }));
  const uncorrected = { ImageDecayCorrected: false };
  const { view, measures } = await run("raclopride", frame, { ...uncorrected, TracerRadionuclide: "C11" }, decayed);
  expect(measures.map(({ value }) => value)).toBeAllclose([2, 0.5], { rtol: 1e-4 });
  expect(view?.choices[1]).toMatch(/corrected for C11 to TimeZero/);
  const refused = await run("raclopride", frame, uncorrected, decayed);
  expect(refused.measures).toEqual([]);
  expect(refused.warnings.join()).toMatch(/not to be corrected for decay/);
});
