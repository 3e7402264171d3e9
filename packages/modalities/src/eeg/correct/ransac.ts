import type { Hertz, Point } from "@quintet/core";
import { fitSphere, correlation as pearson, seededRandom, splineInterpolation } from "@quintet/kernels";

export interface RansacOptions {
  readonly seed: number;
  /** All channels of the recording: a quarter of as many makes a subset. */
  readonly channels: number;
  /** Correlation below which a window is not predicted. */
  readonly correlation: number;
  /** Default 50. */
  readonly subsets?: number;
}

/** Seconds of a window; windows looked at, evenly spread; rate that signals below 50 Hz are looked at with. */
const [windowSeconds, mostWindows, enough] = [5, 60, 100] as const;

/**
 * How well each channel is predicted by the others (random sample consensus): 50 random subsets of a quarter of the channels
 * each predict all by spherical splines; the median of the predictions is correlated with the signal in windows of 5 s.
 * A channel in a subset predicts itself there, as in PREP.
 *
 * @param stretches [stretch][channel][sample], below 50 Hz
 * @param positions mm
 * @returns share of windows with a correlation below the limit, [channel]; undefined with subsets of fewer than 4 channels,
 *   or no more good channels than a subset, or no window
 * @see Bigdely-Shamlo et al., Front Neuroinform 2015;9:16; Fischler & Bolles, Commun ACM 1981;24:381-395
 */
export function predictability(
  stretches: readonly (readonly Float64Array[])[],
  positions: readonly Point[],
  rate: Hertz,
  { seed, channels, correlation, subsets = 50 }: RansacOptions,
): Float64Array | undefined {
  const size = Math.round(channels / 4);
  const n = positions.length;
  if (size <= 3 || n <= size) return undefined;
  const { centre } = fitSphere(positions);
  const about = positions.map((p): Point => [p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]]);
  const random = seededRandom(seed);
  const predictors = Array.from({ length: subsets }, () => {
    const picked = subset(n, size, (k) => random.integer(k));
    const weights = splineInterpolation(
      picked.map((i) => about[i] as Point),
      about,
    );
    return { picked, weights };
  });
  const length = Math.floor(windowSeconds * rate);
  const step = Math.max(1, Math.floor(rate / enough));
  const starts = stretches.flatMap((rows) =>
    Array.from({ length: Math.floor((rows[0]?.length ?? 0) / length) }, (_, w) => ({ rows, from: w * length })),
  );
  const every = Math.max(1, Math.ceil(starts.length / mostWindows));
  const chosen = starts.filter((_, i) => i % every === 0);
  if (chosen.length === 0) return undefined;
  const lost = new Float64Array(n);
  const samples = Math.ceil(length / step);
  const prediction = new Float64Array(samples);
  const column = new Float64Array(subsets);
  for (const { rows, from } of chosen) {
    const window = rows.map((row) => Float64Array.from({ length: samples }, (_, t) => row[from + t * step] ?? 0));
    for (let c = 0; c < n; c++) {
      const made = predictors.map(({ picked, weights }) => {
        const out = new Float64Array(samples);
        for (const [k, i] of picked.entries()) {
          const [w, x] = [weights[c]?.[k] as number, window[i] as Float64Array];
          for (let t = 0; t < samples; t++) out[t] = (out[t] as number) + w * (x[t] as number);
        }
        return out;
      });
      for (let t = 0; t < samples; t++) {
        for (let s = 0; s < subsets; s++) column[s] = made[s]?.[t] as number;
        column.sort();
        prediction[t] = ((column[(subsets - 1) >> 1] as number) + (column[subsets >> 1] as number)) / 2;
      }
      if (!(pearson(prediction, window[c] as Float64Array) >= correlation)) lost[c] = (lost[c] as number) + 1;
    }
  }
  return lost.map((count) => count / chosen.length);
}

/** `size` of n without repetition, in random order. */
function subset(n: number, size: number, integer: (below: number) => number): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < size; i++) {
    const j = i + integer(n - i);
    [all[i], all[j]] = [all[j] as number, all[i] as number];
  }
  return all.slice(0, size);
}
