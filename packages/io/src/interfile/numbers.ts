/** How an Interfile data file stores its numbers, and their reading and writing. */
import { DataError } from "@quintet/core";
import { requireBytes } from "../bytes/byte-reader.ts";
import { type InterfileHeader, interfileNumber, interfileText } from "./header.ts";

export interface NumberFormat {
  readonly kind: "signed" | "unsigned" | "float";
  readonly bytes: 1 | 2 | 4 | 8;
  readonly littleEndian: boolean;
}

/**
 * The number format a header states: "signed integer", "unsigned integer", "float" (STIR), "short float", "long float".
 * Without a byte order the standard's own applies: big-endian.
 *
 * @throws DataError `unsupported-number-format` (bit, ASCII, a width that no machine has), `missing-key`
 */
export function numberFormatOf(header: InterfileHeader): NumberFormat {
  const { file } = header;
  const text = (interfileText(header, "number format") ?? "unsigned integer").toLowerCase().replaceAll(/\s+/g, " ");
  const kind = (
    {
      "signed integer": "signed",
      "unsigned integer": "unsigned",
      float: "float",
      "short float": "float",
      "long float": "float",
    } as const
  )[text];
  const stated = interfileNumber(header, "number of bytes per pixel");
  const bytes = stated ?? { "short float": 4, "long float": 8 }[text];
  if (bytes === undefined) throw new DataError("missing-key", 'the header lacks "number of bytes per pixel"', { file });
  const possible = kind === "float" ? [4, 8] : [1, 2, 4, 8];
  if (kind === undefined || !possible.includes(bytes)) {
    throw new DataError("unsupported-number-format", "numbers stored this way are not read", {
      file,
      expected: "signed or unsigned integer of 1, 2, 4 or 8 bytes, float of 4 or 8",
      found: `${text} of ${bytes} bytes`,
    });
  }
  const order =
    interfileText(header, "imagedata byte order")
      ?.toUpperCase()
      .replaceAll(/[\s_-]/g, "") ?? "BIGENDIAN";
  if (order !== "LITTLEENDIAN" && order !== "BIGENDIAN") {
    throw new DataError("unsupported-number-format", "byte order", {
      file,
      expected: "LITTLEENDIAN or BIGENDIAN",
      found: order.slice(0, 40),
    });
  }
  return { kind, bytes: bytes as NumberFormat["bytes"], littleEndian: order === "LITTLEENDIAN" };
}

const greatestFloat32 = 3.4028234663852886e38;

/**
 * `count` numbers from `offset` as float32; the bytes are checked before anything is allocated. Little-endian float32 that
 * lies at a multiple of 4 bytes is a view of `data`, so that a large sinogram is in memory once.
 *
 * @throws DataError `truncated`, `not-finite` (NaN, infinite or beyond float32, with its place)
 */
export function decodeNumbers(
  data: Uint8Array,
  offset: number,
  count: number,
  format: NumberFormat,
  file: string,
): Float32Array {
  const { kind, bytes, littleEndian } = format;
  requireBytes(data, offset, count * bytes, "its numbers", file);
  const start = data.byteOffset + offset;
  const native = kind === "float" && bytes === 4 && littleEndian && start % 4 === 0;
  const out = native
    ? new Float32Array(data.buffer, start, count)
    : converted(new DataView(data.buffer, start, count * bytes), count, format);
  for (let i = 0; i < count; i++) {
    if (!(Math.abs(out[i] as number) <= greatestFloat32)) {
      throw new DataError("not-finite", `number ${i + 1} of its data is NaN, infinite or beyond float32`, {
        file,
        found: `${out[i]} at byte ${offset + i * bytes}`,
      });
    }
  }
  return out;
}

function converted(view: DataView, count: number, { kind, bytes, littleEndian: little }: NumberFormat): Float32Array {
  const out = new Float32Array(count);
  const read: (i: number) => number = {
    signed1: (i: number) => view.getInt8(i),
    signed2: (i: number) => view.getInt16(2 * i, little),
    signed4: (i: number) => view.getInt32(4 * i, little),
    signed8: (i: number) => Number(view.getBigInt64(8 * i, little)),
    unsigned1: (i: number) => view.getUint8(i),
    unsigned2: (i: number) => view.getUint16(2 * i, little),
    unsigned4: (i: number) => view.getUint32(4 * i, little),
    unsigned8: (i: number) => Number(view.getBigUint64(8 * i, little)),
    float4: (i: number) => view.getFloat32(4 * i, little),
    float8: (i: number) => view.getFloat64(8 * i, little),
  }[`${kind}${bytes}` as "float4"];
  for (let i = 0; i < count; i++) out[i] = read(i);
  return out;
}

/** Float32 numbers as little-endian bytes: what the writers of this project store. */
export function encodeFloats(values: Float32Array): Uint8Array {
  const out = new Uint8Array(values.length * 4);
  const view = new DataView(out.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i] as number, true);
  return out;
}
