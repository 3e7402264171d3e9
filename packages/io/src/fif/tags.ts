/**
 * FIF (functional image file format, Elekta/MEGIN and MNE), read only: a chain of big-endian tags, nested in blocks.
 *
 *   tag = kind int32, type int32, size int32, next int32, then `size` bytes
 *   next = 0: the following tag stands right behind; -1: the last one; else its place in the file
 *
 * Block start (104) and end (105) carry the block's kind. The file begins with a file id (100).
 *
 * @see Elekta Neuromag, Functional Image File Format description, NM20568A (2009)
 */
import { DataError } from "@quintet/core";
import { type ByteReader, byteReader } from "../bytes/byte-reader.ts";
import { boundedGunzip, isGzip } from "../bytes/gunzip.ts";

export interface FifTag {
  readonly kind: number;
  readonly type: number;
  /** Where its data begin. */
  readonly at: number;
  readonly size: number;
}

/** A block's own tags in file order, and the blocks within it. */
export interface FifBlock {
  readonly kind: number;
  readonly tags: readonly FifTag[];
  readonly blocks: readonly FifBlock[];
}

export interface FifFile {
  readonly reader: ByteReader;
  /** The file itself; its kind is 0. */
  readonly root: FifBlock;
}

const headBytes = 16;
const fileId = 100;
const [blockStart, blockEnd] = [104, 105];
/** Blocks nest six deep in what is known; a deeper file is damaged. */
const deepest = 32;

export function looksLikeFif(bytes: Uint8Array): boolean {
  if (bytes.length < headBytes + 20) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getInt32(0) === fileId && view.getInt32(4) === 31 && view.getInt32(8) === 20;
}

interface OpenBlock {
  readonly kind: number;
  readonly tags: FifTag[];
  readonly blocks: OpenBlock[];
}

/**
 * The tree of a file, gzipped or not; only places and sizes are read. A tag that points backwards, or beyond the file, is refused.
 *
 * @throws DataError `not-fif`, `truncated`, `bad-number`, `bad-structure` (blocks that do not close, tags that run in a ring), and
 *   those of `boundedGunzip`
 */
export function readFifTree(packed: Uint8Array, file: string): FifFile {
  const bytes = isGzip(packed) ? boundedGunzip(packed, { file }) : packed;
  if (!looksLikeFif(bytes))
    throw new DataError("not-fif", "this is not a FIF file", { file, expected: "a file id of 20 bytes first" });
  const reader = byteReader(bytes, file, false);
  const root: OpenBlock = { kind: 0, tags: [], blocks: [] };
  const open: OpenBlock[] = [root];
  const wrong = (what: string, found: string): DataError => new DataError("bad-structure", what, { file, found });
  let at = 0;
  while (at < bytes.length) {
    const [kind, type, size, next] = [0, 4, 8, 12].map((k) => reader.int32(at + k, "a tag")) as [
      number,
      number,
      number,
      number,
    ];
    const data = at + headBytes;
    reader.bytes(data, size, `tag ${kind}`);
    const inner = open.at(-1) as OpenBlock;
    if (kind === blockStart) {
      if (open.length > deepest) throw wrong("blocks are nested too deep", `${open.length}`);
      const block: OpenBlock = { kind: reader.int32(data, "a block's kind"), tags: [], blocks: [] };
      inner.blocks.push(block);
      open.push(block);
    } else if (kind === blockEnd) {
      const named = reader.int32(data, "a block's kind");
      if (open.length === 1 || inner.kind !== named)
        throw wrong("a block ends that is not open", `end of ${named} within ${inner.kind}`);
      open.pop();
    } else inner.tags.push({ kind, type, at: data, size });
    if (next === -1) break;
    const following = next === 0 ? data + size : next;
    if (following < data + size) throw wrong("a tag points back", `from ${at} to ${following}`);
    at = following;
  }
  if (open.length > 1) throw wrong("a block does not end", `kind ${(open.at(-1) as OpenBlock).kind}`);
  return { reader, root };
}

/** All blocks of a kind, at any depth, in file order. */
export function blocksOf(block: FifBlock, kind: number): FifBlock[] {
  return block.blocks.flatMap((b) => (b.kind === kind ? [b, ...blocksOf(b, kind)] : blocksOf(b, kind)));
}

/** The first tag of a kind in a block itself. */
export function tagOf(block: FifBlock, kind: number): FifTag | undefined {
  return block.tags.find((tag) => tag.kind === kind);
}

/** All tags of a kind, in the block and the blocks within it. */
export function tagsBelow(block: FifBlock, kind: number): FifTag[] {
  return [...block.tags.filter((tag) => tag.kind === kind), ...block.blocks.flatMap((b) => tagsBelow(b, kind))];
}
