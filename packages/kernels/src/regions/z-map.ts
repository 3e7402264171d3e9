import { DataError, type Grid, type Mask, sameGrid, spacing, type Volume } from "@quintet/core";
import { fwhmPerSigma, smoothGaussian } from "../gauss/gauss.ts";
import { quantileInPlace } from "../statistics/order-statistic.ts";
import { medianAbsoluteDeviation } from "../statistics/robust.ts";
import { type Cluster, zClusters } from "./clusters.ts";
import { fieldSmoothness, type Resels, reselCounts } from "./gaussian-field.ts";

/**
 * Gaussian smoothing that looks inside a mask only: smooth(m x) / smooth(m) inside, 0 outside.
 *
 * @param fwhm mm; 0 leaves the inside as it is
 */
export function smoothInside(data: Float32Array, mask: Uint8Array, grid: Grid, fwhm: number): Float32Array {
  const inside = data.map((x, i) => (mask[i] === 0 ? 0 : x));
  if (fwhm === 0) return inside;
  const [sx, sy, sz] = spacing(grid).map((mm) => fwhm / fwhmPerSigma / mm) as [number, number, number];
  const sum = smoothGaussian(inside, grid.shape, [sx, sy, sz]);
  const weight = smoothGaussian(
    new Float32Array(mask.length).map((_, i) => (mask[i] === 0 ? 0 : 1)),
    grid.shape,
    [sx, sy, sz],
  );
  return sum.map((x, i) => (mask[i] === 0 ? 0 : x / weight[i]));
}

export interface Spread {
  readonly centre: number;
  readonly sd: number;
}

/**
 * Centre and spread of the values inside a mask.
 *
 *   "sd":  mean and standard deviation (n - 1)
 *   "mad": median and 1.4826 * median |x - median|, which a focus does not widen
 *
 * @throws DataError `empty-region` below 100 voxels, `not-finite`, `constant-data`
 */
export function spreadInside(data: ArrayLike<number>, mask: Uint8Array, kind: "sd" | "mad"): Spread {
  const values = new Float64Array(mask.reduce((n, m) => n + (m === 0 ? 0 : 1), 0));
  let n = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    if (!Number.isFinite(data[i]))
      throw new DataError("not-finite", "a voxel inside the mask is not a number", { found: `${data[i]}` });
    values[n++] = data[i];
  }
  if (n < 100)
    throw new DataError("empty-region", "too few voxels inside the mask", { expected: ">= 100", found: `${n}` });
  const { centre, sd } = kind === "mad" ? medianSpread(values) : meanSpread(values);
  if (!(sd > 0)) throw new DataError("constant-data", "the values inside the mask do not vary");
  return { centre, sd };
}

function meanSpread(values: Float64Array): Spread {
  const centre = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  return { centre, sd: Math.sqrt(squares / (values.length - 1)) };
}

function medianSpread(values: Float64Array): Spread {
  return { centre: quantileInPlace(values, 0.5), sd: 1.4826 * medianAbsoluteDeviation(values) }; // 1 / Phi^-1(3/4)
}

export interface ClusterSearch {
  /** Clusters above +threshold, least likely by chance first. */
  readonly above: readonly Cluster[];
  /** Clusters below -threshold. */
  readonly below: readonly Cluster[];
  /** Smoothness of the map, mm along each voxel axis. */
  readonly fwhm: readonly [number, number, number];
  readonly resels: Resels;
  /** How much heavier than Gaussian each tail is taken to be, judged by the other tail: [for above, for below]. */
  readonly inflation: readonly [above: number, below: number];
}

/** z exceeded by 1 % of a Gaussian. */
const onePercent = 2.3263478740408408;

/**
 * All clusters of a z map with their chance under smooth noise of the map's own smoothness.
 *
 * Chance is computed on the map standardised by median and MAD. The image's opposite tail is the empirical null: where
 * the 1 % quantile of the other side lies further out than a Gaussian's, z is divided by that ratio first, so noise
 * with heavy tails (edges, misregistration, uneven counts) cannot pass for a finding.
 *
 * @throws DataError `grid-mismatch`, `empty-region`, `not-finite`, `constant-data`
 */
export function searchClusters(
  z: Volume<"{z}">,
  mask: Mask,
  { threshold, minimumVolume = 0 }: { threshold: number; minimumVolume?: number },
): ClusterSearch {
  if (!sameGrid(z, mask)) throw new DataError("grid-mismatch", "z map and mask must lie on one grid");
  const inside = Float64Array.from(z.data.filter((_, i) => mask.data[i] !== 0));
  const { sd } = spreadInside(z.data, mask.data, "mad");
  const [low, high] = [quantileInPlace(inside, 0.01), quantileInPlace(inside, 0.99)];
  const inflation = [sd * Math.max(1, -low / sd / onePercent), sd * Math.max(1, high / sd / onePercent)] as const;
  const fwhm = fieldSmoothness(z.data, mask.data, z);
  const resels = reselCounts(mask.data, z, fwhm);
  const side = (sign: 1 | -1): Cluster[] =>
    zClusters(z, mask, { threshold, sign, minimumVolume, fwhm, resels, inflation: inflation[sign === 1 ? 0 : 1] });
  return { above: side(1), below: side(-1), fwhm, resels, inflation };
}
