import { DataError } from "@quintet/core";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { shrunkCovariance } from "./shrunk-covariance.ts";

export interface NoiseCovariance {
  /** [channel][channel], V^2, against the average reference. */
  readonly covariance: readonly Float64Array[];
  readonly shrinkage: number;
  readonly samples: number;
}

/** Eigenvalues below this share of the mean are no signal of their own. */
const flat = 1e-8;

/**
 * Shrunk covariance of noise within what an average reference leaves: n - 1 dimensions, in an orthonormal basis of which it is
 * estimated (`shrunkCovariance`) and turned back. Shrinking would hide that channels hold no signal of their own (interpolated ones, a
 * second reference, components taken away), so that is looked for first.
 *
 * @param rows [channel][sample], V
 * @param average how many epochs the data to explain are a mean of; the covariance is divided by it
 * @throws DataError `rank-deficient`, `too-few-channels`, `too-few-samples`, `not-finite`
 */
export function noiseCovariance(rows: readonly ArrayLike<number>[], average: number = 1): NoiseCovariance {
  const n = rows.length;
  if (n < 2)
    throw new DataError("too-few-channels", "a covariance against an average needs two good channels", {
      found: `${n}`,
    });
  if (!(average >= 1))
    throw new DataError("too-few-samples", "an average is of one epoch at least", { found: `${average}` });
  // Helmert's basis: row k is (1, ..., 1, -k, 0, ...) / sqrt(k (k + 1)).
  const basis = Array.from({ length: n - 1 }, (_, i) => {
    const k = i + 1;
    return Float64Array.from({ length: n }, (_, j) => (j < k ? 1 : j === k ? -k : 0) / Math.sqrt(k * (k + 1)));
  });
  const samples = rows[0]?.length ?? 0;
  const turned = basis.map((b) => {
    const out = new Float64Array(samples);
    for (const [j, row] of rows.entries()) {
      const weight = b[j] as number;
      if (weight !== 0) for (let t = 0; t < samples; t++) out[t] = (out[t] as number) + weight * (row[t] as number);
    }
    return out;
  });
  const { covariance, plain, shrinkage } = shrunkCovariance(turned);
  if (samples > n) refuseLostRank(plain);
  const b = new Matrix(basis.map((row) => Array.from(row)));
  const back = b
    .transpose()
    .mmul(new Matrix(covariance.map((row) => Array.from(row))))
    .mmul(b)
    .div(average);
  return { covariance: back.to2DArray().map((row) => Float64Array.from(row)), shrinkage, samples };
}

function refuseLostRank(covariance: readonly Float64Array[]): void {
  const p = covariance.length;
  const mean = covariance.reduce((sum, row, i) => sum + (row[i] as number), 0) / p;
  const { realEigenvalues } = new EigenvalueDecomposition(new Matrix(covariance.map((row) => Array.from(row))), {
    assumeSymmetric: true,
  });
  const rank = realEigenvalues.filter((v) => v > flat * mean).length;
  if (rank < p)
    throw new DataError("rank-deficient", "the channels do not differ in as many ways as an average reference leaves", {
      expected: `rank ${p} of ${p + 1} channels: mark interpolated, doubled and reference channels bad`,
      found: `rank ${rank}`,
    });
}
