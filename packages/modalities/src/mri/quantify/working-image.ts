import {
  affineOf,
  apply,
  DataError,
  type Grid,
  identityAffine,
  type Millimetres,
  type Point,
  spacing,
  type Volume,
} from "@quintet/core";
import { finiteRange, fwhmPerSigma, histogram, histogramQuantile, resample, smoothGaussian } from "@quintet/kernels";
import type { Levels } from "./surface-evolution.ts";

/** The head on a coarse isotropic grid along the world axes, with a rim of background around it. */
export interface WorkingImage {
  readonly image: Volume;
  readonly step: Millimetres;
  /** Robust intensities; see robustLevels. */
  readonly levels: Levels & { readonly high: number };
  /** Voxel indices of the head's centre, and the radius of a ball of the head's volume in mm. */
  readonly centre: Point;
  readonly radius: Millimetres;
}

const rim = 4; // voxels of background around the image, so that nothing leaves through a face

/** How far below the top of the head still counts: brain and cerebellum, not the neck. */
const headHeight: Millimetres = 150;

/**
 * Brings a T1-weighted image onto an isotropic RAS grid of `step` mm, smoothed first where voxels are finer.
 *
 *   t_2, t_98: 2 % and 98 % quantile of all voxels;  t = t_2 + 0.1 (t_98 - t_2)  parts head from air;
 *   centre: intensity-weighted mean of voxels above t in the upper 150 mm;  radius: ball of their volume;
 *   t_m: median of the voxels inside that ball between t_2 and t_98
 *
 * @throws DataError `not-finite`, `constant-data`, `no-head`
 * @see Smith, Hum Brain Mapp 2002;17:143-55, section 2.1
 */
export function workingImage(t1: Volume, step: Millimetres): WorkingImage {
  if (!t1.data.every(Number.isFinite))
    throw new DataError("not-finite", "the T1-weighted image holds values that are not numbers");
  if (t1.frames.length !== 1)
    throw new DataError("grid-mismatch", "one T1-weighted image is expected", { found: `${t1.frames.length} frames` });
  const grid = isotropicGrid(t1, step, rim);
  const blur = spacing(t1).map((mm) => Math.sqrt(Math.max(0, step ** 2 - mm ** 2)) / fwhmPerSigma / mm);
  const smooth = { ...t1, data: smoothGaussian(t1.data, t1.shape, blur as [number, number, number]) };
  const image = resample(smooth, grid, identityAffine());
  const [low, high] = [0.02, 0.98].map((p) => quantile(t1.data, p)) as [number, number];
  if (!(high > low))
    throw new DataError("constant-data", "the T1-weighted image has no contrast", { found: `${low} to ${high}` });
  const threshold = low + 0.1 * (high - low);
  const { centre, radius } = headBall(image, threshold, high, step);
  const [cx, cy, cz] = centre;
  const [nx, ny] = image.shape;
  const inside = image.data.filter((value, i) => {
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    return value > low && value < high && Math.hypot(x - cx, y - cy, z - cz) * step < radius;
  });
  return { image, step, centre, radius, levels: { low, threshold, high, middle: quantile(inside, 0.5) } };
}

function quantile(values: Float32Array, p: number): number {
  const [low, high] = finiteRange(values);
  if (!(high > low)) return low;
  return histogramQuantile(histogram(values, { bins: 4096, low, high }), p);
}

/** The isotropic grid along the world axes that holds the source, with `room` voxels around it. */
export function isotropicGrid(source: Grid, step: Millimetres, room: number): Grid {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = low.map((x) => -x);
  for (const x of [0, source.shape[0] - 1])
    for (const y of [0, source.shape[1] - 1])
      for (const z of [0, source.shape[2] - 1])
        for (const [k, world] of apply(source.affine, [x, y, z]).entries()) {
          low[k] = Math.min(low[k] as number, world);
          high[k] = Math.max(high[k] as number, world);
        }
  const start = low.map((mm) => mm - room * step) as [number, number, number];
  const shape = low.map((mm, k) => Math.ceil(((high[k] as number) - mm) / step) + 1 + 2 * room) as [
    number,
    number,
    number,
  ];
  const affine = affineOf([step, 0, 0, start[0], 0, step, 0, start[1], 0, 0, step, start[2]]);
  return { shape, affine, space: source.space };
}

function headBall(
  image: Volume,
  threshold: number,
  high: number,
  step: Millimetres,
): { centre: Point; radius: Millimetres } {
  const [nx, ny, nz] = image.shape;
  const plane = nx * ny;
  const bright = (z: number): number =>
    image.data.subarray(z * plane, (z + 1) * plane).reduce((n, v) => n + (v > threshold ? 1 : 0), 0);
  let top = nz - 1;
  while (top > 0 && bright(top) * step * step < 400) top--; // 4 cm2 of head in one plane
  const bottom = Math.max(0, top - Math.round(headHeight / step));
  let [sum, x, y, z, n] = [0, 0, 0, 0, 0];
  for (let i = bottom * plane; i < (top + 1) * plane; i++) {
    const value = image.data[i] as number;
    if (value <= threshold) continue;
    const weight = Math.min(value, high);
    sum += weight;
    x += weight * (i % nx);
    y += weight * (Math.floor(i / nx) % ny);
    z += weight * Math.floor(i / plane);
    n++;
  }
  const volume = (n * step ** 3) / 1000;
  if (!(volume > 300))
    throw new DataError("no-head", "no head is seen in this image", {
      expected: "> 300 mL above background",
      found: `${volume.toFixed(0)} mL`,
    });
  return { centre: [x / sum, y / sum, z / sum], radius: Math.cbrt((3 * n * step ** 3) / (4 * Math.PI)) };
}
