import { DataError } from "@quintet/core";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { type CovarianceEvidence, covarianceEvidence } from "./covariance-evidence.ts";
import { whitener } from "./whitener.ts";

export interface SourceEvidenceModel {
  /** [channel][3 x source], V per A m. */
  readonly leadField: readonly Float64Array[];
  readonly noise: readonly ArrayLike<number>[];
  /** Variance of each source in the model without the map. */
  readonly variance: ArrayLike<number>;
  /** By how much, in shares of it, the map's component may raise it: 0 or more. */
  readonly above: ArrayLike<number>;
}

export interface SourceEvidence {
  readonly without: CovarianceEvidence;
  /** With the map's component. */
  readonly found: CovarianceEvidence;
  /** Mean variance over channels of noise, all sources and the map's as they stand, by which their variances count. */
  readonly sizes: readonly [number, number, number];
  /** Modes of the data in time that were taken as samples. */
  readonly modes: number;
}

/**
 * Evidence of whitened data for sources everywhere, and for more of them where a map is (equations at `weighSources` of the EEG wing).
 *
 * @param rows [channel][time], V
 * @throws DataError as `whitener` and `covarianceEvidence`; `shape-mismatch`
 */
export function sourceEvidence(
  { leadField, noise, variance, above }: SourceEvidenceModel,
  rows: readonly ArrayLike<number>[],
): SourceEvidence {
  const columns = leadField[0]?.length ?? 0;
  if (variance.length * 3 !== columns || above.length !== variance.length || rows.length !== leadField.length)
    throw new DataError("shape-mismatch", "one variance per source, one row of data per channel", {
      expected: `${columns / 3} sources, ${leadField.length} channels`,
      found: `${variance.length} and ${above.length} variances, ${rows.length} rows`,
    });
  const white = whitener(noise, leadField.length);
  const gain = white.matrix.mmul(new Matrix(leadField.map((row) => Array.from(row))));
  const spread = (of: (source: number) => number): Matrix => {
    const scaled = gain.clone();
    for (let k = 0; k < columns; k++) scaled.mulColumn(k, of(Math.floor(k / 3)));
    return scaled.mmul(gain.transpose());
  };
  const parts = [
    Matrix.eye(white.rank, white.rank),
    spread((i) => variance[i]),
    spread((i) => variance[i] * above[i]),
  ] as const;
  const lists = parts.map((part) => part.to2DArray());
  const { covariance, modes } = timeModes(white.matrix.mmul(new Matrix(rows.map((row) => Array.from(row)))));
  return {
    without: covarianceEvidence(covariance, modes, lists.slice(0, 2)),
    found: covarianceEvidence(covariance, modes, lists),
    sizes: [1, parts[1].trace() / white.rank, parts[2].trace() / white.rank],
    modes,
  };
}

/** Covariance of the data's modes in time. */
function timeModes(y: Matrix): { readonly covariance: number[][]; readonly modes: number } {
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(y.mmul(y.transpose()), {
    assumeSymmetric: true,
  });
  const order = values.map((_, k) => k).sort((a, b) => (values[b] as number) - (values[a] as number));
  const edge = (Math.sqrt(y.rows) + Math.sqrt(y.columns)) ** 2;
  const modes = Math.max(1, order.filter((k) => (values[k] as number) > edge).length);
  const covariance = Matrix.zeros(y.rows, y.rows);
  for (const k of order.slice(0, modes)) {
    const u = Matrix.columnVector(vectors.getColumn(k));
    covariance.add(u.mmul(u.transpose()).mul((values[k] as number) / modes));
  }
  return { covariance: covariance.to2DArray(), modes };
}
