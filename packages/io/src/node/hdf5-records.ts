import { DataError } from "@quintet/core";
import type * as H5 from "h5wasm";
import type { Hdf5Records } from "../hdf5/hdf5-tree.ts";
import type { Budget, Module } from "./hdf5-library.ts";

/** Rows fetched at once: the library holds their variable parts in its own memory meanwhile. */
const rowsAtOnce = 32;
const vlen = 9;

/**
 * The rows of a one-dimensional compound data set, copied from the library's memory piece by piece: its own conversion
 * makes an object of every number and keeps the variable parts for ever.
 *
 * @throws DataError `bad-shape`, `decompression-limit`, `bad-hdf5`
 */
export function readRecords(module: Module, dataset: H5.Dataset, budget: Budget): Hdf5Records {
  const { metadata, path } = dataset;
  const { size, shape, compound_type: compound } = metadata;
  if (shape?.length !== 1 || compound === undefined) {
    throw new DataError("bad-shape", `${path} must be a list of rows`, { found: `rank ${shape?.length ?? 0}` });
  }
  const count = shape[0] as number;
  const spend = (bytes: number): void => {
    budget.bytes -= bytes;
    if (budget.bytes >= 0) return;
    throw new DataError("decompression-limit", "the rows claim far more than the file holds", {
      found: `${count} rows of ${size} bytes and more at ${path}`,
    });
  };
  spend(count * size);
  const parts = compound.members
    .filter(({ type }) => type === vlen)
    .map(({ name, offset, vlen_type }) => ({
      name,
      offset,
      each: vlen_type?.size ?? 1,
      lengths: new Uint32Array(count),
      pieces: [] as Uint8Array[],
      total: 0,
    }));
  const rows = new Uint8Array(count * size);
  for (let from = 0; from < count; from += rowsAtOnce) {
    const n = Math.min(rowsAtOnce, count - from);
    const at = module._malloc(n * size);
    if (at === 0) throw new DataError("bad-hdf5", "the HDF5 library has no memory for a row", { found: path });
    const counts = [BigInt(n)];
    try {
      const status = module.get_dataset_data(dataset.file_id, path, counts, [BigInt(from)], [1n], BigInt(at));
      if (status < 0) throw new DataError("bad-hdf5", `the rows from ${from} of ${path} cannot be read`);
      const piece = module.HEAPU8.slice(at, at + n * size);
      rows.set(piece, from * size);
      const view = new DataView(piece.buffer);
      for (const part of parts) {
        for (let i = 0; i < n; i++) {
          // The library's own form of a sequence: how many, and where in its memory.
          const bytes = view.getUint32(i * size + part.offset, true) * part.each;
          const where = view.getUint32(i * size + part.offset + 4, true);
          spend(bytes);
          part.lengths[from + i] = bytes;
          part.total += bytes;
          part.pieces.push(module.HEAPU8.slice(where, where + bytes));
        }
      }
      module.reclaim_vlen_memory_count(dataset.file_id, path, "", BigInt(at), counts);
    } finally {
      module._free(at);
    }
  }
  return {
    kind: "records",
    count,
    size,
    rows,
    members: compound.members.map(({ name, offset, size: bytes }) => ({ name, offset, size: bytes })),
    sequences: Object.fromEntries(
      parts.map(({ name, lengths, pieces, total }) => [name, { lengths, bytes: joined(pieces, total) }]),
    ),
  };
}

function joined(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const out = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
