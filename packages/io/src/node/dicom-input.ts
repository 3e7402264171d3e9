import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DataError } from "@quintet/core";
import { looksLikeDicom, readDicomTags } from "../dicom/tags.ts";
import { dicomText } from "../dicom/values.ts";
import { kindOfPath, readFileBounded, readFileStart } from "./files.ts";

export interface DicomInput {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files of one series, on disk or in memory. */
export type DicomSource = readonly (string | DicomInput)[];

const mostFiles = 100_000;
const mostBytes = 2047 * 2 ** 20;

/**
 * Sorts files into series by SeriesInstanceUID. Files on disk are read one by one and let go again, so that memory
 * holds one series at a time however large the folder is.
 *
 * @throws DataError `not-found`, `not-dicom` (bytes that are none), `too-large`, and those of readDicomTags
 */
export async function dicomSources(
  input: string | readonly string[] | readonly DicomInput[],
): Promise<readonly DicomSource[]> {
  const entries = typeof input === "string" ? await pathsIn(input) : input;
  if (entries.length > mostFiles) {
    throw new DataError("too-large", "that is too many files at once", {
      expected: `at most ${mostFiles}`,
      found: `${entries.length}`,
    });
  }
  const series = new Map<string, (string | DicomInput)[]>();
  for (const entry of entries) {
    if (typeof entry === "string" && !looksLikeDicom(await readFileStart(entry, 133))) continue;
    const { name, bytes } = await loaded(entry);
    const uid = dicomText(readDicomTags(bytes, { file: name }), "SeriesInstanceUID") ?? "";
    series.set(uid, [...(series.get(uid) ?? []), entry]);
  }
  return [...series.values()];
}

export async function loaded(entry: string | DicomInput): Promise<DicomInput> {
  return typeof entry === "string" ? { name: entry, bytes: await readFileBounded(entry, mostBytes) } : entry;
}

/** The other files of one file's folder and series. */
export async function seriesAround(path: string, bytes: Uint8Array): Promise<string[]> {
  const uid = dicomText(readDicomTags(bytes, { file: path }), "SeriesInstanceUID");
  const same: string[] = [];
  for (const other of await dicomFilesIn(dirname(path), false)) {
    if (!looksLikeDicom(await readFileStart(other, 133))) continue;
    const tags = readDicomTags(await readFileBounded(other, mostBytes), { file: other });
    if (uid !== undefined && dicomText(tags, "SeriesInstanceUID") === uid) same.push(other);
  }
  return same.length > 0 ? same : [path];
}

async function pathsIn(path: string): Promise<string[]> {
  const kind = await kindOfPath(path);
  if (kind === "missing") throw new DataError("not-found", "there is no such file or folder", { file: path });
  return kind === "file" ? [path] : dicomFilesIn(path, true);
}

/** Files that may be DICOM: all but hidden ones and the index DICOMDIR. */
async function dicomFilesIn(folder: string, recursive: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || entry.name === "DICOMDIR") continue;
    if (entry.isFile()) found.push(path);
    else if (recursive && entry.isDirectory()) found.push(...(await dicomFilesIn(path, true)));
  }
  return found.sort();
}
