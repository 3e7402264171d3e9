/** What files hold, in what units, space and clock, and what is wrong with them: one row each, never a crash. */
import { basename, join } from "node:path";
import {
  DataError,
  duration,
  type Metadata,
  type Modality,
  type Recording,
  type StudyFile,
  type Volume,
} from "@quintet/core";
import { maxJsonBytes, readJson, textField } from "../../bids/json.ts";
import { type BidsProblem, problemLine } from "../../bids/problem.ts";
import { decodeText } from "../../bids/text.ts";
import { readTsv } from "../../bids/tsv.ts";
import { withSidecar } from "../../bids/volume-facts.ts";
import { isNuclearProjections } from "../../dicom/nuclear-projections.ts";
import { readDicomTags } from "../../dicom/tags.ts";
import { dicomText } from "../../dicom/values.ts";
import type { SignalFile } from "../../signal/signal-file.ts";
import { convertDicom } from "../dicom.ts";
import { kindOfPath, readFileBounded } from "../files.ts";
import { recogniseImage } from "../import/modality-words.ts";
import { knownStart } from "../known-start.ts";
import { isRawMri, readKSpace } from "../raw-mri.ts";
import { readRecording } from "../recordings.ts";
import { type FileKind, headOf, sniff } from "../sniff.ts";
import { maxTsvBytes } from "../study/side-files.ts";
import { type BidsStudy, readStudy } from "../study/study.ts";
import { studyProblems } from "../study/validate.ts";
import { filesBelow } from "../study/walk.ts";
import { surfaceFacts } from "../surfaces.ts";
import { readVolume } from "../volumes.ts";
import { readXdfFile } from "../xdf.ts";
import { isPetRaw, petRow, placeNote, sinogramRow } from "./pet-row.ts";
import { rawMriRow } from "./raw-mri-row.ts";
import { snirfFacts } from "./snirf-row.ts";
import { nuclearRow, type SpectAcquisition } from "./spect-row.ts";
import { xdfRow } from "./xdf-row.ts";

export interface InspectRow {
  readonly path: string;
  readonly format: string;
  readonly modality?: Modality;
  /** x, y, z and, when there are several, frames. */
  readonly shape?: readonly number[];
  /** Of a surface, or of values on one. */
  readonly vertices?: number;
  readonly faces?: number;
  readonly channels?: number;
  /** What is in it, in words, where shape and channels do not tell. */
  readonly contents?: string;
  /** Hertz; of several, the highest. */
  readonly rate?: number;
  readonly unit?: string;
  readonly space?: string;
  readonly clock?: string;
  /** Wall-clock start, ISO 8601 without zone, where the file or its data set gives it. */
  readonly startedAt?: string;
  /** Seconds. */
  readonly duration?: number;
  /** Of raw SPECT: detectors, rotations, views, energy windows and counts. */
  readonly projections?: SpectAcquisition;
  readonly problems: readonly string[];
}

const surfaceKinds: readonly FileKind[] = ["GIFTI", "FreeSurfer"];
const imageKinds: readonly FileKind[] = ["NIfTI", "MGH", "DICOM", "Interfile", "ECAT"];
const recordingKinds: readonly FileKind[] = ["EDF", "BDF", "BrainVision", "EEGLAB", "SNIRF", "Homer", "NIRx"];

/**
 * Rows for a file, a folder of loose files or a BIDS data set (whose own faults are added). A file that cannot be read is a
 * row with its problem; side files of a recording or image have no row of their own unless something is wrong with them.
 *
 * @param path relative paths in the rows are relative to it when it is a folder
 */
export async function inspectPath(path: string): Promise<readonly InspectRow[]> {
  const kind = await kindOfPath(path);
  if (kind === "missing") return [{ path, format: "missing", problems: ["there is no such file or folder"] }];
  if (kind === "file") return [await fileRow(path, path, undefined)];
  const isDataSet = (await kindOfPath(join(path, "dataset_description.json"))) === "file";
  return isDataSet ? dataSetRows(await readStudy(path)) : folderRows(path);
}

async function dataSetRows(study: BidsStudy): Promise<readonly InspectRow[]> {
  const rows: InspectRow[] = [];
  const frames = new Map<string, number>();
  for (const file of study.subjects.flatMap((subject) => subject.files)) {
    const row = await fileRow(join(study.root, file.path), file.path, file);
    if (row.shape !== undefined) frames.set(file.path, row.shape[3] ?? 1);
    rows.push(row);
  }
  const frameCount = async (path: string): Promise<number> => {
    const count = frames.get(path);
    if (count === undefined) throw new DataError("unreadable", "the image could not be read");
    return count;
  };
  // An image that could not be read has said so in its own row.
  const problems = (await studyProblems(study, { frameCount })).filter(
    ({ rule, file }) => rule !== "unreadable" || !rows.some((row) => row.path === file),
  );
  return withProblems(rows, problems);
}

function withProblems(rows: readonly InspectRow[], problems: readonly BidsProblem[]): readonly InspectRow[] {
  const lines = new Map<string, BidsProblem[]>();
  for (const problem of problems) lines.set(problem.file, [...(lines.get(problem.file) ?? []), problem]);
  const told = rows.map((row) => {
    const more = (lines.get(row.path) ?? []).map((problem) => problemLine(problem).replace(`${row.path}: `, ""));
    lines.delete(row.path);
    return { ...row, problems: [...row.problems, ...more] };
  });
  const others = [...lines].map(([path, list]): InspectRow => {
    const format = /\.json$/.test(path) ? "JSON" : /\.tsv$/.test(path) ? "TSV" : "BIDS";
    return { path, format, problems: list.map((problem) => problemLine(problem).replace(`${path}: `, "")) };
  });
  return [...told, ...others];
}

async function folderRows(root: string): Promise<readonly InspectRow[]> {
  const rows: InspectRow[] = [];
  const series = new Map<string, string[]>();
  const found = await filesBelow(root, {
    unreadable: (path, why) => rows.push({ path, format: "unknown", problems: [why] }),
  });
  for (const { path } of found) {
    const full = join(root, path);
    try {
      const kind = sniff(basename(path), await headOf(full));
      if (kind === "DICOM") {
        const tags = readDicomTags(await readFileBounded(full), { file: path });
        if (isNuclearProjections(tags)) {
          rows.push(await fileRow(full, path, undefined));
          continue;
        }
        const uid = dicomText(tags, "SeriesInstanceUID") ?? path;
        series.set(uid, [...(series.get(uid) ?? []), path]);
      } else if (
        kind === "NIfTI" ||
        kind === "MGH" ||
        surfaceKinds.includes(kind) ||
        recordingKinds.includes(kind) ||
        isRawMri(kind) ||
        isPetRaw(kind) ||
        kind === "Interfile" ||
        kind === "ECAT" ||
        kind === "XDF"
      ) {
        rows.push(await fileRow(full, path, undefined));
      } else if (kind === "JSON" || kind === "TSV") {
        const row = await fileRow(full, path, undefined);
        if (row.problems.length > 0) rows.push(row);
      } else if (kind === "unknown") {
        rows.push({ path, format: "unknown", problems: ["a format that is not read here"] });
      }
    } catch (cause) {
      rows.push(faulty(path, "unknown", path, cause));
    }
  }
  for (const paths of series.values()) rows.push(...(await seriesRows(root, paths)));
  return rows;
}

async function seriesRows(root: string, paths: readonly string[]): Promise<readonly InspectRow[]> {
  const [first = ""] = paths;
  const path = paths.length === 1 ? first : `${first} (${paths.length} files of one series)`;
  try {
    const images = await convertDicom(
      paths.map((file) => join(root, file)),
      { nonFinite: "keep" },
    );
    return images.map(({ volume, sidecar, suv, suvRefused }) => ({
      ...volumeRow(path, "DICOM", volume, modalityOf(textField(sidecar, "Modality"))),
      ...(suv ? { contents: ["SUV can be made", ...suv.notes].join("; ") } : {}),
      ...(suvRefused === undefined ? {} : { contents: `no SUV: ${suvRefused.split(": ").slice(1).join(": ")}` }),
    }));
  } catch (cause) {
    return [faulty(path, "DICOM", root, cause)];
  }
}

/** One data file; `listed` is what its data set says of it. */
async function fileRow(full: string, path: string, listed: StudyFile | undefined): Promise<InspectRow> {
  let format: FileKind = "unknown";
  try {
    format = sniff(basename(path), await headOf(full));
    const row = await contentRow(full, path, format, listed);
    const startedAt = listed?.acquiredAt ?? row.startedAt;
    return startedAt === undefined ? row : { ...row, startedAt };
  } catch (cause) {
    return { ...faulty(path, format, full, cause), ...(listed ? { modality: listed.modality } : {}) };
  }
}

async function contentRow(
  full: string,
  path: string,
  kind: FileKind,
  listed: StudyFile | undefined,
): Promise<InspectRow> {
  if (surfaceKinds.includes(kind)) return { path, format: kind, ...(await surfaceFacts(full)), problems: [] };
  if (isPetRaw(kind)) return petRow(full, path, kind);
  const projections =
    kind === "Interfile" ? await sinogramRow(full, path) : kind === "DICOM" ? await nuclearRow(full, path) : undefined;
  if (projections) return projections;
  if (imageKinds.includes(kind) || (kind !== "NIRx" && /\.(hdr|img)(\.gz)?$/i.test(path))) {
    const stored = await readVolume(full, { nonFinite: "keep" });
    if (listed) return volumeRow(path, kind, described(stored, listed), listed.modality);
    const metadata = await sidecarBeside(full);
    const guess = recogniseImage({
      name: path.replace(/(\.nii(\.gz)?|\.mg[hz])$/i, ""),
      sidecar: metadata,
      frames: stored.frames.length,
    });
    const modality = typeof guess === "string" ? modalityOf(stored.space.replace("scanner:", "")) : guess.modality;
    return {
      ...volumeRow(path, kind, described(stored, { metadata, path }), modality),
      ...(await placeNote(full, kind)),
    };
  }
  if (kind === "JSON" || kind === "TSV") {
    const text = decodeText(await readFileBounded(full, maxTsvBytes), path);
    if (kind === "JSON") readJson(text, path);
    else readTsv(text, path);
    return { path, format: kind, problems: [] };
  }
  if (isRawMri(kind)) return rawMriRow(path, kind, await readKSpace(full));
  if (kind === "XDF") return xdfRow(path, await readXdfFile(full));
  if (kind === "SNIRF") {
    const { read, problems } = await snirfFacts(full);
    if (!read) return { path, format: kind, ...(listed ? { modality: listed.modality } : {}), problems };
    const row = recordingRow(path, read, listed);
    return { ...row, problems: [...problems, ...row.problems] };
  }
  return recordingRow(path, await readRecording(full), listed);
}

function volumeRow(path: string, format: string, volume: Volume, modality: Modality | undefined): InspectRow {
  const bad = volume.data.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  const [first, last] = [volume.frames[0], volume.frames.at(-1)];
  const length = first && last ? last.start + last.duration - first.start : 0;
  return {
    path,
    format,
    ...(modality === undefined ? {} : { modality }),
    shape: volume.frames.length > 1 ? [...volume.shape, volume.frames.length] : volume.shape,
    unit: volume.unit,
    space: volume.space,
    clock: volume.clock,
    ...(length > 0 ? { duration: length } : {}),
    problems: bad > 0 ? [`${bad} of ${volume.data.length} voxels are NaN or infinite`] : [],
  };
}

function recordingRow(path: string, read: SignalFile, listed: StudyFile | undefined): InspectRow {
  const { recording, montage, identity, problems, format } = read;
  const startedAt = knownStart(recording.startedAt);
  const units = [...new Set(recording.groups.flatMap((group) => group.channels.map((channel) => channel.unit)))];
  return {
    path,
    format: format ?? "recording",
    modality: listed?.modality ?? (isOptical(recording) ? "fnirs" : "eeg"),
    channels: recording.groups.reduce((sum, group) => sum + group.channels.length, 0),
    ...(recording.groups.length > 0 ? { rate: Math.max(...recording.groups.map((group) => group.rate)) } : {}),
    unit: units.join(", "),
    ...(montage === undefined ? {} : { space: montage.space }),
    clock: recording.clock,
    ...(startedAt === undefined ? {} : { startedAt }),
    duration: duration(recording),
    ...impedanceNote(recording),
    problems: [...problems, ...(identity.length > 0 ? [`names a person: ${identity.join(", ")}`] : [])],
  };
}

/** Range and middle of the electrodes' impedances, where the file tells them. */
function impedanceNote({ groups, notes }: Recording): Pick<InspectRow, "contents"> {
  const all = groups.flatMap(({ channels }) =>
    channels.flatMap(({ impedance }) => (impedance === undefined ? [] : [impedance])),
  );
  const known = all.filter(Number.isFinite).sort((a, b) => a - b);
  const kilo = (ohm: number | undefined): string => Number(((ohm ?? 0) / 1000).toPrecision(3)).toString();
  const words = [
    ...(known.length > 0
      ? [
          `impedances of ${known.length} electrodes ${kilo(known[0])} to ${kilo(known.at(-1))} kOhm, middle ${kilo(known[known.length >> 1])}`,
        ]
      : []),
    ...(all.length > known.length
      ? [`${all.length - known.length} electrodes out of the impedance meter's range`]
      : []),
    ...(notes?.impedances === undefined ? [] : [`impedances of ${notes.impedances}`]),
  ];
  return words.length > 0 ? { contents: words.join("; ") } : {};
}

function isOptical({ groups }: Recording): boolean {
  return groups.some((group) => group.channels.some(({ kind }) => kind.startsWith("nirs") || /^hb[ort]$/.test(kind)));
}

function modalityOf(word: string | undefined): Modality | undefined {
  return { MR: "mri", mri: "mri", PT: "pet", pet: "pet", NM: "spect", spect: "spect" }[word ?? ""] as
    | Modality
    | undefined;
}

/** The JSON of the same name beside a loose image; one that cannot be read has its own row to say so. */
async function sidecarBeside(full: string): Promise<Metadata> {
  const path = full.replace(/(\.mg[hz]|(\.nii)?(\.gz)?)$/i, ".json");
  if ((await kindOfPath(path)) !== "file") return {};
  try {
    return readJson(decodeText(await readFileBounded(path, maxJsonBytes), path), path);
  } catch {
    return {};
  }
}

/** What contradicts its side file is told by the rules of the data set; the row then shows the image alone. */
function described(volume: Volume, { metadata, path }: Pick<StudyFile, "metadata" | "path">): Volume {
  try {
    return withSidecar(volume, metadata, path);
  } catch {
    return volume;
  }
}

function faulty(path: string, format: string, full: string, cause: unknown): InspectRow {
  const said = cause instanceof Error ? cause.message : String(cause);
  return { path, format, problems: [said.split(`${full}: `).join("")] };
}
