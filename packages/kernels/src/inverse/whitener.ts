import { DataError } from "@quintet/core";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

export interface Whitener {
  /** rank x channels: W C W' is the identity. */
  readonly matrix: Matrix;
  readonly rank: number;
}

/** Eigenvalues below this share of the largest are no dimension of the noise: an average reference leaves one near 1e-16. */
const flat = 1e-9;

/**
 * W = Lambda^(-1/2) U' over the eigenvectors of C that hold noise.
 *
 * @param noise [channel][channel]; white noise in every channel without it
 * @throws DataError `shape-mismatch`, `not-finite`, `not-a-covariance` (not symmetric, or with a negative eigenvalue)
 */
export function whitener(noise: readonly ArrayLike<number>[] | undefined, channels: number): Whitener {
  if (noise === undefined) return { matrix: Matrix.eye(channels, channels), rank: channels };
  if (noise.length !== channels || noise.some((row) => row.length !== channels))
    throw new DataError("shape-mismatch", "the noise covariance has a row and a column per channel", {
      expected: `${channels} x ${channels}`,
      found: `${noise.length} x ${noise[0]?.length ?? 0}`,
    });
  const c = new Matrix(noise.map((row) => Array.from(row)));
  if (!c.to1DArray().every(Number.isFinite))
    throw new DataError("not-finite", "a covariance holds numbers", { found: "NaN or infinity" });
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(c, {
    assumeSymmetric: true,
  });
  const most = Math.max(...values);
  const skew = Matrix.sub(c, c.transpose()).norm() / (c.norm() || 1);
  if (!(most > 0) || skew > 1e-9 || Math.min(...values) < -1e-9 * most)
    throw new DataError("not-a-covariance", "a covariance is symmetric without negative eigenvalues", {
      found: `asymmetry ${skew.toExponential(1)}, least eigenvalue ${Math.min(...values).toExponential(1)}`,
    });
  const kept = values.flatMap((value, k) => (value > flat * most ? [k] : []));
  const matrix = new Matrix(kept.map((k) => vectors.getColumn(k).map((v) => v / Math.sqrt(values[k] as number))));
  return { matrix, rank: kept.length };
}
