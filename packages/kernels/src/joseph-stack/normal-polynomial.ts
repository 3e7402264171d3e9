import { tofReach } from "../joseph/lines.ts";
import { truncatedNormal } from "../joseph/truncated-normal.ts";

/** Highest power of y. */
export const degree = 10;

/**
 * Coefficients p of F(x) - 1/2 = x (p_0 + p_1 y + ... ), y = x^2, for the cut normal's distribution function F on
 * [-tofReach, tofReach]: interpolation at Chebyshev nodes of y, 1e-8 off at most.
 */
export function normalPolynomial(): Float64Array {
  const n = degree + 1;
  const half = tofReach ** 2 / 2;
  // Newton's divided differences in s = y / half - 1, then its powers.
  const nodes = Float64Array.from({ length: n }, (_, i) => Math.cos((Math.PI * (i + 0.5)) / n));
  const table = nodes.map((s) => {
    const x = Math.sqrt(half * (s + 1));
    return (truncatedNormal(x) - 0.5) / x;
  });
  for (let order = 1; order < n; order++) {
    for (let i = n - 1; i >= order; i--) table[i] = (table[i] - table[i - 1]) / (nodes[i] - nodes[i - order]);
  }
  let powers = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    // powers <- powers * (s - nodes[i]) + table[i], written in y.
    const next = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      next[k] += powers[k] * (-1 - nodes[i]);
      if (k + 1 < n) next[k + 1] += powers[k] / half;
    }
    next[0] += table[i];
    powers = next;
  }
  return powers;
}
