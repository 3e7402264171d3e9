import { DataError } from "@quintet/core";
import type { Hdf5Group } from "../hdf5/hdf5-tree.ts";
import type { Hdf5Answer, Hdf5Job } from "./hdf5-job.ts";
import { askHdf5Thread } from "./hdf5-thread.ts";

export interface Hdf5Limits {
  /** Seconds of the reader's own work that one file may take; 4 by default and 1 more for each 20 MB. */
  readonly seconds?: number;
  /** Names of the data sets to read, rows of compounds among them; the others are listed without their data. */
  readonly only?: readonly string[];
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether the bytes carry the HDF5 signature at 0, 512, 1024 ... (a MAT-file of version 7.3 has it at 512). */
export function isHdf5(bytes: Uint8Array): boolean {
  for (let at = 0; at + 8 <= bytes.length; at = at === 0 ? 512 : at * 2) {
    if (signature.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

/**
 * Reads an HDF5 file into a plain tree, in a worker with capped memory and time.
 *
 * @throws DataError `not-hdf5`, `bad-hdf5`, `too-slow`, `too-deep`, `too-many-objects`, `decompression-limit`
 */
export async function readHdf5(
  bytes: Uint8Array,
  { file }: { readonly file: string },
  limits: Hdf5Limits = {},
): Promise<Hdf5Group> {
  if (!isHdf5(bytes)) {
    throw new DataError("not-hdf5", "no HDF5 file", {
      file,
      expected: "the signature \\x89HDF",
      found: `${bytes.length} bytes without it`,
    });
  }
  const { only } = limits;
  const job: Hdf5Job = { task: "read", bytes, file, ...(only === undefined ? {} : { only }) };
  const answer = await ask(job, bytes.length, file, limits);
  if (!("tree" in answer)) throw new DataError("bad-hdf5", "the HDF5 reader gave no answer", { file });
  return answer.tree;
}

/** @throws DataError `bad-hdf5` */
export async function writeHdf5(tree: Hdf5Group): Promise<Uint8Array> {
  const answer = await ask({ task: "write", tree }, 2 ** 28, "the new file", { seconds: 120 });
  if (!("bytes" in answer)) throw new DataError("bad-hdf5", "the HDF5 writer gave no answer");
  return answer.bytes;
}

/** Bytes the library's memory may reach: 256 MB, and the file and what was unpacked of it some times over. */
const libraryMemory = (bytes: number): number => 2 ** 28 + 8 * bytes;

async function ask(
  job: Hdf5Job,
  bytes: number,
  file: string,
  limits: Hdf5Limits,
): Promise<Extract<Hdf5Answer, { ok: true }>> {
  const seconds = limits.seconds ?? 4 + bytes / 20e6;
  const answer = await askHdf5Thread(job, libraryMemory(bytes), seconds);
  if (!answer.ok) throw new DataError(answer.code, answer.message, { file });
  return answer;
}
