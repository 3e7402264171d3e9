/** What stands between a visit's EEG and the brain: the scanner beside it, eyes and heart; with what the report shows of it. */
import {
  type Channel,
  channelData,
  DataError,
  type Events,
  type Montage,
  type QcFinding,
  type Recording,
  type Seconds,
  sampleCount,
} from "@quintet/core";
import { median } from "@quintet/kernels";
import {
  bandPower,
  type EegComponents,
  labelComponents,
  onlyEeg,
  removeComponents,
  removeGradientArtefact,
  removePulseArtefact,
  resampleRecording,
  separateComponents,
  welch,
} from "@quintet/modalities/eeg";
import type { EegCleaning, MedianSpectrum } from "@quintet/view";
import { finding } from "./outcome.ts";
import { isVolumeTrigger } from "./volume-triggers.ts";

export interface WithoutScanner {
  readonly recording: Recording;
  readonly steps: readonly string[];
  readonly findings: readonly QcFinding[];
}

/** Fewest volumes that a template is made of. */
const fewestVolumes = 10;
/** Share of the signal's changes that repeats with the volumes, above which the scanner is in the recording. */
const artefact = 0.5;
/** Volumes looked at for it. */
const looked = 40;
/** Hz that the visit goes on at where an amplifier for the scanner was faster. */
const usualRate = 500;

/**
 * The artefacts of gradients and pulse taken out where they are: triggers alone say that a scanner ran, not that the amplifier heard
 * it. They are there when more than half of the variance of the signals' changes from sample to sample repeats with the volumes.
 *
 * @throws DataError of the steps
 */
export function withoutScanner(recording: Recording, events: Events): WithoutScanner {
  const volumes = events.list.filter(({ type }) => isVolumeTrigger(type)).map(({ onset }) => onset);
  if (volumes.length < fewestVolumes) return { recording, steps: [], findings: [] };
  const share = repeatedShare(recording, volumes);
  const told = finding(
    "eeg",
    "repeats-with-volumes",
    share,
    "ok",
    share > artefact
      ? "share of the signals' changes that repeats with the scanner's volumes: its artefact is there"
      : "share of the signals' changes that repeats with the scanner's volumes: no artefact to take out",
    "1",
  );
  if (!(share > artefact)) return { recording, steps: [], findings: [told] };
  const gradients = removeGradientArtefact(recording, volumes);
  const steps = [
    `The artefact of the gradients was subtracted: ${volumes.length} volumes, one every ${gradients.timing[0]?.repetition.toFixed(6)} s, templates of 30 neighbours.`,
  ];
  const findings = [told, ...gradients.findings];
  let now = gradients.recording;
  if (now.groups.some(({ rate }) => rate > usualRate)) {
    now = resampleRecording(now, usualRate);
    steps.push(`Brought to ${usualRate} Hz.`);
  }
  if (now.groups.some(({ channels }) => channels.some(({ kind }) => kind === "ecg"))) {
    const pulse = removePulseArtefact(now);
    now = pulse.recording;
    findings.push(...pulse.findings);
    steps.push(`The artefact of ${pulse.beats.length} heart beats was fitted and subtracted.`);
  }
  return { recording: now, steps, findings };
}

/**
 * Median over the EEG channels: what of the variance of y(t + 1) - y(t) their mean over the volumes holds, beyond chance; y the means of
 * 10 ms, since volumes begin between samples, which fast gradients show.
 */
function repeatedShare(recording: Recording, volumes: readonly Seconds[]): number {
  const intervals = volumes.slice(1).map((onset, i) => onset - (volumes[i] as number));
  const repetition = median(intervals);
  const shares = recording.groups.flatMap((group) => {
    const [segment] = group.segments;
    const width = Math.max(1, Math.round(group.rate / 100));
    const bins = Math.floor((repetition * group.rate) / width);
    if (!segment || bins < 2) return [];
    const n = sampleCount(group, segment);
    const starts = volumes
      .map((onset) => Math.round((onset - segment.start) * group.rate))
      .filter((from) => from >= 0 && from + bins * width <= n)
      .slice(0, looked);
    if (starts.length < fewestVolumes) return [];
    return group.channels.flatMap(({ kind }, row) => {
      if (kind !== "eeg") return [];
      const signal = channelData(group, segment, row);
      const steps = starts.map((from) => changes(signal.subarray(from, from + bins * width), width));
      let [all, repeated] = [0, 0];
      for (let t = 0; t < bins - 1; t++) {
        const sum = steps.reduce((total, step) => total + (step[t] as number), 0);
        all += steps.reduce((total, step) => total + (step[t] as number) ** 2, 0);
        repeated += (sum * sum) / starts.length;
      }
      // Of k volumes of pure chance the mean holds 1/k.
      const k = starts.length;
      return all > 0 ? [(repeated / all - 1 / k) / (1 - 1 / k)] : [];
    });
  });
  return shares.length === 0 ? 0 : median(shares);
}

/** Sums of `width` samples, each less the one before. */
function changes(signal: ArrayLike<number>, width: number): Float64Array {
  const bins = Math.floor(signal.length / width);
  const sums = new Float64Array(bins);
  for (let t = 0; t < bins * width; t++)
    sums[Math.floor(t / width)] = (sums[Math.floor(t / width)] as number) + (signal[t] as number);
  return Float64Array.from({ length: bins - 1 }, (_, t) => (sums[t + 1] as number) - (sums[t] as number));
}

export interface WithoutEyes {
  /** As given, eye and heart components taken out. */
  readonly recordings: readonly Recording[];
  readonly steps: readonly string[];
  readonly findings: readonly QcFinding[];
  readonly components: EegCleaning["components"];
}

/**
 * Enough to find eyes and heart among the strongest signals of a visit within seconds; `quintet eeg clean` separates all of them to the
 * end. A mixture has no memory: samples may be left out, 50 for each pair of components.
 */
const few = { components: 15, iterations: 150, rate: 100, samples: 12_000 } as const;

/**
 * Eye and heart components, learnt from the filtered recording and taken out of the EEG alone.
 *
 * @param filtered all channels within the pass band, bad ones marked, against the average
 * @param recordings EEG channels of it, to take them out of
 */
export function withoutEyes(
  filtered: Recording,
  recordings: readonly Recording[],
  montage: Montage | undefined,
): WithoutEyes {
  try {
    const small = filtered.groups.some(({ rate }) => rate > few.rate)
      ? resampleRecording(filtered, few.rate)
      : filtered;
    const good = small.groups.flatMap(({ channels }) => channels.filter(isGoodEeg)).length;
    const { components, iterations } = few;
    const learnt = separateComponents(thinned(small), {
      iterations,
      components: Math.max(2, Math.min(components, good - 1)),
    });
    const separated = { ...learnt, sources: sourcesOf(small, learnt), rate: small.groups[0]?.rate ?? few.rate };
    const labelled = labelComponents(small, separated, montage);
    const removed = labelled.components.filter(({ label }) => label === "eye" || label === "heart");
    const out = recordings.map((recording) =>
      removeComponents(
        recording,
        { ...separated, channels: electrodeNames(filtered, separated) },
        removed.map(({ index }) => index),
      ),
    );
    const [first] = recordings;
    const kept = removed.length > 0 && first && out[0] ? alphaKept(first, out[0]) : undefined;
    return {
      recordings: out,
      steps: [
        `${separated.sources.length} independent components of the strongest signals (Picard, ${separated.iterations} iterations${separated.converged ? "" : ", stopped"}); ${removed.length === 0 ? "none was eye or heart" : `taken out before spikes and averages: ${removed.map(({ index, label }) => `${index} (${label})`).join(", ")}`}.`,
      ],
      findings: [
        ...labelled.findings,
        ...(kept === undefined
          ? []
          : [
              finding(
                "eeg",
                "alpha-kept",
                kept,
                kept < 0.9 ? "warn" : "ok",
                "8 to 13 Hz after over before components were taken out, median over channels",
                "1",
              ),
            ]),
      ],
      components: labelled.components.map(({ index, label, rule }) => ({
        index,
        label,
        rule,
        removed: removed.some((one) => one.index === index),
        share: separated.shares[index] ?? 0,
        pattern: electrodeNames(filtered, separated).map((channel, c) => ({
          channel,
          value: 1e6 * (separated.mixing[c]?.[index] ?? 0),
        })),
      })),
    };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { recordings, steps: [`Components were not sought: ${error.message}.`], findings: [], components: [] };
  }
}

/** Every k-th sample, so that few enough are left. */
function thinned(recording: Recording): Recording {
  const groups = recording.groups.map((group) => {
    const total = group.segments.reduce((sum, segment) => sum + sampleCount(group, segment), 0);
    const step = Math.max(1, Math.ceil(total / few.samples));
    const segments = group.segments.map((segment) => {
      const [n, kept] = [sampleCount(group, segment), Math.floor(sampleCount(group, segment) / step)];
      const data = new Float64Array(kept * group.channels.length);
      for (let c = 0; c < group.channels.length; c++)
        for (let t = 0; t < kept; t++) data[c * kept + t] = segment.data[c * n + t * step] as number;
      return { start: segment.start, data };
    });
    return { ...group, rate: group.rate / step, segments };
  });
  return { ...recording, groups };
}

/** The components' courses over all samples of the good EEG channels. */
function sourcesOf(recording: Recording, { channels, unmixing }: EegComponents): Float64Array[] {
  const group = recording.groups.find((one) => one.channels.some(({ name }) => name === channels[0]));
  if (!group) return [];
  const rows = channels.map((name) => group.channels.findIndex((channel) => channel.name === name));
  const signals = rows.map((row) =>
    Float64Array.from(group.segments.flatMap((segment) => [...channelData(group, segment, row)])),
  );
  const means = signals.map((x) => x.reduce((sum, v) => sum + v, 0) / x.length);
  return unmixing.map((weights) => {
    const source = new Float64Array(signals[0]?.length ?? 0);
    for (const [c, x] of signals.entries())
      for (let t = 0; t < source.length; t++)
        source[t] = (source[t] as number) + (weights[c] as number) * ((x[t] as number) - (means[c] as number));
    return source;
  });
}

const isGoodEeg = ({ kind, status }: Channel): boolean => kind === "eeg" && status !== "bad";

/** Channels by their electrodes' names, as `onlyEeg` has them. */
function electrodeNames(recording: Recording, { channels }: EegComponents): string[] {
  const named = new Map(
    recording.groups.flatMap((group) => group.channels.map(({ name, sensors }) => [name, sensors[0] ?? name] as const)),
  );
  return channels.map((name) => named.get(name) ?? name);
}

function alphaKept(before: Recording, after: Recording): number | undefined {
  const alpha = (recording: Recording): Map<string, number> =>
    new Map(bandPower(recording).flatMap(({ channel, band, power }) => (band === "alpha" ? [[channel, power]] : [])));
  const [one, other] = [alpha(before), alpha(after)];
  const ratios = [...one].flatMap(([channel, power]) => {
    const left = other.get(channel);
    return left !== undefined && power > 0 ? [left / power] : [];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

/** Median over the good EEG channels, windows of 2 s; empty where a segment is too short for one. */
export function medianSpectrum(recording: Recording): MedianSpectrum {
  const spectra = welch(onlyEeg(recording));
  const [first] = spectra;
  const same = spectra.filter(({ frequencies }) => frequencies.length === first?.frequencies.length);
  const frequencies = first?.frequencies ?? new Float64Array();
  return { frequencies, density: frequencies.map((_, k) => median(same.map(({ density }) => density[k] as number))) };
}
