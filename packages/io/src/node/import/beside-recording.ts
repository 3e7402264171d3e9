/** Tables that lie beside a loose recording: its events, its digitised positions, its bad channels. */
import type { Events, Metadata, Montage, Recording } from "@quintet/core";
import { readChannelsTsv, withChannels } from "../../bids/channels.ts";
import { readEventsTsv } from "../../bids/events.ts";
import { folderOf } from "../../bids/inherit.ts";
import { readElectrodesTsv, readOptodesTsv } from "../../bids/positions.ts";
import { type Table, writeTsv } from "../../bids/tsv.ts";
import type { SignalFile } from "../../signal/signal-file.ts";
import type { ImportJob } from "./job.ts";
import { stemOf } from "./placing.ts";

export interface WithTables {
  readonly recording: Recording;
  readonly events: Events;
  readonly montage?: Montage;
  /** Paths of the side files that were taken up. */
  readonly used: readonly string[];
}

interface Found {
  readonly path: string;
  readonly table: Table;
}

/**
 * A recording with what the tables beside it say. A table belongs to it when it bears its name, or when it is the only one
 * of its kind in the folder and the recording the only one there. Tables win over the recording's own events and positions;
 * one that cannot be read is told of and left.
 */
export function withTables(
  path: string,
  read: SignalFile,
  alone: boolean,
  optical: boolean,
  job: ImportJob,
): WithTables {
  const used: string[] = [];
  const attempt = <T>(found: Found | undefined, make: (text: string, file: string) => T): T | undefined => {
    if (found === undefined) return undefined;
    try {
      const made = make(writeTsv(found.table.columns, found.table.rows), found.path);
      used.push(found.path);
      return made;
    } catch (cause) {
      job.problems.push(cause instanceof Error ? cause.message : String(cause));
      return undefined;
    }
  };
  const find = (role: string, columns: readonly string[]): Found | undefined =>
    tableFor(path, role, columns, alone, job);
  const events = attempt(find("events", ["onset", "duration"]), (text, file) =>
    readEventsTsv(text, { file, clock: read.recording.clock }),
  );
  const described = attempt(find("channels", ["name", "type", "units"]), (text, file) =>
    readChannelsTsv(text, { file }),
  );
  const frame = coordsystemIn(folderOf(path), job);
  const role = optical ? "optodes" : "electrodes";
  const positions = frame && find(role, ["name", "x", "y", "z"]);
  const montage = attempt(positions, (text, file) =>
    (optical ? readOptodesTsv : readElectrodesTsv)(text, { file, coordsystem: frame?.metadata ?? {} }),
  );
  if (montage && frame) used.push(frame.path);
  const placed = montage ?? read.montage;
  return {
    recording: described ? withChannels(read.recording, described) : read.recording,
    events: events ?? read.events,
    ...(placed ? { montage: placed } : {}),
    used,
  };
}

function tableFor(
  path: string,
  role: string,
  columns: readonly string[],
  alone: boolean,
  job: ImportJob,
): Found | undefined {
  const stem = stemOf(path).replace(/_(eeg|nirs)$/, "");
  const fitting = [...job.survey.tables]
    .filter(([, table]) => columns.every((column) => table.columns.includes(column)))
    .map(([at, table]) => ({ path: at, table }));
  const named = fitting.find((found) => stemOf(found.path) === `${stem}_${role}` || stemOf(found.path) === stem);
  const here = fitting.filter((found) => folderOf(found.path) === folderOf(path));
  return named ?? (alone && here.length === 1 ? here[0] : undefined);
}

function coordsystemIn(folder: string, job: ImportJob): { path: string; metadata: Metadata } | undefined {
  const found = [...job.survey.sidecars].filter(
    ([path, metadata]) =>
      folderOf(path) === folder && Object.keys(metadata).some((key) => /^(EEG|NIRS)CoordinateSystem$/.test(key)),
  );
  const [only, second] = found;
  return only && !second ? { path: only[0], metadata: only[1] } : undefined;
}
