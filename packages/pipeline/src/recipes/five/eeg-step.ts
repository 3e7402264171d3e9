/** EEG: quality, spectra, band powers, left against right, and channels that stand out. */
import {
  type Channel,
  DataError,
  type Events,
  type Evidence,
  type Metadata,
  type Montage,
  type Point,
  type QcFinding,
  type Recording,
  sampleCount,
  sensorNamed,
} from "@quintet/core";
import { regionAt, regionName } from "@quintet/fusion/fuse";
import { readRecording } from "@quintet/io/node";
import type { ChannelRow } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  asymmetryRows,
  averageReference,
  type BandPower,
  bandAsymmetry,
  bandPower,
  channelQuality,
  clinicalBands,
  type FocalFinding,
  filterRecording,
  focalSlowing,
  markBad,
  onlyEeg,
  qc,
  slowing,
  welch,
} from "@quintet/modalities/eeg";
import type { EegCleaning, EegView, SensorLayer } from "@quintet/view";
import type { Absent, Step } from "../../engine/step.ts";
import type { HeadCortex } from "../head/outcome.ts";
import { channelMeasures } from "./channel-measures.ts";
import { readCompanionEvents, readCompanionMontage } from "./companions.ts";
import { eventAverages } from "./eeg-averages.ts";
import { medianSpectrum, withoutEyes, withoutScanner } from "./eeg-cleaning.ts";
import { type SpikeSources, spikeSources } from "./eeg-spike-sources.ts";
import type { Anatomy, HeadFrame, WingOutcome } from "./outcome.ts";
import { type Placement, sensorsOnHead } from "./sensors-on-head.ts";
import { recordingTrack } from "./time-line.ts";
import { withoutVolumeTriggers } from "./volume-triggers.ts";

export interface EegParams {
  readonly source: string;
  readonly companions: Readonly<Record<string, string>>;
  readonly metadata: Metadata;
  readonly claims: boolean;
}

const passband = { low: 1, high: 40 } as const;
/**
 * One sigma of a source's place under the electrode that shows it most, mm per axis: volume conduction spreads a cortical
 * source over several centimetres of scalp, and sources a centimetre or two deep are seen as well. A judgement.
 */
const electrodeError = 20;

export const eegStep: Step<
  {
    file: string;
    anatomy: Anatomy | Absent;
    frame: HeadFrame | Absent;
    left: HeadCortex | Absent;
    right: HeadCortex | Absent;
  },
  EegParams,
  WingOutcome
> = {
  name: "eeg",
  version: 4,
  title: "EEG: spectra and focal signs",
  async run({ file, anatomy, frame, left, right }, { source, companions, metadata, claims }, { progress }) {
    await loadKernels();
    const read = await readRecording(file);
    const heard = (await readCompanionEvents(file, companions, read.recording.clock)) ?? read.events;
    const events = withoutVolumeTriggers(heard);
    const measured = (await readCompanionMontage(file, companions, "electrodes")) ?? read.montage;
    const mains = metadata.PowerLineFrequency === 60 ? 60 : 50;
    const scanner = withoutScanner(read.recording, heard);
    const brain = onlyEeg(scanner.recording);
    const findings: QcFinding[] = [...qc(brain, mains)];
    const bad = new Set(
      channelQuality(brain, mains)
        .filter((q) => q.bad)
        .map(({ channel }) => channel),
    );
    progress(0.2, "filter");
    const plain = averageReference(markBad(brain, bad));
    const clean = filterRecording(plain, passband);
    progress(0.5, "spectra");
    const channels = clean.groups.flatMap((group) => group.channels);
    const names = channels.map(({ name }) => name);
    const placement: Placement =
      "absent" in anatomy || "absent" in frame
        ? { qc: [] }
        : sensorsOnHead("eeg", measured ?? named(channels), anatomy, frame);
    findings.push(...placement.qc);
    const { head } = placement;
    const montage = head?.montage ?? measured;
    const regions = "absent" in frame ? undefined : frame.regions;
    const under = new Map(
      channels.flatMap(({ name }) => {
        const position = montage && sensorNamed(montage, name)?.position;
        const point = position && head?.cortexUnder(position);
        return position && point ? [[name, { position, cortex: point }] as const] : [];
      }),
    );
    const labelOf = (channel: string): string | undefined => {
      const cortex = under.get(channel)?.cortex;
      return cortex && regions ? regionAt(cortex, 10, regions) : undefined;
    };
    progress(0.6, "components");
    // With the channels that tell eyes and heart, where there are any.
    const helped = scanner.recording.groups.some(({ channels }) =>
      channels.some(({ kind }) => kind === "eog" || kind === "ecg"),
    );
    const all = helped
      ? filterRecording(averageReference(markBad(scanner.recording, byElectrode(scanner.recording, bad))), passband)
      : clean;
    const eyes = withoutEyes(all, [clean, plain], measured);
    const [seen = clean, raw = plain] = eyes.recordings;
    progress(0.7, "spikes and their sources");
    const cortices = [left, right].flatMap((side) => ("absent" in side ? [] : [side]));
    const spikes = spikeSources(raw, seen, head?.montage, "absent" in anatomy ? undefined : anatomy.brain, cortices);
    findings.push(...scanner.findings, ...eyes.findings);
    const cleaning: EegCleaning = {
      steps: [
        ...scanner.steps,
        bad.size === 0 ? "No channel was found bad." : `Left out as bad: ${[...bad].join(", ")}.`,
        `Average reference of the good channels; zero-phase filter of ${passband.low} to ${passband.high} Hz.`,
        ...eyes.steps,
      ],
      findings: [...scanner.findings, ...eyes.findings],
      before: medianSpectrum(markBad(onlyEeg(read.recording), bad)),
      after: medianSpectrum(seen),
      components: eyes.components,
    };
    const powers = bandPower(clean);
    const focal = focalSlowing(clean, measured);
    const evidence = claims
      ? focalEvidence(focal.findings, under, regions ? (point) => regionAt(point, electrodeError, regions) : undefined)
      : [];
    const seconds =
      clean.groups[0]?.segments.reduce(
        (sum, segment) => sum + sampleCount(clean.groups[0] as Recording["groups"][number], segment),
        0,
      ) ?? 0;
    const rate = clean.groups[0]?.rate ?? 1;
    return {
      modality: "eeg",
      note: `${names.length} channels, ${rate} Hz, ${(seconds / rate / 60).toFixed(1)} min${bad.size > 0 ? `, ${bad.size} bad` : ""}`,
      localises: claims && focal.pairs > 0,
      measures: [
        ...channelMeasures(channelValues(clean, powers), labelOf, "eeg", source),
        ...channelMeasures(sides(clean), () => undefined, "eeg", source),
      ],
      evidence,
      qc: findings,
      layers: [...deltaLayer(powers, under), ...spikes.layers],
      registrations: [],
      tracks: [recordingTrack("eeg", "EEG", read.recording, events)],
      images: [],
      warnings: [
        ...(measured ? [] : ["No electrode positions: places follow from the 10-20 names on this head"]),
        ...focal.notes,
      ],
      eeg: {
        ...withSpikes(eegView(clean, powers, events, montage, [...bad], focal.findings), spikes),
        evoked: [...spikes.evoked, ...eventAverages(seen, events)],
        cleaning,
      },
    };
  },
};

/** Names of the channels whose electrodes are called so. */
function byElectrode({ groups }: Recording, electrodes: ReadonlySet<string>): Set<string> {
  const channels = groups.flatMap((group) => group.channels);
  return new Set(
    channels.flatMap(({ name, sensors, kind }) => (kind === "eeg" && electrodes.has(sensors[0] ?? name) ? [name] : [])),
  );
}

/** Electrodes known by name only. */
function named(channels: readonly Channel[]): Montage {
  return { space: "names", sensors: channels.map(({ name }) => ({ name, kind: "electrode" })) };
}

function channelValues(clean: Recording, powers: readonly BandPower[]): ChannelRow[] {
  const method = `Welch, 2-s Hamming windows, average reference, ${passband.low}-${passband.high} Hz`;
  const rows = powers.flatMap(({ channel, band, power, standardError, relative, relativeError, n }): ChannelRow[] => [
    {
      channel,
      measure: `${band}-power`,
      value: power * 1e12,
      unit: "uV2",
      standardError: standardError * 1e12,
      n,
      method,
    },
    { channel, measure: `${band}-relative-power`, value: relative, unit: "1", standardError: relativeError, n, method },
  ]);
  for (const { channel, thetaAlpha, thetaAlphaError, slowFast, slowFastError, peakAlpha, n } of slowing(clean)) {
    rows.push(
      {
        channel,
        measure: "theta-alpha-ratio",
        value: thetaAlpha,
        unit: "1",
        standardError: thetaAlphaError,
        n,
        method: "P(theta) / P(alpha)",
      },
      {
        channel,
        measure: "slow-fast-ratio",
        value: slowFast,
        unit: "1",
        standardError: slowFastError,
        n,
        method: "(P(delta) + P(theta)) / (P(alpha) + P(beta))",
      },
    );
    if (peakAlpha !== undefined) {
      rows.push({
        channel,
        measure: "alpha-peak",
        value: peakAlpha,
        unit: "Hz",
        n,
        method: "largest local maximum of 6-13 Hz, parabola through log density",
      });
    }
  }
  return rows;
}

/** Left against right; none when no two channels lie over mirrored places. */
function sides(clean: Recording): readonly ChannelRow[] {
  try {
    return asymmetryRows(bandAsymmetry(clean));
  } catch (error) {
    if (error instanceof DataError && error.code === "no-pairs") return [];
    throw error;
  }
}

/** Channels that stand out become evidence at the cortex under them, one per kind: the strongest and its company. */
function focalEvidence(
  findings: readonly FocalFinding[],
  under: ReadonlyMap<string, { readonly cortex: Point }>,
  label: ((point: Point) => string | undefined) | undefined,
): Evidence[] {
  return (["slowing", "sharp-transients"] as const).flatMap((kind) => {
    const [first, ...rest] = findings.filter((found) => found.kind === kind && found.side !== "midline");
    if (!first) return [];
    const company = [first, ...rest.filter(({ side }) => side === first.side)];
    let weights = 0;
    const sum: [number, number, number] = [0, 0, 0];
    for (const { channel, score } of company) {
      const cortex = under.get(channel)?.cortex;
      if (!cortex) continue;
      weights += score;
      for (let k = 0; k < 3; k++) sum[k] = (sum[k] as number) + score * (cortex[k] as number);
    }
    const position: Point | undefined =
      weights > 0 ? [sum[0] / weights, sum[1] / weights, sum[2] / weights] : undefined;
    const region = position && label?.(position);
    return [
      {
        modality: "eeg" as const,
        kind: kind === "slowing" ? "eeg-focal-slowing" : "eeg-spikes",
        ...(region === undefined ? { region: "hemisphere", side: first.side } : regionName(region)),
        ...(position ? { position, space: "subject:T1w", positionError: electrodeError } : {}),
        score: first.score,
        scoreName: "robust z against the other side",
        chance: first.familywise,
        note: `${company.map(({ channel }) => channel).join(", ")}: ${first.note}`,
      },
    ];
  });
}

function deltaLayer(
  powers: readonly BandPower[],
  under: ReadonlyMap<string, { readonly position: Point; readonly cortex: Point }>,
): readonly SensorLayer[] {
  const rows = powers.filter(({ band, channel }) => band === "delta" && under.has(channel));
  if (rows.length === 0) return [];
  const top = Math.max(...rows.map(({ power }) => power * 1e12));
  return [
    {
      kind: "sensors",
      id: "eeg-delta",
      modality: "eeg",
      name: "Delta power",
      unit: "µV²",
      scale: 1e12,
      range: [0, top],
      colourMap: "inferno",
      note: "1-4 Hz power painted on the cortex under each electrode; not a source estimate.",
      points: rows.map(({ channel, power }) => ({
        name: channel,
        value: power,
        ...(under.get(channel) as { position: Point; cortex: Point }),
      })),
    },
  ];
}

function eegView(
  clean: Recording,
  powers: readonly BandPower[],
  events: Events,
  montage: Montage | undefined,
  bad: readonly string[],
  focal: readonly FocalFinding[],
): EegView {
  const spectra = welch(clean);
  const upTo = spectra[0]?.frequencies.findIndex((f) => f > 45) ?? -1;
  const cut = (values: Float64Array): Float64Array => (upTo > 0 ? values.subarray(0, upTo) : values);
  const marked = [...new Set(focal.map(({ channel }) => channel))];
  const excerpt = excerptOf(clean, events);
  return {
    note: `Average reference of good channels; zero-phase FIR ${passband.low}-${passband.high} Hz.`,
    sensors: montage?.sensors ?? [],
    badChannels: bad,
    ...(excerpt ? { excerpt } : {}),
    spectra: {
      frequencies: cut(spectra[0]?.frequencies ?? new Float64Array()),
      channels: spectra.map(({ channel, density }) => ({ name: channel.name, power: cut(density) })),
      marked,
      method: "Welch, 2-s Hamming windows without overlap",
    },
    bands: Object.entries(clinicalBands).map(([name, [low, high]]) => ({ name, low, high })),
    topographies: Object.keys(clinicalBands).map((band) => ({
      name: band,
      unit: "µV²",
      scale: 1e12,
      colourMap: "cividis",
      values: powers.filter((row) => row.band === band).map(({ channel, power }) => ({ channel, value: power })),
    })),
  };
}

function withSpikes(view: EegView, { note, sources }: SpikeSources): EegView {
  return { ...view, ...(note === "" ? {} : { note: `${view.note} ${note}` }), ...(sources ? { sources } : {}) };
}

/** Ten seconds to look at: around the first marked event, else from the middle. */
function excerptOf(clean: Recording, events: Events): EegView["excerpt"] {
  const [group] = clean.groups;
  const segment = group?.segments.toSorted((a, b) => b.data.length - a.data.length)[0];
  if (!group || !segment) return undefined;
  const n = sampleCount(group, segment);
  const length = Math.min(n, Math.round(10 * group.rate));
  const onset = events.list.find(({ type }) => /seizure|spike|injection/i.test(type))?.onset;
  const wanted =
    onset === undefined ? Math.floor((n - length) / 2) : Math.round((onset - segment.start - 2) * group.rate);
  const from = Math.max(0, Math.min(n - length, wanted));
  return {
    channels: group.channels.map(({ name }) => name),
    rate: group.rate,
    start: segment.start + from / group.rate,
    data: group.channels.map((_, i) => segment.data.slice(i * n + from, i * n + from + length)),
    events,
  };
}
