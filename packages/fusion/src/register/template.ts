import {
  type Affine,
  determinant,
  type Grid,
  invert,
  type Mask,
  multiply,
  type Point,
  type Transform,
  type Volume,
  voxelCount,
  type Warp,
} from "@quintet/core";
import { resampleWarped } from "@quintet/kernels";
import { alignAffine } from "./affine-stage.ts";
import { deformDiffeomorphic } from "./diffeomorphic-stage.ts";
import { fixedSamples, greyRange, movingImage, similarity } from "./similarity.ts";
import { gridPoints, type InverseConsistency, inverseConsistency, leastDeterminant } from "./warp-quality.ts";

export interface RegisterToTemplateOptions {
  /** Brain of the subject's T1; used together with `templateMask`. */
  readonly mask?: Mask;
  readonly templateMask?: Mask;
  /** Voxel edge (mm) of the warp. Default 2. */
  readonly resolution?: 1 | 2;
  readonly seed?: number;
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
  /** Least determinant of either warp's derivative, without the affine: folded where <= 0. */
  readonly leastJacobian: number;
  /** |warp(inverse(x)) - x| over the template's brain (its head, without a mask), mm. */
  readonly inverseConsistency: InverseConsistency;
  readonly converged: boolean;
  readonly note: string;
}

/**
 * Registration of a T1 to a template head: rigid search from many starts, affine, then a deformation.
 *
 *   template -> subject:   T(x) = A (x + b(x)),      subject -> template:   T^-1(p) = A^-1 p + d(A^-1 p)
 *
 * with A affine (elastix over Mattes' mutual information, at 2 mm), x + b(x) = exp(v) and x + d(x) = exp(-v) of one
 * stationary velocity v in the template's space (matchDiffeomorphic: symmetric, on local correlation, free of folds,
 * its inverse exact but for the grid's interpolation). `inverse` is T, `warp` is T^-1. With both masks given, brain is
 * registered to brain; else head to head. Beyond the fields' grid their edge values are held.
 *
 * @throws DataError as `registerRigid`
 */
export async function registerToTemplate(
  t1: Volume,
  template: Volume,
  { mask, templateMask, resolution = 2, seed = 1, effort = 1 }: RegisterToTemplateOptions = {},
): Promise<TemplateRegistration> {
  const linear = await alignAffine(t1, template, { mask, templateMask, seed, effort });
  const { fixed, moving, coarseFixed, coarseMoving, toMoving: toSubject } = linear;
  const { grid, forth, back } = deformDiffeomorphic(fixed, moving, toSubject, resolution, effort);
  const inverse: Warp = { from: template.space, to: t1.space, matrix: toSubject, ...carried(forth, grid, toSubject) };
  const warp: Warp = { from: t1.space, to: template.space, matrix: invert(toSubject), grid, displacement: back };

  const samples = fixedSamples(coarseFixed, 4);
  const quality = {
    affine: similarity(samples, movingImage(coarseMoving), toSubject).nmi,
    warp: similarity(samples, movingImage(resampleWarped(coarseMoving, coarseFixed, inverse)), identity).nmi,
  };
  const leastJacobian = Math.min(leastDeterminant(forth, grid), leastDeterminant(back, grid));
  const consistency = inverseConsistency(warp, inverse, comparedPoints(fixed, mask && templateMask));
  const size = determinant(toSubject);
  const doubts = [
    quality.warp < quality.affine ? "the warp fits worse than the affine" : "",
    leastJacobian <= 0 ? "the warp folds" : "",
    consistency.max > mostApart ? `the warp and its inverse differ by up to ${consistency.max.toFixed(1)} mm` : "",
    size < leastSize || size > 1 / leastSize
      ? `the subject would have ${size.toFixed(2)} times the template's volume`
      : "",
  ].filter(Boolean);
  return {
    affine: { from: t1.space, to: template.space, matrix: warp.matrix },
    warp,
    inverse,
    quality,
    leastJacobian,
    inverseConsistency: consistency,
    converged: doubts.length === 0,
    note: doubts.length === 0 ? "" : `Look at it before use: ${doubts.join("; ")}.`,
  };
}

/** Bound on the inverse's inconsistency, mm. */
const mostApart = 0.5;
/** Brains of two-year-olds have about 70 % of an adult template's volume (a judgement: a bound for doubt only). */
const leastSize = 0.5;

const identity: Affine = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

/** Points of the mask, or of what is brighter than a tenth of the image's range, every 4 mm. */
function comparedPoints(template: Volume, mask: Mask | undefined): Point[] {
  if (mask !== undefined) return gridPoints(mask, 4, (voxel) => mask.data[voxel] !== 0);
  const [low, high] = greyRange(template.data);
  const least = low + 0.1 * (high - low);
  return gridPoints(template, 4, (voxel) => (template.data[voxel] as number) > least);
}

/** A displacement in the template's mm as one in the subject's: A(x + b) = A x + L b, on the lattice A carries over. */
function carried(field: Float32Array, grid: Grid, toSubject: Affine): Pick<Warp, "grid" | "displacement"> {
  const n = voxelCount(grid);
  const displacement = new Float32Array(3 * n);
  for (let row = 0; row < 3; row++) {
    const [a, b, c] = [0, 1, 2].map((k) => toSubject[row * 4 + k]) as [number, number, number];
    for (let i = 0; i < n; i++) {
      displacement[row * n + i] =
        a * (field[i] as number) + b * (field[n + i] as number) + c * (field[2 * n + i] as number);
    }
  }
  return { grid: { ...grid, affine: multiply(toSubject, grid.affine) }, displacement };
}
