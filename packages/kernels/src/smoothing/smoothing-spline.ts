import { DataError } from "@quintet/core";

/**
 * Cubic smoothing spline through evenly spaced samples, at the samples: the f that makes
 *
 *   p sum_i (y_i - f(t_i))^2 + (1 - p) integral f''(t)^2 dt
 *
 * smallest. p = 1 passes through every sample, p = 0 is the straight line of least squares. With second differences
 * D y = (y_{i-1} - 2 y_i + y_{i+1}) / h and R tridiagonal (4 h, h):
 *
 *   (6 (1 - p) D D' + p R) u = D y,   f = y - 6 (1 - p) D' u          (D D' pentadiagonal: solved in linear time)
 *
 * @param step h, in the unit of time that p is meant for
 * @throws DataError `not-positive` (step), `out-of-range` (p outside 0 to 1), `not-finite`
 * @see Reinsch, Numer Math 1967;10:177-83; de Boor, A Practical Guide to Splines, 1978, chapter XIV (MATLAB's csaps)
 */
export function smoothingSpline(y: ArrayLike<number>, step: number, p: number): Float64Array {
  if (!(step > 0)) throw new DataError("not-positive", "samples of a spline are apart", { found: `${step}` });
  if (!(p >= 0 && p <= 1))
    throw new DataError("out-of-range", "the weight of a spline", { expected: "0 to 1", found: `${p}` });
  const n = y.length;
  const out = Float64Array.from(y);
  if (!out.every(Number.isFinite)) throw new DataError("not-finite", "a value to smooth is no number");
  const m = n - 2;
  if (m < 1 || p === 1) return out;
  const rough = 6 * (1 - p);
  const bands = [6, -4, 1].map((c, k) => (rough * c) / (step * step) + p * ([4, 1, 0][k] as number) * step);
  // L D L' of the pentadiagonal matrix: d, and the two lower diagonals of L.
  const [d, e, f, u] = [new Float64Array(m), new Float64Array(m), new Float64Array(m), new Float64Array(m)];
  const [diagonal, first, second] = bands as [number, number, number];
  for (let i = 0; i < m; i++) {
    const before = i > 0 ? d[i - 1] * e[i - 1] ** 2 : 0;
    d[i] = diagonal - before - (i > 1 ? d[i - 2] * f[i - 2] ** 2 : 0);
    e[i] = (first - (i > 0 ? d[i - 1] * e[i - 1] * f[i - 1] : 0)) / d[i];
    f[i] = second / d[i];
    u[i] = (out[i] - 2 * out[i + 1] + out[i + 2]) / step;
  }
  for (let i = 0; i < m; i++) u[i] -= (i > 0 ? e[i - 1] * u[i - 1] : 0) + (i > 1 ? f[i - 2] * u[i - 2] : 0);
  for (let i = m - 1; i >= 0; i--)
    u[i] = u[i] / d[i] - (i + 1 < m ? e[i] * u[i + 1] : 0) - (i + 2 < m ? f[i] * u[i + 2] : 0);
  const at = (i: number): number => (i >= 0 && i < m ? u[i] : 0);
  for (let i = 0; i < n; i++) out[i] -= (rough * (at(i - 2) - 2 * at(i - 1) + at(i))) / step;
  return out;
}
