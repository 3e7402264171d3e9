/** Interfile on disk: a text header that names its data file. */
import { basename, dirname, join } from "node:path";
import { DataError, type Sinogram, type SpectProjections, type Volume } from "@quintet/core";
import { type InterfileHeader, interfileText, readInterfileHeader } from "../interfile/header.ts";
import { readInterfileImage } from "../interfile/image.ts";
import { type InterfileProjections, interfileProjections, readInterfileProjections } from "../interfile/projections.ts";
import { readInterfileSinogram, type SinogramOptions } from "../interfile/sinogram.ts";
import { type InterfileSinogram, interfileSinogram } from "../interfile/sinogram-layout.ts";
import { kindOfPath, readFileBounded, readUnpacked } from "./files.ts";

const largestHeader = 4 * 2 ** 20;

/** @throws DataError `not-found`, `too-large` and those of readInterfileHeader */
export async function openInterfile(path: string): Promise<InterfileHeader> {
  return readInterfileHeader(await readFileBounded(path, largestHeader), path);
}

/**
 * Where the data file of a header lies: beside it, under the name it states. A path of another machine is looked for by its
 * last part; nothing outside the header's folder is opened.
 *
 * @returns undefined when the file is not there
 * @throws DataError `missing-key` when the header names none
 */
export async function interfileDataPath(header: InterfileHeader): Promise<string | undefined> {
  const name = interfileText(header, "name of data file");
  if (name === undefined) throw new DataError("missing-key", "the header names no data file", { file: header.file });
  const plain = basename(name.replaceAll("\\", "/"));
  for (const candidate of [plain, `${plain}.gz`]) {
    const path = join(dirname(header.file), candidate);
    if ((await kindOfPath(path)) === "file") return path;
  }
  return undefined;
}

/** The data file's bytes. @throws DataError `missing-data` naming the file looked for, and those of readUnpacked */
export async function readInterfileData(header: InterfileHeader): Promise<{ path: string; data: Uint8Array }> {
  const path = await interfileDataPath(header);
  if (path === undefined) {
    throw new DataError("missing-data", "the data file of this header is not there", {
      file: header.file,
      expected: interfileText(header, "name of data file") ?? "",
      found: "no such file beside the header",
    });
  }
  return { path, data: await readUnpacked(path) };
}

/** @throws DataError `missing-data` and those of readInterfileImage */
export async function readInterfileVolume(
  path: string,
  options: NonNullable<Parameters<typeof readInterfileImage>[2]> = {},
): Promise<Volume> {
  const header = await openInterfile(path);
  const { path: dataFile, data } = await readInterfileData(header);
  return readInterfileImage(header, data, { ...options, dataFile });
}

/**
 * Reads the projections of one time frame from their header (.hs) and data file (.s).
 *
 * @returns the sinogram and what the header says beside it
 * @throws DataError `missing-data` (the geometry alone: interfileSinogram of openInterfile) and those of readInterfileSinogram
 */
export async function readSinogram(
  path: string,
  options: Omit<SinogramOptions, "dataFile"> = {},
): Promise<{ readonly sinogram: Sinogram; readonly about: InterfileSinogram }> {
  const header = await openInterfile(path);
  const about = interfileSinogram(header, options.known);
  const { path: dataFile, data } = await readInterfileData(header);
  return { sinogram: readInterfileSinogram(header, data, { ...options, dataFile }), about };
}

/**
 * Reads the SPECT projections of one time frame from their header (.hs) and data file (.s).
 *
 * @param frame counted from 1
 * @throws DataError `missing-data` and those of readInterfileProjections
 */
export async function readProjections(
  path: string,
  frame = 1,
): Promise<{ readonly projections: SpectProjections; readonly about: InterfileProjections }> {
  const header = await openInterfile(path);
  const about = interfileProjections(header);
  const { path: dataFile, data } = await readInterfileData(header);
  return { projections: readInterfileProjections(header, data, { frame, dataFile }), about };
}
