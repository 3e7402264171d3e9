/** Reference one-sided periodogram of one window with its mean removed: the sum itself, float64. */
export function referencePeriodogram(
  signal: ArrayLike<number>,
  rate: number,
  weights: ArrayLike<number>,
): Float64Array {
  const n = signal.length;
  let [mean, energy] = [0, 0];
  for (let t = 0; t < n; t++) {
    mean += (signal[t] as number) / n;
    energy += (weights[t] as number) ** 2;
  }
  return Float64Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => {
    let [re, im] = [0, 0];
    for (let t = 0; t < n; t++) {
      const angle = (-2 * Math.PI * ((k * t) % n)) / n;
      const value = (weights[t] as number) * ((signal[t] as number) - mean);
      re += value * Math.cos(angle);
      im += value * Math.sin(angle);
    }
    return ((k === 0 || 2 * k === n ? 1 : 2) * (re * re + im * im)) / (rate * energy);
  });
}
