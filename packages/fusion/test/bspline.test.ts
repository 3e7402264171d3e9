import { apply, type Grid } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { splineField, splineOnGrid } from "./bspline.ts";

describe("the cubic B-spline", () => {
  const [nx, ny, nz] = [7, 8, 9];
  const n = nx * ny * nz;
  const map = (coefficient: (x: number, y: number, z: number) => number): Record<string, string[]> => ({
    GridSize: [`${nx}`, `${ny}`, `${nz}`],
    GridIndex: ["0", "0", "0"],
    GridSpacing: ["10", "10", "10"],
    GridOrigin: ["-30", "-30", "-30"],
    GridDirection: ["1", "0", "0", "0", "1", "0", "0", "0", "1"],
    BSplineTransformSplineOrder: ["3"],
    TransformParameters: Array.from({ length: 3 * n }, (_, i) => {
      const k = i % n;
      return i < n
        ? `${coefficient(k % nx, Math.floor(k / nx) % ny, Math.floor(k / (nx * ny)))}`
        : i < 2 * n
          ? "2"
          : "-1";
    }),
  });
  const grid: Grid = {
    shape: [3, 3, 3],
    affine: Float64Array.of(4, 0, 0, -5, 0, 4, 0, -3, 0, 0, 4, 1, 0, 0, 0, 1),
    space: "t",
  };

  test("equal coefficients give that displacement (weights sum to 1), x and y turned from LPS to RAS", () => {
    const field = splineOnGrid(splineField(map(() => 3)), grid);
    expect([field[0], field[27], field[54]]).toBeAllclose([-3, -2, -1], { atol: 1e-6 });
  });

  test("coefficients linear in the lattice give a linear displacement", () => {
    const field = splineOnGrid(splineField(map((x, y) => 0.1 * (x * 10 - 30) - 0.2 * (y * 10 - 30))), grid);
    for (let i = 0; i < 27; i++) {
      const [x, y] = apply(grid.affine, [i % 3, Math.floor(i / 3) % 3, Math.floor(i / 9)]);
      // LPS (-x, -y) has displacement 0.1 (-x) - 0.2 (-y); turned back to RAS
      expect(field[i]).toBeCloseTo(-(0.1 * -x - 0.2 * -y), 5);
    }
  });

  test("refuses another order or a wrong count", () => {
    expect(() => splineField({ ...map(() => 0), BSplineTransformSplineOrder: ["2"] })).toThrow(
      expect.objectContaining({ code: "registration-failed" }),
    );
    expect(() => splineField({ ...map(() => 0), TransformParameters: ["1"] })).toThrow(
      expect.objectContaining({ code: "registration-failed" }),
    );
  });
});
