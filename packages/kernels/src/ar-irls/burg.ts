import { DataError } from "@quintet/core";

export interface AutoregressiveFit {
  /** a_1 ... a_p of x_t = sum_k a_k x_{t-k} + e_t. */
  readonly coefficients: Float64Array;
  /** Variance of e. */
  readonly variance: number;
}

/**
 * Autoregressive model of a series of mean zero by Burg's recursion, its order chosen by the Bayesian information
 * criterion:
 *
 *   BIC(p) = n ln(s2_p) + p ln n,   s2_p = s2_{p-1} (1 - k_p^2),   p = 0 ... most
 *   k_p = 2 sum f_t b_{t-1} / sum (f_t^2 + b_{t-1}^2)   (f, b: errors predicted forward and backward)
 *
 * Every model is stable (|k| < 1), and no sample beyond the ends is made up.
 *
 * @param x n values; its mean is taken as 0
 * @param most the largest order tried
 * @throws DataError `bad-order` when `most` is no whole number from 0 to n / 2, `not-finite`
 * @see Burg, 37th meeting Soc Explor Geophys 1967; Schwarz, Ann Stat 1978;6:461-4
 */
export function autoregressiveFit(x: Float64Array, most: number): AutoregressiveFit {
  const n = x.length;
  if (!(Number.isInteger(most) && most >= 0 && most <= n / 2)) {
    throw new DataError("bad-order", "the order of an autoregressive model is at most half the number of samples", {
      expected: `0 to ${Math.floor(n / 2)}`,
      found: `${most}`,
    });
  }
  let variance = 0;
  for (let t = 0; t < n; t++) variance += (x[t] * x[t]) / n;
  if (!Number.isFinite(variance))
    throw new DataError("not-finite", "a series with values that are no numbers has no model");
  let best: AutoregressiveFit = { coefficients: new Float64Array(0), variance };
  if (variance === 0) return best;
  let least = n * Math.log(variance);
  const [forward, backward] = [x.slice(), x.slice()];
  const [a, before] = [new Float64Array(most), new Float64Array(most)];
  for (let p = 1; p <= most; p++) {
    let [cross, power] = [0, 0];
    for (let t = p; t < n; t++) {
      cross += forward[t] * backward[t - 1];
      power += forward[t] * forward[t] + backward[t - 1] * backward[t - 1];
    }
    const reflection = power > 0 ? (2 * cross) / power : 0;
    for (let t = n - 1; t >= p; t--) {
      const ahead = forward[t];
      forward[t] = ahead - reflection * backward[t - 1];
      backward[t] = backward[t - 1] - reflection * ahead;
    }
    before.set(a);
    for (let k = 0; k < p - 1; k++) a[k] = before[k] - reflection * before[p - 2 - k];
    a[p - 1] = reflection;
    variance *= 1 - reflection * reflection;
    if (!(variance > 0)) break;
    const criterion = n * Math.log(variance) + p * Math.log(n);
    if (criterion < least) {
      least = criterion;
      best = { coefficients: a.slice(0, p), variance };
    }
  }
  return best;
}

/** e_t = x_t - sum_k a_k x_{t-k} for t >= `from` (at least the order), written to `out` from its begin. */
export function innovations(x: Float64Array, a: Float64Array, from: number, out: Float64Array): void {
  const order = a.length;
  for (let t = from; t < x.length; t++) {
    let e = x[t];
    for (let k = 0; k < order; k++) e -= a[k] * x[t - 1 - k];
    out[t - from] = e;
  }
}
