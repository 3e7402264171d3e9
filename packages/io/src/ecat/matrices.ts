/** The directory of an ECAT file: which matrix lies in which blocks. */
import { DataError } from "@quintet/core";
import { byteReader } from "../bytes/byte-reader.ts";
import { blockBytes } from "./header.ts";

export interface EcatMatrix {
  readonly frame: number;
  readonly plane: number;
  readonly gate: number;
  readonly bed: number;
  readonly data: number;
  /** Byte of its subheader. */
  readonly start: number;
  /** Bytes to the end of its last block. */
  readonly length: number;
}

/** 31 entries a block: no real file has more blocks than this. */
const mostBlocks = 4096;

/**
 * Follows the chain of directory blocks from block 2 until it comes back there.
 *
 *   entry = (id, first block, last block, status);  block n begins at byte 512 (n - 1)
 *   frame = id & 0x1ff, bed = id >> 12 & 0xf, plane = (id >> 16 & 0xff) | (id >> 1 & 0x300), gate = id >> 24 & 0x3f, data = id >> 30 & 3
 *
 * @throws DataError `bad-matrix-list` (a chain that does not close, more entries than a block holds, blocks out of order),
 *   `truncated`
 */
export function ecatMatrices(bytes: Uint8Array, file: string): readonly EcatMatrix[] {
  const reader = byteReader(bytes, file, false);
  const found: EcatMatrix[] = [];
  const seen = new Set<number>();
  let block = 2;
  do {
    if (seen.has(block) || seen.size >= mostBlocks || block < 2) {
      throw new DataError("bad-matrix-list", "the directory's chain of blocks does not close", {
        file,
        expected: "a way back to block 2",
        found: `block ${block} after ${seen.size}`,
      });
    }
    seen.add(block);
    const at = (block - 1) * blockBytes;
    reader.bytes(at, blockBytes, "a directory block");
    const used = reader.int32(at + 12, "its number of entries");
    if (used < 0 || used > 31) {
      throw new DataError("bad-matrix-list", "a directory block holds 31 entries at most", { file, found: `${used}` });
    }
    for (let i = 0; i < used; i++) {
      const entry = at + 16 * (i + 1);
      if (reader.int32(entry + 12, "its status") < 0) continue;
      found.push(
        matrixOf(
          reader.uint32(entry, "an id"),
          reader.int32(entry + 4, "a block"),
          reader.int32(entry + 8, "a block"),
          file,
        ),
      );
    }
    block = reader.int32(at + 4, "the next directory block");
  } while (block !== 2);
  return found.sort((a, b) => a.frame - b.frame || a.plane - b.plane || a.bed - b.bed || a.gate - b.gate);
}

function matrixOf(id: number, first: number, last: number, file: string): EcatMatrix {
  if (first < 3 || last < first) {
    throw new DataError("bad-matrix-list", "a matrix lies in blocks behind the first directory", {
      file,
      expected: "3 or more, in rising order",
      found: `${first} to ${last}`,
    });
  }
  return {
    frame: id & 0x1ff,
    plane: ((id >>> 16) & 0xff) | ((id >>> 1) & 0x300),
    gate: (id >>> 24) & 0x3f,
    bed: (id >>> 12) & 0xf,
    data: (id >>> 30) & 3,
    start: (first - 1) * blockBytes,
    length: (last - first + 1) * blockBytes,
  };
}
