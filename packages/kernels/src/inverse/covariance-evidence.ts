import { DataError } from "@quintet/core";
import { CholeskyDecomposition, LuDecomposition, Matrix } from "ml-matrix";

export interface CovarianceEvidence {
  /** Natural logarithm of the model's evidence, up to what depends on the data alone. */
  readonly logEvidence: number;
  /** Variance of each component in the data's own unit (component scaled to a mean variance of 1). */
  readonly variances: Float64Array;
  /** One sigma of each ln variance. */
  readonly errors: Float64Array;
  readonly rounds: number;
  readonly converged: boolean;
}

export interface EvidencePrior {
  /** Mean of ln(variance / mean variance of the data); default -4. */
  readonly mean: number;
  /** Its variance; default 16: factors from e^-12 to e^4 are within two sigma. */
  readonly variance: number;
}

const [mostRounds, farthestStep, settled] = [128, 4, 1e-6];

/**
 * Evidence of a covariance made of components, of Gaussian data, with its variances at their most probable (restricted maximum
 * likelihood under weak log-normal priors). With C the data's covariance over t samples of n channels, S = sum_k e^(l_k) Q_k and
 * l ~ N(m, v):
 *
 *   F(l) = -t/2 (tr(S^-1 C) + ln|S| + n ln 2 pi) - sum_k (l_k - m)^2 / 2v
 *   ln p(Y) ~ F(l*) - 1/2 ln|v H|,   H_ij = t/2 tr(S^-1 e^(l_i) Q_i S^-1 e^(l_j) Q_j) + [i = j]/v
 *
 * l* by Fisher scoring, each step at most 4 and halved until F rises. A component that explains nothing shrinks to its prior and
 * costs the evidence what it may have explained.
 *
 * @param covariance C, [channel][channel], of full rank n
 * @param samples t; independent ones
 * @param components Q_k, [channel][channel], positive semidefinite; each is scaled to a mean variance of 1
 * @throws DataError `shape-mismatch`, `too-few-samples`, `not-positive` (data or component without variance), `singular` (the
 *   components together leave a channel without variance: give the noise as one of them)
 * @see Friston et al., NeuroImage 2007;34:220-234, equations 15 to 19; Phillips et al., NeuroImage 2005;24:997-1011
 */
export function covarianceEvidence(
  covariance: readonly ArrayLike<number>[],
  samples: number,
  components: readonly (readonly ArrayLike<number>[])[],
  { mean = -4, variance = 16 }: Partial<EvidencePrior> = {},
): CovarianceEvidence {
  const n = covariance.length;
  if (
    components.length === 0 ||
    ![covariance, ...components].every((m) => m.length === n && [...m].every((row) => row.length === n))
  )
    throw new DataError("shape-mismatch", "covariance and components have a row and a column per channel", {
      expected: `${n} x ${n}`,
      found: components.map((c) => `${c.length} x ${c[0]?.length ?? 0}`).join(", "),
    });
  if (!(samples >= 1)) throw new DataError("too-few-samples", "evidence needs a sample", { found: `${samples}` });
  const scaled = [covariance, ...components].map((m) => {
    const matrix = new Matrix(m.map((row) => Array.from(row)));
    const size = matrix.trace() / n;
    if (!(size > 0 && Number.isFinite(size)))
      throw new DataError("not-positive", "data and components have a variance", { found: `${size}` });
    return { matrix: matrix.div(size), size };
  });
  const [data, ...parts] = scaled as [(typeof scaled)[number], ...typeof scaled];
  const q = parts.map(({ matrix }) => matrix);
  const value = (l: Float64Array): number => {
    const found = system(l, q);
    const explained = traceOf(found.inverse, data.matrix);
    const prior = l.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (2 * variance);
    return (-samples / 2) * (explained + found.logDeterminant + n * Math.log(2 * Math.PI)) - prior;
  };
  let l = new Float64Array(q.length).fill(Math.log(1 / q.length));
  let best = value(l);
  let [rounds, converged] = [0, false];
  while (rounds < mostRounds && !converged) {
    rounds++;
    const { slope, curvature } = derivatives(l, q, data.matrix, samples, mean, variance);
    const step = new LuDecomposition(curvature).solve(Matrix.columnVector(Array.from(slope))).to1DArray();
    const largest = Math.max(...step.map(Math.abs));
    let factor = Math.min(1, farthestStep / largest);
    const expected = step.reduce((sum, d, k) => sum + d * (slope[k] as number), 0);
    let next = l;
    let found = Number.NEGATIVE_INFINITY;
    for (let halving = 0; halving < 40 && !(found > best - 1e-12 * Math.abs(best)); halving++) {
      next = l.map((x, k) => x + factor * (step[k] as number));
      found = value(next);
      factor /= 2;
    }
    converged = expected < settled;
    if (found >= best) [l, best] = [next, found];
    else converged = true;
  }
  const { curvature } = derivatives(l, q, data.matrix, samples, mean, variance);
  const laplace = Math.log(new LuDecomposition(Matrix.mul(curvature, variance)).determinant) / 2;
  const spread = new LuDecomposition(curvature).solve(Matrix.eye(q.length, q.length));
  return {
    // The data were scaled: ln p of what was given lacks the logarithm of the scale for every number.
    logEvidence: best - laplace - (samples * n * Math.log(data.size)) / 2,
    variances: l.map((x) => Math.exp(x) * data.size),
    errors: Float64Array.from(q, (_, k) => Math.sqrt(spread.get(k, k))),
    rounds,
    converged,
  };
}

function system(l: Float64Array, q: readonly Matrix[]): { readonly inverse: Matrix; readonly logDeterminant: number } {
  const n = (q[0] as Matrix).rows;
  const sum = Matrix.zeros(n, n);
  for (const [k, part] of q.entries()) sum.add(Matrix.mul(part, Math.exp(l[k] as number)));
  const cholesky = new CholeskyDecomposition(Matrix.add(sum, sum.transpose()).mul(0.5));
  if (!cholesky.isPositiveDefinite())
    throw new DataError("singular", "the components together leave no channel without variance");
  const lower = cholesky.lowerTriangularMatrix;
  return {
    inverse: cholesky.solve(Matrix.eye(n, n)),
    logDeterminant: 2 * lower.diagonal().reduce((s, v) => s + Math.log(v), 0),
  };
}

function derivatives(
  l: Float64Array,
  q: readonly Matrix[],
  data: Matrix,
  samples: number,
  mean: number,
  variance: number,
): { readonly slope: Float64Array; readonly curvature: Matrix } {
  const { inverse } = system(l, q);
  const own = q.map((part, k) => inverse.mmul(part).mul(Math.exp(l[k] as number)));
  const left = inverse.mmul(data);
  const slope = l.map((x, k) => {
    const part = own[k] as Matrix;
    return (samples / 2) * (traceOf(part, left) - part.trace()) - (x - mean) / variance;
  });
  const curvature = Matrix.zeros(q.length, q.length);
  for (const [i, a] of own.entries())
    for (const [j, b] of own.entries())
      curvature.set(i, j, (samples / 2) * traceOf(a, b) + (i === j ? 1 / variance : 0));
  return { slope, curvature };
}

/** tr(A B) */
function traceOf(a: Matrix, b: Matrix): number {
  let sum = 0;
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++) sum += a.get(i, j) * b.get(j, i);
  return sum;
}
