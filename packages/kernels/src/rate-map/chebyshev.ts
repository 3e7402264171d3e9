/** Chebyshev series on [-1, 1]. */

/** The n roots of T_n, falling. */
export function chebyshevNodes(n: number): number[] {
  return Array.from({ length: n }, (_, j) => Math.cos((Math.PI * (j + 0.5)) / n));
}

/** Coefficients of the series through values at the nodes. */
export function chebyshevSeries(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  return Float64Array.from({ length: n }, (_, m) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += values[j] * Math.cos((Math.PI * m * (j + 0.5)) / n);
    return ((m === 0 ? 1 : 2) * sum) / n;
  });
}

/** Clenshaw's sum. */
export function chebyshevValue(c: Float64Array, x: number): number {
  let [b1, b2] = [0, 0];
  for (let m = c.length - 1; m > 0; m--) [b1, b2] = [2 * x * b1 - b2 + c[m], b1];
  return x * b1 - b2 + c[0];
}

/** Coefficients of the derivative, as many with a 0 at the end. */
export function chebyshevDerivative(c: Float64Array): Float64Array {
  const d = new Float64Array(c.length);
  for (let m = c.length - 1; m > 0; m--) d[m - 1] = (d[m + 1] ?? 0) + 2 * m * c[m];
  d[0] /= 2;
  return d;
}
