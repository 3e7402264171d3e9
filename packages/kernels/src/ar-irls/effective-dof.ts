import type { ArDesign } from "./ar-irls.ts";

/**
 * Degrees of freedom of t = c'b / sqrt(c'C c) where the noise's autoregression a was estimated from the same n samples
 * (Satterthwaite): the variance v of c'b follows the noise's power at the slow frequencies of the design, which few samples
 * tell, and t is wider than its n - p residual degrees of freedom say.
 *
 *   d = 2 / var(ln v),   var(ln v) = g' V g + 2 / (n - p),   w = X C c,   w~_t = sum_l alpha_l w_{t-l},   alpha = (1, -a)
 *   g_k = d ln v / d a_k = 2 sum_t w_{t-k} w~_t / sum_t w~_t^2
 *   n V_ij = sum_{k<=min(i,j)} alpha_{i-k} alpha_{j-k} - alpha_{p-i+k} alpha_{p-j+k},   k from 1, p the order
 *
 * V is the large-sample covariance of a (the inverse of the process' autocovariances times its innovations' variance, by
 * the formula of Gohberg and Semencul). The sums over w come from the lag products of the design.
 *
 * @param covariance of the coefficients, row-major; its scale does not matter
 * @param noise a_1 ... a_p
 * @param dof n - p of the fit
 * @param contrast one value per column
 * @returns between 1 and `dof`
 * @see Satterthwaite, Biometrics Bull 1946;2:110-4; Siddiqui, Ann Math Stat 1958;29:585-8
 */
export function effectiveDof(
  { rows, columns, mostOrder, products }: ArDesign,
  covariance: Float64Array,
  noise: Float64Array,
  dof: number,
  contrast: Float64Array,
): number {
  const order = noise.length;
  if (order === 0) return dof;
  const u = Float64Array.from({ length: columns }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += covariance[i * columns + j] * contrast[j];
    return sum;
  });
  const alpha = Float64Array.of(1, ...noise.map((a) => -a));
  // w's own lag products times alpha: sum_t w_{t-k} w~_t for k = 0 ... p.
  const size = mostOrder + 1;
  const past = new Float64Array(order + 1);
  let pair = 0;
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++, pair += size * size) {
      const weight = u[i] * u[j];
      if (weight === 0) continue;
      for (let k = 0; k <= order; k++) {
        let sum = 0;
        for (let l = 0; l <= order; l++) sum += alpha[l] * products[pair + k * size + l];
        past[k] += weight * sum;
      }
    }
  }
  // A pair's products hold both orders added up: those of w with itself come out once, those of (k, l) and (l, k) alike.
  let white = 0;
  for (let k = 0; k <= order; k++) white += alpha[k] * past[k];
  let spread = 2 / dof;
  for (let i = 1; i <= order; i++) {
    for (let j = 1; j <= order; j++) {
      let own = 0;
      for (let k = 1; k <= Math.min(i, j); k++)
        own += alpha[i - k] * alpha[j - k] - alpha[order - i + k] * alpha[order - j + k];
      spread += (((2 * past[i]) / white) * ((2 * past[j]) / white) * own) / rows;
    }
  }
  return Math.min(dof, Math.max(1, 2 / spread));
}
