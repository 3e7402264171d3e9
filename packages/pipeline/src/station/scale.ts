/** Ends of an image's grey or colour scale. */

/** At least 1. */
export function largest(labels: ArrayLike<number>): number {
  let most = 1;
  for (let i = 0; i < labels.length; i++) most = Math.max(most, labels[i] as number);
  return most;
}

/** Of at most some hundred thousand voxels that are not 0, evenly taken: the ends of a scale, no measure. */
export function percentiles(data: Float32Array): readonly [number, number] {
  const step = Math.max(1, Math.floor(data.length / 400_000));
  const values: number[] = [];
  for (let i = 0; i < data.length; i += step) {
    const value = data[i] as number;
    if (value !== 0) values.push(value);
  }
  const sorted = Float32Array.from(values).sort();
  const [low, high] = [sorted[Math.floor(0.01 * sorted.length)] ?? 0, sorted[Math.floor(0.995 * sorted.length)] ?? 1];
  return high > low ? [low, high] : [low, low + 1];
}
