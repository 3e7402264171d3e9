import { DataError, frameData, type Millimetres, toWorld, type Volume } from "@quintet/core";
import { type Cylinder, findCylinder } from "./find-cylinder.ts";

export interface UniformityOptions {
  /** Default: found in the image. */
  readonly cylinder?: Cylinder;
  /** Edge of the square regions. */
  readonly edge?: Millimetres;
  /** What stays out at the wall and at both ends. */
  readonly margin?: Millimetres;
}

export interface UniformityOfSlice {
  readonly z: Millimetres;
  readonly regions: number;
  readonly mean: number;
  /** sd of the regions' means over their mean. */
  readonly variation: number;
  /** (largest - mean) / mean and (mean - smallest) / mean of the regions. */
  readonly above: number;
  readonly below: number;
}

export interface Uniformity {
  readonly cylinder: Cylinder;
  readonly regions: number;
  readonly mean: number;
  /** Standard error of `mean`, from the spread of the slices' means. */
  readonly standardError: number;
  readonly variation: number;
  readonly above: number;
  readonly below: number;
  /** Largest deviation of a slice's mean from the mean of all. */
  readonly axial: number;
  /** Mean over the regions of sd / mean of the voxels inside: noise; absent where a region holds one voxel. */
  readonly noise?: number;
  /** Change of the slices' mean from one end to the other, by a straight line, as a share of the mean. */
  readonly axialTrend: number;
  /** Mean of the regions in the inner half of the radius over that of those outside it: cupping when not 1. */
  readonly centreToRim: number;
  readonly slices: readonly UniformityOfSlice[];
}

interface Region {
  readonly mean: number;
  readonly noise: number;
  /** Of its middle from the axis, as a share of the radius. */
  readonly distance: number;
}

/**
 * Uniformity of a cylinder filled evenly, from square regions that tile each slice:
 *
 *   variation = sd(C_k) / mean(C_k),   above = (max C_k - mean) / mean,   below = (mean - min C_k) / mean
 *
 * over the regions k of a slice, and over all. Regions of 10 mm inside a circle 10 mm smaller than the phantom, as NEMA
 * NU 2-1994 has its non-uniformity (from the literature, not re-checked). Noise of a region's mean is part of all three: an image is
 * judged with its noise, not without.
 *
 * @param image the first frame is taken
 * @throws DataError `not-finite`, `too-few-regions`, `not-positive`, those of findCylinder
 */
export function uniformity(
  image: Volume,
  { cylinder = findCylinder(image), edge = 10, margin = 10 }: UniformityOptions = {},
): Uniformity {
  const data = frameData(image, 0);
  const [nx, ny, nz] = image.shape;
  const size = [0, 5].map((k) => Math.abs(image.affine[k] as number)) as [number, number];
  // As many voxels as come nearest to the edge asked for, at least one.
  const [wide, high] = size.map((s) => Math.max(1, Math.round(edge / s))) as [number, number];
  const found: { slice: UniformityOfSlice; regions: readonly Region[] }[] = [];
  for (let z = 0; z < nz; z++) {
    const at = toWorld(image, [0, 0, z])[2];
    if (at < cylinder.from + margin || at > cylinder.to - margin) continue;
    const regions = regionsOf(data.subarray(z * nx * ny, (z + 1) * nx * ny), image, cylinder, {
      z,
      at,
      wide,
      high,
      margin,
    });
    if (regions.length < 2) continue;
    found.push({ slice: { z: at, ...spreadOf(regions) }, regions });
  }
  const all = found.flatMap(({ regions }) => regions);
  if (found.length < 2 || all.length < 8) {
    throw new DataError("too-few-regions", "uniformity is measured over regions inside the cylinder", {
      expected: "2 slices and 8 regions at least",
      found: `${found.length} slices and ${all.length} regions of ${edge} mm, ${margin} mm inside a cylinder of ${(2 * cylinder.radius).toFixed(0)} x ${(cylinder.to - cylinder.from).toFixed(0)} mm`,
    });
  }
  const { regions, mean, variation, above, below } = spreadOf(all);
  if (!Number.isFinite(mean)) throw new DataError("not-finite", "the cylinder holds voxels that are not numbers");
  if (!(mean > 0)) throw new DataError("not-positive", "the cylinder's mean is above 0", { found: `${mean}` });
  const slices = found.map(({ slice }) => slice);
  const axial = Math.max(...slices.map((slice) => Math.abs(slice.mean / mean - 1)));
  const meanOf = (some: readonly Region[]): number => some.reduce((sum, r) => sum + r.mean, 0) / some.length;
  const [inner, outer] = [all.filter((r) => r.distance < 0.5), all.filter((r) => r.distance >= 0.5)];
  return {
    cylinder,
    regions,
    mean,
    standardError: deviation(slices.map((slice) => slice.mean)) / Math.sqrt(slices.length),
    variation,
    above,
    below,
    axial,
    ...(wide * high > 1 ? { noise: all.reduce((sum, { noise }) => sum + noise, 0) / all.length } : {}),
    axialTrend: trend(slices) / mean,
    centreToRim: inner.length > 0 && outer.length > 0 ? meanOf(inner) / meanOf(outer) : 1,
    slices,
  };
}

/** Squares side by side from the axis outwards, those wholly inside. */
function regionsOf(
  slice: Float32Array,
  image: Volume,
  { axis, slope, radius }: Cylinder,
  about: {
    readonly z: number;
    readonly at: number;
    readonly wide: number;
    readonly high: number;
    readonly margin: number;
  },
): readonly Region[] {
  const [nx, ny] = image.shape;
  const { z, at, wide, high, margin } = about;
  const [sx, sy] = [Math.abs(image.affine[0] as number), Math.abs(image.affine[5] as number)];
  const [ax, ay] = [axis[0] + slope[0] * at, axis[1] + slope[1] * at];
  const origin = toWorld(image, [0, 0, z]);
  // The voxel nearest to the axis lies in the middle of the first square.
  const middle = [(ax - origin[0]) / (image.affine[0] as number), (ay - origin[1]) / (image.affine[5] as number)];
  const start = [Math.round(middle[0] as number) - (wide >> 1), Math.round(middle[1] as number) - (high >> 1)] as const;
  const out: Region[] = [];
  const [columns, rows] = [Math.ceil((2 * radius) / sx / wide), Math.ceil((2 * radius) / sy / high)];
  for (let j = -rows; j <= rows; j++) {
    for (let i = -columns; i <= columns; i++) {
      const [x0, y0] = [start[0] + i * wide, start[1] + j * high];
      if (x0 < 0 || y0 < 0 || x0 + wide > nx || y0 + high > ny) continue;
      const corners = [x0 - 0.5, x0 + wide - 0.5].flatMap((x) =>
        [y0 - 0.5, y0 + high - 0.5].map((y) => [x, y] as const),
      );
      const reach = corners.map(([x, y]) => {
        const [wx, wy] = toWorld(image, [x, y, z]);
        return Math.hypot(wx - ax, wy - ay);
      });
      if (Math.max(...reach) > radius - margin) continue;
      const values: number[] = [];
      for (let y = y0; y < y0 + high; y++)
        for (let x = x0; x < x0 + wide; x++) values.push(slice[y * nx + x] as number);
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      const [mx, my] = toWorld(image, [x0 + (wide - 1) / 2, y0 + (high - 1) / 2, z]);
      out.push({
        mean,
        noise: values.length > 1 ? deviation(values) / mean : 0,
        distance: Math.hypot(mx - ax, my - ay) / radius,
      });
    }
  }
  return out;
}

function spreadOf(regions: readonly Region[]): Omit<UniformityOfSlice, "z"> {
  const means = regions.map((r) => r.mean);
  const mean = means.reduce((sum, v) => sum + v, 0) / means.length;
  return {
    regions: means.length,
    mean,
    variation: deviation(means) / mean,
    above: Math.max(...means) / mean - 1,
    below: 1 - Math.min(...means) / mean,
  };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
}

/** Of the slices' means, over the length from the first to the last. */
function trend(slices: readonly UniformityOfSlice[]): number {
  const n = slices.length;
  const z = slices.reduce((sum, s) => sum + s.z, 0) / n;
  const c = slices.reduce((sum, s) => sum + s.mean, 0) / n;
  const slope =
    slices.reduce((sum, s) => sum + (s.z - z) * (s.mean - c), 0) / slices.reduce((sum, s) => sum + (s.z - z) ** 2, 0);
  const ends = slices.map((s) => s.z);
  return slope * (Math.max(...ends) - Math.min(...ends));
}
