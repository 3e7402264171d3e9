import { DataError } from "@quintet/core";
import { fftPlan, nextPowerOfTwo } from "../fft/fft.ts";
import { convolveLanes } from "./convolve-fir-lanes.ts";

/**
 * Zero-phase FIR filter of many equally long signals: centred convolution with symmetric taps,
 *
 *   y[t] = sum_k h[k] x[t + (L-1)/2 - k]
 *
 * by transforms of blocks, two real signals packed as one complex signal (h is real, so the two stay apart): four signals a
 * transform by overlap-save where the compiled kernel is registered, else overlap-add in blocks of a power of two. Both ends
 * are padded by odd reflection, 2 x[0] - x[-t], as far as half the filter reaches (MNE-Python's "reflect_limited").
 *
 * @param signals [signal][sample], any unit; untouched
 * @param taps odd number L of taps, L <= samples
 * @param out [signal][sample], where results are wanted; none of the signals
 * @returns [signal][sample], float64 or `out`; equals the direct sum within 1e-13 of the largest sample (transform rounding)
 * @throws DataError `bad-taps`, `segment-too-short`, `shape-mismatch`
 */
export function convolveFir(signals: readonly ArrayLike<number>[], taps: Float64Array): Float64Array[];
export function convolveFir<T extends Float32Array | Float64Array>(
  signals: readonly ArrayLike<number>[],
  taps: Float64Array,
  out: readonly T[],
): readonly T[];
export function convolveFir(
  signals: readonly ArrayLike<number>[],
  taps: Float64Array,
  out?: readonly (Float32Array | Float64Array)[],
): readonly (Float32Array | Float64Array)[] {
  const length = taps.length;
  if (length % 2 !== 1)
    throw new DataError("bad-taps", "a centred filter has an odd number of taps", { found: `${length}` });
  const n = signals[0]?.length ?? 0;
  if (signals.length === 0) return [];
  if (signals.some((signal) => signal.length !== n)) throw new DataError("shape-mismatch", "signals differ in length");
  if (out && (out.length !== signals.length || out.some((row) => row.length !== n)))
    throw new DataError("shape-mismatch", "results have the shape of the signals");
  if (n < length) {
    throw new DataError("segment-too-short", "the signal is shorter than the filter", {
      expected: `at least ${length} samples`,
      found: `${n}`,
    });
  }
  const results = out ?? signals.map(() => new Float64Array(n));
  const read = (row: number, from: number, into: Float64Array): void => readPadded(signals[row], from, into);
  const write = (row: number, from: number, values: Float64Array): void => results[row].set(values, from);
  if (!convolveLanes(signals.length, n, taps, { read, write })) overlapAdd(signals, taps, results);
  return results;
}

function overlapAdd(
  signals: readonly ArrayLike<number>[],
  taps: Float64Array,
  results: readonly (Float32Array | Float64Array)[],
): void {
  const length = taps.length;
  const n = signals[0].length;
  const half = (length - 1) / 2;
  const padded = n + 2 * half;
  const block = blockSize(padded, length);
  const step = block - length + 1;
  const plan = fftPlan(block);
  const response = new Float64Array(2 * block);
  const work = new Float64Array(2 * block);
  for (let k = 0; k < length; k++) work[2 * k] = taps[k] as number;
  plan.forward(response, work);

  // A power of two: the product is the quotient to the bit.
  const share = 1 / block;
  const spectrum = new Float64Array(2 * block);
  const [paddedA, paddedB] = [new Float64Array(padded), new Float64Array(padded)];
  // A causal filter delays by half its length; what it makes before sample 2 half belongs to the padding.
  const [sumA, sumB] = [new Float64Array(padded + block), new Float64Array(padded + block)];
  for (let pair = 0; pair < signals.length; pair += 2) {
    const b = signals[pair + 1];
    readPadded(signals[pair], -half, paddedA);
    if (b) readPadded(b, -half, paddedB);
    else paddedB.fill(0);
    sumA.fill(0);
    sumB.fill(0);
    for (let start = 0; start < padded; start += step) {
      const end = Math.min(step, padded - start);
      for (let i = 0; i < end; i++) {
        work[2 * i] = paddedA[start + i] as number;
        work[2 * i + 1] = paddedB[start + i] as number;
      }
      work.fill(0, 2 * end);
      plan.forward(spectrum, work);
      for (let k = 0; k < 2 * block; k += 2) {
        const [re, im] = [spectrum[k] as number, spectrum[k + 1] as number];
        const [hr, hi] = [response[k] as number, response[k + 1] as number];
        // Conjugated, so that the next forward transform is the inverse.
        work[k] = re * hr - im * hi;
        work[k + 1] = -(re * hi + im * hr);
      }
      plan.forward(spectrum, work);
      for (let i = 0; i < block; i++) {
        sumA[start + i] = (sumA[start + i] as number) + (spectrum[2 * i] as number) * share;
        sumB[start + i] = (sumB[start + i] as number) - (spectrum[2 * i + 1] as number) * share;
      }
    }
    results[pair].set(sumA.subarray(2 * half, 2 * half + n));
    if (b) results[pair + 1].set(sumB.subarray(2 * half, 2 * half + n));
  }
}

/** The signal from sample `from` on, odd reflections beyond its ends. */
function readPadded(x: ArrayLike<number>, from: number, out: Float64Array): void {
  const n = x.length;
  const before = Math.max(0, Math.min(out.length, -from));
  const inside = Math.max(before, Math.min(out.length, n - from));
  for (let i = 0; i < before; i++) out[i] = reflected(x, from + i, n);
  if (ArrayBuffer.isView(x)) out.set((x as Float64Array).subarray(from + before, from + inside), before);
  else for (let i = before; i < inside; i++) out[i] = x[from + i] as number;
  for (let i = inside; i < out.length; i++) out[i] = reflected(x, from + i, n);
}

function reflected(x: ArrayLike<number>, i: number, n: number): number {
  if (i < 0) return 2 * (x[0] as number) - (x[-i] as number);
  if (i >= n) return 2 * (x[n - 1] as number) - (x[2 * n - 2 - i] as number);
  return x[i] as number;
}

/** The power of two that needs the fewest butterflies for `total` samples. */
function blockSize(total: number, length: number): number {
  let [best, bestCost] = [0, Number.POSITIVE_INFINITY];
  const largest = nextPowerOfTwo(total + length - 1);
  for (let block = nextPowerOfTwo(length + 1); block <= largest; block *= 2) {
    const cost = Math.ceil(total / (block - length + 1)) * block * (Math.log2(block) + 1);
    if (cost < bestCost) [best, bestCost] = [block, cost];
  }
  return best;
}
