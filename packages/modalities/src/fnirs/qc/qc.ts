import { type ChannelGroup, channelData, DataError, type Montage, type QcFinding, type Recording } from "@quintet/core";
import { type ChannelRow, median, summarise, welchSpectrum } from "@quintet/kernels";
import { opticalPairs, pairName, sourceDetectorDistance, withoutPairs } from "../correct/pairs.ts";
import { darkChannels, opticalDensity } from "../recon/optical-density.ts";
import { scalpCouplingIndex } from "./scalp-coupling.ts";

/** Limits of the verdicts; the reason of each stands in docs/science/fnirs.md. */
export const qcLimits = {
  /** Scalp coupling index of a usable pair. */
  coupling: 0.75,
  /** Coefficient of variation of a usable channel, %. */
  variation: 15,
  /** Share of samples at a channel's own maximum above which it is clipped. */
  saturation: 0.01,
  /** Beats per minute. */
  heartRate: [40, 150],
  /** Height of the heart's peak over the power beside it. */
  heartPeak: 4,
} as const;

/** Coefficient of variation of the light intensity of every channel, 100 sd / mean, %. */
export function intensityVariation(recording: Recording): ChannelRow[] {
  return perIntensityChannel(recording, (channel, values) => {
    const { mean, sd, n } = summarise(values);
    return {
      channel,
      measure: "intensity-cv",
      value: (100 * sd) / mean,
      unit: "%",
      n,
      method: "100 sd / mean of intensity",
    };
  });
}

/** Share of samples that sit at a channel's own maximum: a clipped detector repeats its largest value. */
export function saturation(recording: Recording): ChannelRow[] {
  return perIntensityChannel(recording, (channel, values) => {
    const top = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const repeated = values.reduce((count, v) => count + (v === top ? 1 : 0), 0) - 1;
    const method = "samples equal to the channel's maximum, but one";
    return {
      channel,
      measure: "saturated-share",
      value: repeated / values.length,
      unit: "1",
      n: values.length,
      method,
    };
  });
}

function perIntensityChannel(
  recording: Recording,
  measure: (name: string, values: Float64Array) => ChannelRow,
): ChannelRow[] {
  return recording.groups.flatMap((group) =>
    group.channels.flatMap(({ kind, name }, index) =>
      kind === "nirs-intensity" ? [measure(name, allSamples(group, index))] : [],
    ),
  );
}

function allSamples(group: ChannelGroup, index: number): Float64Array {
  return Float64Array.from(group.segments.flatMap((segment) => [...channelData(group, segment, index)]));
}

export interface HeartRate {
  readonly beatsPerMinute: number;
  /** Peak over the median power 0.15 to 0.5 Hz beside it: how sure. */
  readonly prominence: number;
}

/**
 * Heart rate from the optical density: the frequency of the largest local maximum between 40 and 150 beats per minute of the
 * channels' Welch spectra (windows of 20 s), each scaled to unit power in that band, averaged.
 *
 * @returns undefined when the rate or the length does not hold a heart beat, or no peak lies between
 */
export function heartRate(od: Recording): HeartRate | undefined {
  const [low, high] = [qcLimits.heartRate[0] / 60, qcLimits.heartRate[1] / 60];
  let sum: Float64Array | undefined;
  let band: number[] = [];
  for (const group of od.groups) {
    const length = Math.round(20 * group.rate);
    const segment = group.segments.toSorted((a, b) => b.data.length - a.data.length)[0];
    if (!segment || segment.data.length / group.channels.length < length || group.rate / 2 < 1.5) continue;
    for (const [index, channel] of group.channels.entries()) {
      if (channel.kind !== "nirs-od" || channel.status === "bad") continue;
      const overlap = Math.floor(length / 2);
      const spectrum = welchSpectrum(channelData(group, segment, index), group.rate, { length, overlap });
      const inside = spectrum.density.filter((_, k) => inBand(spectrum.frequencies[k] as number, low, high));
      const power = inside.reduce((total, p) => total + p, 0);
      if (!(power > 0) || (sum && sum.length !== inside.length)) continue;
      sum ??= new Float64Array(inside.length);
      for (let k = 0; k < inside.length; k++) sum[k] = (sum[k] as number) + (inside[k] as number) / power;
      band = [...spectrum.frequencies].filter((f) => inBand(f, low, high));
    }
  }
  if (!sum) return undefined;
  const top = highestPeak(sum);
  if (top === undefined) return undefined;
  const around = sum.filter((_, k) => {
    const apart = Math.abs((band[k] as number) - (band[top] as number));
    return apart >= 0.15 && apart <= 0.5;
  });
  return { beatsPerMinute: 60 * (band[top] as number), prominence: (sum[top] as number) / median(around) };
}

/** The largest value that is above both neighbours: the edge of the band is drift leaking in, not a pulse. */
function highestPeak(power: Float64Array): number | undefined {
  let best: number | undefined;
  for (let k = 1; k < power.length - 1; k++) {
    const here = power[k] as number;
    if (here <= (power[k - 1] as number) || here < (power[k + 1] as number)) continue;
    if (best === undefined || here > (power[best] as number)) best = k;
  }
  return best;
}

function inBand(f: number, low: number, high: number): boolean {
  return f >= low && f <= high;
}

/**
 * Quality of a light-intensity recording, as findings: dark channels, clipped channels, scalp coupling, variation,
 * heart rate. Pairs named in a note are those a caller may want to leave out (`withoutPairs`).
 *
 * @param montage when given, only pairs longer than 15 mm are judged by coupling, if there are any: short ones see little pulse
 * @throws DataError `no-channels`
 */
export function qc(recording: Recording, montage?: Montage): QcFinding[] {
  const channels = recording.groups.flatMap((group) => group.channels).filter(({ kind }) => kind === "nirs-intensity");
  if (channels.length === 0) throw new DataError("no-channels", "the recording has no light intensity");
  const dark = darkChannels(recording);
  const findings = [
    shareFinding(
      "dark-channels",
      dark.map(({ channel }) => channel.name),
      channels.length,
      0.1,
      "samples at or below 0",
    ),
    shareFinding(
      "saturated-channels",
      saturation(recording).flatMap(({ channel, value }) => (value > qcLimits.saturation ? [channel] : [])),
      channels.length,
      0.1,
      `more than ${100 * qcLimits.saturation} % of samples at the maximum`,
    ),
    shareFinding(
      "unsteady-channels",
      intensityVariation(recording).flatMap(({ channel, value }) => (value > qcLimits.variation ? [channel] : [])),
      channels.length,
      0.25,
      `coefficient of variation above ${qcLimits.variation} %`,
    ),
  ];
  const lit = withoutPairs(recording, new Set(dark.map(({ channel }) => pairName(channel))));
  if (lit.groups.every((group) => opticalPairs(group.channels, "nirs-intensity").length === 0)) return findings;
  return [...findings, ...opticalFindings(opticalDensity(lit), montage)];
}

function opticalFindings(od: Recording, montage: Montage | undefined): QcFinding[] {
  const findings: QcFinding[] = [];
  try {
    const sci = scalpCouplingIndex(od);
    const long = new Set(
      od.groups.flatMap((group) =>
        opticalPairs(group.channels, "nirs-od")
          .filter(({ source, detector }) => !montage || sourceDetectorDistance(montage, source, detector) > 15)
          .map(({ name }) => name),
      ),
    );
    const judged = long.size > 0 ? sci.filter(({ pair }) => long.has(pair)) : sci;
    const weak = judged.filter(({ value }) => !(value >= qcLimits.coupling));
    const share = shareFinding(
      "weakly-coupled-pairs",
      weak.map(({ pair, value }) => `${pair} (${value.toFixed(2)})`),
      judged.length,
      0.25,
      `scalp coupling index below ${qcLimits.coupling}`,
    );
    const middle = median(judged.map(({ value }) => (Number.isNaN(value) ? 0 : value)));
    findings.push(share, {
      modality: "fnirs",
      name: "scalp-coupling-index",
      value: middle,
      unit: "1",
      verdict: middle >= qcLimits.coupling ? "ok" : middle >= 0.5 ? "warn" : "bad",
      note: `median over ${judged.length} pairs`,
    });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    findings.push({
      modality: "fnirs",
      name: "scalp-coupling-index",
      value: "not available",
      verdict: "warn",
      note: error.message,
    });
  }
  const heart = heartRate(od);
  findings.push(
    heart
      ? {
          modality: "fnirs",
          name: "heart-rate",
          value: heart.beatsPerMinute,
          unit: "1/min",
          verdict: heart.prominence >= qcLimits.heartPeak ? "ok" : "warn",
          note: `largest peak between ${qcLimits.heartRate.join(" and ")} per minute, ${heart.prominence.toFixed(1)} times the power beside it`,
        }
      : {
          modality: "fnirs",
          name: "heart-rate",
          value: "not available",
          verdict: "warn",
          note: "no peak, too short or sampled too slowly",
        },
  );
  return findings;
}

/** How many of `total` have a fault: none is ok, up to `limit` a warning, more is bad. */
function shareFinding(name: string, faulty: readonly string[], total: number, limit: number, what: string): QcFinding {
  const verdict = faulty.length === 0 ? "ok" : faulty.length <= limit * total ? "warn" : "bad";
  const shown = faulty.slice(0, 12).join(", ") + (faulty.length > 12 ? ", ..." : "");
  const note =
    faulty.length === 0 ? `none of ${total} with ${what}` : `${faulty.length} of ${total} with ${what}: ${shown}`;
  return { modality: "fnirs", name, value: faulty.length, unit: "{count}", verdict, note };
}
