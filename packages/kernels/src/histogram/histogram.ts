import { DataError } from "@quintet/core";

export interface Histogram {
  readonly low: number;
  readonly width: number;
  /** Per bin, float64: float32 would stop counting at 2^24. */
  readonly counts: Float64Array;
  /** Values counted. */
  readonly total: number;
}

/**
 * Counts of values in equal bins: bin k holds low + k width <= x < low + (k + 1) width; `high` itself falls in the last.
 *
 * @param values NaN and values outside [low, high] are not counted
 * @param mask 1 where a value counts; all count without it
 * @throws DataError `empty-range`, `grid-mismatch`
 */
export function histogram(
  values: ArrayLike<number>,
  { bins, low, high, mask }: { bins: number; low: number; high: number; mask?: Uint8Array },
): Histogram {
  if (!(high > low) || !(bins >= 1))
    throw new DataError("empty-range", "a histogram needs a range and a bin", {
      found: `${bins} bins in ${low}..${high}`,
    });
  if (mask && mask.length !== values.length)
    throw new DataError("grid-mismatch", "mask and values must have one length", {
      expected: `${values.length}`,
      found: `${mask.length}`,
    });
  const counts = new Float64Array(bins);
  const scale = bins / (high - low);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    if (mask && mask[i] === 0) continue;
    const x = values[i];
    if (!(x >= low && x <= high)) continue;
    counts[Math.min(bins - 1, Math.floor((x - low) * scale))]++;
    total++;
  }
  return { low, width: 1 / scale, counts, total };
}

/** The value below which a fraction `p` of the counted values lies, linear inside its bin. @throws DataError `empty-region` */
export function histogramQuantile({ low, width, counts, total }: Histogram, p: number): number {
  if (!(total > 0)) throw new DataError("empty-region", "no value was counted");
  const wanted = Math.min(1, Math.max(0, p)) * total;
  let below = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin];
    if (count > 0 && below + count >= wanted) return low + (bin + (wanted - below) / count) * width;
    below += count;
  }
  return low + counts.length * width;
}

/** Smallest and largest finite value. @throws DataError `empty-region` */
export function finiteRange(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (!Number.isFinite(x)) continue;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  if (low > high) throw new DataError("empty-region", "no finite value was found");
  return [low, high];
}
