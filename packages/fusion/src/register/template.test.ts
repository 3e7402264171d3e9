import { apply, type Grid, invert, type LabelVolume, multiply, type Point, rigid } from "@quintet/core";
import { inverseWarpMap, resample, warpMap } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { describe, expect, test } from "vitest";
import { ellipsoidHead } from "../../test/ellipsoid-head.ts";
import { pointsInside } from "../../test/simulated-pair.ts";
import { splineField, splineOnGrid } from "./bspline.ts";
import { labelsToSubject, labelsToTemplate, registerToTemplate, resampleToTemplate } from "./index.ts";

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

describe("registerToTemplate", { timeout: 300_000 }, () => {
  test("a head stretched, turned and shifted is brought back; the warp and its inverse agree; labels go both ways", async () => {
    await loadKernels();
    const { t1: template, brain } = ellipsoidHead(4, "template");
    const stretch = Float64Array.of(1.06, 0.02, 0, 4, 0, 0.95, 0.03, -6, 0, 0, 1.04, 5, 0, 0, 0, 1);
    const truth = multiply(stretch, rigid([8, -6, 12], [0, 0, 0])); // subject -> template
    const t1 = { ...resample(template, template, truth), space: "subject" };
    const found = await registerToTemplate(t1, template, { effort: 0.3 });
    const points = pointsInside(template, brain, 300);
    const [forth, back, solved] = [warpMap(found.warp), warpMap(found.inverse), inverseWarpMap(found.warp)];
    const apart = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    const errors = points.map((p) => apart(forth(apply(invert(truth), p)), p));
    expect(errors.reduce((a, b) => a + b, 0) / errors.length).toBeLessThan(2); // half a voxel
    for (const p of points.slice(0, 50)) {
      expect(apart(forth(back(p)), p)).toBeLessThan(0.3); // linear interpolation of either field between grid points
      expect(apart(solved(p), back(p))).toBeLessThan(0.5);
    }
    expect(found.leastJacobian).toBeGreaterThan(0);
    expect([found.warp.from, found.warp.to, found.inverse.to]).toEqual(["subject", "template", "subject"]);

    const there = resampleToTemplate(t1, template, found);
    expect(there.space).toBe("template");
    const labels: LabelVolume = { ...template, data: brain.data, names: new Map([[1, "brain"]]) };
    const inSubject = labelsToSubject(labels, t1, found);
    const again = labelsToTemplate(inSubject, template, found);
    const voxels = [...again.data];
    const same = voxels.filter((v, i) => v === 1 && brain.data[i] === 1).length;
    const sizes = [voxels, [...brain.data]].map((d) => d.filter((v) => v === 1).length);
    expect((2 * same) / (sizes[0]! + sizes[1]!)).toBeGreaterThan(0.95);
    expect(() => resampleToTemplate(template, template, found)).toThrow(
      expect.objectContaining({ code: "space-mismatch" }),
    );
  });
});
