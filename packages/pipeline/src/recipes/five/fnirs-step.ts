/** fNIRS: light to haemoglobin, the response to each kind of event, and the cortex under each pair. */
import type { Events, Metadata, Montage, Participant, QcFinding, Recording } from "@quintet/core";
import { regionAt } from "@quintet/fusion/fuse";
import type { ChannelRow } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  type Activation,
  activation,
  type BlockResponse,
  blockAverage,
  isOptical,
  opticalPairs,
  pairMidpoint,
  pairName,
  qc,
  splitByDistance,
  withoutPairs,
} from "@quintet/modalities/fnirs";
import type { FnirsView, SensorLayer } from "@quintet/view";
import type { Absent, Step } from "../../engine/step.ts";
import { channelMeasures } from "./channel-measures.ts";
import { haemoglobin, leastCoupling, opticalCourses, passband, pathlengthNote } from "./fnirs-courses.ts";
import { readFnirs } from "./fnirs-inputs.ts";
import type { TomographyOutcome } from "./fnirs-tomography-step.ts";
import { type Anatomy, finding, type HeadFrame, type WingOutcome } from "./outcome.ts";
import { type Placement, type SensorsOnHead, sensorsOnHead } from "./sensors-on-head.ts";
import { recordingTrack } from "./time-line.ts";

export interface FnirsParams {
  readonly source: string;
  readonly companions: Readonly<Record<string, string>>;
  readonly metadata: Metadata;
  readonly participant: Participant;
}

const shortest = 15;
/** Seconds around a block, and of the mean that is called its amplitude. */
const window = [-2, 20] as const;
const amplitude = [5, 12] as const;

export const fnirsStep: Step<
  {
    file: string;
    anatomy: Anatomy | Absent;
    frame: HeadFrame | Absent;
    tomography: TomographyOutcome | Absent;
  },
  FnirsParams,
  WingOutcome
> = {
  name: "fnirs",
  version: 3,
  title: "fNIRS: haemoglobin responses",
  async run({ file, anatomy, frame, tomography }, { source, companions, participant }, { progress }) {
    await loadKernels();
    const { recording, montage, events } = await readFnirs(file, companions);
    const { all, light, dark, od, coupling, loose } = opticalCourses(recording);
    const findings: QcFinding[] = [...qc(all, montage)];
    const note = pathlengthNote(participant);
    const warnings = [
      ...(dark.size > 0 ? [`${dark.size} optical pairs hold zero or negative light and are left out`] : []),
      ...(loose.size > 0
        ? [`${loose.size} of ${coupling.size} optical pairs are loose (coupling below ${leastCoupling}) and left out`]
        : []),
    ];
    const empty = { modality: "fnirs", localises: false, evidence: [], registrations: [], images: [] } as const;
    const track = recordingTrack("fnirs", "fNIRS", recording, events);
    if (!montage) {
      return {
        ...empty,
        note: `${coupling.size} pairs without positions`,
        measures: [],
        qc: findings,
        layers: [],
        tracks: [track],
        warnings: [...warnings, "No optode positions: concentrations need source-detector distances"],
      };
    }
    progress(0.3, "haemoglobin");
    const concentration = haemoglobin(withoutPairs(od, loose), montage, participant);
    const { short, long } = splitByDistance(concentration, montage, shortest);
    const shortPairs = new Set(short.groups.flatMap(({ channels }) => channels.map(pairName)));
    const responses = events.list.length > 0 ? blockAverage(concentration, events, { window }) : [];
    progress(0.6, "optodes onto the head");
    const placement: Placement =
      "absent" in anatomy || "absent" in frame ? { qc: [] } : sensorsOnHead("fnirs", montage, anatomy, frame);
    findings.push(...placement.qc);
    const { head } = placement;
    const regions = "absent" in frame ? undefined : frame.regions;
    const cortexOf = pairCortex(concentration, montage, head);
    const active = responses.flatMap((response) => activation(response, { window: amplitude }));
    const under = (pair: string): string | undefined => {
      const cortex = shortPairs.has(pair) ? undefined : cortexOf.get(pair);
      return cortex && regions ? regionAt(cortex, 8, regions) : undefined;
    };
    const values = active
      .filter(({ kind }) => kind === "hbo" || kind === "hbr")
      .map(
        ({ pair, kind, eventType, value, standardError, n }): ChannelRow => ({
          channel: pair,
          measure: `${kind}-amplitude, ${eventType}${shortPairs.has(pair) ? ", scalp" : ""}`,
          value,
          unit: "mol/L",
          standardError,
          n,
          method: `mean ${amplitude[0]}-${amplitude[1]} s of the block average; Prahl extinction, ${note}`,
        }),
      );
    const measures = channelMeasures(values, under, "fnirs", source);
    if (shortPairs.size > 0)
      findings.push(
        finding(
          "fnirs",
          "short-pairs",
          shortPairs.size,
          "ok",
          `source and detector within ${shortest} mm: they see scalp, not cortex`,
          "{count}",
        ),
      );
    const [minutes] = [
      long.groups[0]?.segments.reduce(
        (sum, s) => sum + s.data.length / (long.groups[0]?.channels.length ?? 1) / (long.groups[0]?.rate ?? 1),
        0,
      ) ?? 0,
    ];
    const imaged = "absent" in tomography ? undefined : tomography;
    findings.push(...(imaged?.qc ?? []));
    return {
      ...empty,
      images: imaged?.images ?? [],
      note: `${coupling.size} pairs, ${(minutes / 60).toFixed(1)} min, ${events.list.length} events`,
      measures,
      qc: findings,
      layers: responseLayers(responses, active, cortexOf, head, shortPairs),
      tracks: [track],
      warnings,
      fnirs: {
        ...fnirsView(light, montage, head, coupling, loose, events, responses, active, shortPairs, note),
        ...(imaged?.view ? { tomography: imaged.view } : {}),
      },
    };
  },
};

/** The cortex under the middle of each pair, subject:T1w mm. */
function pairCortex(
  recording: Recording,
  montage: Montage,
  head: SensorsOnHead | undefined,
): Map<string, readonly [number, number, number]> {
  const out = new Map<string, readonly [number, number, number]>();
  if (!head) return out;
  for (const channel of recording.groups.flatMap(({ channels }) => channels)) {
    const pair = pairName(channel);
    if (out.has(pair)) continue;
    const middle = pairMidpoint({ ...montage, space: head.montage.space, sensors: head.montage.sensors }, channel);
    const under = head.cortexUnder(middle);
    if (under) out.set(pair, under);
  }
  return out;
}

function responseLayers(
  responses: readonly BlockResponse[],
  active: readonly Activation[],
  cortexOf: ReadonlyMap<string, readonly [number, number, number]>,
  head: SensorsOnHead | undefined,
  short: ReadonlySet<string>,
): readonly SensorLayer[] {
  if (!head) return [];
  return responses.map(({ type, n }, i) => {
    const rows = active.filter(
      (row) => row.eventType === type && row.kind === "hbo" && !short.has(row.pair) && cortexOf.has(row.pair),
    );
    const top = Math.max(0.1, ...rows.map(({ value }) => Math.abs(value) * 1e6));
    return {
      kind: "sensors",
      id: `fnirs-${i}`,
      modality: "fnirs",
      name: `HbO, ${type}`,
      unit: "µM",
      scale: 1e6,
      range: [-top, top],
      colourMap: "cool-warm",
      note: `Mean ${amplitude[0]}-${amplitude[1]} s after onset of ${n} blocks, painted on the cortex under each pair; not an image reconstruction.`,
      points: rows.map(({ pair, value }) => ({
        name: pair,
        position: cortexOf.get(pair) as readonly [number, number, number],
        cortex: cortexOf.get(pair) as readonly [number, number, number],
        value,
      })),
    };
  });
}

function fnirsView(
  light: Recording,
  montage: Montage,
  head: SensorsOnHead | undefined,
  coupling: ReadonlyMap<string, number>,
  loose: ReadonlySet<string>,
  events: Events,
  responses: readonly BlockResponse[],
  active: readonly Activation[],
  short: ReadonlySet<string>,
  note: string,
): FnirsView {
  const pairs = light.groups.flatMap(({ channels }) => opticalPairs(channels.filter(isOptical), "nirs-intensity"));
  const at = new Map(montage.sensors.map(({ name, position }) => [name, position]));
  const distance = (source: string, detector: string): number | undefined => {
    const [a, b] = [at.get(source), at.get(detector)];
    return a && b ? Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) : undefined;
  };
  return {
    note: `Optical density, band-pass ${passband.low}-${passband.high} Hz, modified Beer-Lambert law (Prahl extinction, ${note}); block average with the mean of ${window[0]}-0 s as zero.`,
    sensors: (head?.montage ?? montage).sensors,
    channels: pairs.map(({ name, source, detector }) => {
      const mm = distance(source, detector);
      const sci = coupling.get(name);
      return {
        name,
        source,
        detector,
        status: loose.has(name) ? "bad" : "good",
        ...(mm === undefined ? {} : { distance: mm }),
        ...(sci === undefined ? {} : { coupling: sci }),
      };
    }),
    events,
    responses: responses.flatMap((response) => strongest(response, active, short)),
  };
}

/** The pairs of the largest HbO amplitude, long and short apart: what a reader looks at first. */
function strongest(
  response: BlockResponse,
  active: readonly Activation[],
  short: ReadonlySet<string>,
): FnirsView["responses"][number][] {
  const rows = active
    .filter(({ eventType, kind }) => eventType === response.type && kind === "hbo")
    .toSorted((a, b) => Math.abs(b.t) - Math.abs(a.t));
  const picked = [
    ...rows.filter(({ pair }) => !short.has(pair)).slice(0, 2),
    ...rows.filter(({ pair }) => short.has(pair)).slice(0, 1),
  ];
  const n = response.times.length;
  const curve = (pair: string, kind: string): { mean: Float64Array; se: Float64Array } | undefined => {
    const index = response.channels.findIndex((channel) => channel.kind === kind && pairName(channel) === pair);
    return index < 0
      ? undefined
      : {
          mean: response.mean.subarray(index * n, (index + 1) * n),
          se: response.standardError.subarray(index * n, (index + 1) * n),
        };
  };
  return picked.flatMap(({ pair }) => {
    const [hbo, hbr] = [curve(pair, "hbo"), curve(pair, "hbr")];
    if (!hbo || !hbr) return [];
    const where = short.has(pair) ? `${pair} (short: scalp)` : pair;
    return [
      { name: where, condition: response.type, time: response.times, hbo, hbr, trials: response.n, channels: [pair] },
    ];
  });
}
