/**
 * Weights of a sampled Gaussian whose variance is exactly `variance` pixels squared: w_k = exp(-k^2 / 2 s^2) / sum over |k| <= 3.5
 * standard deviations, s such that sum w_k k^2 is what is asked for. A plain sampled Gaussian has nearly no variance left below half
 * a pixel; this one is then the three-point kernel v/2, 1 - v, v/2.
 *
 * @returns the weights of k = 0, 1, 2, ...; one weight of 1 where the variance is 0 or less
 */
export function varianceTaps(variance: number): Float64Array {
  if (!(variance > 1e-12)) return Float64Array.of(1);
  const reach = Math.max(1, Math.ceil(3.5 * Math.sqrt(variance)));
  let [low, high] = [0, 2 * Math.sqrt(variance) + 1];
  for (let k = 0; k < 60; k++) {
    const s = (low + high) / 2;
    if (varianceOf(sampled(s, reach)) < variance) low = s;
    else high = s;
  }
  return sampled(high, reach);
}

function sampled(s: number, reach: number): Float64Array {
  const weights = Float64Array.from({ length: reach + 1 }, (_, k) => Math.exp(-(k ** 2) / (2 * s ** 2)));
  const sum = weights.reduce((a, w, k) => a + (k === 0 ? w : 2 * w), 0);
  return weights.map((w) => w / sum);
}

function varianceOf(weights: Float64Array): number {
  return weights.reduce((a, w, k) => a + 2 * w * k ** 2, 0);
}
