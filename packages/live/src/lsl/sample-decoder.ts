import { DataError, type Hertz, type Seconds } from "@quintet/core";
import { type XdfFormat, xdfArray, xdfValueBytes, xdfValueReader } from "@quintet/io";
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
}

/** Turns a stream's bytes, in whatever pieces they come, into samples. */
export interface SampleDecoder {
  /** @throws DataError `bad-sample` (no sample begins so, a string beyond 1 MiB) */
  readonly push: (bytes: Uint8Array) => SampleChunk;
  /** Bytes held back because their sample is not whole yet. */
  readonly pending: () => number;
}

export function sampleDecoder(layout: DecoderLayout): SampleDecoder {
  const step = layout.rate > 0 ? 1 / layout.rate : 0;
  let rest = new Uint8Array(0);
  let last: Seconds = 0;
  return {
    push(bytes) {
      const all = rest.length === 0 ? bytes : joined(rest, bytes);
      const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
      const starts: number[] = [];
      const stamps: number[] = [];
      let at = 0;
      while (at < all.length) {
        const tag = all[at] as number;
        if (tag !== 1 && tag !== 2)
          throw new DataError("bad-sample", `${layout.peer} sends what is no sample`, {
            expected: "1 or 2 before each sample",
            found: `${tag}`,
          });
        const from = at + (tag === 2 ? 9 : 1);
        const end = from > all.length ? -1 : valuesEnd(view, from, layout);
        if (end < 0) break;
        last = tag === 2 ? view.getFloat64(at + 1, !layout.bigEndian) : last + step;
        stamps.push(last);
        starts.push(from);
        at = end;
      }
      rest = all.slice(at);
      const strings = layout.format === "string" ? starts.flatMap((from) => texts(view, from, layout)) : [];
      return { stamps: Float64Array.from(stamps), values: numbers(all, starts, layout), strings };
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

/** One past a sample's values; -1 when they are not all there yet. */
function valuesEnd(view: DataView, from: number, { format, channels, peer, bigEndian }: DecoderLayout): number {
  if (format !== "string") {
    const end = from + channels * xdfValueBytes[format];
    return end <= view.byteLength ? end : -1;
  }
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

function numbers(
  all: Uint8Array,
  starts: readonly number[],
  { format, channels, bigEndian }: DecoderLayout,
): Float32Array | Float64Array {
  if (format === "string") return new Float32Array(0);
  const out = xdfArray(format, starts.length * channels);
  if (format === "float32" && bigEndian !== littleEndian) {
    const raw = new Uint8Array(out.buffer);
    for (const [i, from] of starts.entries()) raw.set(all.subarray(from, from + channels * 4), i * channels * 4);
    return out;
  }
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  const size = xdfValueBytes[format];
  const read = xdfValueReader[format];
  for (const [i, from] of starts.entries()) {
    for (let c = 0; c < channels; c++) out[i * channels + c] = read(view, from + c * size, !bigEndian);
  }
  return out;
}
