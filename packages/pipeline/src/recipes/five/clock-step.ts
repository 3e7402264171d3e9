/** One clock for the visit: which streams share pulses, what ties them, how sure it is. */
import { dirname, join } from "node:path";
import type { Event, Seconds, StudyFile, TimeMap } from "@quintet/core";
import {
  type ClockFinding,
  type ClockStream,
  duplicateFindings,
  mapFindings,
  type Refused,
  studyClock,
} from "@quintet/fusion/clock";
import { readVolume } from "@quintet/io/node";
import type { Absent, Step } from "../../engine/step.ts";
import { readCompanionEvents } from "./companions.ts";
import { type ScannerTimes, scannerTimes } from "./scanner-clock.ts";
import { isVolumeTrigger } from "./volume-triggers.ts";

/** What the clock needs to know of one file. */
export interface TimedFile {
  readonly id: string;
  /** Wall-clock start of the acquisition, ISO 8601. */
  readonly startedAt?: string;
  /** events.tsv relative to the file's folder. */
  readonly events?: string;
  /** Seconds between two volumes of a BOLD run. */
  readonly repetition?: Seconds;
  /** Starts of its volumes and triggers that the scanner saw, as its own stamps tell them. */
  readonly scanner?: Omit<ScannerTimes, "tick">;
  /** Step in which its clock tells time: a recording's sample, a scanner's stamp. */
  readonly tick?: Seconds;
}

export interface ClockTie {
  readonly from: string;
  readonly to: string;
  /** Which pulses both have. */
  readonly pulses: string;
  readonly used: number;
  /** Pulses of either side that found no partner or were left out, on that side's clock. */
  readonly refused: readonly (Refused & { readonly clock: string })[];
  /** Standard deviation of one pulse about the line, s. */
  readonly jitter?: Seconds;
  /** Deviation of each used pulse from the line, on the clock `from`, s. */
  readonly residuals: readonly { readonly time: Seconds; readonly residual: Seconds }[];
  /** Why the two could not be tied. */
  readonly why?: string;
}

/** What all later steps and the report ask for times. */
export interface VisitClock {
  readonly startedAt?: string;
  /** The stream whose clock the study's is, when pulses tie others to it. */
  readonly reference?: string;
  readonly maps: Readonly<Record<string, TimeMap<string, "study">>>;
  readonly ties: readonly ClockTie[];
  readonly findings: readonly (ClockFinding & { readonly stream: string })[];
}

/** Paths of the files by id. */
export type ClockInputs = Readonly<Record<string, string | Absent>>;

export const clockStep: Step<ClockInputs, { readonly files: readonly TimedFile[] }, VisitClock> = {
  name: "clock",
  version: 2,
  title: "One clock",
  async run(inputs, { files }) {
    const streams: ClockStream[] = [];
    const findings: (ClockFinding & { stream: string })[] = [];
    for (const file of files) {
      const path = inputs[file.id];
      const marks = await marksOf(typeof path === "string" ? path : undefined, file);
      findings.push(...duplicateFindings(marks).map((found) => ({ ...found, stream: file.id })));
      streams.push(streamOf(file, marks));
    }
    const { maps, links, startedAt, reference } = studyClock(streams);
    for (const [stream, map] of maps) findings.push(...mapFindings(map).map((found) => ({ ...found, stream })));
    return {
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(reference === undefined ? {} : { reference }),
      maps: Object.fromEntries(maps),
      ties: links.map(({ from, to, pulses, match, why }): ClockTie => {
        const ends = { from, to, pulses };
        if (match === undefined)
          return { ...ends, used: 0, refused: [], residuals: [], ...(why === undefined ? {} : { why }) };
        const mine = streams.find(({ clock }) => clock === from)?.pulses[pulses] ?? [];
        return {
          ...ends,
          used: match.used.filter(Boolean).length,
          jitter: match.jitter,
          refused: [
            ...match.refusedMine.map((one) => ({ ...one, clock: from })),
            ...match.refusedOther.map((one) => ({ ...one, clock: to })),
          ],
          residuals: match.pairs.map(([i], k) => ({ time: mine[i] as number, residual: match.residuals[k] as number })),
        };
      }),
      findings,
    };
  },
};

type Mark = Pick<Event, "onset" | "type">;

/** Events of a recording, or the starts of a BOLD run's volumes: as stamped, else by its repetition time. */
async function marksOf(
  path: string | undefined,
  { events, repetition, scanner, id }: TimedFile,
): Promise<readonly Mark[]> {
  if (scanner !== undefined)
    return [
      ...scanner.volumes.map((onset) => ({ onset, type: volumePulse })),
      ...Object.entries(scanner.triggers).flatMap(([type, times]) => times.map((onset) => ({ onset, type }))),
    ];
  if (path === undefined) return [];
  if (repetition !== undefined) {
    const { frames } = await readVolume(path, { nonFinite: "keep" });
    return frames.length > 1 ? frames.map((_, k) => ({ onset: k * repetition, type: volumePulse })) : [];
  }
  if (events === undefined) return [];
  const read = await readCompanionEvents(path, { events: join(".", events) }, id);
  return read?.list ?? [];
}

const volumePulse = "volume";

function streamOf({ id, startedAt, tick }: TimedFile, marks: readonly Mark[]): ClockStream {
  const pulses: Record<string, Seconds[]> = {};
  for (const { onset, type } of marks.toSorted((a, b) => a.onset - b.onset)) {
    const name = isVolumeTrigger(type) ? volumePulse : type;
    const train = pulses[name];
    if (train === undefined) pulses[name] = [onset];
    else train.push(onset);
  }
  const last = marks.reduce((most, { onset }) => Math.max(most, onset), 0);
  return {
    clock: id,
    middle: last / 2,
    pulses,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(tick === undefined ? {} : { tick }),
  };
}

/** What the clock step must know of a file of the data set. */
export function timedFile(id: string, file: StudyFile): TimedFile {
  const { metadata, companions, acquiredAt, path, suffix } = file;
  const [repetition, rate] = [metadata.RepetitionTime, metadata.SamplingFrequency];
  const stamped = suffix === "bold" ? scannerTimes(metadata, path) : undefined;
  const events = companions.events === undefined ? undefined : relativeTo(dirname(path), companions.events);
  return {
    id,
    ...(acquiredAt === undefined ? {} : { startedAt: acquiredAt }),
    ...(stamped === undefined ? {} : { scanner: { volumes: stamped.volumes, triggers: stamped.triggers } }),
    ...(stamped === undefined && suffix === "bold" && typeof repetition === "number" && repetition > 0
      ? { repetition }
      : {}),
    ...(suffix !== "bold" && events !== undefined ? { events } : {}),
    ...(stamped?.tick !== undefined ? { tick: stamped.tick } : {}),
    ...(typeof rate === "number" && rate > 0 ? { tick: 1 / rate } : {}),
  };
}

const relativeTo = (folder: string, path: string): string =>
  path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
