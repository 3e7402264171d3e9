import { DataError } from "@quintet/core";
import { lagProducts } from "./lag-products.ts";

export interface AutoregressiveFit {
  /** a_1 ... a_p of x_t = sum_k a_k x_{t-k} + e_t. */
  readonly coefficients: Float64Array;
  /** Variance of e. */
  readonly variance: number;
}

/**
 * Autoregressive model of a series of mean zero by least squares on its own past, its order chosen by the Bayesian
 * information criterion over the same m = n - most samples for every order:
 *
 *   BIC(p) = m ln(RSS_p / m) + p ln m,   p = 0 ... most
 *
 * All orders come out of one Cholesky factor: with G the lag products, L L' = G_11, z = L^-1 g, RSS_p = G_00 - sum_{k<=p} z_k^2.
 *
 * @param x n values; its mean is taken as 0
 * @param most the largest order tried
 * @param more lag products to add to the series' own (see `arIrls`), [lag][lag]
 * @throws DataError `bad-order` when `most` is no whole number from 0 to n / 2, `not-finite`
 * @see Schwarz, Ann Stat 1978;6:461-4; Lütkepohl, New Introduction to Multiple Time Series Analysis, 2005, section 4.3
 */
export function autoregressiveFit(x: Float64Array, most: number, more?: Float64Array): AutoregressiveFit {
  if (!(Number.isInteger(most) && most >= 0 && most <= x.length / 2)) {
    throw new DataError("bad-order", "the order of an autoregressive model is at most half the number of samples", {
      expected: `0 to ${Math.floor(x.length / 2)}`,
      found: `${most}`,
    });
  }
  const size = most + 1;
  const products = new Float64Array(size * size);
  lagProducts(x, x, most, products);
  if (more) for (let i = 0; i < products.length; i++) products[i] += more[i];
  if (!Number.isFinite(products[0]))
    throw new DataError("not-finite", "a series with values that are no numbers has no model");
  const samples = x.length - most;
  const [factor, projected] = [new Float64Array(most * most), new Float64Array(most)];
  let rest = products[0];
  let [order, variance] = [0, rest / samples];
  let least = samples * Math.log(variance);
  for (let p = 0; p < most && rest > 0; p++) {
    for (let k = 0; k <= p; k++) {
      let sum = products[(p + 1) * size + k + 1];
      for (let i = 0; i < k; i++) sum -= factor[p * most + i] * factor[k * most + i];
      factor[p * most + k] = k < p ? sum / factor[k * most + k] : Math.sqrt(Math.max(0, sum));
    }
    // What the earlier lags make up already adds nothing.
    if (!(factor[p * most + p] ** 2 > 1e-12 * products[(p + 1) * size + p + 1])) break;
    let z = products[(p + 1) * size];
    for (let i = 0; i < p; i++) z -= factor[p * most + i] * projected[i];
    projected[p] = z / factor[p * most + p];
    rest -= projected[p] ** 2;
    const criterion = samples * Math.log(rest / samples) + (p + 1) * Math.log(samples);
    if (rest > 0 && criterion < least) [least, order, variance] = [criterion, p + 1, rest / samples];
  }
  const coefficients = projected.slice(0, order);
  for (let i = order - 1; i >= 0; i--) {
    for (let k = i + 1; k < order; k++) coefficients[i] -= factor[k * most + i] * coefficients[k];
    coefficients[i] /= factor[i * most + i];
  }
  return { coefficients, variance };
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
