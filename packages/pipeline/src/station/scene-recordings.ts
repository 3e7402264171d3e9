/** EEG and fNIRS recordings of one person, by their headers: channels, stretches, and which sensors they belong to. */
import { dirname, join, relative } from "node:path";
import {
  type Channel,
  DataError,
  type Montage,
  type Participant,
  type Point,
  type StudyFile,
  type TimeMap,
} from "@quintet/core";
import { readChannelsTsv } from "@quintet/io";
import { readFileBounded } from "@quintet/io/node";
import { electrodeName } from "@quintet/modalities/eeg";
import { pairName } from "@quintet/modalities/fnirs";
import { displayUnit, type SceneRecording, type SceneSensor } from "@quintet/view";
import { readCompanionMontage } from "../recipes/five/companions.ts";
import type { Desk, ListedRecording } from "./desk.ts";
import type { Facts } from "./facts-file.ts";
import { sceneMap } from "./on-study-clock.ts";
import { insideOf } from "./places.ts";
import type { RecordingHead } from "./recording/job.ts";
import type { StoredScene } from "./stored-scene.ts";
import { type Problem, problemOf } from "./stored-subject.ts";

export interface RecordingDraft {
  readonly path: string;
  readonly source: string;
  readonly idName: string;
  readonly modality: "eeg" | "fnirs";
  readonly name: string;
  /** Absolute path of channels.tsv. */
  readonly channels?: string;
  readonly map?: TimeMap;
  /** Side files by role, relative to the recording. */
  readonly companions: Readonly<Record<string, string>>;
  readonly participant: Pick<Participant, "age">;
  /** Absolute path of events.tsv, there or not. */
  readonly events?: string;
}

export interface RecordingTools {
  readonly desk: Desk;
  /** Without it the file is always opened. */
  readonly facts?: Facts;
  /** No file is opened before. */
  readonly after?: Promise<void>;
  readonly subject: string;
  readonly scene?: StoredScene;
  readonly sensors: readonly SceneSensor[];
  readonly problems: Problem[];
}

export function recordingDrafts(
  root: string,
  files: readonly StudyFile[],
  streams: ReadonlyMap<string, string>,
  maps: Readonly<Record<string, TimeMap>>,
  participant: Pick<Participant, "age">,
): readonly RecordingDraft[] {
  return files
    .filter(
      ({ datatype, path }) => (datatype === "eeg" || datatype === "nirs") && /\.(edf|bdf|vhdr|set|snirf)$/.test(path),
    )
    .map(({ path, modality, entities, companions }): RecordingDraft => {
      const stream = streams.get(path);
      const map = stream === undefined ? undefined : maps[stream];
      const told = [entities.task, entities.run && `run ${entities.run}`].filter(Boolean).join(", ");
      const kind = modality === "eeg" ? "EEG" : "fNIRS";
      return {
        path: join(root, path),
        source: path,
        idName: path.split("/").at(-1) as string,
        modality: modality as "eeg" | "fnirs",
        name: told ? `${kind} ${told}` : kind,
        companions: Object.fromEntries(
          Object.entries(companions).map(([role, side]) => [role, relative(dirname(path), side)]),
        ),
        participant,
        events: join(root, companions.events ?? path.replace(/_(eeg|nirs)\.[a-z]+$/, "_events.tsv")),
        ...(companions.channels === undefined ? {} : { channels: join(root, companions.channels) }),
        ...(map ? { map } : {}),
      };
    });
}

/** Electrodes and optodes where their own files say, when no run has placed them on the head. */
export async function measuredSensors(
  root: string,
  files: readonly StudyFile[],
  problems: Problem[],
): Promise<readonly SceneSensor[]> {
  const found: SceneSensor[] = [];
  for (const { path, modality, companions } of files) {
    if (modality !== "eeg" && modality !== "fnirs") continue;
    const beside = Object.fromEntries(
      Object.entries(companions).map(([role, side]) => [role, relative(dirname(path), side)]),
    );
    const role = modality === "eeg" ? "electrodes" : "optodes";
    try {
      const montage = await readCompanionMontage(join(root, path), beside, role);
      if (montage)
        found.push(
          ...sensorsOf(montage, modality).filter(
            ({ name }) => !found.some((one) => one.modality === modality && one.name === name),
          ),
        );
    } catch (error) {
      problems.push(problemOf(companions[role] ?? path, error));
    }
  }
  return found;
}

export function sensorsOf({ sensors }: Montage, modality: "eeg" | "fnirs"): readonly SceneSensor[] {
  return sensors.flatMap(({ name, kind, position }) =>
    position && (kind === "electrode" || kind === "source" || kind === "detector")
      ? [{ name, kind, modality, position: [...position] as [number, number, number] }]
      : [],
  );
}

/** A recording that cannot be opened is a problem and the rest is shown. */
export async function sceneRecordings(
  drafts: readonly RecordingDraft[],
  tools: RecordingTools,
): Promise<readonly SceneRecording[]> {
  const found: SceneRecording[] = [];
  for (const draft of drafts) {
    try {
      found.push(await sceneRecording(draft, tools));
    } catch (error) {
      tools.problems.push(problemOf(draft.source, error));
    }
  }
  return found;
}

async function sceneRecording(draft: RecordingDraft, tools: RecordingTools): Promise<SceneRecording> {
  const { path, modality, name, map, companions, participant, events } = draft;
  const job: ListedRecording = {
    kind: "recording",
    path,
    companions,
    participant,
    bad: [],
    ...(events === undefined ? {} : { events }),
  };
  const { desk, facts, after } = tools;
  const head = async (): Promise<RecordingHead> => {
    await after;
    return desk.recording(job);
  };
  const open = await (facts ? facts.of("recording", await insideOf(desk.roots, path), head) : head());
  const described = await statusOf(draft, tools.problems);
  const unusable = new Set(tools.scene?.badChannels[modality] ?? []);
  const bad = open.groups
    .flatMap(({ channels }) => channels)
    .filter((one) => described.has(one.name) || one.status === "bad" || unusable.has(ownName(one)))
    .map((channel) => channel.name);
  const id = desk.list(draft.idName, { job: { ...job, bad }, subject: tools.subject });
  return {
    id,
    modality,
    name,
    source: draft.source,
    duration: durationOf(open),
    groups: open.groups.map(({ rate, channels, segments }) => ({
      rate,
      channels: channels.map((channel) => ({
        name: channel.name,
        kind: channel.kind,
        unit: displayUnit(channel.unit).unit,
        bad: bad.includes(channel.name),
        ...placeOf(channel, modality, tools),
      })),
      segments,
    })),
    ...(map ? { map: sceneMap(map) } : {}),
    url: `api/recording/${id}`,
    derived:
      modality === "fnirs" && open.groups.some(({ channels }) => channels.some(({ kind }) => kind === "nirs-intensity"))
        ? ["od", "hb"]
        : [],
    montages: modality === "eeg" ? ["average", "double-banana"] : [],
    eventsUrl: `api/events/${id}`,
  };
}

/** As the stored scene calls it: an electrode, or a pair of optodes. */
function ownName(channel: Channel): string {
  return /^(nirs|hb)/.test(channel.kind) ? pairName(channel) : electrodeName(channel.name);
}

function placeOf(
  channel: Channel,
  modality: "eeg" | "fnirs",
  { sensors, scene }: RecordingTools,
): { readonly sensors: readonly string[]; readonly cortex?: Point } {
  const known = new Map(sensors.filter((one) => one.modality === modality).map((one) => [one.name, one]));
  if (modality === "fnirs") {
    const cortex = /^(nirs|hb)/.test(channel.kind) ? scene?.pairs[pairName(channel)] : undefined;
    return { sensors: channel.sensors.filter((name) => known.has(name)), ...(cortex ? { cortex } : {}) };
  }
  const [electrode] = [...channel.sensors, channel.name, electrodeName(channel.name)].filter((name) => known.has(name));
  const cortex = electrode === undefined ? undefined : known.get(electrode)?.cortex;
  return { sensors: electrode === undefined ? [] : [electrode], ...(cortex ? { cortex } : {}) };
}

/** Names of the channels that channels.tsv calls bad. */
async function statusOf({ channels: path, source }: RecordingDraft, problems: Problem[]): Promise<ReadonlySet<string>> {
  if (path === undefined) return new Set();
  try {
    const rows = readChannelsTsv(new TextDecoder().decode(await readFileBounded(path, 2 ** 24)), { file: path });
    return new Set(rows.flatMap(({ name, status }) => (status === "bad" ? [name] : [])));
  } catch (error) {
    problems.push(problemOf(source.replace(/[^/]*$/, path.split(/[\\/]/).at(-1) ?? ""), error));
    return new Set();
  }
}

/** Seconds from the first to the last sample, gaps included. @throws DataError `no-samples` */
function durationOf({ groups }: RecordingHead): number {
  const ends = groups.flatMap(({ rate, segments }) =>
    segments.map(({ start, samples }) => [start, start + samples / rate] as const),
  );
  if (ends.length === 0) throw new DataError("no-samples", "the recording holds no samples");
  return Math.max(...ends.map(([, end]) => end)) - Math.min(...ends.map(([start]) => start));
}
