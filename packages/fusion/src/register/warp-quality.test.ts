import { type Grid, identityAffine, type Point, rigid, type Warp } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { pointsToSubject, pointsToTemplate } from "./carry-points.ts";
import { gridPoints, inverseConsistency, leastDeterminant } from "./warp-quality.ts";

const grid: Grid = {
  shape: [12, 12, 12],
  affine: Float64Array.of(0, -3, 0, 15, 3, 0, 0, -18, 0, 0, 3, -12, 0, 0, 0, 1), // x and y exchanged: a turn of 90 degrees
  space: "template",
};
const n = 12 ** 3;

function displacement(fill: (x: number, y: number, z: number) => Point): Float32Array {
  const out = new Float32Array(3 * n);
  for (const [i, [x, y, z]] of gridPoints(grid, 3, () => true).entries()) {
    for (const [c, value] of fill(x, y, z).entries()) out[c * n + i] = value;
  }
  return out;
}

describe("leastDeterminant", () => {
  test.each([
    ["at rest", () => [0, 0, 0], 1],
    ["x grows by 20 %, y shrinks by 10 %: 1.2 x 0.9", (x: number, y: number) => [0.2 * x, -0.1 * y, 0], 1.08],
    ["a shear keeps volume", (_: number, y: number) => [0.5 * y, 0, 0], 1],
    ["z turned inside out", (_x: number, _y: number, z: number) => [0, 0, -1.5 * z], -0.5],
  ] as const)("by hand: %s", (_, fill, expected) => {
    expect(leastDeterminant(displacement(fill as never), grid)).toBeCloseTo(expected, 5);
  });

  test("one fold is found among still neighbours", () => {
    const field = displacement(() => [0, 0, 0]);
    const middle = 6 + 12 * (6 + 12 * 6);
    field[n + middle] = 7; // along the first axis (world y): a central difference of 7 / 6 on one side, -7 / 6 on the other
    expect(leastDeterminant(field, grid)).toBeCloseTo(1 - 7 / 6, 5);
  });
});

describe("a warp and its inverse", () => {
  const matrix = rigid([4, -7, 11], [3, -2, 5]);
  const wave = (amplitude: number): Float32Array =>
    displacement((x, y, z) => [
      amplitude * Math.sin(y / 8),
      amplitude * Math.cos((x + z) / 9),
      -amplitude * Math.sin(x / 7),
    ]);
  const inverse: Warp = { from: "template", to: "subject", matrix, grid, displacement: wave(2) };
  const still: Warp = { ...inverse, displacement: new Float32Array(3 * n) };
  const back: Warp = { ...still, from: "subject", to: "template", matrix: rigid([0, 0, 0], [0, 0, 0]) };
  const points: Point[] = gridPoints(grid, 7, () => true);

  test("distances by hand: a shift of 0.3, 0.4 mm at every point, or nowhere", () => {
    const off: Warp = { ...still, matrix: rigid([0, 0, 0], [0.3, 0.4, 0]) };
    expect(inverseConsistency(off, back, points).max).toBeCloseTo(0.5, 9);
    expect(inverseConsistency(off, back, points).mean).toBeCloseTo(0.5, 9);
    expect(inverseConsistency(back, back, points)).toEqual({ mean: 0, p99: 0, max: 0 });
    expect(inverseConsistency(back, back, [])).toEqual({ mean: 0, p99: 0, max: 0 });
  });

  test("points come back within 1e-3 mm, even where the other warp is only a rough inverse", () => {
    const rough: Warp = { ...back, displacement: wave(-1.5) };
    const there = pointsToSubject(points, { warp: rough, inverse });
    const again = pointsToTemplate(there, { warp: rough, inverse });
    for (const [i, p] of points.entries()) {
      const q = again[i] as Point;
      expect(Math.hypot(q[0] - p[0], q[1] - p[1], q[2] - p[2])).toBeLessThan(1e-3);
    }
    const here = pointsToSubject(pointsToTemplate(points, { warp: rough, inverse }), { warp: rough, inverse });
    expect(here.flat()).toBeAllclose(points.flat(), { atol: 1e-3 });
  });

  test("refuses where no point leads", () => {
    // x is pressed onto the plane x = 0 inside the grid and cannot come out at 100 from there
    const pressed: Warp = { ...still, matrix: identityAffine(), displacement: displacement((x) => [-x, 0, 0]) };
    expect(() => pointsToTemplate([[2, 0, 0]], { warp: back, inverse: pressed })).toThrow(
      expect.objectContaining({ code: "no-inverse" }),
    );
  });
});
