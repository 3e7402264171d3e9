import { DataError } from "@quintet/core";
import { dot, type LinearOperator } from "./linear-operator.ts";

export interface ConjugateGradientOptions {
  /** Most iterations, default 30. */
  readonly iterations?: number;
  /** Stops when |gradient| has fallen to this share of its first value, default 1e-6. */
  readonly tolerance?: number;
  /** lambda, default 0. */
  readonly damping?: number;
  /** x0, default zero; the damping pulls towards zero, not towards it. */
  readonly start?: Float32Array;
}

export interface ConjugateGradientFit {
  readonly x: Float32Array;
  /** Of each iterate, the start first. */
  readonly history: readonly {
    /** |A x - b|^2 + lambda |x|^2 */
    readonly cost: number;
    /** |A'(b - A x) - lambda x| over that of x = 0. */
    readonly gradient: number;
  }[];
  /** Whether the tolerance was met. */
  readonly converged: boolean;
}

/**
 * Damped linear least squares by conjugate gradients on the normal equations:
 *
 *   x = argmin |A x - b|^2 + lambda |x|^2,   (A'A + lambda) x = A'b
 *
 * in the CGLS form, which never squares A in its recurrence (Hestenes & Stiefel, J Res Nat Bur Stand 1952;49:409-36,
 * section 10). Dot products are float64, vectors float32: the gradient falls to about 1e-6 of its first value, not
 * further. The cost of an exact pair falls at every step; where it rises, A' is not the adjoint of A.
 *
 * @param b data, operator.range values
 * @throws DataError `shape-mismatch`, `not-positive` (damping), `diverged`
 */
export function conjugateGradient(
  operator: LinearOperator,
  b: Float32Array,
  options: ConjugateGradientOptions = {},
): ConjugateGradientFit {
  const { iterations = 30, tolerance = 1e-6, damping = 0, start } = options;
  refuseLengths(operator, b, start);
  if (!(damping >= 0)) throw new DataError("not-positive", "damping is a weight", { found: `${damping}` });
  const x = start ? start.slice() : new Float32Array(operator.domain);
  const r = b.slice();
  if (start) addScaled(r, -1, operator.forward(x));
  const gradientOf = (): Float32Array => addScaled(operator.adjoint(r).slice(), -damping, x);
  let s = gradientOf();
  const p = s.slice();
  let gamma = dot(s, s);
  const zero = start ? operator.adjoint(b) : s;
  const first = Math.sqrt(dot(zero, zero)) || 1;
  const costOf = (): number => dot(r, r) + damping * dot(x, x);
  const history = [{ cost: costOf(), gradient: Math.sqrt(gamma) / first }];
  for (let i = 0; i < iterations && !(Math.sqrt(gamma) <= tolerance * first); i++) {
    const q = operator.forward(p);
    const curvature = dot(q, q) + damping * dot(p, p);
    // p is then in the null space of A: nothing along it changes the data.
    if (curvature === 0) break;
    const step = gamma / curvature;
    addScaled(x, step, p);
    addScaled(r, -step, q);
    s = gradientOf();
    const next = dot(s, s);
    const cost = costOf();
    const before = history[history.length - 1].cost;
    // 1e-5 of the first cost: the rounding of float32 vectors
    if (!(cost <= before + 1e-5 * history[0].cost) || !Number.isFinite(next)) {
      throw new DataError("diverged", "the cost of conjugate gradients rose: the adjoint is not that of the operator", {
        expected: `at most ${before}`,
        found: `${cost} at iteration ${i + 1}`,
      });
    }
    const turn = next / gamma;
    for (let j = 0; j < p.length; j++) p[j] = s[j] + turn * p[j];
    gamma = next;
    history.push({ cost, gradient: Math.sqrt(gamma) / first });
  }
  return { x, history, converged: Math.sqrt(gamma) <= tolerance * first };
}

/** to += factor * from, in place. */
function addScaled(to: Float32Array, factor: number, from: Float32Array): Float32Array {
  for (let i = 0; i < to.length; i++) to[i] += factor * from[i];
  return to;
}

/** @throws DataError `shape-mismatch` */
export function refuseLengths(operator: LinearOperator, b: Float32Array, start: Float32Array | undefined): void {
  if (b.length === operator.range && (start === undefined || start.length === operator.domain)) return;
  throw new DataError("shape-mismatch", "data and start must fit the operator", {
    expected: `${operator.range} data, ${operator.domain} unknowns`,
    found: `${b.length}, ${start?.length ?? operator.domain}`,
  });
}
