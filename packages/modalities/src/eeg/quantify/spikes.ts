import { type ChannelGroup, channelData, DataError, type Recording, type Seconds } from "@quintet/core";
import { convolveFir, envelope, firDesign } from "@quintet/kernels";
import { isBrain } from "../correct/electrode-name.ts";

export interface SpikeOptions {
  /** Hz, of the part whose envelope is looked at; default 10 to 60. */
  readonly band?: readonly [low: number, high: number];
  /** Threshold in (mode + median) of the envelope's log-normal background; default 3.65. */
  readonly threshold?: number;
  /** Window of the background and its step, s; default 5 and 1 (an overlap of 80 %). */
  readonly window?: Seconds;
  readonly step?: Seconds;
  /** Detections of all channels nearer than this are one discharge, s; default 0.12. */
  readonly together?: Seconds;
  /** A moment at which more than this share of the channels exceed is an artefact; default 1, which keeps all: a large spike is seen everywhere. */
  readonly mostChannels?: number;
}

export interface SpikeDetection {
  /** s, on the recording's clock: the largest envelope of the channel that stands out most. */
  readonly time: Seconds;
  readonly channel: string;
  /** Its envelope over the threshold there, 1 or more. */
  readonly score: number;
  /** All channels that exceed within the same discharge. */
  readonly channels: readonly string[];
}

/** Janca et al. 2015: k1 of the reference implementation. */
const usualThreshold = 3.65;
/** Rates below it cannot hold the band's upper edge. */
const leastRate = 130;

/**
 * Interictal discharges by the envelope of 10 to 60 Hz against its own background: in each window the envelope is taken as log-normal,
 *
 *   mu = mean ln e,  s = sd ln e,   mode = exp(mu - s^2),  median = exp(mu)
 *   detected where e > k (mode + median)
 *
 * with k (mode + median) carried between the windows' middles by straight lines. Each channel gives local maxima above it; those of all
 * channels within `together` are one discharge, timed at the channel with the largest ratio.
 *
 * The band is cut by a zero-phase FIR; the published method has an eighth-order Chebyshev filter and cubic splines between windows.
 *
 * @throws DataError `no-channels`, `rate-too-low`, `bad-band`, `not-positive` (threshold), `segment-too-short` (shorter than a window)
 * @see Janca et al., Brain Topogr 2015;28:172-183
 */
export function detectSpikes(recording: Recording, options: SpikeOptions = {}): SpikeDetection[] {
  const groups = recording.groups.filter(({ channels }) => channels.some(isBrain));
  if (groups.length === 0) throw new DataError("no-channels", "the recording has no good EEG channel");
  return groups.flatMap((group) => spikesOf(group, options)).sort((a, b) => a.time - b.time);
}

interface Exceedance {
  readonly at: number;
  readonly row: number;
  readonly score: number;
}

function spikesOf(group: ChannelGroup, options: SpikeOptions): SpikeDetection[] {
  const {
    band = [10, 60],
    threshold = usualThreshold,
    window = 5,
    step = 1,
    together = 0.12,
    mostChannels = 1,
  } = options;
  const { rate } = group;
  if (!(threshold > 0)) throw new DataError("not-positive", "a threshold is above 0", { found: `${threshold}` });
  if (!(rate >= leastRate))
    throw new DataError("rate-too-low", "the envelope of 10 to 60 Hz needs faster sampling", {
      expected: `at least ${leastRate} Hz`,
      found: `${rate} Hz`,
    });
  const picked = group.channels.flatMap((channel, index) => (isBrain(channel) ? [index] : []));
  const taps = firDesign(rate, { low: band[0], high: band[1], highTransition: Math.min(10, rate / 2 - band[1]) });
  const [length, hop] = [Math.round(window * rate), Math.round(step * rate)];
  return group.segments.flatMap((segment) => {
    const n = segment.data.length / group.channels.length;
    if (n < length)
      throw new DataError("segment-too-short", "a stretch holds one window of background", {
        expected: `${window} s`,
        found: `${(n / rate).toFixed(1)} s`,
      });
    const found: Exceedance[] = [];
    const filtered = convolveFir(
      picked.map((index) => channelData(group, segment, index)),
      taps,
    );
    for (const [row, signal] of filtered.entries()) {
      // Zeros behind it make a length that transforms fast; what they change lies in the edge that is left out below.
      const padded = new Float64Array(2 ** Math.ceil(Math.log2(n)));
      padded.set(signal);
      const e = envelope(padded).subarray(0, n);
      const limit = background(e, length, hop).map((v) => threshold * v);
      // The first and last half filter are those of a signal that is not there.
      const edge = (taps.length - 1) / 2;
      for (let t = Math.max(1, edge); t < n - Math.max(1, edge); t++) {
        const here = e[t] as number;
        if (here > (limit[t] as number) && here >= (e[t - 1] as number) && here > (e[t + 1] as number))
          found.push({ at: t, row, score: here / (limit[t] as number) });
      }
    }
    return discharges(found, Math.round(together * rate), mostChannels * picked.length).map((list) => {
      const top = list.reduce((a, b) => (b.score > a.score ? b : a));
      const names = [...new Set(list.map(({ row }) => row))].sort((a, b) => a - b);
      const nameOf = (row: number): string => group.channels[picked[row] as number]?.name as string;
      return {
        time: segment.start + top.at / rate,
        channel: nameOf(top.row),
        score: top.score,
        channels: names.map(nameOf),
      };
    });
  });
}

/** mode + median of the log-normal background at every sample. */
export function background(e: Float64Array, length: number, hop: number): Float64Array {
  const n = e.length;
  const [sum, squares] = [new Float64Array(n + 1), new Float64Array(n + 1)];
  for (let t = 0; t < n; t++) {
    // An envelope of exactly 0 has no logarithm: flat stretches count as the smallest number.
    const v = Math.log(Math.max(e[t] as number, Number.MIN_VALUE));
    sum[t + 1] = (sum[t] as number) + v;
    squares[t + 1] = (squares[t] as number) + v * v;
  }
  const [middles, levels]: [number[], number[]] = [[], []];
  for (let from = 0; from + length <= n; from += hop) {
    const mu = ((sum[from + length] as number) - (sum[from] as number)) / length;
    const variance = Math.max(0, ((squares[from + length] as number) - (squares[from] as number)) / length - mu * mu);
    middles.push(from + length / 2);
    levels.push(Math.exp(mu - variance) + Math.exp(mu));
  }
  const out = new Float64Array(n);
  for (let t = 0, k = 0; t < n; t++) {
    while (k < middles.length - 2 && t >= (middles[k + 1] as number)) k++;
    const [a, b] = [middles[k] as number, middles[k + 1] ?? Number.POSITIVE_INFINITY];
    const share = Math.min(1, Math.max(0, (t - a) / (b - a)));
    out[t] = (levels[k] as number) * (1 - share) + (levels[k + 1] ?? (levels[k] as number)) * share;
  }
  return out;
}

/** Chains of exceedances no farther apart than `reach`, but for those on too many channels at once. */
function discharges(found: readonly Exceedance[], reach: number, most: number): Exceedance[][] {
  const sorted = [...found].sort((a, b) => a.at - b.at);
  const chains: Exceedance[][] = [];
  for (const one of sorted) {
    const last = chains.at(-1);
    if (last && one.at - (last.at(-1) as Exceedance).at <= reach) last.push(one);
    else chains.push([one]);
  }
  return chains.filter((list) => new Set(list.map(({ row }) => row)).size <= most);
}
