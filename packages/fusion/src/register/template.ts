import {
  type Affine,
  type Grid,
  invert,
  type Mask,
  multiply,
  type Transform,
  type Volume,
  voxelCount,
  type Warp,
} from "@quintet/core";
import { resample, resampleWarped, warpMap } from "@quintet/kernels";
import { splineField, splineOnGrid } from "./bspline.ts";
import { type ParameterMap, runElastix } from "./elastix.ts";
import { elastixStage, type Levels } from "./elastix-stage.ts";
import { linearTransform } from "./itk-transform.ts";
import { atResolution, checkedFrame, coarseGrid, cutOut } from "./prepare.ts";
import { searchRigid } from "./search.ts";
import { fixedSamples, movingImage, similarity } from "./similarity.ts";

export interface RegisterToTemplateOptions {
  /** Brain of the subject's T1; used together with `templateMask`. */
  readonly mask?: Mask;
  readonly templateMask?: Mask;
  /** Voxel edge (mm) worked at. Default 2. */
  readonly resolution?: 1 | 2;
  readonly seed?: number;
  /** Spacing of the B-spline's control points, mm. Default 16: at 12 the warp of one head to another folds. */
  readonly controlSpacing?: number;
  /** Factor on the numbers of iterations. Default 1. */
  readonly effort?: number;
}

export interface TemplateRegistration {
  /** Subject world -> template world, the affine part. */
  readonly affine: Transform;
  /** Subject world -> template world. */
  readonly warp: Warp;
  /** Template world -> subject world; the inverse of `warp`. */
  readonly inverse: Warp;
  /** Normalised mutual information after the affine and after the warp. */
  readonly quality: { readonly affine: number; readonly warp: number };
  /** Least determinant of the warp's derivative (template -> subject, without the affine): folded where <= 0. */
  readonly leastJacobian: number;
  readonly converged: boolean;
  readonly note: string;
}

/**
 * Registration of a T1 to a template head: rigid search from many starts, affine, then a cubic B-spline.
 *
 *   template -> subject:   T(x) = A (x + b(x))
 *
 * with A affine and b the B-spline displacement in the template's millimetres, both by elastix over Mattes' mutual
 * information. `inverse` is T; `warp` is T^-1(p) = A^-1 p + d(A^-1 p) with d(y) = -b(y + d(y)), solved on the grid.
 * With both masks given, brain is registered to brain; else head to head.
 *
 * @throws DataError as `registerRigid`
 */
export async function registerToTemplate(
  t1: Volume,
  template: Volume,
  { mask, templateMask, resolution = 2, seed = 1, controlSpacing = 16, effort = 1 }: RegisterToTemplateOptions = {},
): Promise<TemplateRegistration> {
  const masked = mask !== undefined && templateMask !== undefined;
  const subject = checkedFrame(t1, "T1");
  const whole = checkedFrame(template, "template");
  const fixed = atResolution(masked ? cutOut(whole, templateMask, 12) : whole, resolution);
  const moving = atResolution(masked ? cutOut(subject, mask, 12) : subject, resolution);

  const search = searchRigid(fixed, moving);
  const started = { ...moving, affine: multiply(invert(search.best.fixedToMoving), moving.affine) };
  const linear = await runElastix(fixed, started, [
    elastixStage("AffineTransform", seed, withEffort(affineLevels, effort)),
  ]);
  const toSubject = multiply(search.best.fixedToMoving, linearTransform(linear.maps[0] as ParameterMap));

  const near = resample(moving, fixed, toSubject);
  const spline = elastixStage("BSplineTransform", seed, withEffort(splineLevels, effort), {
    FinalGridSpacingInPhysicalUnits: [`${controlSpacing}`],
    GridSpacingSchedule: ["4", "2", "1"],
    BSplineTransformSplineOrder: ["3"],
  });
  const bent = await runElastix(fixed, near, [spline]);
  const grid = coarseGrid(template, resolution);
  const field = splineOnGrid(splineField(bent.maps[0] as ParameterMap), grid);

  const inverse: Warp = { from: template.space, to: t1.space, matrix: toSubject, ...carried(field, grid, toSubject) };
  const warp: Warp = {
    from: t1.space,
    to: template.space,
    matrix: invert(toSubject),
    grid,
    displacement: invertedField(field, grid),
  };
  const samples = fixedSamples(fixed, 4);
  const quality = {
    affine: similarity(samples, movingImage(moving), toSubject).nmi,
    warp: similarity(samples, movingImage(resampleWarped(moving, fixed, inverse)), identity).nmi,
  };
  const leastJacobian = leastDeterminant(field, grid);
  const doubts = [
    quality.warp < quality.affine ? "the warp fits worse than the affine" : "",
    leastJacobian <= 0 ? "the warp folds" : "",
  ].filter(Boolean);
  return {
    affine: { from: t1.space, to: template.space, matrix: warp.matrix },
    warp,
    inverse,
    quality,
    leastJacobian,
    converged: doubts.length === 0,
    note: doubts.length === 0 ? "" : `Look at it before use: ${doubts.join("; ")}.`,
  };
}

const identity: Affine = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

const affineLevels: Levels = { shrink: [2, 0], iterations: [200, 200], samples: 4096 };
const splineLevels: Levels = { shrink: [4, 2, 0], iterations: [150, 150, 200], samples: 2500 };

function withEffort(levels: Levels, effort: number): Levels {
  return { ...levels, iterations: levels.iterations.map((n) => Math.max(1, Math.round(n * effort))) };
}

/** A displacement in the template's mm as one in the subject's: A(x + b) = A x + L b, on the lattice A carries over. */
function carried(field: Float32Array, grid: Grid, toSubject: Affine): Pick<Warp, "grid" | "displacement"> {
  const n = voxelCount(grid);
  const displacement = new Float32Array(3 * n);
  for (let i = 0; i < n; i++) {
    for (let row = 0; row < 3; row++) {
      let sum = 0;
      for (let c = 0; c < 3; c++) sum += (toSubject[row * 4 + c] as number) * (field[c * n + i] as number);
      displacement[row * n + i] = sum;
    }
  }
  return { grid: { ...grid, affine: multiply(toSubject, grid.affine) }, displacement };
}

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

/** Least determinant of I + db/dx by central differences on the grid's inner points, in voxel units of the grid. */
function leastDeterminant(field: Float32Array, grid: Grid): number {
  const [nx, ny, nz] = grid.shape;
  const n = nx * ny * nz;
  const toVoxel = invert(grid.affine);
  let least = Number.POSITIVE_INFINITY;
  const strides = [1, nx, nx * ny];
  for (let z = 1; z < nz - 1; z++) {
    for (let y = 1; y < ny - 1; y++) {
      for (let x = 1; x < nx - 1; x++) {
        const i = x + nx * (y + ny * z);
        const j = [0, 1, 2].map((row) =>
          strides.map((stride, axis) => {
            let slope = row === axis ? 1 : 0;
            for (let c = 0; c < 3; c++) {
              const rise = (field[c * n + i + stride] as number) - (field[c * n + i - stride] as number);
              slope += ((toVoxel[row * 4 + c] as number) * rise) / 2;
            }
            return slope;
          }),
        ) as [[number, number, number], [number, number, number], [number, number, number]];
        const [[a, b, c], [d, e, f], [g, h, k]] = j;
        least = Math.min(least, a * (e * k - f * h) - b * (d * k - f * g) + c * (d * h - e * g));
      }
    }
  }
  return least;
}
