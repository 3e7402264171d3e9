import { DataError } from "@quintet/core";
import { readBetweenSamples } from "../fir/fractional-delay.ts";

/** When an artefact that repeats itself began, each time. */
export interface RepeatedOnsets {
  /** Samples from the signal's start, with fractions. */
  readonly onsets: Float64Array;
  /** Samples from one to the next, by regression on their count: lost triggers do not matter. */
  readonly period: number;
  /** Standard deviation of the onsets about that line, samples. */
  readonly jitter: number;
  /** Largest correction of a trigger, samples. */
  readonly moved: number;
}

export interface AlignOptions {
  /** Samples by which a trigger may be off; default 3. */
  readonly search?: number;
  /** Rounds of refinement; default 4. */
  readonly rounds?: number;
}

/**
 * Onsets of a repeated artefact to a small part of a sample. Each occurrence x_k is compared with the mean T of all,
 *
 *   x_k(t) = a T(t) + d T'(t) + rest,   onset_k -= d / a,
 *
 * a and d by least squares over all signals together (they share the clock), the mean made anew each round; the first round
 * looks for the best whole sample. One occurrence's error is about (rest / artefact) / (2 pi f sqrt(samples)) periods of
 * its frequency f.
 *
 * @param signals [signal][sample], those with the largest artefact serve best
 * @param triggers samples, rising; whole numbers or better
 * @param length samples of one occurrence
 * @throws DataError `too-few-epochs` (fewer than 3 lie inside the signals), `bad-window`
 */
export function alignOnsets(
  signals: readonly ArrayLike<number>[],
  triggers: ArrayLike<number>,
  length: number,
  { search = 3, rounds = 4 }: AlignOptions = {},
): RepeatedOnsets {
  const n = signals[0]?.length ?? 0;
  if (!(length >= 4)) throw new DataError("bad-window", "an artefact lasts some samples", { found: `${length}` });
  const onsets = Float64Array.from(triggers);
  const inside = [...onsets.keys()].filter((k) => onsets[k] - search >= 0 && onsets[k] + length + search < n);
  if (inside.length < 3)
    throw new DataError("too-few-epochs", "a template needs occurrences of the artefact inside the signal", {
      expected: "3 or more",
      found: `${inside.length} of ${onsets.length}`,
    });
  coarse(signals[0], onsets, inside, length, search);
  for (let round = 0; round < rounds; round++) refine(signals, onsets, inside, length);
  const line = regressed(onsets, inside);
  for (let k = 0; k < onsets.length; k++) {
    // What begins or ends outside keeps to the line of the others.
    if (!inside.includes(k)) onsets[k] = line.at(onsets[k]);
  }
  let moved = 0;
  for (const k of inside) moved = Math.max(moved, Math.abs(onsets[k] - triggers[k]));
  return { onsets, period: line.period, jitter: line.spread, moved };
}

/** Each onset to the whole sample whose product with the middle occurrence is largest. */
function coarse(
  x: ArrayLike<number>,
  onsets: Float64Array,
  inside: readonly number[],
  length: number,
  search: number,
): void {
  const middle = Math.round(onsets[inside[inside.length >> 1]]);
  for (const k of inside) {
    const start = Math.round(onsets[k]);
    let [best, most] = [0, Number.NEGATIVE_INFINITY];
    for (let lag = -search; lag <= search; lag++) {
      let sum = 0;
      for (let i = 1; i < length; i++)
        // Differences weigh the artefact's edges above the slow EEG.
        sum += (x[middle + i] - x[middle + i - 1]) * (x[start + lag + i] - x[start + lag + i - 1]);
      if (sum > most) [best, most] = [lag, sum];
    }
    if (best !== 0) onsets[k] = start + best;
  }
}

function refine(
  signals: readonly ArrayLike<number>[],
  onsets: Float64Array,
  inside: readonly number[],
  length: number,
): void {
  const sums = inside.map(() => ({ tt: 0, td: 0, dd: 0, xt: 0, xd: 0 }));
  for (const signal of signals) {
    const mean = new Float64Array(length);
    const epochs = inside.map((k) => readBetweenSamples(signal, onsets[k], length));
    for (const one of epochs) for (let i = 0; i < length; i++) mean[i] += one[i] / epochs.length;
    for (const [e, one] of epochs.entries()) {
      const s = sums[e];
      for (let i = 1; i < length - 1; i++) {
        const [t, d, x] = [mean[i], (mean[i + 1] - mean[i - 1]) / 2, one[i]];
        s.tt += t * t;
        s.td += t * d;
        s.dd += d * d;
        s.xt += x * t;
        s.xd += x * d;
      }
    }
  }
  for (const [e, k] of inside.entries()) {
    const { tt, td, dd, xt, xd } = sums[e];
    const determinant = tt * dd - td * td;
    if (!(determinant > 0)) continue;
    const a = (xt * dd - xd * td) / determinant;
    const d = (xd * tt - xt * td) / determinant;
    if (!(a > 0)) continue;
    onsets[k] -= Math.max(-1, Math.min(1, d / a));
  }
}

/** The line of onset against count, counts found from the median spacing. */
function regressed(
  onsets: Float64Array,
  inside: readonly number[],
): { readonly period: number; readonly spread: number; at(onset: number): number } {
  const gaps = inside.slice(1).map((k, i) => onsets[k] - onsets[inside[i]]);
  let period = gaps.slice().sort((a, b) => a - b)[gaps.length >> 1];
  const origin = onsets[inside[0]];
  let [slope, start] = [period, origin];
  for (let pass = 0; pass < 3; pass++) {
    let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
    for (const k of inside) {
      const [x, y] = [Math.round((onsets[k] - start) / slope), onsets[k] - origin];
      n++;
      sx += x;
      sy += y;
      sxx += x * x;
      sxy += x * y;
    }
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    start = origin + (sy - slope * sx) / n;
  }
  period = slope;
  const at = (onset: number): number => start + slope * Math.round((onset - start) / slope);
  let squares = 0;
  for (const k of inside) squares += (onsets[k] - at(onsets[k])) ** 2;
  return { period, spread: Math.sqrt(squares / Math.max(1, inside.length - 2)), at };
}
