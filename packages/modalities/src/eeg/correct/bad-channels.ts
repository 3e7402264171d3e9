import {
  type Channel,
  type ChannelGroup,
  channelData,
  DataError,
  type Hertz,
  type Montage,
  type QcFinding,
  type Recording,
  type Segment,
  sampleCount,
} from "@quintet/core";
import { convolveFir, firDesign, median, robustZ } from "@quintet/kernels";
import { type ChannelSpectrum, lineRatio, welch } from "../quantify/welch.ts";
import { placedChannels } from "./placed-channels.ts";
import { predictability } from "./ransac.ts";

/** Limits of PREP (Bigdely-Shamlo et al. 2015, table of defaults; pyprep's values where they are named), and of lines. */
export const badChannelLimits = {
  /** V; a channel whose deviation or median absolute deviation is below is flat. */
  flat: 1e-15,
  /** Robust z of a channel's amplitude among the channels. */
  deviation: 5,
  /** Robust z of the amplitude above 50 Hz over that below. */
  highFrequency: 5,
  /** 98th percentile of the correlations with the others in a window of 1 s. */
  correlation: 0.4,
  /** Share of windows below it, or without any signal. */
  windows: 0.01,
  /** Correlation with what the others predict, in windows of 5 s. */
  ransac: 0.75,
  ransacWindows: 0.4,
  /** Mains over its surroundings, and robust z of its logarithm among the channels. */
  line: 10,
  lineDeviation: 5,
} as const;

export type BadReason = "flat" | "deviation" | "high-frequency" | "correlation" | "dropout" | "line" | "ransac";

/** What was measured of one channel, and what speaks against it. */
export interface ChannelVerdict {
  readonly channel: string;
  readonly reasons: readonly BadReason[];
  /** Robust z. */
  readonly deviation: number;
  readonly highFrequency: number;
  /** Shares of windows, 0 .. 1. */
  readonly uncorrelated: number;
  readonly dropouts: number;
  readonly lineRatio: number | undefined;
  /** Share of windows that the others do not predict; undefined without places or with too few channels. */
  readonly unpredicted: number | undefined;
}

export interface BadChannelOptions {
  /** Places of the electrodes, for the prediction from the others. */
  readonly montage?: Montage;
  /** Default 50. */
  readonly mains?: Hertz;
  /** Of the random choice of channels; default 0. */
  readonly seed?: number;
}

/**
 * Bad EEG channels by the rules of PREP: flat, of unusual amplitude, noisy above 50 Hz, unrelated to all others, without
 * signal at times, not predicted by random subsets of the others (RANSAC), and full of mains. Signals are high-passed at
 * 1 Hz first; windows never cross a gap. Channels already marked bad are left out.
 *
 * @throws DataError `no-channels` (fewer than 3 good EEG channels), `duplicate-channels`, `not-finite`, `segment-too-short`
 * @see Bigdely-Shamlo et al., Front Neuroinform 2015;9:16; Appelhoff et al., pyprep 0.9.0
 */
export function findBadChannels(
  recording: Recording,
  { montage, mains = 50, seed = 0 }: BadChannelOptions = {},
): { readonly channels: readonly ChannelVerdict[]; readonly findings: readonly QcFinding[] } {
  const verdicts: ChannelVerdict[] = [];
  let predicted = false;
  for (const group of recording.groups) {
    const rows = group.channels.flatMap((channel, row) => (isLookedAt(channel) ? [row] : []));
    if (rows.length === 0) continue;
    refuse(group, rows);
    const judged = judge(recording, group, rows, { mains, seed, ...(montage ? { montage } : {}) });
    predicted ||= judged.some(({ unpredicted }) => unpredicted !== undefined);
    verdicts.push(...judged);
  }
  if (verdicts.length === 0)
    throw new DataError("no-channels", "the recording has no good EEG channel", { expected: "3 or more", found: "0" });
  return { channels: verdicts, findings: findingsOf(verdicts, predicted) };
}

function isLookedAt({ kind, status }: Channel): boolean {
  return kind === "eeg" && status !== "bad";
}

function refuse(group: ChannelGroup, rows: readonly number[]): void {
  const names = rows.map((row) => group.channels[row]?.name as string);
  if (rows.length < 3)
    throw new DataError("no-channels", "channels are judged among others", {
      expected: "3 or more good EEG channels",
      found: names.join(", "),
    });
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length > 0)
    throw new DataError("duplicate-channels", "channels are known by their names", {
      expected: "each name once",
      found: twice.join(", "),
    });
  for (const segment of group.segments)
    for (const [i, row] of rows.entries())
      if (!channelData(group, segment, row).every(Number.isFinite))
        throw new DataError("not-finite", `${names[i]} holds what is no number`);
}

/** A stretch of all channels looked at: as it is above 1 Hz, and below 50 Hz. */
interface Stretch {
  readonly high: readonly Float64Array[];
  readonly low: readonly Float64Array[];
}

function judge(
  recording: Recording,
  group: ChannelGroup,
  rows: readonly number[],
  { montage, mains, seed }: { readonly montage?: Montage; readonly mains: Hertz; readonly seed: number },
): ChannelVerdict[] {
  const { rate } = group;
  const stretches = group.segments.map((segment) => filtered(group, segment, rows));
  const isFlat = rows.map((row) =>
    group.segments.every((segment) => spread(channelData(group, segment, row)) < badChannelLimits.flat),
  );
  const alive = rows.flatMap((_, i) => (isFlat[i] ? [] : [i]));
  const among = (values: readonly number[]): number[] => {
    const z = robustZ(values);
    const all = rows.map(() => 0);
    alive.forEach((i, k) => {
      all[i] = z[k] as number;
    });
    return all;
  };
  const sizes = alive.map((i) => interquartile(stretches.flatMap(({ high }) => thinned(high[i] as Float64Array))));
  const sizeZ = quartileZ(sizes);
  const deviation = rows.map(() => 0);
  alive.forEach((i, k) => {
    deviation[i] = sizeZ[k] as number;
  });
  const highFrequency =
    rate > 100
      ? among(
          alive.map((i) => {
            const rest = stretches.flatMap(({ high, low }) =>
              thinned((high[i] as Float64Array).map((x, t) => x - (low[i]?.[t] as number))),
            );
            return (
              absoluteDeviation(rest) /
              absoluteDeviation(stretches.flatMap(({ low }) => thinned(low[i] as Float64Array)))
            );
          }),
        )
      : rows.map(() => 0);
  const shares = windowShares(stretches, alive, rate);
  const spectra = new Map(welch(recording).map((spectrum) => [spectrum.channel.name, spectrum]));
  const ratios = rows.map((row, i) =>
    isFlat[i] ? undefined : lineRatio(spectra.get(group.channels[row]?.name as string) as ChannelSpectrum, mains),
  );
  const lineZ = among(alive.map((i) => Math.log(ratios[i] ?? 1)));
  const before = rows.map((row, i): ChannelVerdict => {
    const line = ratios[i];
    const [uncorrelated, dropouts] = [shares.uncorrelated[i] ?? 1, shares.dropouts[i] ?? 1];
    const reasons: BadReason[] = [];
    if (isFlat[i]) reasons.push("flat");
    else {
      if (!(Math.abs(deviation[i] as number) <= badChannelLimits.deviation)) reasons.push("deviation");
      if ((highFrequency[i] as number) > badChannelLimits.highFrequency) reasons.push("high-frequency");
      if (uncorrelated > badChannelLimits.windows) reasons.push("correlation");
      if (dropouts > badChannelLimits.windows) reasons.push("dropout");
      if (line !== undefined && line > badChannelLimits.line && (lineZ[i] as number) > badChannelLimits.lineDeviation)
        reasons.push("line");
    }
    return {
      channel: group.channels[row]?.name as string,
      reasons,
      deviation: deviation[i] as number,
      highFrequency: highFrequency[i] as number,
      uncorrelated,
      dropouts,
      lineRatio: line,
      unpredicted: undefined,
    };
  });
  if (!montage) return before;
  // As PREP: noise above 50 Hz does not keep a channel from predicting others.
  const able = before.map(({ reasons }) => !reasons.some((r) => r !== "high-frequency" && r !== "line"));
  const placed = new Map(placedChannels(group, montage, isLookedAt).map(({ index, position }) => [index, position]));
  const used = rows.flatMap((row, i) => (able[i] && placed.has(row) ? [i] : []));
  const unpredicted = predictability(
    stretches.map(({ low }) => used.map((i) => low[i] as Float64Array)),
    used.map((i) => placed.get(rows[i] as number) as readonly [number, number, number]),
    rate,
    { seed, channels: rows.length, correlation: badChannelLimits.ransac },
  );
  if (!unpredicted) return before;
  return before.map((verdict, i) => {
    const place = used.indexOf(i);
    if (place < 0) return verdict;
    const share = unpredicted[place] as number;
    const reasons = share > badChannelLimits.ransacWindows ? [...verdict.reasons, "ransac" as const] : verdict.reasons;
    return { ...verdict, reasons, unpredicted: share };
  });
}

function filtered(group: ChannelGroup, segment: Segment, rows: readonly number[]): Stretch {
  const { rate } = group;
  const signals = rows.map((row) => channelData(group, segment, row));
  const seconds = sampleCount(group, segment) / rate;
  // Short stretches keep their drifts: the transition is as wide as they allow.
  const width = Math.max(1, 3.4 / seconds);
  if (width > 2)
    throw new DataError("segment-too-short", `the segment at ${segment.start} s is too short to judge channels by`, {
      expected: "1.7 s and more",
      found: `${seconds} s`,
    });
  const high = convolveFir(signals, firDesign(rate, { low: width, lowTransition: width }));
  const low = rate > 100 ? convolveFir(high, firDesign(rate, { high: 45, highTransition: 5 })) : high;
  return { high, low };
}

/** Samples that order statistics of a channel are taken from, at most. */
const looked = 100_000;

function thinned(x: Float64Array): Float64Array[] {
  const step = Math.max(1, Math.floor(x.length / looked));
  return [step === 1 ? x : x.filter((_, t) => t % step === 0)];
}

function joined(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0] as Float64Array;
  const out = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Quantile at position n q - 1/2 of the sorted values (Hyndman & Fan 1996, type 5; MATLAB's, which PREP uses). */
function quantileOf(sorted: Float64Array, q: number): number {
  const at = Math.max(0, Math.min(sorted.length - 1, sorted.length * q - 0.5));
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low + (high - low) * (at - Math.floor(at));
}

function interquartile(parts: readonly Float64Array[]): number {
  const sorted = joined(parts).slice().sort();
  return quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25);
}

/** (x - median) / (0.7413 interquartile range). */
function quartileZ(values: readonly number[]): number[] {
  const middle = median(values);
  const scale = 0.7413 * interquartile([Float64Array.from(values)]);
  return values.map((value) => (scale > 0 ? (value - middle) / scale : value === middle ? 0 : Number.NaN));
}

function absoluteDeviation(parts: readonly Float64Array[]): number {
  const values = joined(parts);
  const middle = median(values);
  return median(values.map((x) => Math.abs(x - middle)));
}

function spread(x: ArrayLike<number>): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let t = 0; t < x.length; t++) {
    low = Math.min(low, x[t] as number);
    high = Math.max(high, x[t] as number);
  }
  return high - low;
}

/** Shares of 1-s windows in which a channel is like no other, or has no signal. */
function windowShares(
  stretches: readonly Stretch[],
  alive: readonly number[],
  rate: Hertz,
): { readonly uncorrelated: Readonly<Record<number, number>>; readonly dropouts: Readonly<Record<number, number>> } {
  const uncorrelated: Record<number, number> = {};
  const dropouts: Record<number, number> = {};
  for (const i of alive) [uncorrelated[i], dropouts[i]] = [0, 0];
  const length = Math.floor(rate);
  let windows = 0;
  for (const { low } of stretches) {
    for (let from = 0; from + length <= (low[0]?.length ?? 0); from += length) {
      windows++;
      const parts = alive.map((i) => standardised((low[i] as Float64Array).subarray(from, from + length)));
      for (const [a, i] of alive.entries()) {
        if (!parts[a]) {
          dropouts[i] = (dropouts[i] as number) + 1;
          uncorrelated[i] = (uncorrelated[i] as number) + 1;
          continue;
        }
        const r = Float64Array.from(parts, (other, b) =>
          b === a || !other ? 0 : Math.abs(product(parts[a] as Float64Array, other)),
        );
        if (quantileOf(r.sort(), 0.98) < badChannelLimits.correlation)
          uncorrelated[i] = (uncorrelated[i] as number) + 1;
      }
    }
  }
  for (const i of alive) {
    uncorrelated[i] = windows > 0 ? (uncorrelated[i] as number) / windows : 0;
    dropouts[i] = windows > 0 ? (dropouts[i] as number) / windows : 0;
  }
  return { uncorrelated, dropouts };
}

/** Centred and of length 1; undefined without signal. */
function standardised(x: Float64Array): Float64Array | undefined {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  const out = x.map((v) => v - mean);
  const length = Math.sqrt(product(out, out));
  return length > badChannelLimits.flat ? out.map((v) => v / length) : undefined;
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += (a[t] as number) * (b[t] as number);
  return sum;
}

function findingsOf(verdicts: readonly ChannelVerdict[], predicted: boolean): QcFinding[] {
  const bad = verdicts.filter(({ reasons }) => reasons.length > 0);
  const shown = bad.map(({ channel, reasons }) => `${channel} (${reasons.join(", ")})`).join("; ");
  return [
    {
      modality: "eeg",
      name: "bad-channels-prep",
      value: bad.length,
      unit: "{count}",
      verdict: bad.length === 0 ? "ok" : bad.length <= 0.15 * verdicts.length ? "warn" : "bad",
      note: `${bad.length === 0 ? `none of ${verdicts.length}` : `${bad.length} of ${verdicts.length}: ${shown}`}${
        predicted ? "" : "; not predicted from the others: no places, or fewer than 16 channels"
      }`,
    },
  ];
}
