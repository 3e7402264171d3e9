import { DataError } from "@quintet/core";
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";

export interface CanonicalCorrelation {
  /** Largest first. */
  readonly correlations: Float64Array;
  /** Sources on either side, each of mean 0 and variance 1, [component][sample]. */
  readonly left: readonly Float64Array[];
  readonly right: readonly Float64Array[];
}

/**
 * Canonical correlation analysis: the combinations of two sets of courses that follow each other best,
 *
 *   max over a, b of corr(X a, Y b),   each pair without correlation with the pairs before.
 *
 * Both sides are whitened by their principal components (those below `tolerance` of the largest variance are left out, which keeps
 * courses that all but repeat each other from dividing by nothing), then the singular values of U_x' U_y are the correlations.
 *
 * @param x courses, each of n samples; means are taken out
 * @param tolerance share of the largest principal variance; default 1e-6
 * @throws DataError `no-courses`, `shape-mismatch`, `not-finite`, `constant` (a side that does not vary)
 * @see Hotelling, Biometrika 1936;28:321-77; Björck & Golub, Math Comput 1973;27:579-94
 */
export function canonicalCorrelation(
  x: readonly Float64Array[],
  y: readonly Float64Array[],
  tolerance = 1e-6,
): CanonicalCorrelation {
  const n = x[0]?.length ?? 0;
  if (x.length === 0 || y.length === 0) throw new DataError("no-courses", "two sets of courses are wanted");
  if ([...x, ...y].some((v) => v.length !== n)) throw new DataError("shape-mismatch", "courses are of one length");
  if ([...x, ...y].some((v) => !v.every(Number.isFinite)))
    throw new DataError("not-finite", "a value of a course is no number");
  const [u, v] = [whitened(x, tolerance), whitened(y, tolerance)];
  const cross = new Matrix(u.map((a) => v.map((b) => dot(a, b))));
  const svd = new SingularValueDecomposition(cross, { autoTranspose: true });
  const count = Math.min(u.length, v.length);
  const mixed = (basis: readonly Float64Array[], weights: Matrix): Float64Array[] =>
    Array.from({ length: count }, (_, k) => {
      const out = new Float64Array(n);
      for (const [j, own] of basis.entries()) {
        const w = weights.get(j, k) * Math.sqrt(n);
        for (let t = 0; t < n; t++) out[t] += w * own[t];
      }
      return out;
    });
  return {
    correlations: Float64Array.from(svd.diagonal.slice(0, count), (r) => Math.min(1, r)),
    left: mixed(u, svd.leftSingularVectors),
    right: mixed(v, svd.rightSingularVectors),
  };
}

/** Orthonormal courses that span a set without its means. */
function whitened(courses: readonly Float64Array[], tolerance: number): Float64Array[] {
  const centred = courses.map((own) => {
    let [mean, squares, whole] = [0, 0, 0];
    for (let t = 0; t < own.length; t++) mean += own[t] / own.length;
    const out = own.map((v) => v - mean);
    for (let t = 0; t < out.length; t++) squares += out[t] ** 2;
    for (let t = 0; t < own.length; t++) whole += own[t] ** 2;
    const size = Math.sqrt(squares);
    // Courses of other units weigh alike.
    // What is left of a constant is its rounding.
    return squares > 1e-24 * whole ? out.map((v) => v / size) : out.fill(0);
  });
  const gram = new Matrix(centred.map((a) => centred.map((b) => dot(a, b))));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const most = Math.max(...realEigenvalues);
  if (!(most > 0)) throw new DataError("constant", "a set of courses does not vary");
  const kept = [...realEigenvalues.keys()].filter((k) => realEigenvalues[k] > tolerance * most);
  return kept.map((k) => {
    const out = new Float64Array(centred[0].length);
    for (const [j, own] of centred.entries()) {
      const w = eigenvectorMatrix.get(j, k) / Math.sqrt(realEigenvalues[k]);
      for (let t = 0; t < out.length; t++) out[t] += w * own[t];
    }
    return out;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += a[t] * b[t];
  return sum;
}
