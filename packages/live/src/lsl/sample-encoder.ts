import { DataError, type Seconds } from "@quintet/core";
import { type XdfFormat, xdfValueBytes, xdfValueWriter } from "@quintet/io";

/** Numbers as [sample][channel], flat, or that many strings. */
export type SampleValues = ArrayLike<number> | readonly string[];

const [deduced, transmitted] = [1, 2];
const utf8 = new TextEncoder();

/**
 * Samples as they go over the wire, little-endian: a byte 1 (stamp deduced from the one before) or 2 and a float64 stamp,
 * then the channels' values. NaN as a stamp means deduced.
 *
 * @param room gives that many bytes to write into, all of which are written; new ones when not given
 * @throws DataError `shape-mismatch`
 */
export function encodeSamples(
  format: XdfFormat,
  channels: number,
  stamps: ArrayLike<Seconds>,
  values: SampleValues,
  room: (size: number) => Uint8Array = (size) => new Uint8Array(size),
): Uint8Array {
  if (values.length !== stamps.length * channels)
    throw new DataError("shape-mismatch", "each sample has one value per channel", {
      expected: `${stamps.length} x ${channels} values`,
      found: `${values.length}`,
    });
  return format === "string"
    ? encodeStrings(channels, stamps, values as readonly string[], room)
    : encodeNumbers(format, channels, stamps, values as ArrayLike<number>, room);
}

/** Where a sample's values begin, its stamp written. */
function writeStamp(view: DataView, at: number, stamp: Seconds): number {
  if (Number.isNaN(stamp)) {
    view.setUint8(at, deduced);
    return at + 1;
  }
  view.setUint8(at, transmitted);
  view.setFloat64(at + 1, stamp, true);
  return at + 9;
}

function stampBytes(stamps: ArrayLike<Seconds>): number {
  let size = 0;
  for (let i = 0; i < stamps.length; i++) size += Number.isNaN(stamps[i] as number) ? 1 : 9;
  return size;
}

function encodeNumbers(
  format: Exclude<XdfFormat, "string">,
  channels: number,
  stamps: ArrayLike<Seconds>,
  values: ArrayLike<number>,
  room: (size: number) => Uint8Array,
): Uint8Array {
  const size = channels * xdfValueBytes[format];
  const stamped = stampBytes(stamps);
  const bytes = room(stamped + stamps.length * size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Float32 values of a little-endian machine are copied as they lie: all at once to the packet's end, from where each
  // sample moves forward to behind its stamp, never onto one that has not moved yet.
  const raw = format === "float32" && values instanceof Float32Array && littleEndian;
  if (raw) bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), stamped);
  const write = xdfValueWriter[format];
  for (let i = 0, at = 0; i < stamps.length; i++, at += size) {
    at = writeStamp(view, at, stamps[i] as number);
    if (raw) bytes.copyWithin(at, stamped + i * size, stamped + (i + 1) * size);
    else
      for (let c = 0; c < channels; c++)
        write(view, at + c * xdfValueBytes[format], values[i * channels + c] as number);
  }
  return bytes;
}

export const littleEndian: boolean = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function encodeStrings(
  channels: number,
  stamps: ArrayLike<Seconds>,
  values: readonly string[],
  room: (size: number) => Uint8Array,
): Uint8Array {
  const texts = values.map((value) => utf8.encode(value));
  const size = texts.reduce((sum, text) => sum + text.length + (text.length < 256 ? 2 : 5), stampBytes(stamps));
  const bytes = room(size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0, at = 0; i < stamps.length; i++) {
    at = writeStamp(view, at, stamps[i] as number);
    for (const text of texts.slice(i * channels, (i + 1) * channels)) {
      if (text.length < 256) {
        view.setUint16(at, 0x0100 | text.length);
        at += 2;
      } else {
        view.setUint8(at, 4);
        view.setUint32(at + 1, text.length, true);
        at += 5;
      }
      bytes.set(text, at);
      at += text.length;
    }
  }
  return bytes;
}
