/**
 * Pairs with a known answer: one head seen by another scanner, in another contrast, from another pose.
 * For tests and studies of registration accuracy; the wings' own physics lives in `twin`.
 */
import { type Affine, apply, type Grid, invert, type Point, rigid, toWorld, type Volume } from "@quintet/core";
import { resample, seededRandom } from "@quintet/kernels";
import { smoothed } from "../src/register/prepare.ts";

/** A contrast: brightness of head tissue from its T1 brightness (0 dark .. 1 white matter), in and outside the brain. */
export interface Contrast {
  readonly name: string;
  readonly brain: (t1: number) => number;
  readonly outside: (t1: number) => number;
  /** Voxel edge, mm. */
  readonly voxel: number;
  /** Resolution: full width at half maximum, mm. */
  readonly blur: number;
  /** Standard deviation of the noise as a share of the largest value. */
  readonly noise: number;
}

/** Rises from 0 to 1 between a and b. */
function ramp(v: number, a: number, b: number): number {
  return Math.min(Math.max((v - a) / (b - a), 0), 1);
}

/** Grey matter about 4 times white, CSF nothing: FDG as resting cortex shows it. */
const fdg = (v: number): number => ramp(v, 0.3, 0.5) - 0.75 * ramp(v, 0.72, 0.92);

/** The four cases that rigid registration is judged by. */
export const contrasts: readonly Contrast[] = [
  { name: "fdg-2mm", brain: fdg, outside: (v) => 0.12 * v, voxel: 2, blur: 5, noise: 0.03 },
  { name: "fdg-2.5mm", brain: fdg, outside: (v) => 0.12 * v, voxel: 2.5, blur: 6.5, noise: 0.06 },
  {
    name: "bold-3mm",
    brain: (v) => 1 - 0.6 * ramp(v, 0.25, 1),
    outside: (v) => 0.25 * ramp(v, 0.1, 0.5),
    voxel: 3,
    blur: 3,
    noise: 0.02,
  },
  {
    name: "t2w-1.5mm",
    brain: (v) => 1 - 0.75 * ramp(v, 0.15, 1),
    outside: (v) => 0.5 * ramp(v, 0.1, 0.3) * (1.3 - v),
    voxel: 1.5,
    blur: 1.5,
    noise: 0.02,
  },
];

export interface SimulatedPair {
  readonly moving: Volume;
  /** The answer: moving world -> fixed world. */
  readonly truth: Affine;
}

/**
 * The head of `t1` in another contrast and pose.
 *
 * @param brain 1 inside the brain, on the T1's grid
 * @param pose degrees and mm about the centre of the T1's grid: moves the head away from where the T1 saw it
 */
export function simulatedPair(
  t1: Volume,
  brain: { readonly data: ArrayLike<number> },
  contrast: Contrast,
  pose: { readonly degrees: Point; readonly shift: Point },
  seed: number,
): SimulatedPair {
  const white = brightness(t1, brain);
  const seen: Volume = {
    ...t1,
    data: t1.data.map((value, i) => {
      const v = Math.max(0, value) / white;
      return (brain.data[i] as number) > 0 ? contrast.brain(v) : contrast.outside(v);
    }),
  };
  const centre = toWorld(t1, t1.shape.map((n) => (n - 1) / 2) as unknown as Point);
  const truth = invert(rigid(pose.degrees, pose.shift, centre));
  const grid = scannerGrid(t1, contrast.voxel, apply(invert(truth), centre));
  const moved = resample(smoothed(seen, contrast.blur), grid, truth);
  const random = seededRandom(seed);
  const most = moved.data.reduce((a, b) => Math.max(a, b), 0);
  return { truth, moving: { ...moved, data: moved.data.map((v) => v + contrast.noise * most * random.normal()) } };
}

/** The brain's 95th percentile: white matter in a T1. */
function brightness(t1: Volume, brain: { readonly data: ArrayLike<number> }): number {
  const inside = t1.data.filter((_, i) => (brain.data[i] as number) > 0).sort();
  return inside[Math.floor(0.95 * inside.length)] as number;
}

/** A box of the head's size in cubic voxels, centred at `centre`, axes along the world's. */
function scannerGrid(t1: Grid, voxel: number, centre: Point): Grid {
  const extent = [0, 1, 2].map((row) =>
    t1.shape.reduce((sum, n, axis) => sum + n * Math.abs(t1.affine[row * 4 + axis] as number), 0),
  );
  const shape = extent.map((mm) => Math.ceil(mm / voxel)) as [number, number, number];
  const affine = Float64Array.of(voxel, 0, 0, 0, 0, voxel, 0, 0, 0, 0, voxel, 0, 0, 0, 0, 1);
  for (let row = 0; row < 3; row++)
    affine[row * 4 + 3] = (centre[row] as number) - (voxel * ((shape[row] as number) - 1)) / 2;
  return { shape, affine, space: "scanner:simulated" };
}

/**
 * Target registration error: distances between where the answer and the truth put points of the brain, mm.
 * @param points in the moving image's world
 */
export function targetErrors(found: Affine, truth: Affine, points: readonly Point[]): { mean: number; max: number } {
  const errors = points.map((p) => {
    const [a, b] = [apply(found, p), apply(truth, p)];
    return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  });
  return { mean: errors.reduce((x, y) => x + y, 0) / errors.length, max: Math.max(...errors) };
}

/** `count` voxel centres drawn from the mask, world mm. */
export function pointsInside(grid: Grid, mask: { readonly data: ArrayLike<number> }, count: number, seed = 1): Point[] {
  const inside: number[] = [];
  for (let i = 0; i < mask.data.length; i++) if ((mask.data[i] as number) > 0) inside.push(i);
  const random = seededRandom(seed);
  const [nx, ny] = grid.shape;
  return Array.from({ length: count }, () => {
    const i = inside[random.integer(inside.length)] as number;
    return toWorld(grid, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
  });
}
