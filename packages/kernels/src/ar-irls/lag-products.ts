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
    out[lag] = laggedSum(a, b, most, lag);
    out[lag * size] = a === b ? out[lag] : laggedSum(b, a, most, lag);
  }
  for (let j = 0; j < most; j++) {
    for (let k = 0; k < most; k++) {
      out[(j + 1) * size + k + 1] = out[j * size + k] + a[most - 1 - j] * b[most - 1 - k] - a[n - 1 - j] * b[n - 1 - k];
    }
  }
}

/** sum_{t >= most} a_t b_{t - lag}, four sums side by side: no addition waits for the one before. */
function laggedSum(a: Float64Array, b: Float64Array, most: number, lag: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const last = a.length - 3;
  let t = most;
  for (; t < last; t += 4) {
    s0 += a[t] * b[t - lag];
    s1 += a[t + 1] * b[t + 1 - lag];
    s2 += a[t + 2] * b[t + 2 - lag];
    s3 += a[t + 3] * b[t + 3 - lag];
  }
  for (; t < a.length; t++) s0 += a[t] * b[t - lag];
  return s0 + s1 + (s2 + s3);
}
