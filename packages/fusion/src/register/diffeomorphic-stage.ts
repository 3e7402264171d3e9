import { type Affine, type Grid, identityAffine, spacing, type Volume, voxelCount } from "@quintet/core";
import { exponentialMap, matchDiffeomorphic, resample } from "@quintet/kernels";
import { atResolution, coarseGrid } from "./prepare.ts";
import { greyRange } from "./similarity.ts";

/** Displacements (template mm, [component][z][y][x]) on a grid of the template: there and back again. */
export interface Deformation {
  readonly grid: Grid;
  readonly forth: Float32Array;
  readonly back: Float32Array;
}

interface Level {
  /** Voxel edge, mm. */
  readonly edge: number;
  readonly iterations: number;
}

/** Coarse to fine; what the finest level may cost decides its iterations (0.1 s each at 2 mm, 1.5 s at 1 mm). */
const levels: readonly Level[] = [
  { edge: 8, iterations: 100 },
  { edge: 4, iterations: 100 },
  { edge: 2, iterations: 40 },
  { edge: 1, iterations: 10 },
];

/**
 * Chosen by `npm run study -- template`: what raises the overlap of tissue in real heads without carrying the known
 * regions of made heads away. Less smoothing gains tissue overlap and loses places: folds differ between people.
 */
const smoothing = { fluid: 3, elastic: 0.9, damping: 0.25 };
/** The window of the local means and variances: standard deviation in mm, and at least so many voxels. */
const window = { mm: 4, voxels: 1.2 };
/** Contrast below this share of the image's range counts as noise. */
const noise = 0.05;

/**
 * Symmetric diffeomorphic deformation, coarse to fine, of two images brought together by an affine map. No level is
 * finer than half the moving image's voxels, where it has nothing to match.
 *
 *   T = exp(v), T^-1 = exp(-v)   (matchDiffeomorphic in kernels)
 *
 * @param toMoving fixed world -> moving world
 * @param finest voxel edge of the last level, mm
 * @param effort factor on the numbers of iterations
 */
export function deformDiffeomorphic(
  fixed: Volume,
  moving: Volume,
  toMoving: Affine,
  finest: 1 | 2,
  effort: number,
): Deformation {
  let grid: Grid = coarseGrid(fixed, (levels[0] as Level).edge);
  let velocity = new Float32Array(3 * voxelCount(grid));
  const least = Math.max(finest, Math.min(...spacing(moving)) / 2);
  for (const { edge, iterations } of levels) {
    if (edge < least) break;
    const next = coarseGrid(fixed, edge);
    velocity = carriedOver(velocity, grid, next);
    grid = next;
    const still = onGrid(fixed, edge, grid, identityAffine());
    const mobile = onGrid(moving, edge, grid, toMoving);
    velocity = matchDiffeomorphic(
      still,
      mobile,
      grid.shape,
      {
        iterations: Math.max(1, Math.round(iterations * effort)),
        window: Math.max(window.mm / edge, window.voxels),
        fluid: Math.max(smoothing.fluid / edge, 1),
        elastic: smoothing.elastic,
        damping: smoothing.damping,
        floor: noise ** 2,
        tolerance: 5e-4,
      },
      velocity,
    ).velocity as Float32Array<ArrayBuffer>;
  }
  return {
    grid,
    forth: inMillimetres(exponentialMap(velocity, grid.shape), grid),
    back: inMillimetres(exponentialMap(velocity, grid.shape, -1), grid),
  };
}

/** The image at a resolution on a grid, its grey range brought to 0 .. 1. */
function onGrid(image: Volume, edge: number, grid: Grid, toImage: Affine): Float32Array {
  const coarse = atResolution(image, edge);
  const [low, high] = greyRange(coarse.data);
  const { data } = resample(coarse, grid, toImage, { outside: low });
  return data.map((value) => (value - low) / (high - low || 1));
}

/** A velocity in voxels of one grid as one in voxels of another over the same box. */
function carriedOver(velocity: Float32Array, from: Grid, to: Grid): Float32Array<ArrayBuffer> {
  const frame = { start: 0, duration: 0 };
  const there = resample(
    { ...from, unit: "1", clock: "none", frames: [frame, frame, frame], data: velocity },
    to,
    identityAffine(),
  ).data;
  const [coarse, fine] = [spacing(from), spacing(to)];
  const n = voxelCount(to);
  const out = new Float32Array(3 * n);
  for (let c = 0; c < 3; c++) {
    const factor = (coarse[c] as number) / (fine[c] as number);
    for (let i = c * n; i < (c + 1) * n; i++) out[i] = factor * (there[i] as number);
  }
  return out;
}

/** A displacement along the grid's axes in voxels as one along the world's in mm. */
function inMillimetres(field: Float32Array, { affine, shape }: Grid): Float32Array {
  const n = shape[0] * shape[1] * shape[2];
  const out = new Float32Array(3 * n);
  for (let row = 0; row < 3; row++) {
    const [a, b, c] = [affine[row * 4] as number, affine[row * 4 + 1] as number, affine[row * 4 + 2] as number];
    for (let i = 0; i < n; i++) {
      out[row * n + i] = a * (field[i] as number) + b * (field[n + i] as number) + c * (field[2 * n + i] as number);
    }
  }
  return out;
}
