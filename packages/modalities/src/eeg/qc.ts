import { type ChannelGroup, channelData, type Hertz, type QcFinding, type Recording, sampleCount } from "@quintet/core";
import { median, robustZ, summarise } from "@quintet/kernels";
import { isBrain } from "./correct/electrode-name.ts";
import { type ChannelSpectrum, lineRatio, welch } from "./quantify/welch.ts";

/** Limits of the verdicts; the reason of each stands in docs/science/eeg.md. */
export const qcLimits = {
  /** Standard deviation below which a channel is dead, V. */
  flat: 1e-7,
  /** Robust z of the logarithm of a channel's standard deviation. */
  noisy: 5,
  /** Line power over the power around it. */
  line: 10,
  /** A window in which a channel correlates less with every other is bad. */
  correlation: 0.4,
  /** Share of such windows of a bad channel. */
  unrelated: 0.1,
  /** Robust z of the logarithm of a window's power. */
  window: 5,
  /** Ohm: electrodes for clinical EEG are to stay below it (American Clinical Neurophysiology Society, guideline 1, 2016). */
  impedance: 10e3,
} as const;

/** What was found about one EEG channel. */
export interface ChannelQuality {
  readonly channel: string;
  /** V. */
  readonly sd: number;
  readonly flat: boolean;
  /** Robust z of ln sd among the channels. */
  readonly deviation: number;
  readonly noisy: boolean;
  /** Mains over its surroundings; undefined when the rate does not hold it. */
  readonly lineRatio: number | undefined;
  /** Share of 1 s windows in which no other channel correlates by 0.4. */
  readonly unrelated: number;
  /** Share of 2 s windows whose power stands out. */
  readonly badWindows: number;
  readonly bad: boolean;
}

/**
 * Quality of every EEG channel: flat, noisy, unrelated to the others, mains, windows that stand out.
 *
 * @param mains Hz; default 50
 * @throws DataError `no-channels`, `segment-too-short`
 * @see Bigdely-Shamlo et al., Front Neuroinform 2015;9:16 (PREP), whose criteria are followed in simpler form
 */
export function channelQuality(recording: Recording, mains: Hertz = 50): ChannelQuality[] {
  const spectra = welch(recording);
  const names = spectra.map(({ channel }) => channel.name);
  const sds = spectra.map(({ channel }) => deviationOf(recording, channel.name));
  const flat = sds.map((sd) => !(sd >= qcLimits.flat));
  const alive = sds.flatMap((sd, i) => (flat[i] ? [] : [Math.log(sd)]));
  const scores = robustZ(alive);
  let next = 0;
  const deviation = flat.map((dead) => (dead ? Number.NaN : (scores[next++] as number)));
  const lost = new Map(recording.groups.flatMap((group) => [...unrelatedShares(group)]));
  return names.map((channel, i) => {
    const noisy = (deviation[i] as number) > qcLimits.noisy;
    const unrelated = lost.get(channel) ?? 0;
    return {
      channel,
      sd: sds[i] as number,
      flat: flat[i] as boolean,
      deviation: deviation[i] as number,
      noisy,
      lineRatio: flat[i] ? undefined : lineRatio(spectra[i] as ChannelSpectrum, mains),
      unrelated,
      badWindows: flat[i] ? 1 : standoutShare(spectra[i] as ChannelSpectrum),
      bad: (flat[i] as boolean) || noisy || unrelated > qcLimits.unrelated,
    };
  });
}

function deviationOf(recording: Recording, name: string): number {
  for (const group of recording.groups) {
    const index = group.channels.findIndex((channel) => channel.name === name && isBrain(channel));
    if (index < 0) continue;
    const parts = group.segments.map((segment) => summarise(channelData(group, segment, index)));
    const n = parts.reduce((sum, part) => sum + part.n, 0);
    return Math.sqrt(parts.reduce((sum, { sd, n: count }) => sum + (sd || 0) ** 2 * count, 0) / n);
  }
  return Number.NaN;
}

function standoutShare({ windows }: ChannelSpectrum): number {
  const z = robustZ(windows.map((density) => Math.log(density.reduce((sum, p) => sum + p, 0))));
  return z.reduce((count, value) => count + (Math.abs(value) > qcLimits.window ? 1 : 0), 0) / windows.length;
}

/** At most this many windows are looked at, evenly spread: enough for a share within 5 %. */
const windowsLooked = 100;

function unrelatedShares(group: ChannelGroup): Map<string, number> {
  const picked = group.channels.flatMap((channel, index) => (isBrain(channel) ? [index] : []));
  const length = Math.round(group.rate);
  const starts = group.segments.flatMap((segment) =>
    Array.from({ length: Math.floor(sampleCount(group, segment) / length) }, (_, i) => ({ segment, at: i * length })),
  );
  const step = Math.max(1, Math.floor(starts.length / windowsLooked));
  const looked = starts.filter((_, i) => i % step === 0);
  const lost = picked.map(() => 0);
  if (picked.length < 3) return new Map();
  for (const { segment, at } of looked) {
    const rows = picked.map((index) => standardised(channelData(group, segment, index).subarray(at, at + length)));
    const best = picked.map(() => 0);
    for (let i = 0; i < rows.length; i++) {
      for (let j = i + 1; j < rows.length; j++) {
        const r = Math.abs(product(rows[i] as Float64Array, rows[j] as Float64Array)) || 0;
        best[i] = Math.max(best[i] as number, r);
        best[j] = Math.max(best[j] as number, r);
      }
    }
    best.forEach((r, i) => {
      if (r < qcLimits.correlation) lost[i] = (lost[i] as number) + 1;
    });
  }
  return new Map(
    picked.map((index, i) => [
      (group.channels[index] as (typeof group.channels)[number]).name,
      (lost[i] as number) / looked.length,
    ]),
  );
}

/** Centred and of length 1, so that the product of two is their correlation; NaN when constant. */
function standardised(values: ArrayLike<number>): Float64Array {
  const { mean } = summarise(values);
  const out = Float64Array.from(values, (value) => value - mean);
  const length = Math.sqrt(product(out, out));
  return out.map((value) => value / length);
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** The recording with these channels marked bad: they are left out of references, spectra and comparisons. */
export function markBad(recording: Recording, names: ReadonlySet<string>): Recording {
  const groups = recording.groups.map((group) => ({
    ...group,
    channels: group.channels.map((channel) =>
      names.has(channel.name) ? { ...channel, status: "bad" as const } : channel,
    ),
  }));
  return { ...recording, groups };
}

/**
 * Quality of an EEG recording as findings. Channels named in "bad-channels" are those to `markBad`.
 *
 * @throws DataError `no-channels`, `segment-too-short`
 */
export function qc(recording: Recording, mains: Hertz = 50): QcFinding[] {
  const quality = channelQuality(recording, mains);
  const total = quality.length;
  const named = (pick: (q: ChannelQuality) => boolean): string[] => quality.filter(pick).map(({ channel }) => channel);
  const ratios = quality.flatMap(({ lineRatio: ratio }) => (ratio === undefined ? [] : [ratio]));
  const worst = ratios.length > 0 ? median(ratios) : undefined;
  const windows = summarise(quality.map(({ badWindows }) => badWindows)).mean;
  const gaps = recording.groups.reduce((sum, { segments }) => sum + segments.length - 1, 0);
  return [
    channelsFinding(
      "bad-channels",
      named(({ bad }) => bad),
      total,
      "flat, noisy or unrelated to the others",
    ),
    channelsFinding(
      "flat-channels",
      named(({ flat }) => flat),
      total,
      `standard deviation below ${qcLimits.flat * 1e6} uV`,
    ),
    channelsFinding(
      "noisy-channels",
      named(({ noisy }) => noisy),
      total,
      `robust z of ln sd above ${qcLimits.noisy}`,
    ),
    channelsFinding(
      "unrelated-channels",
      named(({ unrelated }) => unrelated > qcLimits.unrelated),
      total,
      `no correlation of ${qcLimits.correlation} with any other in more than ${100 * qcLimits.unrelated} % of windows`,
    ),
    {
      modality: "eeg",
      name: "line-noise",
      value: worst ?? "not available",
      unit: "1",
      verdict: worst === undefined || worst <= qcLimits.line ? "ok" : "warn",
      note:
        worst === undefined
          ? `the rate does not hold ${mains} Hz`
          : `median over channels of ${mains} Hz power over its surroundings`,
    },
    {
      modality: "eeg",
      name: "bad-windows",
      value: windows,
      unit: "1",
      verdict: windows <= 0.1 ? "ok" : windows <= 0.3 ? "warn" : "bad",
      note: `mean share of 2 s windows whose log power is more than ${qcLimits.window} robust SDs off`,
    },
    {
      modality: "eeg",
      name: "gaps",
      value: gaps,
      unit: "{count}",
      verdict: gaps === 0 ? "ok" : "warn",
      note: gaps === 0 ? "one stretch without gaps" : "nothing was filtered or averaged across a gap",
    },
    ...impedanceFinding(recording),
  ];
}

/** Nothing where the recording tells none. */
function impedanceFinding({ groups }: Recording): QcFinding[] {
  const measured = groups.flatMap(({ channels }) =>
    channels.flatMap(({ name, kind, impedance }) =>
      kind === "eeg" && impedance !== undefined ? [{ name, impedance }] : [],
    ),
  );
  if (measured.length === 0) return [];
  const high = measured.filter(({ impedance }) => impedance > qcLimits.impedance);
  const middle = median(measured.map(({ impedance }) => impedance));
  const said = high.map(
    ({ name, impedance }) => `${name} (${Number.isFinite(impedance) ? `${impedance / 1000}` : "out of range"})`,
  );
  return [
    {
      modality: "eeg",
      name: "impedances",
      value: Number.isFinite(middle) ? middle / 1000 : "out of range",
      ...(Number.isFinite(middle) ? { unit: "kOhm" } : {}),
      verdict: high.length === 0 ? "ok" : "warn",
      note: `middle of ${measured.length} electrodes, measured by the amplifier; ${high.length === 0 ? "all" : `all but ${said.slice(0, 12).join(", ")}${said.length > 12 ? ", ..." : ""}`} within ${qcLimits.impedance / 1000} kOhm`,
    },
  ];
}

function channelsFinding(name: string, faulty: readonly string[], total: number, what: string): QcFinding {
  const verdict = faulty.length === 0 ? "ok" : faulty.length <= 0.15 * total ? "warn" : "bad";
  const shown = faulty.slice(0, 12).join(", ") + (faulty.length > 12 ? ", ..." : "");
  const note = faulty.length === 0 ? `none of ${total} ${what}` : `${faulty.length} of ${total} ${what}: ${shown}`;
  return { modality: "eeg", name, value: faulty.length, unit: "{count}", verdict, note };
}
