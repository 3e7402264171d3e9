import type { Mask } from "@quintet/core";
import { isSphere, meshTopology } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { expect, test } from "vitest";
import { brainSurface } from "./stored-surfaces.ts";

/** A ball of 30 mm about (10, -20, 5), on a grid whose x runs to the left. */
function ball(mm: number): Mask {
  const n = Math.ceil(70 / mm);
  const affine = Float64Array.of(-mm, 0, 0, 45, 0, mm, 0, -55, 0, 0, mm, -30, 0, 0, 0, 1);
  const data = Uint8Array.from({ length: n ** 3 }, (_, i) => {
    const [x, y, z] = [i % n, Math.floor(i / n) % n, Math.floor(i / (n * n))];
    return Math.hypot(45 - mm * x - 10, -55 + mm * y + 20, -30 + mm * z - 5) <= 30 ? 1 : 0;
  });
  return { shape: [n, n, n], affine, space: "subject:T1w", data };
}

test.each([1, 1.25, 2, 4])(
  "a ball of 30 mm in voxels of %s mm: closed, in its place, within half a coarse voxel",
  async (mm) => {
    await loadKernels();
    const { vertices, faces, space } = brainSurface(ball(mm));
    expect([space, isSphere(meshTopology({ vertices, faces }))]).toEqual(["subject:T1w", true]);
    const radii: number[] = [];
    for (let i = 0; i < vertices.length; i += 3)
      radii.push(
        Math.hypot((vertices[i] as number) - 10, (vertices[i + 1] as number) + 20, (vertices[i + 2] as number) - 5),
      );
    const coarse = mm * Math.max(1, Math.round(3 / mm));
    expect(Math.max(...radii.map((r) => Math.abs(r - 30)))).toBeLessThan(coarse / 2);
    expect(Math.abs(radii.reduce((sum, r) => sum + r, 0) / radii.length - 30)).toBeLessThan(coarse / 4);
  },
);
