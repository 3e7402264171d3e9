/** elastix' cubic B-spline between a T1 and a template: the yardstick of `npm run study -- template`. */
import { type Affine, type Grid, invert, multiply, type Volume, voxelCount, type Warp } from "@quintet/core";
import { resample, warpMap } from "@quintet/kernels";
import type { AffineStage } from "../src/register/affine-stage.ts";
import { type ParameterMap, runElastix } from "../src/register/elastix.ts";
import { elastixStage, type Levels } from "../src/register/elastix-stage.ts";
import type { TemplateRegistration } from "../src/register/index.ts";
import { atResolution, coarseGrid } from "../src/register/prepare.ts";
import { leastDeterminant } from "../src/register/warp-quality.ts";
import { splineField, splineOnGrid } from "./bspline.ts";

const levels: Levels = { shrink: [4, 2, 0], iterations: [150, 150, 200], samples: 2500 };

/**
 * Brain to brain by a B-spline of 16-mm control spacing over Mattes' mutual information, from a given affine.
 *
 *   T(x) = A (x + b(x)),   T^-1(p) = A^-1 p + d(A^-1 p)  with  d(y) = -b(y + d(y))  solved on the grid
 *
 * @see Rueckert et al., IEEE TMI 1999;18:712-721
 */
export async function bsplineToTemplate(
  t1: Volume,
  template: Volume,
  { fixed: still, moving: mobile, toMoving: toSubject }: AffineStage,
  resolution: 1 | 2,
): Promise<Pick<TemplateRegistration, "warp" | "inverse" | "leastJacobian">> {
  const fixed = atResolution(still, resolution);
  const moving = atResolution(mobile, resolution);
  const stage = elastixStage("BSplineTransform", 1, levels, {
    FinalGridSpacingInPhysicalUnits: ["16"],
    GridSpacingSchedule: ["4", "2", "1"],
    BSplineTransformSplineOrder: ["3"],
  });
  const { maps } = await runElastix(fixed, resample(moving, fixed, toSubject), [stage]);
  const grid = coarseGrid(template, resolution);
  const forth = splineOnGrid(splineField(maps[0] as ParameterMap), grid);
  const n = voxelCount(grid);
  const displacement = Float32Array.from(forth, (_, at) => {
    const [row, i] = [Math.floor(at / n), at % n];
    return [0, 1, 2].reduce((sum, c) => sum + (toSubject[row * 4 + c] as number) * (forth[c * n + i] as number), 0);
  });
  return {
    warp: {
      from: t1.space,
      to: template.space,
      matrix: invert(toSubject),
      grid,
      displacement: invertedField(forth, grid),
    },
    inverse: {
      from: template.space,
      to: t1.space,
      matrix: toSubject,
      grid: { ...grid, affine: multiply(toSubject, grid.affine) },
      displacement,
    },
    leastJacobian: leastDeterminant(forth, grid),
  };
}

const identity: Affine = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

/** d with d(y) = -b(y + d(y)) on the grid's points, by fixed point. */
function invertedField(field: Float32Array, grid: Grid): Float32Array {
  const n = voxelCount(grid);
  const forward: Warp = { from: "", to: "", matrix: identity, grid, displacement: field };
  const out = field.map((v) => -v);
  const [nx, ny] = grid.shape;
  const move = warpMap(forward);
  for (let i = 0; i < n; i++) {
    const at = (r: number): number =>
      (grid.affine[r * 4] as number) * (i % nx) +
      (grid.affine[r * 4 + 1] as number) * (Math.floor(i / nx) % ny) +
      (grid.affine[r * 4 + 2] as number) * Math.floor(i / (nx * ny)) +
      (grid.affine[r * 4 + 3] as number);
    const [x, y, z] = [at(0), at(1), at(2)];
    for (let step = 0; step < 30; step++) {
      const [ox, oy, oz] = [out[i] as number, out[n + i] as number, out[2 * n + i] as number];
      const [px, py, pz] = move([x + ox, y + oy, z + oz]);
      // p = y + d + b(y + d) must come back to y
      out[i] = ox - (px - x);
      out[n + i] = oy - (py - y);
      out[2 * n + i] = oz - (pz - z);
      if (Math.abs(px - x) + Math.abs(py - y) + Math.abs(pz - z) < 1e-3) break;
    }
  }
  return out;
}
