import type { KSpace } from "@quintet/core";
import { mrdDatasets, mrdFromTree } from "../mrd/mrd.ts";
import { readFileBounded } from "./files.ts";
import { readHdf5 } from "./hdf5.ts";

/** The HDF5 library holds the file and its readouts in a memory of 4 GiB at most. */
const largestMrd = 2 ** 30;

/**
 * Reads an MRD (ISMRMRD) file (bytes, or the path of one).
 *
 * @throws DataError those of `readFileBounded`, `readHdf5` and `mrdFromTree`
 */
export async function readMrd(input: Uint8Array | string, { file }: { readonly file?: string } = {}): Promise<KSpace> {
  const name = file ?? (typeof input === "string" ? input : "MRD data");
  const bytes = typeof input === "string" ? await readFileBounded(input, largestMrd) : input;
  return mrdFromTree(await readHdf5(bytes, { file: name }, { only: mrdDatasets }), { file: name });
}
