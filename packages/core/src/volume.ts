import type { Affine, Point } from "./affine.ts";
import { apply, determinant, invert, voxelSizes } from "./affine.ts";
import type { Seconds, VoxelUnit } from "./units.ts";

/**
 * Name of a coordinate space; world axes are RAS+ mm in each.
 * "scanner:pet" as the scanner wrote it, "subject:T1w" the subject's anatomy, "MNI152NLin2009cAsym" a template.
 */
export type Space = string;

/** A span of time on the volume's clock over which one frame was measured. */
export interface Frame {
  readonly start: Seconds;
  readonly duration: Seconds;
}

/** Where voxels lie: shape and the affine voxel index -> world mm (voxel centres at integer indices). */
export interface Grid {
  readonly shape: readonly [nx: number, ny: number, nz: number];
  /** Voxel index -> world mm, row-major 4x4. */
  readonly affine: Affine;
  readonly space: Space;
}

/**
 * A scalar image in one or more frames.
 * `data` is C-ordered [t][z][y][x], x fastest; length = frames.length * nx * ny * nz.
 */
export interface Volume<U extends VoxelUnit = VoxelUnit> extends Grid {
  readonly unit: U;
  /** Never empty; a static image has one frame (duration 0 when unknown). */
  readonly frames: readonly Frame[];
  /** The named clock `frames` are on. */
  readonly clock: string;
  readonly data: Float32Array;
}

/** Integer labels on a grid, with their names. Label 0 is background. */
export interface LabelVolume extends Grid {
  readonly data: Uint8Array | Uint16Array | Int32Array;
  readonly names: ReadonlyMap<number, string>;
}

/** Inside (1) or outside (0). */
export interface Mask extends Grid {
  readonly data: Uint8Array;
}

export function voxelCount({ shape }: Grid): number {
  return shape[0] * shape[1] * shape[2];
}

/** Volume of one voxel in mL. */
export function voxelVolume(grid: Grid): number {
  return Math.abs(determinant(grid.affine)) / 1000;
}

export function spacing(grid: Grid): [number, number, number] {
  return voxelSizes(grid.affine);
}

/** World mm of a voxel index (may be fractional). */
export function toWorld(grid: Grid, voxel: Point): [number, number, number] {
  return apply(grid.affine, voxel);
}

/** Fractional voxel index of a world point. @throws DataError `singular-affine` */
export function toVoxel(grid: Grid, world: Point): [number, number, number] {
  return apply(invert(grid.affine), world);
}

/** Same shape, same space and affines equal within `tolerance` mm at every corner. */
export function sameGrid(a: Grid, b: Grid, tolerance = 1e-3): boolean {
  if (a.space !== b.space || a.shape.some((n, k) => n !== b.shape[k])) return false;
  const corners = [0, 1].flatMap((x) => [0, 1].flatMap((y) => [0, 1].map((z) => [x, y, z] as const)));
  return corners.every(([x, y, z]) => {
    const voxel: Point = [x * (a.shape[0] - 1), y * (a.shape[1] - 1), z * (a.shape[2] - 1)];
    const [pa, pb] = [apply(a.affine, voxel), apply(b.affine, voxel)];
    return Math.hypot(pa[0] - pb[0], pa[1] - pb[1], pa[2] - pb[2]) <= tolerance;
  });
}

/** The voxels of frame `index`, a view (not a copy). */
export function frameData(volume: Volume, index: number): Float32Array {
  const n = voxelCount(volume);
  return volume.data.subarray(index * n, (index + 1) * n);
}
