import { DataError } from "@quintet/core";
import { refuseLengths } from "./conjugate-gradient.ts";
import { dot, type LinearOperator } from "./linear-operator.ts";
import { largestEigenvalue } from "./power-iteration.ts";

/** Proximal map of g: argmin over z of step g(z) + |z - x|^2 / 2. Must leave x as it is. */
export type Prox = (x: Float32Array, step: number) => Float32Array;

export interface FistaOptions {
  /** Most iterations, default 50. */
  readonly iterations?: number;
  /** Stops when x changes by less than this share of its size, default 1e-4. */
  readonly tolerance?: number;
  /** Largest eigenvalue of A'A; by power iteration and a margin of 5 % when absent. */
  readonly lipschitz?: number;
  readonly start?: Float32Array;
  /** g(x), for the history; absent: 0. */
  readonly penalty?: (x: Float32Array) => number;
}

export interface FistaFit {
  readonly x: Float32Array;
  readonly lipschitz: number;
  readonly history: readonly {
    /** |A y - b|^2 / 2 where the gradient was taken, and g(x) after the step. */
    readonly data: number;
    readonly penalty: number;
    /** |x - x before| / |x|. */
    readonly change: number;
    /** Whether the momentum was dropped after this step. */
    readonly restarted: boolean;
  }[];
  readonly converged: boolean;
}

/**
 * Sparse inversion by accelerated proximal gradients:
 *
 *   x = argmin |A x - b|^2 / 2 + g(x)
 *   x_k = prox(y_k - A'(A y_k - b) / L),  t_{k+1} = (1 + sqrt(1 + 4 t_k^2)) / 2,  y_{k+1} = x_k + (t_k - 1) / t_{k+1} (x_k - x_{k-1})
 *
 * (Beck & Teboulle, SIAM J Imaging Sci 2009;2:183-202, equations 4.1-4.3). The momentum is dropped whenever it points
 * against the step, <y_k - x_k, x_k - x_{k-1}> > 0 (O'Donoghue & Candes, Found Comput Math 2015;15:715-32, the gradient
 * scheme). A step longer than 2 / L makes the data term grow without bound: past a hundred times its first value it is
 * refused.
 *
 * @throws DataError `shape-mismatch`, `not-positive` (L), `diverged`
 */
export function fista(operator: LinearOperator, b: Float32Array, prox: Prox, options: FistaOptions = {}): FistaFit {
  const { iterations = 50, tolerance = 1e-4, start, penalty = () => 0 } = options;
  refuseLengths(operator, b, start);
  const lipschitz = options.lipschitz ?? 1.05 * largestEigenvalue(operator).value;
  if (!(lipschitz > 0 && lipschitz < Number.POSITIVE_INFINITY)) {
    throw new DataError("not-positive", "the step is one over the Lipschitz constant", { found: `${lipschitz}` });
  }
  let x: Float32Array = start ? start.slice() : new Float32Array(operator.domain);
  const y = x.slice();
  let t = 1;
  let limit = 50 * dot(b, b);
  let converged = false;
  const history: FistaFit["history"][number][] = [];
  for (let i = 0; i < iterations && !converged; i++) {
    const residual = difference(operator.forward(y), 1, b);
    const data = dot(residual, residual) / 2;
    if (i === 0) limit = Math.max(limit, 100 * data);
    if (!(data <= limit)) {
      throw new DataError("diverged", "the data term grows: the Lipschitz constant is too small or the adjoint wrong", {
        expected: `at most ${limit}`,
        found: `${data} at iteration ${i + 1} with L = ${lipschitz}`,
      });
    }
    const gradient = operator.adjoint(residual);
    const next = prox(difference(y, 1 / lipschitz, gradient), 1 / lipschitz);
    let [against, moved] = [0, 0];
    for (let j = 0; j < next.length; j++) {
      const step = next[j] - x[j];
      against += (y[j] - next[j]) * step;
      moved += step * step;
    }
    const restarted = against > 0;
    const later = restarted ? 1 : (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    const momentum = restarted ? 0 : (t - 1) / later;
    for (let j = 0; j < next.length; j++) y[j] = next[j] + momentum * (next[j] - x[j]);
    x = next;
    t = later;
    const size = dot(x, x);
    const change = size > 0 ? Math.sqrt(moved / size) : Math.sqrt(moved);
    history.push({ data, penalty: penalty(x), change, restarted });
    converged = change <= tolerance;
  }
  return { x, lipschitz, history, converged };
}

/** x - factor * from, an array of its own. */
function difference(x: Float32Array, factor: number, from: Float32Array): Float32Array {
  const out = new Float32Array(x.length);
  for (let j = 0; j < out.length; j++) out[j] = x[j] - factor * from[j];
  return out;
}
