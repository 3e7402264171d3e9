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
import {
  adaptiveNoise,
  alignOnsets,
  convolveFir,
  firDesign,
  median,
  type RepeatedOnsets,
  repeatedArtefact,
  residualArtefact,
  shapeSteps,
} from "@quintet/kernels";
import { type HarmonicPower, harmonicPower } from "./harmonic-power.ts";
import { type Interest, lockedFindings } from "./template-gain.ts";

export interface GradientOptions {
  /** Excitations per volume (slices over the multiband factor); needed for slice templates and the adaptive stage. */
  readonly slices?: number;
  /** `volume` averages whole volumes (AAS); `slice` every second slice (FASTR). Default `volume`. */
  readonly template?: "volume" | "slice";
  /** Neighbours averaged; default 30. */
  readonly window?: number;
  /** Components of the residual (above 70 Hz) that are fitted to each slice or volume; default 0 with volumes, 4 with slices. */
  readonly components?: number | "auto";
  /** Least-mean-squares cancelling of what is left, with the subtracted artefact as reference; default false. */
  readonly adaptive?: boolean;
  /** Hz from which the templates are made; default 1. */
  readonly highPass?: Hertz;
  /** Low-pass of the result, Hz; default none (FASTR's is 70). */
  readonly lowPass?: Hertz;
  /** Frequencies and bands that must not be lost; default 8 to 12 Hz. */
  readonly interest?: readonly Interest[];
}

/** What was found of the scanner's timing in one segment. */
export interface ScannerTiming {
  /** Seconds, by regression over the volumes. */
  readonly repetition: Seconds;
  /** Standard deviation of the volumes' onsets about their line, s. */
  readonly jitter: Seconds;
  readonly volumes: number;
  /** Seconds on the recording's clock: places where the artefact changed its shape at once. */
  readonly steps: readonly Seconds[];
}

export interface GradientCleaned {
  readonly recording: Recording;
  readonly timing: readonly ScannerTiming[];
  readonly findings: readonly QcFinding[];
}

const cleaned = new Set<Channel["kind"]>(["eeg", "eog", "ecg", "emg", "seeg", "ecog"]);
/** Signals that the timing is taken from: those with the largest artefact. */
const leaders = 4;

/**
 * Takes out the artefact of the switched gradients, segment by segment.
 *
 * Volumes are aligned to a small part of a sample (`alignOnsets`), places where a head step changed the artefact are found
 * (`shapeSteps`), and a moving template is subtracted (`repeatedArtefact`) from the signals as they are; templates come from
 * a copy that is high-passed at 1 Hz. Optionally the residual's principal components (OBS; EEG channels only), a low-pass
 * and an adaptive canceller follow.
 *
 * @param volumes onsets of the volumes in seconds on the recording's clock, at least 3 in a segment that is cleaned
 * @throws DataError `no-channels`, `no-events` (no segment with three volumes), `irregular-volumes`, `not-finite`,
 *   `bad-slices`, `segment-too-short`
 * @see Allen, Josephs & Turner, NeuroImage 2000;12:230-239; Niazy et al., NeuroImage 2005;28:720-737 (FASTR)
 */
export function removeGradientArtefact(
  recording: Recording,
  volumes: readonly Seconds[],
  options: GradientOptions = {},
): GradientCleaned {
  const { template = "volume", slices } = options;
  if (slices !== undefined && !(Number.isInteger(slices) && slices >= 1))
    throw new DataError("bad-slices", "a volume has a whole number of excitations", { found: `${slices}` });
  if (slices === undefined && (template === "slice" || options.adaptive))
    throw new DataError("bad-slices", "slice templates and the adaptive stage need the number of slices", {
      expected: "excitations per volume",
    });
  if (!recording.groups.some(({ channels }) => channels.some(({ kind }) => cleaned.has(kind))))
    throw new DataError("no-channels", "the recording has no EEG channel");
  const parts: Part[] = [];
  const groups = recording.groups.map((group) => {
    const rows = group.channels.flatMap(({ kind }, row) => (cleaned.has(kind) ? [row] : []));
    if (rows.length === 0) return group;
    const segments = group.segments.map((segment) => {
      const part = cleanSegment(group, segment, rows, volumes, options);
      if (!part) return segment;
      parts.push(part);
      return part.segment;
    });
    return { ...group, segments };
  });
  if (parts.length === 0)
    throw new DataError("no-events", "no segment holds three volumes", {
      expected: "onsets in seconds on the recording's clock",
      found: `${volumes.length} volumes`,
    });
  const notes = { ...recording.notes, gradient: `artefact of the gradients subtracted, ${template} templates` };
  return {
    recording: { ...recording, groups, notes },
    timing: parts.map(({ timing }) => timing),
    findings: findingsOf(parts, options),
  };
}

interface Part {
  readonly segment: Segment;
  readonly timing: ScannerTiming;
  readonly power: readonly (readonly [before: HarmonicPower, after: HarmonicPower])[];
}

function cleanSegment(
  group: ChannelGroup,
  segment: Segment,
  rows: readonly number[],
  volumes: readonly Seconds[],
  options: GradientOptions,
): Part | undefined {
  const { rate } = group;
  const n = sampleCount(group, segment);
  const triggers = volumes
    .map((onset) => (onset - segment.start) * rate)
    .filter((at) => at >= 0 && at < n)
    .sort((a, b) => a - b);
  if (triggers.length < 3) return undefined;
  const spacing = evenSpacing(triggers, rate);
  const signals = rows.map((row) => channelData(group, segment, row));
  signals.forEach((signal, i) => {
    refuseHoles(signal, group.channels[rows[i] as number] as Channel);
  });
  const { highPass = 1, slices } = options;
  const high = convolveFir(signals, firDesign(rate, { low: highPass, lowTransition: highPass }));
  const eeg = rows.map((row) => group.channels[row]?.kind === "eeg");
  const lead = strongest(high, eeg, triggers, spacing);
  const aligned = alignOnsets(lead, triggers, Math.floor(0.999 * spacing));
  const steps = shapeSteps(lead, { onsets: aligned.onsets, period: aligned.period });
  const first = Math.max(0, Math.round(aligned.onsets[0] as number));
  const last = Math.min(n, Math.round((aligned.onsets.at(-1) as number) + aligned.period));
  const repetition = aligned.period / rate;
  const data = segment.data.slice();
  const power: [HarmonicPower, HarmonicPower][] = [];
  rows.forEach((row, i) => {
    const artefact = artefactOf(high[i] as Float64Array, aligned, steps, rate, eeg[i] === true, options);
    const signal = signals[i] as ArrayLike<number>;
    let out: Float64Array = Float64Array.from(artefact, (a, t) => (signal[t] as number) - a);
    if (options.lowPass !== undefined) out = lowPassed(out, rate, options.lowPass);
    data.set(out, row * n);
    if (!eeg[i] || group.channels[row]?.status === "bad") return;
    const before = harmonicPower(signals[i]?.subarray(first, last) ?? [], rate, repetition, slices ?? 1);
    const after = harmonicPower(out.subarray(first, last), rate, repetition, slices ?? 1);
    if (before && after) power.push([before, after]);
  });
  return {
    segment: { start: segment.start, data },
    timing: {
      repetition,
      jitter: aligned.jitter / rate,
      volumes: triggers.length,
      steps: steps.map((step) => segment.start + step / rate),
    },
    power,
  };
}

function artefactOf(
  high: Float64Array,
  aligned: RepeatedOnsets,
  steps: readonly number[],
  rate: Hertz,
  eeg: boolean,
  { slices = 1, template = "volume", window = 30, components, adaptive = false, lowPass }: GradientOptions,
): Float64Array {
  const volumes = { onsets: aligned.onsets, period: aligned.period, steps };
  const period = aligned.period / slices;
  const bySlice = {
    onsets: Float64Array.from(
      { length: aligned.onsets.length * slices },
      (_, k) => (aligned.onsets[Math.floor(k / slices)] as number) + (k % slices) * period,
    ),
    period,
    steps,
  };
  const artefact =
    template === "volume"
      ? repeatedArtefact(high, volumes, { window })
      : repeatedArtefact(high, bySlice, { window, stride: 2 });
  const count = components ?? (template === "volume" ? 0 : 4);
  if (count !== 0 && eeg) {
    const rest = high.map((x, t) => x - (artefact[t] as number));
    const [fast] = convolveFir([rest], firDesign(rate, { low: 70 }));
    const timing = slices > 1 ? bySlice : volumes;
    const more = residualArtefact(fast as Float64Array, timing, { components: count }).artefact;
    for (let t = 0; t < artefact.length; t++) artefact[t] = (artefact[t] as number) + (more[t] as number);
  }
  if (!adaptive || !eeg) return artefact;
  // What the canceller sees starts at 3/4 of the slices' frequency, as in FASTR; here what it is told too, so that wandering weights
  // write nothing below.
  const clean = high.map((x, t) => x - (artefact[t] as number));
  const low = 0.75 * (rate / period);
  const band = { low, lowTransition: Math.min(low / 4, 1), ...(lowPass === undefined ? {} : { high: lowPass }) };
  const [seen, reference] = convolveFir([clean, artefact], firDesign(rate, band));
  const more = adaptiveNoise(seen as Float64Array, reference as Float64Array, Math.ceil(period));
  return artefact.map((a, t) => a + (more[t] as number));
}

function lowPassed(signal: Float64Array, rate: Hertz, high: Hertz): Float64Array {
  return convolveFir([signal], firDesign(rate, { high }))[0] as Float64Array;
}

/** Samples from one volume to the next. @throws DataError `irregular-volumes` */
function evenSpacing(triggers: readonly number[], rate: Hertz): number {
  const gaps = triggers.slice(1).map((at, k) => at - (triggers[k] as number));
  const spacing = median(gaps);
  const odd = gaps.filter((gap) => !(Math.abs(gap / spacing - Math.round(gap / spacing)) < 0.02 && gap > spacing / 2));
  if (odd.length > 0)
    throw new DataError("irregular-volumes", "volumes follow each other evenly, or with whole ones left out", {
      expected: `multiples of ${(spacing / rate).toFixed(4)} s`,
      found: odd
        .slice(0, 4)
        .map((gap) => `${(gap / rate).toFixed(4)} s`)
        .join(", "),
    });
  return spacing;
}

function refuseHoles(signal: ArrayLike<number>, { name }: Channel): void {
  for (let t = 0; t < signal.length; t++)
    if (!Number.isFinite(signal[t] as number))
      throw new DataError("not-finite", `${name} holds what is no number`, { found: `sample ${t}` });
}

function strongest(
  signals: readonly Float64Array[],
  eeg: readonly boolean[],
  triggers: readonly number[],
  spacing: number,
): Float64Array[] {
  const [from, to] = [triggers[0] as number, (triggers.at(-1) as number) + spacing];
  const size = signals.map((signal) => {
    const inside = signal.subarray(Math.floor(from), Math.ceil(to));
    return inside.reduce((sum, x) => sum + x * x, 0) / inside.length;
  });
  const order = [...signals.keys()].sort((a, b) => (size[b] as number) - (size[a] as number));
  const chosen = order.filter((i) => eeg[i]).slice(0, leaders);
  return (chosen.length > 0 ? chosen : order.slice(0, leaders)).map((i) => signals[i] as Float64Array);
}

function findingsOf(parts: readonly Part[], options: GradientOptions): QcFinding[] {
  const { slices, template = "volume", window = 30, interest = [[8, 12]] } = options;
  const power = parts.flatMap((part) => part.power);
  const { repetition } = (parts[0] as Part).timing;
  const steps = parts.flatMap(({ timing }) => timing.steps);
  const finding = (
    name: string,
    value: number,
    unit: string,
    verdict: QcFinding["verdict"],
    note: string,
  ): QcFinding => ({ modality: "eeg", name, value, unit, verdict, note });
  const which = slices === undefined ? "multiples of 1/TR" : `multiples of ${(slices / repetition).toFixed(3)} Hz`;
  const decibels = (ratios: readonly number[]): number => 10 * Math.log10(median(ratios));
  const jitter = Math.max(...parts.map(({ timing }) => timing.jitter));
  const list = [
    finding(
      "repetition-time",
      repetition,
      "s",
      "ok",
      `${parts.map(({ timing }) => timing.volumes).join(" + ")} volumes`,
    ),
    finding("volume-jitter", jitter, "s", "ok", "standard deviation of the volumes' onsets about their line"),
    finding(
      "head-steps",
      steps.length,
      "{count}",
      steps.length <= 3 ? "ok" : "warn",
      steps.length === 0 ? "none" : `at ${steps.map((at) => `${at.toFixed(2)} s`).join(", ")}`,
    ),
  ];
  if (power.length > 0) {
    const removed = decibels(power.map(([before, after]) => after.atHarmonics / before.atHarmonics));
    const left = decibels(power.map(([, after]) => after.atHarmonics / after.around));
    const alpha = median(power.map(([before, after]) => after.alphaBetween / before.alphaBetween));
    list.push(
      finding("gradient-removed", removed, "dB", "ok", `power at ${which}, after over before, median over channels`),
      finding(
        "gradient-left",
        left,
        "dB",
        left <= 6 ? "ok" : left <= 20 ? "warn" : "bad",
        `power at ${which} over its surroundings; below 0, EEG went with it`,
      ),
      finding(
        "alpha-kept",
        alpha,
        "1",
        Math.abs(alpha - 1) <= 0.1 ? "ok" : "warn",
        "8 to 12 Hz between the multiples of 1/TR, after over before",
      ),
    );
  }
  const locked =
    template === "volume" ? { period: repetition, window } : { period: (2 * repetition) / (slices as number), window };
  return [...list, ...lockedFindings(interest, locked)];
}
