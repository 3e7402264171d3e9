import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { halfLives, identityAffine, type Metadata, type Volume } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { loadKernels } from "@quintet/kernels/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { align } from "./align-step.ts";
import type { Anatomy, Placed } from "./outcome.ts";
import { petStep } from "./pet-step.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-align-"));
const file = join(folder, "sub-01_pet.nii");
const half = halfLives.C11;
const image: Volume<"Bq/mL"> = {
  unit: "Bq/mL",
  shape: [6, 6, 6],
  affine: identityAffine(),
  space: "scanner:pet",
  clock: "pet",
  frames: [
    { start: 0, duration: half },
    { start: half, duration: half },
  ],
  data: new Float32Array(2 * 216).fill(100),
};
const times = { Units: "Bq/mL", FrameTimesStart: [0, half], FrameDuration: [half, half] };
const dose = { InjectedRadioactivity: 400, InjectedRadioactivityUnits: "MBq", InjectionStart: 0 };
const uncorrected = { ...times, ...dose, ImageDecayCorrected: false };
const context = { progress: () => {} } as never;
beforeAll(async () => {
  await loadKernels();
  writeFileSync(file, writeNifti(image));
});
afterAll(() => rmSync(folder, { recursive: true }));

const place = async (metadata: Metadata): Promise<Placed> =>
  align.run(
    { file, emission: { ...image, space: "subject:T1w" } },
    { modality: "pet", name: "MC1", method: "identity", resolution: 6, metadata },
    context,
  );
/** What the report says against an SUV. */
async function without(placed: Placed, metadata: Metadata): Promise<string> {
  const brain = { shape: image.shape, affine: image.affine, space: "subject:T1w", data: new Uint8Array(216).fill(1) };
  const { warnings } = await petStep.run(
    {
      placed,
      anatomy: { brain } as unknown as Anatomy,
      frame: { absent: "none" },
      kinetics: { absent: "none" },
      record: { absent: "no record" },
    },
    {
      source: "pet",
      tracer: "MC1",
      metadata,
      participant: { label: "01", weight: 70 },
      frames: "2 frames",
      resolution: 6,
      claims: false,
    },
    context,
  );
  return warnings.join();
}

test("two frames of a half-life each, stored without decay correction: 2 ln 2 and 4 ln 2, their mean 3 ln 2; SUV is made of it", async () => {
  const metadata = { ...uncorrected, TracerRadionuclide: "C11" };
  const placed = await place(metadata);
  expect(placed.volume.data[0]! / (300 * Math.LN2)).toBeCloseTo(1, 6);
  expect(placed.qc[0]).toMatchObject({ name: "decay-correction", value: "done here", verdict: "ok" });
  expect(await without(placed, metadata)).not.toMatch(/No SUV/);
});
test("without the radionuclide: the plain mean, told of, and no SUV", async () => {
  const placed = await place(uncorrected);
  expect(placed.volume.data[0]).toBe(100);
  expect(placed.qc[0]).toMatchObject({ name: "decay-correction", value: "none", verdict: "warn" });
  expect(await without(placed, { ...uncorrected, TracerRadionuclide: "C11" })).toMatch(/No SUV.*corrected for decay/);
});
test("what is corrected, or silent, stays as it is", async () => {
  for (const said of [{ ImageDecayCorrected: true }, {}]) {
    const placed = await place({ ...times, ...said });
    expect(placed.volume.data[0]).toBe(100);
    expect(placed.qc.map(({ name }) => name)).not.toContain("decay-correction");
  }
});
