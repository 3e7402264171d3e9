import { affineOf, DataError, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { withSidecar } from "./volume-facts.ts";

const volume: Volume = {
  unit: "{arbitrary}",
  shape: [1, 1, 1],
  affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
  space: "scanner",
  frames: [
    { start: 0, duration: 0 },
    { start: 0, duration: 0 },
  ],
  clock: "pet",
  data: Float32Array.of(1, 2),
};

test("kBq/mL becomes Bq/mL and frames of unequal length come from the side file; the input is untouched", () => {
  const told = withSidecar(volume, { Units: "kBq/mL", FrameTimesStart: [0, 10], FrameDuration: [10, 20] }, "pet");
  expect([told.unit, ...told.data]).toEqual(["Bq/mL", 1000, 2000]);
  expect(told.frames).toEqual([
    { start: 0, duration: 10 },
    { start: 10, duration: 20 },
  ]);
  expect([...volume.data]).toEqual([1, 2]);
});

test("a static image lasts from ScanStart for ScanDuration; a silent side file changes nothing", () => {
  const still = { ...volume, frames: [{ start: 0, duration: 0 }], data: Float32Array.of(1) };
  expect(withSidecar(still, { ScanStart: 3600, ScanDuration: 1800, Units: "counts" }, "s")).toMatchObject({
    unit: "{count}",
    frames: [{ start: 3600, duration: 1800 }],
  });
  expect(withSidecar(volume, {}, "v")).toEqual(volume);
});

test.each([
  ["unknown-units", { Units: "furlong" }],
  ["frame-count", { FrameTimesStart: [0], FrameDuration: [1] }],
])("refuses %s", (code, metadata) => {
  let found = "";
  try {
    withSidecar(volume, metadata, "v");
  } catch (error) {
    found = error instanceof DataError ? error.code : "";
  }
  expect(found).toBe(code);
});
