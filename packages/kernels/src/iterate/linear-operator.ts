import { DataError } from "@quintet/core";
import { seededRandom } from "../random/random.ts";

/**
 * A linear map A of real vectors and its adjoint A'. Complex vectors are interleaved re, im: the real part of their
 * inner product is the dot product of the interleaved values, so a complex-linear A has the same adjoint either way.
 * Neither function changes its argument; each returns an array of its own.
 */
export interface LinearOperator {
  /** Values in x. */
  readonly domain: number;
  /** Values in A x. */
  readonly range: number;
  forward(x: Float32Array): Float32Array;
  adjoint(y: Float32Array): Float32Array;
}

/** Sum of products in float64. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** First the inner operator, then the outer one. */
export function composeOperators(inner: LinearOperator, outer: LinearOperator): LinearOperator {
  if (inner.range !== outer.domain) {
    throw new DataError("shape-mismatch", "an operator takes what the one before it gives", {
      expected: `${outer.domain} values`,
      found: `${inner.range}`,
    });
  }
  return {
    domain: inner.domain,
    range: outer.range,
    forward: (x) => outer.forward(inner.forward(x)),
    adjoint: (y) => inner.adjoint(outer.adjoint(y)),
  };
}

/**
 * How far a pair is from being adjoint, for a random x and y = A x / |A x| + a random vector of length 1:
 *
 *   2 |<A x, y> - <x, A' y>| / (|A x| |y| + |x| |A' y|)
 *
 * The share of A x in y keeps <A x, y> as large as the norms, so that an error of scale shows at any size. Rounding of
 * float32 leaves about 1e-7; an adjoint that is 1 % too large gives 5e-3.
 * @throws DataError `shape-mismatch` when an operator's arrays are not of the lengths it states
 */
export function dotTest(operator: LinearOperator, seed = 1): number {
  const random = seededRandom(seed);
  const x = Float32Array.from({ length: operator.domain }, () => random.normal());
  const there = operator.forward(x);
  const noise = Float32Array.from({ length: there.length }, () => random.normal());
  const [signal, other] = [1 / (Math.sqrt(dot(there, there)) || 1), 1 / (Math.sqrt(dot(noise, noise)) || 1)];
  const y = there.map((value, i) => signal * value + other * noise[i]);
  const back = operator.adjoint(y);
  if (there.length !== operator.range || back.length !== operator.domain) {
    throw new DataError("shape-mismatch", "the operator returns other lengths than it states", {
      expected: `${operator.range} forward, ${operator.domain} back`,
      found: `${there.length}, ${back.length}`,
    });
  }
  const size = Math.sqrt(dot(there, there) * dot(y, y)) + Math.sqrt(dot(x, x) * dot(back, back));
  return size === 0 ? 0 : (2 * Math.abs(dot(there, y) - dot(x, back))) / size;
}
