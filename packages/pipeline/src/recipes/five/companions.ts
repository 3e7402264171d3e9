/** Side files of a recording in a data set, read when they are there. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Events, Montage } from "@quintet/core";
import { readElectrodesTsv, readEventsTsv, readJson, readOptodesTsv } from "@quintet/io";

/** Paths by role, relative to the recording's folder. */
type Companions = Readonly<Record<string, string>>;

function beside(recording: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : join(dirname(recording), path);
}

async function textOf(path: string | undefined): Promise<string | undefined> {
  return path !== undefined && existsSync(path) ? readFile(path, "utf8") : undefined;
}

/** events.tsv on the recording's clock; undefined without one. */
export async function readCompanionEvents(
  recording: string,
  companions: Companions,
  clock: string,
): Promise<Events | undefined> {
  const events = beside(recording, companions.events);
  const text = await textOf(events);
  return text === undefined || events === undefined ? undefined : readEventsTsv(text, { file: events, clock });
}

/** electrodes.tsv or optodes.tsv with its coordsystem.json; undefined without them. */
export async function readCompanionMontage(
  recording: string,
  companions: Companions,
  role: "electrodes" | "optodes",
): Promise<Montage | undefined> {
  const [file, frame] = [beside(recording, companions[role]), beside(recording, companions.coordsystem)];
  const text = await textOf(file);
  if (text === undefined || file === undefined) return undefined;
  const described = await textOf(frame);
  const coordsystem = described === undefined || frame === undefined ? {} : readJson(described, frame);
  const options = { file, coordsystem, ...(frame === undefined ? {} : { coordsystemFile: frame }) };
  return role === "electrodes" ? readElectrodesTsv(text, options) : readOptodesTsv(text, options);
}
