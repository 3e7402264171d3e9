import { DataError, type Hertz, type Seconds } from "@quintet/core";
import { type XdfFormat, type XdfNumberFormat, xdfArray, xdfValueBytes, xdfValueReader } from "@quintet/io";
import { limits } from "./constants.ts";
import { littleEndian } from "./sample-encoder.ts";

/** Whole samples that have come in. */
export interface SampleChunk {
  /** Seconds on the sender's clock; deduced ones filled in. */
  readonly stamps: Float64Array;
  /** Numbers as [sample][channel]; empty for strings. */
  readonly values: Float32Array | Float64Array;
  /** Strings as [sample][channel], flat; empty for numbers. */
  readonly strings: readonly string[];
}

export interface DecoderLayout {
  readonly format: XdfFormat;
  readonly channels: number;
  readonly rate: Hertz;
  /** How the sender writes numbers. */
  readonly bigEndian: boolean;
  /** Who sends, for what is refused. */
  readonly peer: string;
  /** Numbers go into the same memory each time: a chunk holds until the next. Default false. */
  readonly reuse?: boolean;
}

/** Turns a stream's bytes, in whatever pieces they come, into samples. */
export interface SampleDecoder {
  /** @throws DataError `bad-sample` (no sample begins so, a string beyond 1 MiB) */
  readonly push: (bytes: Uint8Array) => SampleChunk;
  /** Bytes held back because their sample is not whole yet. */
  readonly pending: () => number;
}

export function sampleDecoder(layout: DecoderLayout): SampleDecoder {
  return layout.format === "string" ? stringDecoder(layout) : numberDecoder(layout, layout.format);
}

/** How long what comes before a sample's values is: a byte 1, or a byte 2 and a stamp. @throws DataError `bad-sample` */
function headBytes(tag: number, peer: string): number {
  if (tag === 1) return 1;
  if (tag === 2) return 9;
  throw new DataError("bad-sample", `${peer} sends what is no sample`, {
    expected: "1 or 2 before each sample",
    found: `${tag}`,
  });
}

/**
 * All samples are of one size, so that they are counted first; what is allocated is the chunk and nothing else, or not even
 * that (`reuse`): bytes gather in a buffer that is used again.
 */
function numberDecoder(layout: DecoderLayout, format: XdfNumberFormat): SampleDecoder {
  const { channels, bigEndian, peer, reuse = false } = layout;
  const step = layout.rate > 0 ? 1 / layout.rate : 0;
  const size = channels * xdfValueBytes[format];
  const asTheyLie = (format === "float32" || format === "double64") && bigEndian !== littleEndian;
  const read = xdfValueReader[format];
  let held = new Uint8Array(0);
  let view = new DataView(held.buffer);
  let filled = 0;
  let last: Seconds = 0;
  let [stampRoom, valueRoom] = [new Float64Array(0), xdfArray(format, 0)];

  const room = (count: number): readonly [stamps: Float64Array, values: Float32Array | Float64Array] => {
    if (!reuse) return [new Float64Array(count), xdfArray(format, count * channels)];
    if (stampRoom.length < count) {
      stampRoom = new Float64Array(2 * count);
      valueRoom = xdfArray(format, 2 * count * channels);
    }
    return [stampRoom.subarray(0, count), valueRoom.subarray(0, count * channels)];
  };
  const gather = (bytes: Uint8Array): void => {
    if (filled + bytes.length > held.length) {
      const grown = new Uint8Array(2 * (filled + bytes.length));
      grown.set(held.subarray(0, filled));
      held = grown;
      view = new DataView(held.buffer);
    }
    held.set(bytes, filled);
    filled += bytes.length;
  };
  const whole = (): number => {
    let count = 0;
    for (let at = 0; at < filled; count++) {
      at += headBytes(held[at] as number, peer) + size;
      if (at > filled) break;
    }
    return count;
  };

  return {
    push(bytes) {
      gather(bytes);
      const count = whole();
      const [stamps, values] = room(count);
      let at = 0;
      for (let i = 0; i < count; i++) {
        const from = at + headBytes(held[at] as number, peer);
        last = from - at > 1 ? view.getFloat64(at + 1, !bigEndian) : last + step;
        stamps[i] = last;
        // Moved together at the front, each onto what was read already.
        if (asTheyLie) held.copyWithin(i * size, from, from + size);
        else
          for (let c = 0; c < channels; c++)
            values[i * channels + c] = read(view, from + c * xdfValueBytes[format], !bigEndian);
        at = from + size;
      }
      if (asTheyLie)
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(held.subarray(0, count * size));
      held.copyWithin(0, at, filled);
      filled -= at;
      return { stamps, values, strings: [] };
    },
    pending: () => filled,
  };
}

function stringDecoder(layout: DecoderLayout): SampleDecoder {
  const step = layout.rate > 0 ? 1 / layout.rate : 0;
  let rest = new Uint8Array(0);
  let last: Seconds = 0;
  return {
    push(bytes) {
      const all = joined(rest, bytes);
      const view = new DataView(all.buffer);
      const stamps: number[] = [];
      const strings: string[] = [];
      let at = 0;
      while (at < all.length) {
        const from = at + headBytes(all[at] as number, layout.peer);
        const end = from > all.length ? -1 : textsEnd(view, from, layout);
        if (end < 0) break;
        last = from - at > 1 ? view.getFloat64(at + 1, !layout.bigEndian) : last + step;
        stamps.push(last);
        for (const text of texts(view, from, layout)) strings.push(text);
        at = end;
      }
      rest = all.slice(at);
      return { stamps: Float64Array.from(stamps), values: new Float32Array(0), strings };
    },
    pending: () => rest.length,
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** One past a sample's strings; -1 when they are not all there yet. */
function textsEnd(view: DataView, from: number, { channels, peer, bigEndian }: DecoderLayout): number {
  let at = from;
  for (let c = 0; c < channels; c++) {
    const length = textLength(view, at, bigEndian, peer);
    if (length === undefined || length.next + length.value > view.byteLength) return -1;
    at = length.next + length.value;
  }
  return at;
}

/** A string's length behind its byte count 1, 2, 4 or 8; undefined when it has not come whole. */
function textLength(
  view: DataView,
  at: number,
  bigEndian: boolean,
  peer: string,
): { readonly value: number; readonly next: number } | undefined {
  if (at >= view.byteLength) return undefined;
  const size = view.getUint8(at);
  if (size !== 1 && size !== 2 && size !== 4 && size !== 8) throw tooLong(peer, `a length of ${size} bytes`);
  const next = at + 1 + size;
  if (next > view.byteLength) return undefined;
  const value =
    size === 1
      ? view.getUint8(at + 1)
      : size === 2
        ? view.getUint16(at + 1, !bigEndian)
        : size === 4
          ? view.getUint32(at + 1, !bigEndian)
          : Number(view.getBigUint64(at + 1, !bigEndian));
  if (value > limits.text) throw tooLong(peer, `${value} bytes`);
  return { value, next };
}

const tooLong = (peer: string, found: string): DataError =>
  new DataError("bad-sample", `${peer} sends a string that is not taken`, {
    expected: `at most ${limits.text} bytes`,
    found,
  });

const decoder = new TextDecoder();

function texts(view: DataView, from: number, { channels, bigEndian, peer }: DecoderLayout): string[] {
  const found: string[] = [];
  for (let c = 0, at = from; c < channels; c++) {
    const { value, next } = textLength(view, at, bigEndian, peer) as { value: number; next: number };
    found.push(decoder.decode(new Uint8Array(view.buffer, view.byteOffset + next, value)));
    at = next + value;
  }
  return found;
}
