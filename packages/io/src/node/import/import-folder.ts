/** Loose files of one person sorted into a de-identified BIDS data set. */
import { randomUUID } from "node:crypto";
import { mkdir, realpath, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { DataError, type Participant } from "@quintet/core";
import { BidsWriter } from "../study/bids-writer.ts";
import { arrivalAt } from "./arrival.ts";
import { dateShift } from "./date-shift.ts";
import type { PersonFacts } from "./dicom-facts.ts";
import { importImages } from "./import-images.ts";
import { importRecordings } from "./import-recordings.ts";
import type { ImportedFile, ImportJob } from "./job.ts";
import { survey, type Unrecognised } from "./survey.ts";

export interface ImportOptions {
  /** Label of the person in the new data set: letters and digits, "01" unless said otherwise. */
  readonly subject?: string;
  /** Draws the date shift repeatably; whoever knows it and the program can undo the shift, so keep it as you keep names. */
  readonly seed?: number;
  /** The date shift itself, in days; negative is into the past. */
  readonly offsetDays?: number;
  /** Say what would be done and write nothing. */
  readonly dryRun?: boolean;
  /** Replace a target that holds files; the old one is removed once the new one is whole. */
  readonly replace?: boolean;
  /** Files whose DICOM tags name different patients are refused unless this says that they are one person. */
  readonly samePerson?: boolean;
  /** Annotation texts that name no one and may be kept as they are. */
  readonly keepTexts?: readonly string[];
  readonly onProgress?: (progress: ImportProgress) => void;
  /** An abort stops between two files; nothing is then left behind. */
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  readonly done: number;
  readonly total: number;
  readonly path: string;
}

export interface ImportResult {
  readonly recognised: readonly ImportedFile[];
  readonly unrecognised: readonly Unrecognised[];
  readonly problems: readonly string[];
}

/**
 * Sorts the files below `from` into a new BIDS data set at `to`, or as a further person into the one that is there.
 * The data set (or the person's folder) appears whole or not at all.
 *
 * Kept: images and samples, times of day, age (at most 89), sex, weight, height, dose and the technical fields of an
 * allow-list. Left behind: names, numbers, dates of birth, addresses, institutions, file names, comments and annotation
 * texts outside a word list. All dates move by one number of whole days that is stored nowhere.
 *
 * @throws DataError `no-such-folder`, `target-not-empty`, `subject-exists`, `target-inside-source`, `several-people`, `bad-label`,
 *   `nothing-recognised`
 */
export async function importFolder(from: string, to: string, options: ImportOptions = {}): Promise<ImportResult> {
  const { subject = "01", dryRun = false } = options;
  if (!/^[A-Za-z0-9]{1,64}$/.test(subject)) {
    throw new DataError("bad-label", "label of the person", { expected: "letters and digits", found: subject });
  }
  const root = await folderAt(from);
  const target = resolve(to);
  const arrival = await arrivalAt(root, target, subject, options.replace ?? false);
  const found = await survey(root, options.signal);
  if (found.patients > 1 && !options.samePerson) {
    throw new DataError("several-people", "the DICOM files name different patients", {
      file: from,
      expected: "files of one person, or the word that they are one",
      found: `${found.patients} patients`,
    });
  }
  if (found.words.in(subject)) {
    throw new DataError("bad-label", "the person's label is part of an identity field", {
      expected: "a label that names no one",
    });
  }
  const staging = join(dirname(target), `.${randomUUID()}.import`);
  const total = found.files.filter(({ kind }) => !["JSON", "partner", "note"].includes(kind)).length;
  let done = 0;
  const job: ImportJob = {
    root,
    subject,
    survey: found,
    words: found.words,
    shift: dateShift({
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      ...(options.offsetDays === undefined ? {} : { days: options.offsetDays }),
    }),
    keepTexts: new Set(options.keepTexts),
    writer: dryRun ? undefined : await startWriter(staging),
    recognised: [],
    unrecognised: [...found.unrecognised],
    problems: [],
    people: [...found.people],
    progress: (path) => {
      options.signal?.throwIfAborted();
      options.onProgress?.({ done: ++done, total, path });
    },
  };
  try {
    await importImages(job);
    await importRecordings(job);
    if (job.recognised.length === 0) {
      throw new DataError("nothing-recognised", "no file of this folder could be imported", {
        file: from,
        expected: "NIfTI, DICOM, EDF, BDF, BrainVision, EEGLAB, SNIRF or Homer files",
        found:
          job.unrecognised
            .slice(0, 3)
            .map(({ path, why }) => `${path}: ${why}`)
            .join("; ") || "an empty folder",
      });
    }
    const participant = participantOf(subject, job);
    await job.writer?.writeParticipants([participant]);
    if (!dryRun) await arrival.move(staging, participant);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return { recognised: job.recognised, unrecognised: job.unrecognised, problems: job.problems };
}

async function folderAt(path: string): Promise<string> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) return realpath(path);
  throw new DataError("no-such-folder", "the folder to import from", {
    file: path,
    expected: "a folder",
    found: there ? "a file" : "nothing",
  });
}

async function startWriter(staging: string): Promise<BidsWriter> {
  await mkdir(staging, { recursive: true });
  return BidsWriter.open(staging, {
    name: "Imported recordings of one person",
    readme:
      "# Imported recordings of one person\n\nDe-identified on import: identity fields, free texts and file names were left behind, and all dates are moved\nby one number of whole days, so that intervals and times of day are as they were.\n",
    description: { GeneratedBy: [{ Name: "Quintet", Description: "import" }] },
  });
}

/** The first that any file says of each field; files that disagree are told of. */
function participantOf(label: string, { people, problems }: ImportJob): Participant {
  const first = <K extends keyof PersonFacts>(field: K): PersonFacts[K] | undefined => {
    const said = [...new Set(people.flatMap((person) => (person[field] === undefined ? [] : [person[field]])))];
    if (said.length > 1)
      problems.push(`the files disagree on the person's ${field}: ${said.join(", ")}; the first is kept`);
    return said[0];
  };
  const facts = { age: first("age"), sex: first("sex"), weight: first("weight"), height: first("height") };
  return { label, ...Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) };
}
