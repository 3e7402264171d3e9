import { affineOf, type Mask } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { brainAtEdge } from "./brain-edge.ts";

/** A block of brain in voxels of 2 x 3 x 4 mm: voxels from (x0, y0, z0) on, up to but without (x1, y1, z1). */
function block(from: readonly number[], to: readonly number[]): Mask {
  const shape = [40, 40, 40] as const;
  const data = Uint8Array.from({ length: 40 ** 3 }, (_, i) => {
    const at = [i % 40, Math.floor(i / 40) % 40, Math.floor(i / 1600)];
    return Number(at.every((x, k) => x >= (from[k] as number) && x < (to[k] as number)));
  });
  return { shape, affine: affineOf([-2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0]), space: "subject:T1w", data };
}

describe("brainAtEdge", () => {
  test("cut by the lower face: 30 x 20 voxels of 2 x 3 mm are 36 cm2", () => {
    expect(brainAtEdge(block([5, 10, 0], [35, 30, 30]))).toMatchObject({ value: 36, unit: "cm2", verdict: "warn" });
  });
  test("two faces add: 20 x 30 voxels of 3 x 4 mm more on the left", () => {
    const found = brainAtEdge(block([0, 10, 0], [30, 30, 30]));
    expect(found).toMatchObject({ value: 36 + 72, verdict: "bad" });
  });
  test.each([
    ["three slices of 2 mm away counts as cut", [3, 10, 5], 0.12 * 20 * 20],
    ["four slices away does not", [4, 10, 5], 0],
    ["one slice of 4 mm away counts, two do not", [5, 10, 1], 0.06 * 25 * 20],
  ] as const)("%s", (_, from, expected) => {
    expect(brainAtEdge(block(from, [30, 30, 25])).value).toBeCloseTo(expected, 9);
  });
  test("a medulla of 2 cm2 that the lower face cuts is no loss", () => {
    expect(brainAtEdge(block([15, 15, 0], [22, 20, 30]))).toMatchObject({ verdict: "ok" });
  });
});
