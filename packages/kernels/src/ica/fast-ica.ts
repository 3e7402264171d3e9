import { Matrix } from "ml-matrix";
import { inverseRoot } from "../inverse/symmetric.ts";
import type { Random } from "../random/random.ts";
import { productRows, transformRows } from "./rows.ts";
import type { Unmixing } from "./unmixing.ts";

export interface FastIcaOptions {
  readonly random: Random;
  /** Largest 1 - |cosine| between a component's directions of two rounds at which it ends; default 1e-4. */
  readonly tolerance?: number;
  /** Default 1000. */
  readonly iterations?: number;
}

/**
 * FastICA, all components at once, contrast ln cosh:
 *
 *   W <- E[tanh(y) z'] - diag(E[1 - tanh^2 y]) W,   W <- (W W')^(-1/2) W
 *
 * from a random orthogonal W.
 *
 * @param z whitened, [component][sample]
 * @see Hyvarinen, IEEE Trans Neural Netw 1999;10:626-634
 */
export function fastIca(
  z: readonly Float64Array[],
  { random, tolerance = 1e-4, iterations = 1000 }: FastIcaOptions,
): Unmixing {
  const n = z.length;
  let w = orthogonal(
    Float64Array.from({ length: n * n }, () => random.normal()),
    n,
  );
  for (let step = 1; step <= iterations; step++) {
    const scores = transformRows(w, z).map((row) => row.map(Math.tanh));
    const next = productRows(scores, z);
    for (let i = 0; i < n; i++) {
      const slope = scores[i].reduce((sum, t) => sum + 1 - t * t, 0) / scores[i].length;
      for (let j = 0; j < n; j++) next[i * n + j] -= slope * w[i * n + j];
    }
    const made = orthogonal(next, n);
    let worst = 0;
    for (let i = 0; i < n; i++) {
      let cosine = 0;
      for (let j = 0; j < n; j++) cosine += made[i * n + j] * w[i * n + j];
      worst = Math.max(worst, Math.abs(Math.abs(cosine) - 1));
    }
    w = made;
    if (worst < tolerance) return { unmixing: asRows(w, n), iterations: step, converged: true };
  }
  return { unmixing: asRows(w, n), iterations, converged: false };
}

/** (W W')^(-1/2) W */
function orthogonal(w: Float64Array, n: number): Float64Array {
  const matrix = new Matrix(asRows(w, n).map((row) => Array.from(row)));
  const made = inverseRoot(matrix.mmul(matrix.transpose())).mmul(matrix);
  return Float64Array.from(made.to1DArray());
}

function asRows(w: Float64Array, n: number): Float64Array[] {
  return Array.from({ length: n }, (_, i) => w.slice(i * n, (i + 1) * n));
}
