/** A recording made ready for spikes and sources: its EEG channels alone, bad ones marked, filtered, against their average. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { DataError, type Events, type Montage, type Recording } from "@quintet/core";
import { readElectrodesTsv, readEventsTsv, readJson } from "@quintet/io";
import { readRecording } from "@quintet/io/node";
import { averageReference, channelQuality, filterRecording, markBad, onlyEeg } from "@quintet/modalities/eeg";

export interface ReadEegOptions {
  /** electrodes.tsv; its coordsystem.json is looked for beside it. Without it the recording's own places, if any. */
  readonly electrodes?: string;
  /** events.tsv; without it what the recording itself holds. */
  readonly events?: string;
  /** Hz; default 1 to 40 for averages. */
  readonly band?: { readonly low: number; readonly high: number };
  readonly mains?: 50 | 60;
  /** Channels to leave out besides those that quality finds bad. */
  readonly bad?: readonly string[];
}

export interface PreparedEeg {
  /** EEG channels only, unfiltered, bad ones marked, against the average of the good ones. */
  readonly plain: Recording;
  /** The same within the band. */
  readonly filtered: Recording;
  readonly montage?: Montage;
  readonly events: Events;
  readonly bad: readonly string[];
  readonly problems: readonly string[];
}

/** @throws DataError those of the readers, `no-channels`, `no-such-channel` */
export async function readEeg(path: string, options: ReadEegOptions = {}): Promise<PreparedEeg> {
  const { band = { low: 1, high: 40 }, mains = 50, bad: named = [] } = options;
  const read = await readRecording(path);
  const brain = onlyEeg(read.recording);
  const names = brain.groups.flatMap(({ channels }) => channels.map(({ name }) => name));
  if (names.length === 0) throw new DataError("no-channels", "the recording has no EEG channel", { file: path });
  const lost = named.find((name) => !names.includes(name));
  if (lost !== undefined)
    throw new DataError("no-such-channel", `there is no EEG channel called ${lost}`, {
      file: path,
      found: names.join(", "),
    });
  const bad = new Set([
    ...named,
    ...channelQuality(brain, mains)
      .filter((q) => q.bad)
      .map(({ channel }) => channel),
  ]);
  const plain = averageReference(markBad(brain, bad));
  const montage = options.electrodes === undefined ? read.montage : await readPlaces(options.electrodes);
  const events =
    options.events === undefined
      ? read.events
      : readEventsTsv(await readFile(options.events, "utf8"), { file: options.events, clock: read.recording.clock });
  return {
    plain,
    filtered: filterRecording(plain, band),
    ...(montage ? { montage } : {}),
    events,
    bad: [...bad],
    problems: read.problems,
  };
}

/** sub-01_eeg of sub-01_eeg.edf: what leads the names of results. */
export function withoutEnding(path: string): string {
  return path.replace(/\.(edf|bdf|vhdr|vmrk|eeg|set|fdt|fif)(\.gz)?$/i, "");
}

/** electrodes.tsv with the coordsystem.json of the same stem; without one its frame is its own. */
async function readPlaces(file: string): Promise<Montage> {
  const beside = file.replace(/electrodes\.tsv$/, "coordsystem.json");
  const coordsystem = beside !== file && existsSync(beside) ? readJson(await readFile(beside, "utf8"), beside) : {};
  return readElectrodesTsv(await readFile(file, "utf8"), { file, coordsystem });
}
