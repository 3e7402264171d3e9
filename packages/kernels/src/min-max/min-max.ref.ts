/** Every bin on its own, in float64, with no cleverness. */
export function referenceMinMax(signal: ArrayLike<number>, bin: number): Float64Array {
  const bins = Math.ceil(signal.length / bin);
  const out = new Float64Array(2 * bins).fill(Number.NaN);
  for (let i = 0; i < signal.length; i++) {
    const value = signal[i] as number;
    if (Number.isNaN(value)) continue;
    const at = 2 * Math.floor(i / bin);
    if (!((out[at] as number) <= value)) out[at] = value;
    if (!((out[at + 1] as number) >= value)) out[at + 1] = value;
  }
  return out;
}
