/** How a finished import takes its place: a new data set, one that replaces another, or a further person of one. */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError, type Participant } from "@quintet/core";
import { ageCap } from "../../bids/people.ts";
import { decodeText } from "../../bids/text.ts";
import { readTsv, type Table, writeTsv } from "../../bids/tsv.ts";
import { kindOfPath, readFileBounded, writeFileAtomic } from "../files.ts";

export interface Arrival {
  /** Moves what was staged to its place by renaming; the staging folder may hold leftovers. */
  readonly move: (staging: string, participant: Participant) => Promise<void>;
}

/**
 * What may happen at `target`: nothing is overwritten unless `replace` says so.
 *
 * @throws DataError `target-inside-source`, `target-not-empty`, `subject-exists`
 */
export async function arrivalAt(source: string, target: string, subject: string, replace: boolean): Promise<Arrival> {
  const real = await realpath(target).catch(() => target);
  if (real === source || real.startsWith(`${source}/`) || source.startsWith(`${real}/`)) {
    throw new DataError("target-inside-source", "the new data set must lie apart from the files", { file: target });
  }
  const there = await stat(target).catch(() => undefined);
  const empty = there === undefined || (there.isDirectory() && (await readdir(target)).length === 0);
  if (empty || (replace && there?.isDirectory())) return { move: (staging) => takePlace(staging, target) };
  const isDataSet = (await kindOfPath(join(target, "dataset_description.json"))) === "file";
  if (!isDataSet) {
    throw new DataError("target-not-empty", "the new data set must not overwrite anything", {
      file: target,
      expected: "nothing there, an empty folder or a BIDS data set",
      found: there?.isDirectory() ? "a folder with other files" : "a file",
    });
  }
  const people = await participantsAt(target);
  const known = people?.rows.some((row) => row[0] === `sub-${subject}`);
  if (known || (await kindOfPath(join(target, `sub-${subject}`))) !== "missing") {
    throw new DataError("subject-exists", "the data set holds this person already", {
      file: target,
      expected: "another label",
      found: `sub-${subject}`,
    });
  }
  return { move: (staging, participant) => joinIn(staging, target, participant) };
}

async function takePlace(staging: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const old = join(dirname(target), `.${randomUUID()}.${basename(target)}.old`);
  const there = await stat(target).catch(() => undefined);
  if (there) await rename(target, old);
  try {
    await rename(staging, target);
  } catch (cause) {
    if (there) await rename(old, target);
    throw cause;
  }
  if (there) await rm(old, { recursive: true, force: true });
}

async function joinIn(staging: string, target: string, participant: Participant): Promise<void> {
  const id = `sub-${participant.label}`;
  const people = (await participantsAt(target)) ?? { file: "participants.tsv", columns: ["participant_id"], rows: [] };
  const { label: _label, ...facts } = participant;
  const told: Readonly<Record<string, string | number>> = {
    participant_id: id,
    ...facts,
    ...(facts.age === undefined ? {} : { age: Math.min(facts.age, ageCap) }),
  };
  const columns = [...new Set([...people.columns, ...Object.keys(told)])];
  const old = people.rows.map((row) => columns.map((_, i) => row[i]));
  const text = writeTsv(columns, [...old, columns.map((column) => told[column])]);
  await rename(join(staging, id), join(target, id));
  await writeFileAtomic(join(target, "participants.tsv"), text);
}

async function participantsAt(target: string): Promise<Table | undefined> {
  const path = join(target, "participants.tsv");
  if ((await kindOfPath(path)) === "missing") return undefined;
  return readTsv(decodeText(await readFileBounded(path, 64 * 2 ** 20), path), path);
}
