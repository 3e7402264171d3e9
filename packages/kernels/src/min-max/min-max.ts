/** The outline of a signal: what a trace with fewer pixels than samples must show. */
import { DataError } from "@quintet/core";

/**
 * Least and largest value of every bin of `bin` samples,
 *
 *   out[2 b] = min x[i],   out[2 b + 1] = max x[i],   b bin <= i < (b + 1) bin,
 *
 * the last bin perhaps shorter. NaN counts for nothing; a bin of NaN alone gives NaN twice. Bins of bins give the bins
 * of the product: `minMaxOfPairs(minMax(x, a), b)` equals `minMax(x, a b)`.
 *
 * @param signal samples, any unit; untouched
 * @returns float32 pairs, values as stored there (rounded to nearest)
 * @throws DataError `bad-bin`
 */
export function minMax(signal: Float32Array | Float64Array, bin: number): Float32Array {
  check(bin);
  const bins = Math.ceil(signal.length / bin);
  const out = new Float32Array(2 * bins);
  for (let b = 0, i = 0; b < bins; b++) {
    const end = Math.min(signal.length, i + bin);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (; i < end; i++) {
      const value = signal[i] as number;
      // NaN fails both comparisons.
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const none = low > high;
    out[2 * b] = none ? Number.NaN : low;
    out[2 * b + 1] = none ? Number.NaN : high;
  }
  return out;
}

/** The same of pairs that `minMax` made: `bin` pairs become one. @throws DataError `bad-bin` */
export function minMaxOfPairs(pairs: Float32Array, bin: number): Float32Array {
  check(bin);
  const count = pairs.length / 2;
  const bins = Math.ceil(count / bin);
  const out = new Float32Array(2 * bins);
  for (let b = 0, i = 0; b < bins; b++) {
    const end = Math.min(count, i + bin);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (; i < end; i++) {
      if ((pairs[2 * i] as number) < low) low = pairs[2 * i] as number;
      if ((pairs[2 * i + 1] as number) > high) high = pairs[2 * i + 1] as number;
    }
    const none = low > high;
    out[2 * b] = none ? Number.NaN : low;
    out[2 * b + 1] = none ? Number.NaN : high;
  }
  return out;
}

function check(bin: number): void {
  if (!(Number.isInteger(bin) && bin >= 1))
    throw new DataError("bad-bin", "a bin holds a whole number of samples", { expected: ">= 1", found: `${bin}` });
}
