import { Bytes } from "./hdf5-bytes.ts";
import { describeType, type Hdf5Type, sizeOfType } from "./hdf5-types.ts";

/** One data set of a file: rows of a type; the heap has the parts of variable length. */
export interface RowSet {
  readonly name: string;
  readonly type: Hdf5Type;
  readonly count: number;
  /** Row after row; where a member is of variable length, whatever stands there is written over. */
  readonly rows: Uint8Array;
  /** Parts of variable length: place in the row, bytes of one element, bytes of each row. */
  readonly parts: readonly { readonly offset: number; readonly each: number; readonly of: readonly Uint8Array[] }[];
}

const undefinedPlace = -1;
/** Nodes of groups are written at their full size: 2 K entries, K as the superblock says. */
const [leafK, internalK] = [4, 16] as const;
const heapBytes = 2 ** 20;

/**
 * A small HDF5 file with one group of data sets, as the library's first format lays it down (superblock 0, groups of
 * symbol tables, contiguous data, global heaps): the one thing the WebAssembly library cannot write is rows whose members
 * have lengths of their own, and MRD is made of them.
 *
 * @param group its name below the root
 * @param sets at most 8, as one symbol node holds
 */
export function writeRowsFile(group: string, sets: readonly RowSet[]): Uint8Array {
  const out = new Bytes();
  out.raw(Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a));
  out.u32(0).u8(0).u8(8).u8(8).u8(0).u16(leafK).u16(internalK).u32(0);
  out.u64(0).u64(undefinedPlace);
  const endAt = out.length;
  out.u64(0).u64(undefinedPlace);
  const rootAt = out.length;
  out.u64(0).u64(0).u32(1).u32(0).u64(0).u64(0);
  const places = sets.map((set) => ({ name: set.name, at: dataSet(out, set) }));
  const inner = groupObject(out, places);
  const root = groupObject(out, [{ name: group, at: inner.header, inside: inner }]);
  out.put64(rootAt + 8, root.header);
  out.put64(rootAt + 24, root.tree);
  out.put64(rootAt + 32, root.heap);
  out.put64(endAt, out.length);
  return out.done();
}

/** @returns where its object header lies */
function dataSet(out: Bytes, set: RowSet): number {
  const rows = set.rows.slice();
  const view = new DataView(rows.buffer);
  const size = sizeOfType(set.type);
  const waiting: { readonly bytes: Uint8Array; readonly at: number }[] = [];
  for (const { offset, each, of } of set.parts)
    for (const [i, bytes] of of.entries()) {
      const at = i * size + offset;
      view.setUint32(at, bytes.length / each, true);
      view.setBigUint64(at + 4, 0n, true);
      view.setUint32(at + 12, 0, true);
      if (bytes.length > 0) waiting.push({ bytes, at });
    }
  for (let first = 0; first < waiting.length; ) {
    let [last, total] = [first, 16];
    while (last < waiting.length && last - first < 60_000) {
      const next = 16 + padded((waiting[last] as (typeof waiting)[number]).bytes.length);
      if (last > first && total + next > heapBytes) break;
      total += next;
      last++;
    }
    const place = heap(
      out,
      waiting.slice(first, last).map(({ bytes }) => bytes),
      total,
    );
    for (let i = first; i < last; i++) {
      const { at } = waiting[i] as (typeof waiting)[number];
      view.setBigUint64(at + 4, BigInt(place), true);
      view.setUint32(at + 12, i - first + 1, true);
    }
    first = last;
  }
  out.align(8);
  const dataAt = out.length;
  out.raw(rows).align(8);
  return objectHeader(out, [
    { type: 1, body: new Bytes().u8(1).u8(1).u8(0).zeros(5).u64(set.count).done() },
    { type: 3, body: describeType(set.type) },
    { type: 5, body: Uint8Array.of(2, 2, 2, 0) },
    { type: 8, body: new Bytes().u8(3).u8(1).u64(dataAt).u64(rows.length).done() },
  ]);
}

function padded(bytes: number): number {
  return 8 * Math.ceil(bytes / 8);
}

/** A global heap collection; the library wants at least 4096 bytes, the rest a free object. */
function heap(out: Bytes, objects: readonly Uint8Array[], total: number): number {
  out.align(8);
  const at = out.length;
  const size = Math.max(4096, total + 16);
  out.text("GCOL").u32(1).u64(size);
  for (const [i, bytes] of objects.entries())
    out
      .u16(i + 1)
      .u16(1)
      .u32(0)
      .u64(bytes.length)
      .raw(bytes)
      .align(8, at);
  const free = size - (out.length - at);
  out
    .u32(0)
    .u32(0)
    .u64(free)
    .zeros(free - 16);
  return at;
}

function objectHeader(out: Bytes, messages: readonly { readonly type: number; readonly body: Uint8Array }[]): number {
  out.align(8);
  const at = out.length;
  const size = messages.reduce((sum, { body }) => sum + 8 + padded(body.length), 0);
  out.u8(1).u8(0).u16(messages.length).u32(1).u32(size).u32(0);
  for (const { type, body } of messages)
    out
      .u16(type)
      .u16(padded(body.length))
      .u32(0)
      .raw(body)
      .zeros(padded(body.length) - body.length);
  return at;
}

interface GroupPlaces {
  readonly header: number;
  readonly tree: number;
  readonly heap: number;
}

/** A group of the first format: names in a local heap, entries in a symbol node, one B-tree node above it. */
function groupObject(
  out: Bytes,
  entries: readonly { readonly name: string; readonly at: number; readonly inside?: GroupPlaces }[],
): GroupPlaces {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Bytes().zeros(8);
  const offsets = sorted.map(({ name }) => {
    const offset = names.length;
    names.text(name).u8(0).align(8);
    return offset;
  });
  out.align(8);
  const namesAt = out.length;
  out.raw(names.done());
  const heapAt = out.length;
  // 1 stands for "no free block".
  out.text("HEAP").u32(0).u64(names.length).u64(1).u64(namesAt);
  const nodeAt = out.length;
  out.text("SNOD").u8(1).u8(0).u16(sorted.length);
  for (const [i, { at, inside }] of sorted.entries()) {
    out
      .u64(offsets[i] as number)
      .u64(at)
      .u32(inside ? 1 : 0)
      .u32(0);
    out.u64(inside?.tree ?? 0).u64(inside?.heap ?? 0);
  }
  out.zeros(40 * (2 * leafK - sorted.length));
  const treeAt = out.length;
  out.text("TREE").u8(0).u8(0).u16(1).u64(undefinedPlace).u64(undefinedPlace);
  out
    .u64(0)
    .u64(nodeAt)
    .u64(offsets.at(-1) ?? 0)
    .zeros(16 * (2 * internalK - 1));
  const header = objectHeader(out, [{ type: 0x11, body: new Bytes().u64(treeAt).u64(heapAt).done() }]);
  return { header, tree: treeAt, heap: heapAt };
}
