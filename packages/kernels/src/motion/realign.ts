/**
 * Rigid realignment of a series of images of one contrast to a reference image.
 *
 * For each image I_t the map W_t (reference world -> image world) is sought for which
 *
 *   I_t(W_t(x)) = s T(x) + o,     sum over the points x of the mask of the squared difference being least,
 *
 * by Gauss-Newton steps composed inversely: the step d = (shift, turn) is read from the linear regression
 *
 *   I_t(W_t(x)) = s T(x) + (s d)' J(x) + o,   J = [grad T, r x grad T],  r = x - centre,    W_t <- W_t o W(d)^-1
 *
 * whose columns belong to the reference and never change, so that one iteration is one interpolation and eight sums.
 * Scale and offset absorb drifts of the gain. Near the edge of the field of view smoothing knows only what was measured, so
 * points there weigh nothing: within 1.5 standard deviations of the smoothing from the edge, rising to 1 over one voxel.
 * The weights belong to the moved image and are taken out of B'B exactly at each step.
 *
 * @see Friston et al., Hum Brain Mapp 1995;3:165-89 (least squares with intensity terms); Baker & Matthews, Int J Comput
 *   Vis 2004;56:221-55 (inverse composition)
 */
import {
  type Affine,
  apply,
  DataError,
  frameData,
  type Grid,
  invert,
  multiply,
  type Point,
  spacing,
  type Volume,
  voxelCount,
} from "@quintet/core";
import { fwhmPerSigma, smoothGaussian } from "../gauss/gauss.ts";
import { eulerAngles, inverseStep, rigidAbout } from "./rigid-motion.ts";
import { type SplineImages, splineImages } from "./spline-images.ts";
import { solveSymmetric } from "./symmetric.ts";

export interface RealignOptions {
  /** Voxels of the reference's grid that count; all without it. */
  readonly mask?: Uint8Array;
  /** Where the first image is started from, one map per frame; the coarse level is then left out. */
  readonly start?: readonly Affine[];
  /** Smoothing of the coarse and the fine level, mm FWHM. Default 10 and 5. */
  readonly fwhm?: readonly [coarse: number, fine: number];
  readonly progress?: (fraction: number) => void;
}

export interface RealignedFrame {
  /** Reference world mm -> world mm of the frame: where a point of the head at the reference lies in this frame. */
  readonly map: Affine;
  /** Angles (degrees) about x, then y, then z through `centre`, and shift (mm), of that map: core's `rigid`. */
  readonly degrees: Point;
  readonly shift: Point;
  readonly iterations: number;
  /** False when the steps did not fall below 0.01 mm and 0.01 degree. */
  readonly converged: boolean;
  /** Share of the variance inside the mask that the moved frame and the reference have in common. */
  readonly explained: number;
}

export interface Realignment {
  /** About which the angles turn, world mm: the centre of the mask. */
  readonly centre: Point;
  readonly frames: readonly RealignedFrame[];
}

const mostIterations = 40;
/** A step below this (mm, and mm at 60 mm from the centre) ends the search of a level. */
const smallStep: readonly [number, number] = [0.05, 0.002];
const armLength = 60;

interface Level {
  readonly images: SplineImages;
  readonly gram: Float64Array;
  readonly enough: number;
}

/**
 * @param reference one frame on the grid of the series
 * @throws DataError `thin-slab` (fewer than 4 voxels along an axis), `grid-mismatch`, `not-finite`, `empty-region` (fewer than 500 points), `constant-data`
 */
export function realign(
  series: Volume,
  reference: Float32Array,
  { mask, start, fwhm = [10, 5], progress }: RealignOptions = {},
): Realignment {
  const n = voxelCount(series);
  if (reference.length !== n || (mask && mask.length !== n) || series.data.length !== n * series.frames.length) {
    throw new DataError("grid-mismatch", "series, reference and mask must lie on one grid", {
      expected: `${n} voxels`,
      found: `${reference.length} and ${mask?.length ?? n}`,
    });
  }
  if (Math.min(...series.shape) < 4) {
    throw new DataError("thin-slab", "six motions cannot be told from so few slices", {
      expected: ">= 4 voxels along each axis",
      found: series.shape.join(" x "),
    });
  }
  const inside = mask ?? new Uint8Array(n).fill(1);
  const centre = maskCentre(series, inside);
  const levels: Level[] = [];
  const level = (width: number, every: number): Level => {
    const made = levelOf(series, reference, inside, centre, width, every);
    levels.push(made);
    return made;
  };
  try {
    const fine = level(fwhm[1], 1);
    const coarse = start ? undefined : level(fwhm[0], 2);
    return { centre, frames: realigned(series, centre, fine, coarse, start, progress) };
  } finally {
    for (const { images } of levels) images.close();
  }
}

/**
 * Frames go in batches of as many images as a level holds. Without a start each is begun where the last of the batch before
 * ended or where the head lay in the reference, whichever explains more.
 */
function realigned(
  series: Volume,
  centre: Point,
  fine: Level,
  coarse: Level | undefined,
  start: readonly Affine[] | undefined,
  progress: ((fraction: number) => void) | undefined,
): RealignedFrame[] {
  const still = rigidAbout([0, 0, 0], [0, 0, 0], centre);
  const total = series.frames.length;
  const frames: RealignedFrame[] = [];
  while (frames.length < total) {
    const first = frames.length;
    const batch = Array.from({ length: Math.min(fine.images.slots, total - first) }, (_, k) => first + k);
    const data = batch.map((t) => finiteFrame(series, t));
    let maps = batch.map((t) => start?.[t] ?? still);
    let rough: readonly Descent[] = [];
    if (coarse) {
      coarse.images.load(data);
      const last = frames.at(-1)?.map;
      if (last !== undefined) {
        const slots = [...batch.keys()];
        const [moved, unmoved] = [last, still].map((map) =>
          explained(
            coarse,
            series,
            slots,
            slots.map(() => map),
          ),
        ) as [Fit[], Fit[]];
        maps = slots.map((k) => ((moved[k] as Fit).share > (unmoved[k] as Fit).share ? last : still));
      }
      rough = descend(coarse, series, maps, centre, smallStep[0]);
      maps = rough.map(({ map }) => map);
    }
    fine.images.load(data);
    for (const [k, found] of descend(fine, series, maps, centre, smallStep[1]).entries()) {
      const { degrees, shift } = eulerAngles(found.map, centre);
      frames.push({ ...found, degrees, shift, iterations: found.iterations + (rough[k]?.iterations ?? 0) });
    }
    progress?.(frames.length / total);
  }
  return frames;
}

/** Smoothing would spread a value that is no number over its neighbours. */
function finiteFrame(series: Volume, t: number): Float32Array {
  const frame = frameData(series, t);
  if (!Number.isFinite(frame.reduce((sum, value) => sum + value, 0)))
    throw new DataError("not-finite", `volume ${t} holds values that are no numbers`);
  return frame;
}

function maskCentre(grid: Grid, mask: Uint8Array): Point {
  const [nx, ny] = grid.shape;
  let [x, y, z, count] = [0, 0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    x += i % nx;
    y += Math.floor(i / nx) % ny;
    z += Math.floor(i / (nx * ny));
    count++;
  }
  if (count < 500)
    throw new DataError("empty-region", "too few voxels to follow a head by", {
      expected: ">= 500",
      found: `${count}`,
    });
  return apply(grid.affine, [x / count, y / count, z / count]);
}

/** The reference's columns at every `every`-th voxel of the mask, and their products. */
function levelOf(
  series: Volume,
  reference: Float32Array,
  mask: Uint8Array,
  centre: Point,
  fwhm: number,
  every: number,
): Level {
  const sigma = spacing(series).map((mm) => fwhm / fwhmPerSigma / mm) as unknown as Point;
  const smooth = smoothGaussian(reference, series.shape, sigma);
  const [nx, ny, nz] = series.shape;
  const strides = [1, nx, nx * ny] as const;
  // A thin stack keeps 70 % of its slices.
  const margin = sigma.map((s, k) => Math.min(1.5 * s, 0.15 * ((series.shape[k] as number) - 1))) as unknown as Point;
  const ramp = series.shape.map((n) => Math.min(1, 0.1 * (n - 1))) as unknown as Point;
  const near = (v: number, axis: 0 | 1 | 2): boolean => Math.min(v, series.shape[axis] - 1 - v) < margin[axis];
  const places: number[] = [];
  for (let z = 0; z < nz; z += every)
    for (let y = 0; y < ny; y += every)
      for (let x = 0; x < nx; x += every)
        if (mask[x + nx * (y + ny * z)] !== 0 && !(near(x, 0) || near(y, 1) || near(z, 2))) places.push(x, y, z);
  const count = places.length / 3;
  const basis = new Float32Array(8 * count);
  const inverse = invert(series.affine);
  let [sum, squares] = [0, 0];
  for (let p = 0; p < count; p++) {
    const [x, y, z] = [places[3 * p], places[3 * p + 1], places[3 * p + 2]] as [number, number, number];
    const at = x + nx * (y + ny * z);
    sum += smooth[at];
    squares += smooth[at] ** 2;
    const slope = [x, y, z].map((v, axis) => {
      const [n, stride] = [series.shape[axis] as number, strides[axis] as number];
      // Two points in four: the derivative to fourth order where there is room.
      if (v >= 2 && v < n - 2)
        return (
          (8 * (smooth[at + stride] - smooth[at - stride]) - (smooth[at + 2 * stride] - smooth[at - 2 * stride])) / 12
        );
      const [before, after] = [v > 0 ? at - stride : at, v < n - 1 ? at + stride : at];
      return after === before ? 0 : (smooth[after] - smooth[before]) / ((after - before) / stride);
    });
    const g = [0, 1, 2].map((k) => [0, 1, 2].reduce((s, axis) => s + slope[axis] * inverse[axis * 4 + k], 0));
    const world = apply(series.affine, [x, y, z]);
    const r = world.map((w, k) => w - (centre[k] as number));
    basis.set(
      [...g, r[1] * g[2] - r[2] * g[1], r[2] * g[0] - r[0] * g[2], r[0] * g[1] - r[1] * g[0], smooth[at], 1],
      8 * p,
    );
  }
  if (!Number.isFinite(squares)) throw new DataError("not-finite", "the reference holds values that are no numbers");
  if (!(squares / count - (sum / count) ** 2 > 0))
    throw new DataError("constant-data", "the reference does not vary inside the mask");
  return {
    images: splineImages(series.shape, {
      points: { places: Float32Array.from(places), basis, margin, ramp },
      sigma,
      frames: series.frames.length,
    }),
    gram: gramOf(basis, count),
    enough: Math.max(100, count / 4),
  };
}

/** B'B, upper triangle by rows: 36 numbers. */
function gramOf(basis: Float32Array, count: number): Float64Array {
  const gram = new Float64Array(36);
  for (let p = 0; p < count; p++) {
    let to = 0;
    for (let i = 0; i < 8; i++) for (let j = i; j < 8; j++) gram[to++] += basis[8 * p + i] * basis[8 * p + j];
  }
  return gram;
}

interface Fit {
  readonly share: number;
  readonly b: Float64Array;
}

/** Regression of moved images on the level's columns, and the share of their variance that is explained. */
function explained(level: Level, grid: Grid, slots: readonly number[], maps: readonly Affine[]): Fit[] {
  const toVoxel = invert(grid.affine);
  const voxels = maps.map((map) => multiply(toVoxel, multiply(map, grid.affine)));
  return level.images.accumulate(slots, voxels).map((sums): Fit => {
    if (sums[9] < level.enough) return { share: Number.NEGATIVE_INFINITY, b: new Float64Array(8) };
    const gram = level.gram.map((g, i) => g - sums[10 + i]);
    const b = solveSymmetric(gram, sums.subarray(0, 8));
    const [total, mean] = [sums[8], sums[7] / sums[9]];
    const fitted = b.reduce((s, value, i) => s + value * sums[i], 0);
    const around = total - sums[9] * mean * mean;
    return { share: around > 0 ? 1 - (total - fitted) / around : Number.NEGATIVE_INFINITY, b };
  });
}

type Descent = Pick<RealignedFrame, "map" | "iterations" | "converged" | "explained">;

/** All images of the level at once, a step each in turn, until each has settled. */
function descend(level: Level, grid: Grid, from: readonly Affine[], centre: Point, enough: number): Descent[] {
  const maps = [...from];
  const best = from.map(
    (map): Descent => ({ map, iterations: 0, converged: false, explained: Number.NEGATIVE_INFINITY }),
  );
  let going = [...from.keys()];
  for (let iterations = 1; iterations <= mostIterations && going.length > 0; iterations++) {
    const fits = explained(
      level,
      grid,
      going,
      going.map((slot) => maps[slot] as Affine),
    );
    going = going.filter((slot, k) => {
      const { share, b } = fits[k] as Fit;
      const map = maps[slot] as Affine;
      if (share > (best[slot] as Descent).explained)
        best[slot] = { map, iterations, converged: false, explained: share };
      const scale = b[6];
      if (!(scale > 0)) return false;
      const step = b.subarray(0, 6).map((value) => value / scale);
      const far = Math.hypot(step[0], step[1], step[2]) + armLength * Math.hypot(step[3], step[4], step[5]);
      // A step beyond the reach of the linear form is shortened: 8 mm.
      const reach = Math.min(1, 8 / far);
      const back = inverseStep(
        step.map((value) => value * reach),
        centre,
      );
      const next = multiply(map, back);
      maps[slot] = next;
      if (far >= enough) return true;
      best[slot] = { map: next, iterations, converged: true, explained: share };
      return false;
    });
  }
  return best;
}
