/** PETSIRD on disk as list mode. */
import type { ListMode } from "@quintet/core";
import { joinListModes, petsirdListMode } from "../petsird/list-mode.ts";
import { readPetsird } from "../petsird/petsird.ts";
import { openFileSource } from "./file-source.ts";

/**
 * All coincidences of a file in memory at once; of a file too large for that, walk `petsirdListMode` block by block.
 *
 * @throws DataError those of readPetsird and petsirdListMode; `no-events`
 */
export function readListMode(path: string, { clock = "pet" }: { readonly clock?: string } = {}): ListMode {
  using source = openFileSource(path);
  return joinListModes(petsirdListMode(readPetsird(source, { file: path }), { file: path, clock }));
}
