import { DataError } from "@quintet/core";
import { convolveFir } from "../fir/convolve-fir.ts";
import { firDesign } from "../fir/fir-design.ts";
import { median } from "../statistics/robust.ts";

/** R peaks of an ECG. */
export interface HeartBeats {
  /** Samples with fractions, rising. */
  readonly peaks: readonly number[];
  /** Beats that were found by looking back with half the threshold. */
  readonly lookedBack: number;
}

/** Hz: what a QRS complex holds, and T waves (which the magnet's field makes as high) do not. */
const band = { low: 7, high: 40 };
const integration = 0.15; // s, Pan & Tompkins' moving window
const refractory = 0.36; // s: a T wave cannot be told from a beat by time alone below; 167 beats a minute
const lookBack = 1.66; // times the mean interval without a beat

/**
 * R peaks by Pan and Tompkins' rules:
 *
 *   band-pass (7 to 40 Hz) -> slope -> square -> mean of 150 ms -> peaks above an adaptive threshold
 *   signal level S = peak/8 + 7 S/8, noise level N likewise, threshold = N + (S - N)/4
 *
 * looked back at with half the threshold when 1.66 mean intervals passed without a beat. Each beat is moved to the extreme
 * of the band-passed ECG within 0.1 s, of that sign which most beats have, between samples by a parabola.
 *
 * @param ecg any unit; longer than the filter
 * @param rate Hz, above 80
 * @throws DataError `bad-rate`, `segment-too-short`, `not-finite`, `no-beats` (fewer than three)
 * @see Pan & Tompkins, IEEE Trans Biomed Eng 1985;32:230-236; band of Niazy et al., NeuroImage 2005;28:720-737
 */
export function heartBeats(ecg: ArrayLike<number>, rate: number): HeartBeats {
  if (!(rate > 2 * band.high))
    throw new DataError("bad-rate", "an ECG is sampled above 80 Hz", { found: `${rate} Hz` });
  for (let i = 0; i < ecg.length; i++)
    if (!Number.isFinite(ecg[i])) throw new DataError("not-finite", "the ECG holds what is no number");
  const [x] = convolveFir([ecg], firDesign(rate, { ...band, lowTransition: 3, highTransition: 10 }));
  const energy = integrated(x, Math.max(1, Math.round(integration * rate)));
  const { found, lookedBack } = thresholded(energy, rate);
  if (found.length < 3)
    throw new DataError("no-beats", "no heart beats stand out of the ECG", {
      expected: "3 or more",
      found: `${found.length}`,
    });
  const reach = Math.round(0.1 * rate);
  const extremes = found.map((at) => [extreme(x, at, reach, 1), extreme(x, at, reach, -1)] as const);
  const up = median(extremes.map(([p]) => x[p])) >= -median(extremes.map(([, m]) => x[m]));
  const peaks = extremes.map(([p, m]) => betweenSamples(x, up ? p : m));
  return { peaks: peaks.filter((p, i) => i === 0 || p > peaks[i - 1]), lookedBack };
}

/** Mean over a centred window of the squared slope. */
function integrated(x: Float64Array, width: number): Float64Array {
  const n = x.length;
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) {
    const slope = (x[Math.min(n - 1, i + 1)] - x[Math.max(0, i - 1)]) / 2;
    sums[i + 1] = sums[i] + slope * slope;
  }
  const half = width >> 1;
  return Float64Array.from({ length: n }, (_, i) => {
    const [from, to] = [Math.max(0, i - half), Math.min(n, i + half + 1)];
    return (sums[to] - sums[from]) / (to - from);
  });
}

function thresholded(energy: Float64Array, rate: number): { found: number[]; lookedBack: number } {
  const candidates = localMaxima(energy, Math.round(refractory * rate));
  // The levels start from what two-second stretches reach: their middle is a beat, whatever bursts there are.
  const stretch = Math.round(2 * rate);
  const tops: number[] = [];
  for (let from = 0; from + stretch <= energy.length; from += stretch)
    tops.push(energy.subarray(from, from + stretch).reduce((a, b) => Math.max(a, b), 0));
  let signal = tops.length > 0 ? median(tops) : Math.max(...energy);
  let noise = 0.1 * signal;
  const found: number[] = [];
  let [lookedBack, last] = [0, Number.NEGATIVE_INFINITY];
  let passed: number[] = [];
  for (const at of candidates) {
    const threshold = noise + (signal - noise) / 4;
    const usual =
      found.length > 2
        ? (found[found.length - 1] - found[Math.max(0, found.length - 9)]) / Math.min(8, found.length - 1)
        : 0;
    if (usual > 0 && at - last > lookBack * usual) {
      const best = passed.filter((p) => energy[p] > threshold / 2).sort((a, b) => energy[b] - energy[a])[0];
      if (best !== undefined) {
        found.push(best);
        signal = 0.25 * energy[best] + 0.75 * signal;
        last = best;
        lookedBack++;
      }
    }
    if (energy[at] > threshold) {
      // A burst of many times a beat does not set the level.
      signal = Math.min(energy[at], 3 * signal) / 8 + (7 / 8) * signal;
      found.push(at);
      last = at;
      passed = [];
    } else {
      noise = energy[at] / 8 + (7 / 8) * noise;
      passed.push(at);
    }
  }
  return { found: found.sort((a, b) => a - b), lookedBack };
}

/** Places that are the largest within `apart` samples on either side. */
function localMaxima(x: Float64Array, apart: number): number[] {
  const order: number[] = [];
  for (let i = 1; i + 1 < x.length; i++) if (x[i] > 0 && x[i] >= x[i - 1] && x[i] > x[i + 1]) order.push(i);
  order.sort((a, b) => x[b] - x[a]);
  const taken = new Uint8Array(x.length);
  const kept: number[] = [];
  for (const i of order) {
    if (taken[i]) continue;
    kept.push(i);
    taken.fill(1, Math.max(0, i - apart), i + apart + 1);
  }
  return kept.sort((a, b) => a - b);
}

function extreme(x: Float64Array, at: number, reach: number, sign: 1 | -1): number {
  let best = at;
  for (let i = Math.max(0, at - reach); i <= Math.min(x.length - 1, at + reach); i++)
    if (sign * x[i] > sign * x[best]) best = i;
  return best;
}

/** Top of the parabola through three samples. */
function betweenSamples(x: Float64Array, at: number): number {
  if (at < 1 || at + 1 >= x.length) return at;
  const [a, b, c] = [x[at - 1], x[at], x[at + 1]];
  const bend = a - 2 * b + c;
  return bend === 0 ? at : at + Math.max(-0.5, Math.min(0.5, (a - c) / (2 * bend)));
}
