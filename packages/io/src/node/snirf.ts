import { readFile } from "node:fs/promises";
import type { SignalFile } from "../signal/signal-file.ts";
import { snirfFromTree } from "../snirf/snirf.ts";
import { type SnirfParts, snirfTree } from "../snirf/write-snirf.ts";
import { readHdf5, writeHdf5 } from "./hdf5.ts";

/**
 * Reads a SNIRF file (bytes, or the path of one).
 *
 * @throws DataError those of `readHdf5` and `snirfFromTree`
 */
export async function readSnirf(
  input: Uint8Array | string,
  { file }: { readonly file?: string } = {},
): Promise<SignalFile> {
  const name = file ?? (typeof input === "string" ? input : "SNIRF data");
  const bytes = typeof input === "string" ? new Uint8Array(await readFile(input)) : input;
  return snirfFromTree(await readHdf5(bytes, { file: name }), { file: name });
}

/** The bytes of a SNIRF 1.1 file. @throws DataError `no-signals`, `unplaced-channel` */
export function writeSnirf(parts: SnirfParts): Promise<Uint8Array> {
  return writeHdf5(snirfTree(parts));
}
