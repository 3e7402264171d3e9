import {
  type Channel,
  type ChannelGroup,
  channelData,
  DataError,
  type Hertz,
  type QcFinding,
  type Recording,
  type Seconds,
  type Segment,
  sampleCount,
} from "@quintet/core";
import { convolveFir, firDesign, heartBeats, median, pulseArtefact } from "@quintet/kernels";

export interface PulseRemoval {
  /** Fit of the mean beat and components (`obs`), or a moving `median` or `mean` of 30 beats. Default `obs`. */
  readonly method?: "obs" | "median" | "mean";
  /** Shapes of `obs`, the mean among them; default 4. */
  readonly components?: number;
  /** From R peak to the artefact's middle, s; default 0.21. */
  readonly delay?: Seconds;
  /** Name of the ECG channel; default the first of that kind. */
  readonly ecg?: string;
  /** R peaks on the recording's clock, s, instead of those found in the ECG. */
  readonly beats?: readonly Seconds[];
  /** Hz from which shapes are learnt and fitted; default 1. */
  readonly highPass?: Hertz;
}

export interface PulseCleaned {
  readonly recording: Recording;
  /** R peaks, seconds on the recording's clock. */
  readonly beats: readonly Seconds[];
  readonly findings: readonly QcFinding[];
}

/**
 * Takes out the pulse (ballistocardiographic) artefact of the EEG channels, segment by segment: R peaks of the ECG
 * (`heartBeats`), then `pulseArtefact` about each. Segments with fewer than five beats stay as they are.
 *
 * @throws DataError `no-channels` (no EEG channel, or no ECG and no beats given), `no-such-channel`, `no-beats`,
 *   `segment-too-short`, `not-finite`
 * @see Niazy et al., NeuroImage 2005;28:720-737 (OBS); Allen et al., NeuroImage 1998;8:229-239 (template, 210 ms)
 */
export function removePulseArtefact(recording: Recording, options: PulseRemoval = {}): PulseCleaned {
  const beats: Seconds[] = [];
  const rows: { readonly before: number; readonly after: number }[] = [];
  let [lookedBack, cleaned] = [0, 0];
  const groups = recording.groups.map((group) => {
    const eeg = group.channels.flatMap(({ kind }, row) => (kind === "eeg" ? [row] : []));
    if (eeg.length === 0) return group;
    const segments = group.segments.map((segment) => {
      const found = beatsOf(recording, group, segment, options);
      lookedBack += found.lookedBack;
      beats.push(...found.peaks.map((at) => segment.start + at / group.rate));
      if (found.peaks.length < 5) return segment;
      cleaned++;
      return withoutPulse(group, segment, eeg, found.peaks, options, rows);
    });
    return { ...group, segments };
  });
  if (!recording.groups.some(({ channels }) => channels.some(({ kind }) => kind === "eeg")))
    throw new DataError("no-channels", "the recording has no EEG channel");
  if (cleaned === 0)
    throw new DataError("no-beats", "no segment holds five heart beats", { found: `${beats.length} beats` });
  const notes = { ...recording.notes, pulse: `artefact subtracted, ${options.method ?? "obs"}` };
  return { recording: { ...recording, groups, notes }, beats, findings: findingsOf(beats, lookedBack, rows) };
}

interface FoundBeats {
  /** Samples of the segment. */
  readonly peaks: readonly number[];
  readonly lookedBack: number;
}

function beatsOf(
  recording: Recording,
  group: ChannelGroup,
  segment: Segment,
  { beats, ecg }: PulseRemoval,
): FoundBeats {
  const seconds = sampleCount(group, segment) / group.rate;
  if (beats)
    return {
      peaks: beats
        .map((at) => (at - segment.start) * group.rate)
        .filter((at) => at >= 0 && at < seconds * group.rate)
        .sort((a, b) => a - b),
      lookedBack: 0,
    };
  const { source, row } = ecgOf(recording, ecg);
  const own = source.segments.find(
    ({ start, data }) =>
      start <= segment.start + 1e-6 &&
      start + data.length / source.channels.length / source.rate >= segment.start + seconds - 1e-6,
  );
  if (!own) throw new DataError("no-beats", `the ECG does not cover the segment at ${segment.start} s`);
  const first = Math.round((segment.start - own.start) * source.rate);
  const signal = channelData(source, own, row).subarray(first, first + Math.round(seconds * source.rate));
  const found = heartBeats(signal, source.rate);
  return { peaks: found.peaks.map((at) => (at * group.rate) / source.rate), lookedBack: found.lookedBack };
}

function ecgOf(recording: Recording, name?: string): { readonly source: ChannelGroup; readonly row: number } {
  for (const source of recording.groups) {
    const row = source.channels.findIndex((channel) =>
      name === undefined ? channel.kind === "ecg" : channel.name === name,
    );
    if (row >= 0) return { source, row };
  }
  if (name !== undefined) throw new DataError("no-such-channel", `there is no channel called ${name}`);
  throw new DataError("no-channels", "heart beats come from an ECG channel or are given", {
    expected: "a channel of kind ecg",
    found: [...new Set(recording.groups.flatMap(({ channels }) => channels.map(({ kind }) => kind)))].join(", "),
  });
}

function withoutPulse(
  group: ChannelGroup,
  segment: Segment,
  eeg: readonly number[],
  peaks: readonly number[],
  { method = "obs", components = 4, delay = 0.21, highPass = 1 }: PulseRemoval,
  rows: { before: number; after: number }[],
): Segment {
  const n = sampleCount(group, segment);
  const { rate } = group;
  const signals = eeg.map((row) => channelData(group, segment, row));
  const high = convolveFir(signals, firDesign(rate, { low: highPass, lowTransition: highPass }));
  const data = segment.data.slice();
  eeg.forEach((row, i) => {
    const signal = high[i] as Float64Array;
    if (!signal.every(Number.isFinite))
      throw new DataError("not-finite", `${group.channels[row]?.name} holds what is no number`);
    const artefact = pulseArtefact(signal, peaks, { method, components, delay: delay * rate });
    for (let t = 0; t < n; t++) data[row * n + t] = (data[row * n + t] as number) - (artefact[t] as number);
    if ((group.channels[row] as Channel).status === "bad") return;
    const after = signal.map((x, t) => x - (artefact[t] as number));
    rows.push({ before: lockedPower(signal, peaks, rate), after: lockedPower(after, peaks, rate) });
  });
  return { start: segment.start, data };
}

/** Mean square of the mean over beats, 0 to 0.6 s after the R peak, without what chance leaves of as many beats. */
function lockedPower(signal: Float64Array, peaks: readonly number[], rate: Hertz): number {
  const length = Math.round(0.6 * rate);
  const whole = peaks.map(Math.round).filter((at) => at + length <= signal.length);
  let power = 0;
  for (let i = 0; i < length; i++) {
    let [sum, squares] = [0, 0];
    for (const at of whole) {
      const x = signal[at + i] as number;
      sum += x;
      squares += x * x;
    }
    const mean = sum / whole.length;
    power += mean * mean - (squares / whole.length - mean * mean) / (whole.length - 1);
  }
  return Math.max(0, power / length);
}

function findingsOf(
  beats: readonly Seconds[],
  lookedBack: number,
  rows: readonly { readonly before: number; readonly after: number }[],
): QcFinding[] {
  const gaps = beats.slice(1).map((at, k) => at - (beats[k] as number));
  const interval = median(gaps);
  const odd = gaps.filter((gap) => gap < 0.6 * interval || gap > 1.5 * interval).length;
  const rate = 60 / interval;
  const removed = 10 * Math.log10(median(rows.map(({ before, after }) => Math.max(after, 1e-6 * before) / before)));
  return [
    {
      modality: "eeg",
      name: "heart-rate",
      value: rate,
      unit: "/min",
      verdict: rate >= 40 && rate <= 140 ? "ok" : "warn",
      note: `${beats.length} beats, ${lookedBack} of them found by looking back`,
    },
    {
      modality: "eeg",
      name: "odd-intervals",
      value: odd / Math.max(1, gaps.length),
      unit: "1",
      verdict: odd <= 0.05 * gaps.length ? "ok" : "warn",
      note: "share of intervals below 0.6 or above 1.5 of the middle one: beats missed, or found where none is",
    },
    {
      modality: "eeg",
      name: "pulse-removed",
      value: removed,
      unit: "dB",
      verdict: removed <= -10 ? "ok" : "warn",
      note: "power locked to the beat (0 to 0.6 s after it), after over before, median over channels",
    },
  ];
}
