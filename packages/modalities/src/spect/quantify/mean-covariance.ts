import { DataError, type Volume } from "@quintet/core";
import { type NamedRegions, regionalMeans } from "./regional-means.ts";

/** How the means of regions vary together from one scan of the same person to the next. */
export interface MeanCovariance {
  readonly names: readonly string[];
  /** Row-major, in the square of the image's unit. */
  readonly matrix: Float64Array;
}

/** Derivative of a value by the mean of each region that it hangs on, by the region's name. */
export type Gradient = Readonly<Record<string, number>>;

/** Fewer leave a standard error unsure by a quarter and more: 1 / sqrt(2 (B - 1)). */
export const fewestReplicates = 10;

/**
 * Variance of a value to first order: sum_ij g_i g_j S_ij.
 *
 * @throws DataError `missing-region` where it hangs on a region that the covariance does not have
 */
export function varianceOf(gradient: Gradient, { names, matrix }: MeanCovariance): number {
  const slopes = new Float64Array(names.length);
  for (const [name, slope] of Object.entries(gradient)) {
    const at = names.indexOf(name);
    if (at < 0)
      throw new DataError("missing-region", "covariance of regional means", {
        expected: name,
        found: names.join(", "),
      });
    slopes[at] = slope;
  }
  let sum = 0;
  for (let i = 0; i < slopes.length; i++)
    for (let j = 0; j < slopes.length; j++)
      sum += (slopes[i] as number) * (slopes[j] as number) * (matrix[i * slopes.length + j] as number);
  return Math.max(0, sum);
}

/**
 * Covariance of regional means over replicates of a scan,
 *
 *   S_ij = sum_b (m_bi - m_i)(m_bj - m_j) / (B - 1)
 *
 * A standard error from it is itself known to 1 / sqrt(2 (B - 1)).
 *
 * @param images replicates on the regions' grid; each is looked at once and let go
 * @throws DataError `too-few-replicates`, those of regionalMeans
 */
export function replicateCovariance(images: Iterable<Volume>, regions: NamedRegions): MeanCovariance {
  const means: Float64Array[] = [];
  for (const image of images) means.push(regionalMeans(image, regions));
  const [count, n] = [means.length, regions.voxels.size];
  if (count < fewestReplicates)
    throw new DataError("too-few-replicates", "standard errors from replicates of a scan", {
      expected: `${fewestReplicates} or more`,
      found: `${count}`,
    });
  const middle = Float64Array.from({ length: n }, (_, i) =>
    means.reduce((sum, m) => sum + (m[i] as number) / count, 0),
  );
  const matrix = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const product = (m: Float64Array): number =>
      ((m[i] as number) - (middle[i] as number)) * ((m[j] as number) - (middle[j] as number));
    return means.reduce((sum, m) => sum + product(m), 0) / (count - 1);
  });
  return { names: [...regions.voxels.keys()], matrix };
}
