/** Contents of FIF tags: numbers, text, matrices, transforms. */
import { type Affine, affineOf, DataError } from "@quintet/core";
import { checkedProduct, latin1 } from "../bytes/byte-reader.ts";
import type { FifFile, FifTag } from "./tags.ts";

const [short, int, float, double, text, packed16] = [2, 3, 4, 5, 10, 16];
const matrixBit = 0x40000000;
const transformType = 35;

function wrongType(file: FifFile, tag: FifTag, wanted: string): DataError {
  return new DataError("wrong-type", `tag ${tag.kind} holds something else`, {
    file: file.reader.file,
    expected: wanted,
    found: `type ${tag.type}, ${tag.size} bytes`,
  });
}

/** @throws DataError `wrong-type` */
export function fifInt(file: FifFile, tag: FifTag): number {
  if (tag.type !== int || tag.size < 4) throw wrongType(file, tag, "an int32");
  return file.reader.int32(tag.at, `tag ${tag.kind}`);
}

/** @throws DataError `wrong-type`, `not-finite` */
export function fifNumber(file: FifFile, tag: FifTag): number {
  const value = fifNumbers(file, tag)[0];
  if (value === undefined || !Number.isFinite(value))
    throw new DataError("not-finite", `tag ${tag.kind} holds a number`, { file: file.reader.file, found: `${value}` });
  return value;
}

/** Text is Latin-1. @throws DataError `wrong-type` */
export function fifText(file: FifFile, tag: FifTag): string {
  if (tag.type !== text) throw wrongType(file, tag, "text");
  return latin1(file.reader.bytes(tag.at, tag.size, `tag ${tag.kind}`));
}

/**
 * A plain array of numbers: int16 (also the packed kind), int32, float32 or float64.
 *
 * @throws DataError `wrong-type`
 */
export function fifNumbers(file: FifFile, tag: FifTag): Float64Array {
  return numbersAt(file, tag, tag.type, tag.size);
}

function numbersAt(file: FifFile, tag: FifTag, type: number, size: number): Float64Array {
  const bytes = file.reader.bytes(tag.at, size, `tag ${tag.kind}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const of = (width: number, get: (at: number) => number): Float64Array => {
    const out = new Float64Array(Math.floor(size / width));
    for (let i = 0; i < out.length; i++) out[i] = get(i * width);
    return out;
  };
  if (type === short || type === packed16) return of(2, (at) => view.getInt16(at));
  if (type === int) return of(4, (at) => view.getInt32(at));
  if (type === float) return of(4, (at) => view.getFloat32(at));
  if (type === double) return of(8, (at) => view.getFloat64(at));
  throw wrongType(file, tag, "numbers");
}

export interface FifMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Row-major. */
  readonly data: Float64Array;
}

/**
 * A dense matrix: its data first, then int32 extents (columns first) and their number, checked against the tag's size.
 *
 * @throws DataError `wrong-type`, `bad-dimensions`
 */
export function fifMatrix(file: FifFile, tag: FifTag): FifMatrix {
  const inner = tag.type & 0xffff;
  const width = inner === double ? 8 : inner === float || inner === int ? 4 : 0;
  if ((tag.type & matrixBit) === 0 || width === 0 || tag.size < 12) throw wrongType(file, tag, "a dense matrix");
  const end = tag.at + tag.size;
  const count = file.reader.int32(end - 4, "a matrix's number of extents");
  if (count !== 2) throw wrongType(file, tag, "a matrix of two extents");
  const columns = file.reader.int32(end - 12, "a matrix's columns");
  const rows = file.reader.int32(end - 8, "a matrix's rows");
  const size = width * checkedProduct([rows, columns], "a matrix", file.reader.file);
  if (size + 12 !== tag.size)
    throw new DataError("bad-dimensions", `tag ${tag.kind}'s matrix fills it`, {
      file: file.reader.file,
      expected: `${size + 12} bytes for ${rows} x ${columns}`,
      found: `${tag.size}`,
    });
  return { rows, columns, data: numbersAt(file, tag, inner, size) };
}

/** Frames of coordinates by their number in the file. */
export const fifFrames: Readonly<Record<number, string>> = {
  0: "unknown",
  1: "device",
  2: "isotrak",
  3: "hpi",
  4: "head",
  5: "mri",
  6: "mri-slice",
  7: "mri-display",
  2001: "mri-voxel",
  2002: "ras",
  2003: "mni-tal",
};

export function frameName(frame: number): string {
  return fifFrames[frame] ?? `frame-${frame}`;
}

export interface FifTransform {
  readonly from: string;
  readonly to: string;
  /** mm to mm. */
  readonly matrix: Affine;
}

/**
 * A map between two frames: int32 from, to; rotation (9 float32), shift (3 float32, m), and the inverse map, which is not read.
 *
 * @throws DataError `wrong-type`, `bad-affine`
 */
export function fifTransform(file: FifFile, tag: FifTag): FifTransform {
  if (tag.type !== transformType || tag.size < 56) throw wrongType(file, tag, "a coordinate transform");
  const { reader } = file;
  const at = (k: number): number => reader.float32(tag.at + 8 + 4 * k, "a transform");
  const rows = [0, 1, 2].flatMap((r) => [at(3 * r), at(3 * r + 1), at(3 * r + 2), 1000 * at(9 + r)]);
  return {
    from: frameName(reader.int32(tag.at, "a transform's frame")),
    to: frameName(reader.int32(tag.at + 4, "a transform's frame")),
    matrix: affineOf(rows),
  };
}
