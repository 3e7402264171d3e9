import { apply, invert, type LabelVolume, multiply, type Point, rigid } from "@quintet/core";
import { inverseWarpMap, resample, warpMap } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { describe, expect, test } from "vitest";
import { ellipsoidHead } from "../../test/ellipsoid-head.ts";
import { pointsInside } from "../../test/simulated-pair.ts";
import {
  labelsToSubject,
  labelsToTemplate,
  pointsToSubject,
  pointsToTemplate,
  registerToTemplate,
  resampleToSubject,
  resampleToTemplate,
} from "./index.ts";

describe("registerToTemplate", { timeout: 300_000 }, () => {
  test("a head stretched, turned and shifted is brought back; warp and inverse agree; labels go both ways", async () => {
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
    expect(found.inverseConsistency.max).toBeLessThan(0.5);
    expect(found.quality.warp).toBeGreaterThan(found.quality.affine);
    expect(found.converged).toBe(true);
    const once = pointsToSubject(points, found);
    expect(pointsToTemplate(once, found).flat()).toBeAllclose(points.flat(), { atol: 1e-3 });
    expect([found.warp.from, found.warp.to, found.inverse.to]).toEqual(["subject", "template", "subject"]);

    const there = resampleToTemplate(t1, template, found);
    expect(there.space).toBe("template");
    expect(resampleToSubject(template, t1, found).space).toBe("subject");
    expect(() => resampleToSubject(t1, t1, found)).toThrow(expect.objectContaining({ code: "space-mismatch" }));
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
