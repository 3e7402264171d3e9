/** The steps of cleaning an EEG, in their order: recording in, recording out, with all that was found. */
import { DataError, type Events, type Montage, type QcFinding, type Recording, type Seconds } from "@quintet/core";
import type { IcaMethod } from "@quintet/kernels";
import {
  averageReference,
  type ChannelVerdict,
  type ComponentLabel,
  type EegComponents,
  filterRecording,
  findBadChannels,
  fitNotch,
  infinityReference,
  interpolateBad,
  type LabelledComponent,
  labelComponents,
  mainsFrequency,
  markBad,
  referenceTo,
  removeComponents,
  removeGradientArtefact,
  removePulseArtefact,
  resampleRecording,
  separateComponents,
} from "@quintet/modalities/eeg";
import { isVolumeTrigger } from "../recipes/five/volume-triggers.ts";

export interface CleanEegOptions {
  /** Onsets of the scanner's volumes: events of this type; those that look like volume triggers when left out; false for none. */
  readonly volumes?: string | false;
  readonly slices?: number;
  readonly template?: "volume" | "slice";
  /** Pulse artefact: default where volumes were found and there is an ECG. */
  readonly pulse?: boolean;
  readonly rate?: number;
  /** Hz; default 50 or 60, whichever stands out (50 when neither does). */
  readonly mains?: number;
  /** Lines are left in. */
  readonly keepLines?: boolean;
  /** Hz; default 0.5; 0 for none. */
  readonly highPass?: number;
  readonly lowPass?: number;
  /** Default `picard`; false for none. */
  readonly ica?: IcaMethod | false;
  /** Default eye and heart. */
  readonly remove?: readonly ComponentLabel[];
  readonly seed?: number;
  /** `average` (default), `infinity`, `none` or electrodes. */
  readonly reference?: "average" | "infinity" | "none" | readonly string[];
  /** Bad channels from the good ones; default where places are known. */
  readonly interpolate?: boolean;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface CleanedEeg {
  readonly recording: Recording;
  readonly steps: readonly string[];
  readonly findings: readonly QcFinding[];
  readonly channels: readonly ChannelVerdict[];
  readonly components: readonly (LabelledComponent & { readonly removed: boolean })[];
  readonly separated?: EegComponents;
}

/**
 * Gradient artefact, rate, lines, filter, pulse artefact, bad channels, components, interpolation, reference: each step
 * where it applies, and a sentence on each.
 *
 * @throws DataError of the steps; `no-events` (volumes asked for that are not there), `no-positions` (interpolation or
 *   reference at infinity without places)
 */
export function cleanEeg(
  {
    recording,
    events,
    montage,
  }: { readonly recording: Recording; readonly events: Events; readonly montage?: Montage },
  options: CleanEegOptions = {},
): CleanedEeg {
  const steps: string[] = [];
  const findings: QcFinding[] = [];
  const tell = (share: number, note: string): void => options.onProgress?.(share, note);
  refuseDuplicates(recording);
  let now = recording;
  const volumes = volumesOf(events, options.volumes);
  if (volumes.length > 0) {
    tell(0.05, "gradient artefact");
    const { slices, template, lowPass } = options;
    const done = removeGradientArtefact(now, volumes, {
      ...(slices === undefined ? {} : { slices }),
      ...(template === undefined ? {} : { template }),
      ...(lowPass === undefined ? {} : { lowPass }),
    });
    now = done.recording;
    findings.push(...done.findings);
    const [first] = done.timing;
    steps.push(
      `The artefact of the gradients was subtracted: ${volumes.length} volumes, one every ${first?.repetition.toFixed(6)} s, ${template ?? "volume"} templates of 30 neighbours.`,
    );
  }
  if (options.rate !== undefined) {
    tell(0.3, "rate");
    now = resampleRecording(now, options.rate);
    steps.push(`Brought to ${options.rate} Hz by the Fourier transform.`);
  }
  const mains = options.mains ?? mainsFrequency(now) ?? 50;
  if (!options.keepLines) {
    tell(0.35, "lines");
    const top = Math.min(...now.groups.map(({ rate }) => rate)) / 2;
    const frequencies = [1, 2, 3, 4].map((k) => k * mains).filter((f) => f < 0.98 * top);
    if (frequencies.length > 0) {
      now = fitNotch(now, { frequencies });
      steps.push(`Lines of ${frequencies.join(", ")} Hz were fitted and subtracted.`);
    }
  }
  const { highPass = 0.5, lowPass } = options;
  if (highPass > 0 || lowPass !== undefined) {
    tell(0.45, "filter");
    now = filterRecording(now, {
      ...(highPass > 0 ? { low: highPass } : {}),
      ...(lowPass === undefined ? {} : { high: lowPass }),
    });
    steps.push(
      `Filtered ${highPass > 0 ? `from ${highPass} Hz` : ""}${lowPass === undefined ? "" : ` to ${lowPass} Hz`}, zero phase.`,
    );
  }
  const hasEcg = now.groups.some(({ channels }) => channels.some(({ kind }) => kind === "ecg"));
  if (options.pulse ?? (volumes.length > 0 && hasEcg)) {
    tell(0.5, "pulse artefact");
    const done = removePulseArtefact(now);
    now = done.recording;
    findings.push(...done.findings);
    steps.push(
      `The artefact of ${done.beats.length} heart beats was fitted by the mean and three components, and subtracted.`,
    );
  }
  tell(0.6, "bad channels");
  const judged = findBadChannels(now, { mains, seed: options.seed ?? 0, ...(montage ? { montage } : {}) });
  findings.push(...judged.findings);
  const bad = judged.channels.filter(({ reasons }) => reasons.length > 0).map(({ channel }) => channel);
  now = markBad(now, new Set(bad));
  steps.push(bad.length === 0 ? "No channel was found bad." : `Marked bad: ${bad.join(", ")}.`);
  const unmixed = components(now, montage, options, tell);
  if (unmixed) {
    now = unmixed.recording;
    findings.push(...unmixed.findings);
    steps.push(unmixed.step);
  }
  const marked = now.groups.some(({ channels }) =>
    channels.some(({ kind, status }) => kind === "eeg" && status === "bad"),
  );
  if (marked && (options.interpolate ?? montage !== undefined)) {
    tell(0.9, "interpolation");
    if (!montage) throw withoutPlaces("bad channels are made from the good ones by their places");
    now = interpolateBad(now, montage);
    steps.push(`Bad channels were made from the others by spherical splines: ${now.notes?.interpolated ?? "none"}.`);
  }
  tell(0.95, "reference");
  const referenced = referencedTo(now, montage, options.reference ?? "average");
  if (referenced) {
    now = referenced.recording;
    steps.push(referenced.step);
  }
  return {
    recording: now,
    steps,
    findings,
    channels: judged.channels,
    components: unmixed?.components ?? [],
    ...(unmixed ? { separated: unmixed.separated } : {}),
  };
}

function volumesOf(events: Events, wish: string | false | undefined): Seconds[] {
  if (wish === false) return [];
  const chosen = wish === undefined ? isVolumeTrigger : (type: string): boolean => type === wish;
  const found = events.list.filter(({ type }) => chosen(type)).map(({ onset }) => onset);
  if (wish !== undefined && found.length < 3)
    throw new DataError("no-events", `there are too few events called ${wish} to be volumes`, {
      expected: "3 or more",
      found: `${found.length}; types: ${[...new Set(events.list.map(({ type }) => type))].slice(0, 12).join(", ")}`,
    });
  // Two or fewer that look like triggers are a start and a stop, not volumes.
  return found.length < 3 ? [] : found;
}

function refuseDuplicates(recording: Recording): void {
  const names = recording.groups.flatMap(({ channels }) => channels.map(({ name }) => name));
  const twice = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  if (twice.length > 0)
    throw new DataError("duplicate-channels", "channels are known by their names", {
      expected: "each name once",
      found: twice.join(", "),
    });
}

function components(
  recording: Recording,
  montage: Montage | undefined,
  { ica = "picard", remove = ["eye", "heart"], seed = 0 }: CleanEegOptions,
  tell: (share: number, note: string) => void,
) {
  if (ica === false) return undefined;
  tell(0.65, "components");
  const separated = separateComponents(recording, { method: ica, seed });
  const labelled = labelComponents(recording, separated, montage);
  const removed = labelled.components.filter(({ label }) => remove.includes(label)).map(({ index }) => index);
  return {
    recording: removeComponents(recording, separated, removed),
    findings: labelled.findings,
    components: labelled.components.map((component) => ({ ...component, removed: removed.includes(component.index) })),
    separated,
    step: `${separated.sources.length} independent components (${ica}, ${separated.iterations} iterations); ${
      removed.length === 0
        ? `none was ${remove.join(" or ")}`
        : `taken out: ${removed.join(", ")} (${remove.join(", ")})`
    }.`,
  };
}

function referencedTo(
  recording: Recording,
  montage: Montage | undefined,
  reference: NonNullable<CleanEegOptions["reference"]>,
): { readonly recording: Recording; readonly step: string } | undefined {
  if (reference === "none") return undefined;
  if (reference === "average")
    return { recording: averageReference(recording), step: "Referenced to the average of the good channels." };
  if (reference === "infinity") {
    if (!montage) throw withoutPlaces("a reference at infinity needs the places of the electrodes");
    return {
      recording: infinityReference(recording, montage),
      step: "Referenced to a point at infinity (three spheres).",
    };
  }
  return { recording: referenceTo(recording, reference), step: `Referenced to ${reference.join(" and ")}.` };
}

function withoutPlaces(what: string): DataError {
  return new DataError("no-positions", what, { expected: "a file that gives the electrodes' places", found: "none" });
}
