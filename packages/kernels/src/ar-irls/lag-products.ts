/**
 * Products of a course a and a course b at every pair of lags 0 ... most over the samples that have a full past:
 *
 *   G_jk = sum_{t = most}^{n-1} a_{t-j} b_{t-k}
 *
 * by G_{j+1,k+1} = G_jk + a_{most-1-j} b_{most-1-k} - a_{n-1-j} b_{n-1-k}: n most products instead of n most^2.
 *
 * @param out (most + 1)^2 values, [j][k]
 */
export function lagProducts(a: Float64Array, b: Float64Array, most: number, out: Float64Array): void {
  const [n, size] = [a.length, most + 1];
  for (let lag = 0; lag <= most; lag++) {
    let [first, second] = [0, 0];
    for (let t = most; t < n; t++) {
      first += a[t] * b[t - lag];
      second += a[t - lag] * b[t];
    }
    out[lag] = first;
    out[lag * size] = second;
  }
  for (let j = 0; j < most; j++) {
    for (let k = 0; k < most; k++) {
      out[(j + 1) * size + k + 1] = out[j * size + k] + a[most - 1 - j] * b[most - 1 - k] - a[n - 1 - j] * b[n - 1 - k];
    }
  }
}
