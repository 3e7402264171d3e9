/** A BOLD series with its side file and events, as they lie beside it, and what the user says instead. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError, type Events, type Metadata, type Seconds, type Volume } from "@quintet/core";
import { parseBidsName, readEventsTsv, readJson } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import type { FieldmapFile } from "@quintet/modalities/mri";
import type { BoldInput } from "./analyse-bold.ts";

export interface ReadBoldOptions {
  /** Of the side file; read from beside the image without it. */
  readonly metadata?: Metadata;
  readonly repetitionTime?: Seconds;
  readonly sliceTimes?: readonly Seconds[];
  /** An events table; the one beside the image without it; none with `false`. */
  readonly events?: string | false;
  readonly fieldmaps?: readonly FieldmapFile[];
}

export interface ReadBold {
  readonly input: BoldInput;
  readonly files: readonly string[];
  /** What the user's words replaced. */
  readonly notes: readonly string[];
}

/**
 * @throws DataError `bad-tr`, and those of readVolume, readJson and readEventsTsv
 */
export async function readBold(file: string, options: ReadBoldOptions = {}): Promise<ReadBold> {
  const files = [file];
  const notes: string[] = [];
  const read = await readVolume(file, { space: "scanner:bold", clock: "bold" });
  const stem = file.replace(/\.nii(\.gz)?$/i, "");
  const metadata: Record<string, unknown> = { ...(options.metadata ?? (await sideFile(`${stem}.json`, files))) };
  if (metadata.RepetitionTime === 0)
    throw new DataError("missing-tr", "the side file says that a volume takes 0 s", {
      file,
      expected: "RepetitionTime in seconds, or --tr",
    });
  if (options.sliceTimes) {
    metadata.SliceTiming = options.sliceTimes;
    delete metadata.SliceEncodingDirection;
    notes.push("slice times as given");
  }
  let bold = read;
  if (options.repetitionTime !== undefined) {
    const tr = options.repetitionTime;
    if (!(tr > 0 && tr < 60))
      throw new DataError("bad-tr", "a repetition time is a number of seconds", {
        expected: "0 to 60 s",
        found: `${tr}`,
      });
    metadata.RepetitionTime = tr;
    notes.push(`repetition time ${tr} s as given`);
    bold = timed(read, tr);
  } else if (typeof metadata.RepetitionTime === "number" && !((read.frames[0]?.duration ?? 0) > 0)) {
    bold = timed(read, metadata.RepetitionTime);
  }
  const events = await eventsOf(stem, options.events, bold.clock, files);
  const fieldmaps = options.fieldmaps ?? (await fieldmapsBeside(file));
  return { input: { bold, metadata, fieldmaps, ...(events ? { events } : {}) }, files, notes };
}

function timed(volume: Volume, tr: Seconds): Volume {
  return { ...volume, frames: volume.frames.map((_, t) => ({ start: t * tr, duration: tr })) };
}

async function sideFile(path: string, files: string[]): Promise<Metadata> {
  if (!existsSync(path)) return {};
  files.push(path);
  return readJson(await readFile(path, "utf8"), path);
}

async function eventsOf(
  stem: string,
  asked: string | false | undefined,
  clock: string,
  files: string[],
): Promise<Events | undefined> {
  if (asked === false) return undefined;
  const path = asked ?? stem.replace(/_bold$/, "_events.tsv");
  if (asked === undefined && (path === stem || !existsSync(path))) return undefined;
  if (!existsSync(path)) throw new DataError("not-found", "there is no such table of events", { file: path });
  files.push(path);
  return readEventsTsv(await readFile(path, "utf8"), { file: path, clock });
}

/** The maps in ../fmap that name this series in IntendedFor; all of them where none names any. */
async function fieldmapsBeside(file: string): Promise<readonly FieldmapFile[]> {
  const folder = join(dirname(dirname(file)), "fmap");
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const all = await Promise.all(
    names.map(async (name): Promise<FieldmapFile> => {
      const path = join(folder, name);
      const suffix = parseBidsName(name)?.suffix ?? "";
      return { suffix, path, metadata: readJson(await readFile(path, "utf8"), path) };
    }),
  );
  return belongingTo(basename(file), all);
}

/** Fieldmaps meant for a series: those whose IntendedFor ends with its name; where none says anything, all. */
export function belongingTo(name: string, all: readonly FieldmapFile[]): readonly FieldmapFile[] {
  const intended = ({ metadata }: FieldmapFile): readonly string[] => [metadata.IntendedFor ?? []].flat().map(String);
  if (!all.some((one) => intended(one).length > 0)) return all;
  return all.filter((one) => intended(one).some((path) => path.endsWith(name)));
}
