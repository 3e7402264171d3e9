/** A BIDS data set read into a Study: who, which sessions, which files, with their side files merged. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import {
  DataError,
  type Metadata,
  type Modality,
  type Participant,
  type Study,
  type StudyFile,
  type Subject,
} from "@quintet/core";
import { applicable, indexByFolder, type PlacedName } from "../../bids/inherit.ts";
import { textField } from "../../bids/json.ts";
import { companionExtensions, datatypes, partnerExtensions } from "../../bids/layout.ts";
import { isoTime, readParticipantsTsv, readScansTsv, readSessionsTsv } from "../../bids/people.ts";
import type { BidsProblem } from "../../bids/problem.ts";
import { quoted } from "../../bids/text.ts";
import { maxTsvBytes, SideFiles } from "./side-files.ts";
import { type FoundFile, filesBelow } from "./walk.ts";

/** A study together with what was found wrong while reading its folders and side files. */
export interface BidsStudy extends Study {
  readonly problems: readonly BidsProblem[];
  /** Every file of the raw data set, relative. */
  readonly paths: readonly FoundFile[];
}

/** Folders of a data set that hold no raw data of a subject. */
const otherFolders = ["derivatives", "sourcedata", "code", "stimuli", "phenotype", "rawdata"];

/**
 * Reads the layout of a BIDS data set and all its side files; images and recordings are only listed.
 * What is missing or invalid is a problem in the list, not a failure.
 *
 * @throws DataError `no-such-folder` only when `root` is not a folder that can be read
 */
export async function readStudy(root: string): Promise<BidsStudy> {
  const there = await stat(root).catch(() => undefined);
  if (!there?.isDirectory()) {
    throw new DataError("no-such-folder", "a data set is a folder", {
      file: root,
      expected: "a folder",
      found: there ? "a file" : "nothing",
    });
  }
  const problems: BidsProblem[] = [];
  const report = (problem: BidsProblem): number => problems.push(problem);
  const paths = await filesBelow(root, {
    skip: (folder) => otherFolders.includes(folder),
    unreadable: (file, why) =>
      report({ file, rule: "unreadable", severity: "error", expected: "a readable file", found: why }),
  });
  const source = new SideFiles(root, problems);
  const description = await source.json("dataset_description.json", paths);
  for (const field of ["Name", "BIDSVersion"]) {
    if (description && textField(description, field) === undefined) {
      report({
        file: "dataset_description.json",
        rule: "required-field",
        severity: "error",
        expected: field,
        found: "nothing",
      });
    }
  }
  const index = indexByFolder(paths.map((file) => file.path));
  const people = await participantsOf(source, paths);
  const labels = [...new Set(paths.flatMap(({ path }) => path.match(/^sub-([A-Za-z0-9+]+)\//)?.[1] ?? []))].sort();
  const subjects: Subject[] = [];
  for (const label of labels) {
    const own = paths.filter(({ path }) => path.startsWith(`sub-${label}/`));
    subjects.push(await readSubject(label, own, index, source, people, problems));
  }
  for (const { label } of people) {
    if (labels.includes(label)) continue;
    report({
      file: "participants.tsv",
      rule: "participant-without-folder",
      severity: "warning",
      expected: `a folder sub-${label}`,
      found: "none",
    });
  }
  if (labels.length === 0) {
    report({ file: ".", rule: "no-subject", severity: "error", expected: "folders sub-<label>", found: "none" });
  }
  const name = (description && textField(description, "Name")) ?? basename(root);
  return { root, name, description: description ?? {}, subjects, problems, paths };
}

async function participantsOf(source: SideFiles, paths: readonly FoundFile[]): Promise<readonly Participant[]> {
  const has = (path: string): boolean => paths.some((file) => file.path === path);
  if (!has("participants.tsv")) {
    source.report({
      file: "participants.tsv",
      rule: "missing-file",
      severity: "warning",
      expected: "participants.tsv with age, sex and weight",
      found: "nothing",
    });
    return [];
  }
  const sidecar = has("participants.json") ? ((await source.json("participants.json")) ?? {}) : {};
  const options = { file: "participants.tsv", sidecar, report: source.report };
  return (await source.read("participants.tsv", maxTsvBytes, (text) => readParticipantsTsv(text, options))) ?? [];
}

/** A file that a camera or simulator writes raw SPECT as. */
function mayBeProjections(modality: Modality, extension: string): boolean {
  return modality === "spect" && /^\.(dcm|ima|hs)$/.test(extension);
}

async function readSubject(
  label: string,
  own: readonly FoundFile[],
  index: ReadonlyMap<string, readonly PlacedName[]>,
  source: SideFiles,
  people: readonly Participant[],
  problems: BidsProblem[],
): Promise<Subject> {
  const acquired = await acquisitionTimes(label, own, source);
  const files: StudyFile[] = [];
  for (const { path, bytes } of own) {
    const parts = path.split("/");
    const datatype = parts.at(-2) as string;
    const known = datatypes[datatype];
    const name = index.get(parts.slice(0, -1).join("/"))?.find((candidate) => candidate.path === path)?.name;
    if (known === undefined) continue;
    if (name === undefined) {
      problems.push({
        file: path,
        rule: "file-name",
        severity: "error",
        expected: "sub-<label>[_key-label]_suffix.ext",
        found: quoted(parts.at(-1)),
      });
      continue;
    }
    const isCompanion = Object.hasOwn(companionExtensions, name.suffix);
    const isData = known.suffixes.includes(name.suffix) && known.extensions.includes(name.extension);
    if (!isData) {
      if (!isCompanion && !partnerExtensions.includes(name.extension)) {
        problems.push({
          file: path,
          rule: "not-bids",
          severity: "warning",
          expected: `${known.suffixes.join("|")} as ${known.extensions.join("|")}${mayBeProjections(known.modality, name.extension) ? ", which quintet spect recon makes of projections" : ""}`,
          found: quoted(parts.at(-1)),
        });
      }
      continue;
    }
    const session = name.entities.ses;
    const folderSession = parts.find((part) => part.startsWith("ses-"))?.slice(4);
    if (name.entities.sub !== label || session !== folderSession) {
      problems.push({
        file: path,
        rule: "name-and-folder",
        severity: "error",
        expected: `sub-${label}${folderSession ? `_ses-${folderSession}` : ""}`,
        found: quoted(parts.at(-1)),
      });
    }
    if (bytes === 0)
      problems.push({ file: path, rule: "empty-file", severity: "error", expected: "data", found: "0 bytes" });
    const { sub: _sub, ses: _ses, ...entities } = name.entities;
    const metadata = await mergedSidecar({ path, name }, index, source);
    const stated = textField(metadata, "AcquisitionDateTime")?.replace(/Z$/, "");
    const acquiredAt = acquired.get(path) ?? (stated !== undefined && isoTime.test(stated) ? stated : undefined);
    files.push({
      path,
      modality: known.modality,
      datatype,
      suffix: name.suffix,
      entities,
      ...(session === undefined ? {} : { session }),
      metadata,
      companions: companionsOf({ path, name }, known.companions, index),
      ...(acquiredAt === undefined ? {} : { acquiredAt }),
    });
  }
  return { participant: people.find((person) => person.label === label) ?? { label }, files };
}

/** JSON side files from the most general to the nearest, the nearer overriding. */
async function mergedSidecar(
  data: PlacedName,
  index: ReadonlyMap<string, readonly PlacedName[]>,
  source: SideFiles,
): Promise<Metadata> {
  let merged: Metadata = {};
  for (const { path } of applicable(index, data, data.name.suffix, ".json")) {
    merged = { ...merged, ...(await source.json(path)) };
  }
  return merged;
}

/**
 * Side tables by role, the nearest of each. A space or recording in the side file's own name does not count against it;
 * of several blood recordings the manual one is `blood`, and each is there as `blood-<recording>`.
 */
function companionsOf(
  data: PlacedName,
  roles: readonly string[],
  index: ReadonlyMap<string, readonly PlacedName[]>,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const role of roles) {
    const except = role === "blood" ? ["recording"] : ["space"];
    const list = applicable(index, data, role, companionExtensions[role] as string, except);
    for (const { path, name } of list) {
      const recording = name.entities.recording;
      if (role === "blood" && recording !== undefined) found[`blood-${recording}`] = path;
    }
    const chosen =
      role === "blood" ? (list.find(({ name }) => name.entities.recording === "manual") ?? list[0]) : list.at(-1);
    if (chosen) found[role] = chosen.path;
  }
  return sameSpace(found, data, index);
}

/** Positions and their coordsystem must name the same space. */
function sameSpace(
  found: Record<string, string>,
  data: PlacedName,
  index: ReadonlyMap<string, readonly PlacedName[]>,
): Readonly<Record<string, string>> {
  const positions = found.electrodes ?? found.optodes;
  const space = positions?.match(/_space-([A-Za-z0-9+]+)_/)?.[1];
  if (space === undefined) return found;
  const match = applicable(index, data, "coordsystem", ".json", ["space"]).findLast(
    ({ name }) => name.entities.space === space,
  );
  return match ? { ...found, coordsystem: match.path } : found;
}

/** Wall-clock times of scans.tsv by path from the root; a faulty sessions.tsv is told of. */
async function acquisitionTimes(
  label: string,
  own: readonly FoundFile[],
  source: SideFiles,
): Promise<ReadonlyMap<string, string>> {
  const times = new Map<string, string>();
  const present = new Set(own.map((file) => file.path));
  for (const { path } of own) {
    if (path === `sub-${label}/sub-${label}_sessions.tsv`) {
      await source.read(path, maxTsvBytes, (text) => readSessionsTsv(text, { file: path, report: source.report }));
    }
    if (!/_scans\.tsv$/.test(path)) continue;
    const rows = await source.read(path, maxTsvBytes, (text) =>
      readScansTsv(text, { file: path, report: source.report }),
    );
    const folder = path.slice(0, path.lastIndexOf("/"));
    for (const { filename, acquiredAt } of rows ?? []) {
      const target = `${folder}/${filename}`;
      if (acquiredAt !== undefined) times.set(target, acquiredAt);
      if (present.has(target)) continue;
      source.report({ file: path, rule: "scan-without-file", severity: "warning", expected: target, found: "nothing" });
    }
  }
  return times;
}
