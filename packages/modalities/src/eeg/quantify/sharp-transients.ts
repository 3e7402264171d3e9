import { type ChannelGroup, channelData, DataError, type Recording } from "@quintet/core";
import { convolveFir, firDesign, madToSigma, median } from "@quintet/kernels";
import { isBrain } from "../correct/electrode-name.ts";

/** Sharp transients of one channel. */
export interface TransientCount {
  readonly channel: string;
  readonly count: number;
  /** Per minute, with its Poisson standard error. */
  readonly rate: number;
  readonly standardError: number;
  readonly minutes: number;
}

export interface TransientOptions {
  /** Robust standard deviations of the band-passed signal a peak must exceed; default 5. */
  readonly threshold?: number;
}

/** Band of the sharp part of a spike (20 to 70 ms) that scalp EEG still shows, Hz. */
const band = { low: 10, high: 40 } as const;
/** Seconds: background for the robust SD, one transient at most, and the width of an artefact seen everywhere. */
const [background, refractory, together] = [10, 0.2, 0.05];

/**
 * Counts sharp transients: local maxima of |x| above `threshold` robust SDs, x the 10 to 40 Hz band (zero-phase FIR),
 * SD = 1.4826 median |x| of the surrounding 10 s, at most one in 200 ms. A moment at which more than half of the channels
 * exceed the threshold within 50 ms is an artefact and counts nowhere.
 *
 * A first, plain detector: sensitive to muscle and to sharp alpha, meant for comparing sides, not for calling spikes.
 *
 * @throws DataError `no-channels`, `rate-too-low` (below 100 Hz), `segment-too-short`
 */
export function sharpTransients(recording: Recording, { threshold = 5 }: TransientOptions = {}): TransientCount[] {
  const counts = recording.groups.flatMap((group) => countsOf(group, threshold));
  if (counts.length === 0) throw new DataError("no-channels", "the recording has no good EEG channel");
  return counts;
}

function countsOf(group: ChannelGroup, threshold: number): TransientCount[] {
  const picked = group.channels.flatMap((channel, index) => (isBrain(channel) ? [index] : []));
  if (picked.length === 0) return [];
  const { rate } = group;
  if (!(rate >= 100)) {
    throw new DataError("rate-too-low", "sharp transients need faster sampling", {
      expected: "at least 100 Hz",
      found: `${rate} Hz`,
    });
  }
  const taps = firDesign(rate, { ...band, highTransition: Math.min(10, rate / 2 - band.high) });
  const counts = picked.map(() => 0);
  let samples = 0;
  for (const segment of group.segments) {
    const signals = convolveFir(
      picked.map((index) => channelData(group, segment, index)),
      taps,
    );
    const peaks = signals.map((signal) => exceedances(signal, rate, threshold));
    const n = segment.data.length / group.channels.length;
    const crowded = crowdedMoments(peaks, n, rate);
    peaks.forEach((list, row) => {
      let last = Number.NEGATIVE_INFINITY;
      for (const at of list) {
        if (crowded[at] || at - last < refractory * rate) continue;
        counts[row] = (counts[row] as number) + 1;
        last = at;
      }
    });
    samples += n;
  }
  const minutes = samples / rate / 60;
  return picked.map((index, row) => {
    const count = counts[row] as number;
    const name = (group.channels[index] as (typeof group.channels)[number]).name;
    return { channel: name, count, rate: count / minutes, standardError: Math.sqrt(count) / minutes, minutes };
  });
}

/** Samples at local maxima of |x| above the threshold of their stretch. */
function exceedances(signal: Float64Array, rate: number, threshold: number): number[] {
  const stretch = Math.round(background * rate);
  const found: number[] = [];
  for (let start = 0; start < signal.length; start += stretch) {
    const [from, to] = [
      Math.max(0, Math.min(start, signal.length - stretch)),
      Math.min(signal.length, start + stretch),
    ];
    const limit = threshold * madToSigma * median(signal.subarray(from, to).map(Math.abs));
    for (let t = Math.max(1, start); t < Math.min(to, signal.length - 1); t++) {
      const here = Math.abs(signal[t] as number);
      if (here > limit && here >= Math.abs(signal[t - 1] as number) && here > Math.abs(signal[t + 1] as number))
        found.push(t);
    }
  }
  return found;
}

/** 1 where more than half of the channels exceed within 50 ms. */
function crowdedMoments(peaks: readonly (readonly number[])[], n: number, rate: number): Uint8Array {
  const crowded = new Uint8Array(n);
  if (peaks.length < 4) return crowded;
  const reach = Math.round(together * rate);
  const active = new Uint16Array(n);
  for (const list of peaks) {
    let covered = -1;
    for (const at of list) {
      for (let t = Math.max(covered + 1, at - reach, 0); t <= Math.min(n - 1, at + reach); t++)
        active[t] = (active[t] as number) + 1;
      covered = Math.max(covered, at + reach);
    }
  }
  for (let t = 0; t < n; t++) if ((active[t] as number) > peaks.length / 2) crowded[t] = 1;
  return crowded;
}
