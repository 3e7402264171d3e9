import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DataError } from "@quintet/core";
import { type DicomDataset, type DicomElement, type DicomFile, looksLikeDicom, readDicomTags } from "../dicom/tags.ts";
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

/** Tags of every image of one series, without its pixels: what a result that was made from it must say. */
export async function readDicomSeriesTags(
  path: string,
  { modality, series }: { readonly modality?: string; readonly series?: string } = {},
): Promise<readonly DicomFile[]> {
  const found: (readonly DicomFile[])[] = [];
  for (const files of await dicomSources(path)) {
    const tags: DicomFile[] = [];
    for (const entry of files) {
      const { name, bytes } = await loaded(entry);
      tags.push(withoutPixels(readDicomTags(bytes, { file: name })));
    }
    const [first] = tags;
    const fits = modality === undefined || (first && dicomText(first, "Modality") === modality);
    const wanted = series === undefined || (first && dicomText(first, "SeriesInstanceUID") === series);
    if (fits && wanted && tags.length > 0) found.push(tags);
  }
  const [only, ...more] = found;
  if (only === undefined || more.length > 0) {
    throw new DataError(only === undefined ? "no-images" : "several-series", "one DICOM series is needed", {
      file: path,
      expected: modality === undefined ? "one series" : `one series of modality ${modality}`,
      found: found.map(([first]) => (first ? `${dicomText(first, "SeriesInstanceUID")}` : "")).join(", ") || "none",
    });
  }
  return only;
}

const pixelData = 0x7fe00010;

/** A view of a whole file would keep that file in memory: every value kept is copied. */
function withoutPixels(file: DicomFile): DicomFile {
  const copied = (dataset: DicomDataset): DicomDataset["elements"] =>
    new Map(
      [...dataset.elements]
        .filter(([tag]) => tag !== pixelData)
        .map(([tag, element]): [number, DicomElement] => [
          tag,
          {
            ...element,
            value: element.value.slice(),
            ...(element.items ? { items: element.items.map((item) => ({ ...item, elements: copied(item) })) } : {}),
          },
        ]),
    );
  return { ...file, elements: copied(file) };
}
