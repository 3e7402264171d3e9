import type { Volume } from "@quintet/core";
import { affineOf } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { fieldOfView, maskCentre, quantiles, verticalExtent } from "./field-of-view.ts";
import { slicePlane } from "./plane.ts";
import { sampleMask, sampleSlice } from "./sample.ts";

const grid = {
  shape: [4, 3, 2],
  affine: affineOf([2, 0, 0, -3, 0, 2, 0, -2, 0, 0, 2, -1]),
  space: "subject:T1w",
} as const;
/** f = x + 10 y + 100 z in world mm: trilinear interpolation gives it back exactly. */
const ramp: Volume = {
  ...grid,
  unit: "1",
  frames: [
    { start: 0, duration: 0 },
    { start: 1, duration: 0 },
  ],
  clock: "c",
  data: Float32Array.from({ length: 48 }, (_, i) => {
    const [x, y, z] = [i % 4, Math.floor(i / 4) % 3, Math.floor(i / 12) % 2];
    return (2 * x - 3 + 10 * (2 * y - 2) + 100 * (2 * z - 1)) * (i < 24 ? 1 : -1);
  }),
};
const view = { centre: [0, 0, 0], side: 4 } as const;

describe("sampleSlice", () => {
  test("a linear field comes back exactly at every pixel, by hand", () => {
    const slice = slicePlane("axial", [0, 0, 0.5], view, { pixel: 1 });
    // 4 x 4 pixels at x = 1.5, 0.5, -0.5, -1.5 (RAD: x falls to the right) and y = 1.5 ... -1.5; z = 0.5.
    const expected = [1.5, 0.5, -0.5, -1.5].flatMap((y) => [1.5, 0.5, -0.5, -1.5].map((x) => x + 10 * y + 50));
    expect(sampleSlice(slice, ramp)).toBeAllclose(expected, { atol: 1e-4 }); // float32 of values up to 70
  });

  test("the second frame is the first with its sign turned", () => {
    const slice = slicePlane("coronal", [0, 0.3, 0], view, { pixel: 1 });
    // Rows at z = +-1.5 are 0.5 mm beyond the outer voxel centres: the edge value holds.
    const first = sampleSlice(slice, ramp);
    expect(sampleSlice(slice, ramp, undefined, 1)).toBeAllclose(
      first.map((v) => -v),
      { atol: 0 },
    );
    expect(first[0]).toBeCloseTo(1.5 + 3 + 100, 4);
  });

  test("half a voxel beyond the outer centres the edge value holds, farther out there is nothing", () => {
    const slice = slicePlane("sagittal", [3.9, 0, 0], { centre: [0, 0, 0], side: 2 }, { pixel: 1 });
    expect([...sampleSlice(slice, ramp)].every((v) => Number.isFinite(v))).toBe(true);
    const beyond = slicePlane("sagittal", [4.1, 0, 0], { centre: [0, 0, 0], side: 2 }, { pixel: 1 });
    expect([...sampleSlice(beyond, ramp)].every((v) => Number.isNaN(v))).toBe(true);
  });

  test("a missing voxel is missing where it is used, and the volume is not changed", () => {
    const data = ramp.data.slice();
    data[0] = Number.NaN;
    const before = data.slice();
    const slice = slicePlane("axial", [0, 0, -1], { centre: [0, 0, 0], side: 6 }, { pixel: 1 });
    const values = sampleSlice(slice, { ...ramp, data });
    expect(values.some((v) => Number.isNaN(v)) && values.some((v) => Number.isFinite(v))).toBe(true);
    expect(data).toEqual(before);
  });

  test("refuses a matrix without inverse", () => {
    const flat = { ...ramp, affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]) };
    expect(() => sampleSlice(slicePlane("axial", [0, 0, 0], view, { pixel: 1 }), flat)).toThrow(
      expect.objectContaining({ code: "singular-affine" }),
    );
  });
});

test("sampleMask takes the nearest voxel", () => {
  const mask = { ...grid, data: Uint8Array.from({ length: 24 }, (_, i) => (i % 4 === 0 ? 1 : 0)) }; // x index 0: world x = -3
  const slice = slicePlane("axial", [0, 0, 0], { centre: [0, 0, 0], side: 8 }, { pixel: 1, convention: "NEURO" });
  const row = [...sampleMask(slice, mask).subarray(4 * 8, 5 * 8)];
  expect(row).toEqual([1, 1, 0, 0, 0, 0, 0, 0]); // pixels at -3.5, -2.5: nearest centre -3
});

describe("the field of view", () => {
  const ball: Volume = {
    shape: [60, 60, 60],
    affine: affineOf([4, 0, 0, -110, 0, 4, 0, -120, 0, 0, 4, -100]),
    space: "s",
    unit: "1",
    frames: [{ start: 0, duration: 0 }],
    clock: "c",
    data: Float32Array.from({ length: 216_000 }, (_, i) => {
      const [x, y, z] = [4 * (i % 60) - 110, 4 * (Math.floor(i / 60) % 60) - 120, 4 * Math.floor(i / 3600) - 100];
      return Math.hypot(x - 10, y + 5, z - 20) < 80 ? 100 : 0;
    }),
  };

  test("is a cube about the head with a margin", () => {
    const { centre, side } = fieldOfView(ball);
    expect(centre).toBeAllclose([10, -5, 20], { atol: 4 }); // one voxel
    expect(side).toBeGreaterThan(2 * 80 + 20);
    expect(side).toBeLessThan(2 * 80 + 50);
  });

  test("without anything bright it is the middle of the grid", () => {
    const { centre, side } = fieldOfView({ ...ball, data: new Float32Array(216_000) });
    expect(centre).toEqual([8, -2, 18]);
    expect(side).toBe(240);
  });

  test("maskCentre and quantiles, by hand", () => {
    const mask = { ...ball, data: Uint8Array.from(ball.data, (v) => (v > 0 ? 1 : 0)) };
    expect(maskCentre(mask)).toBeAllclose([10, -5, 20], { atol: 2 });
    expect(verticalExtent(mask)).toBeAllclose([-60, 100], { atol: 8 }); // every second voxel of 4 mm
    expect(verticalExtent({ ...mask, data: new Uint8Array(216_000) })).toBeUndefined();
    expect(maskCentre({ ...mask, data: new Uint8Array(216_000) })).toBeUndefined();
    expect(quantiles([3, 1, 2, Number.NaN, 5, 4], [0, 0.5, 1])).toEqual([1, 3, 5]);
  });
});
