/** Reference centred FIR filter on an oddly reflected signal: the sum itself, float64. */
export function referenceConvolveFir(signal: ArrayLike<number>, taps: ArrayLike<number>): Float64Array {
  const n = signal.length;
  const half = (taps.length - 1) / 2;
  const at = (i: number): number => {
    if (i < 0) return 2 * (signal[0] as number) - (signal[-i] as number);
    if (i >= n) return 2 * (signal[n - 1] as number) - (signal[2 * n - 2 - i] as number);
    return signal[i] as number;
  };
  return Float64Array.from({ length: n }, (_, t) => {
    let sum = 0;
    for (let k = 0; k < taps.length; k++) sum += (taps[k] as number) * at(t + half - k);
    return sum;
  });
}
