import { basename } from "node:path";
import { DataError, type KSpace } from "@quintet/core";
import { readTwix } from "../twix/twix.ts";
import { readFileBounded } from "./files.ts";
import { readMrd } from "./mrd.ts";
import { type FileKind, headOf, sniff } from "./sniff.ts";

export interface RawMriOptions {
  /** Of a Siemens file with several measurements, from 0; default the last. */
  readonly measurement?: number;
}

export function isRawMri(kind: FileKind): boolean {
  return kind === "MRD" || kind === "Siemens twix";
}

/**
 * Reads raw MRI of either format, told by its first bytes.
 *
 * @throws DataError `not-raw-mri`, and those of `readMrd` and `readTwix`
 */
export async function readKSpace(path: string, { measurement }: RawMriOptions = {}): Promise<KSpace> {
  // What cannot be opened is told by the reader that tells of files.
  const kind = sniff(
    basename(path),
    await headOf(path).catch(async () => (await readFileBounded(path)).subarray(0, 4096)),
  );
  if (kind === "MRD") return readMrd(path);
  if (kind === "Siemens twix") {
    const bytes = await readFileBounded(path);
    return readTwix(bytes, { file: path, ...(measurement === undefined ? {} : { measurement }) });
  }
  throw new DataError("not-raw-mri", "this is no raw MRI that is read here", {
    file: path,
    expected: "MRD (ISMRMRD, .h5 or .mrd) or Siemens twix (.dat)",
    found: kind,
  });
}
