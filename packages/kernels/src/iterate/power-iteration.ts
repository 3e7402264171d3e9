import { DataError } from "@quintet/core";
import { seededRandom } from "../random/random.ts";
import { dot, type LinearOperator } from "./linear-operator.ts";

export interface LargestEigenvalue {
  /** Largest eigenvalue of A'A; approached from below. */
  readonly value: number;
  /** Its estimates, one an iteration. */
  readonly history: readonly number[];
}

/**
 * Largest eigenvalue of A'A by power iteration, |A' A v| / |v|: the Lipschitz constant of the gradient of |A x - b|^2 / 2
 * (Golub & Van Loan, Matrix Computations, section 7.3.1). The estimate rises to the value from below, so a step needs a
 * margin; it stops when it changes by less than `tolerance` of itself.
 *
 * @throws DataError `not-finite`
 */
export function largestEigenvalue(
  operator: LinearOperator,
  { iterations = 30, tolerance = 1e-3, seed = 1 }: { iterations?: number; tolerance?: number; seed?: number } = {},
): LargestEigenvalue {
  const random = seededRandom(seed);
  let v: Float32Array = Float32Array.from({ length: operator.domain }, () => random.normal());
  let size = Math.sqrt(dot(v, v)) || 1;
  const history: number[] = [];
  for (let i = 0; i < iterations; i++) {
    const scale = 1 / size;
    v = operator.adjoint(operator.forward(v.map((value) => value * scale)));
    size = Math.sqrt(dot(v, v));
    if (!Number.isFinite(size)) {
      throw new DataError("not-finite", "the operator gives values that are not finite", { found: `${size}` });
    }
    const before = history.at(-1);
    history.push(size);
    if (size === 0 || (before !== undefined && Math.abs(size - before) <= tolerance * size)) break;
  }
  return { value: history.at(-1) ?? 0, history };
}
