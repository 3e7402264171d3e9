/** Reads forward through a file of any size, a megabyte at a time. */
import { DataError } from "@quintet/core";
import type { ByteSource } from "../signal/byte-source.ts";

export interface ByteCursor {
  readonly file: string;
  readonly position: () => number;
  /** Bytes from here to the end of the file. */
  readonly remaining: () => number;
  readonly byte: () => number;
  /** Unsigned LEB128. @throws DataError `bad-varint` beyond 2^53 */
  readonly varint: () => number;
  /** Zigzag LEB128. */
  readonly signed: () => number;
  /** Zigzag LEB128 of up to 64 bits. */
  readonly signed64: () => bigint;
  /** Fills `out` with unsigned LEB128 numbers of 32 bits. */
  readonly varints: (out: Uint32Array) => void;
  readonly float32: () => number;
  readonly float64: () => number;
  /** The next bytes, copied. */
  readonly bytes: (length: number) => Uint8Array;
}

const step = 2 ** 20;
/** A 32-bit number takes five bytes at most, a 64-bit one ten. */
const longest = 10;

/** @throws DataError `truncated` when a read goes beyond the end */
export function byteCursor(source: ByteSource, file: string): ByteCursor {
  let [buffer, at, next] = [new Uint8Array(0), 0, 0];
  let view = new DataView(buffer.buffer);
  const fill = (wanted: number): void => {
    const kept = buffer.subarray(at);
    const length = Math.min(source.size - next, Math.max(step, wanted - kept.length));
    const joined = new Uint8Array(kept.length + length);
    joined.set(kept);
    joined.set(source.read(next, length), kept.length);
    next += length;
    [buffer, at, view] = [joined, 0, new DataView(joined.buffer)];
  };
  const need = (length: number): number => {
    if (buffer.length - at < length) {
      if (length > source.size - next + buffer.length - at) {
        throw new DataError("truncated", "the file ends within a value", {
          file,
          expected: `${length} bytes at ${next - buffer.length + at}`,
          found: `${source.size} bytes in all`,
        });
      }
      fill(length);
    }
    const from = at;
    at += length;
    return from;
  };
  const byte = (): number => {
    const from = need(1);
    return buffer[from] as number;
  };
  const tooLong = (): DataError =>
    new DataError("bad-varint", "a number is longer than any may be", {
      file,
      found: `at byte ${next - buffer.length + at}`,
    });
  const varint = (): number => {
    let [value, factor] = [0, 1];
    for (let i = 0; i < longest; i++) {
      const one = byte();
      value += (one & 0x7f) * factor;
      if (one < 0x80) {
        if (!Number.isSafeInteger(value)) throw tooLong();
        return value;
      }
      factor *= 128;
    }
    throw tooLong();
  };
  const signed64 = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (let i = 0; i < longest; i++) {
      const one = byte();
      value |= BigInt(one & 0x7f) << shift;
      if (one < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
      shift += 7n;
    }
    throw tooLong();
  };
  return {
    file,
    position: () => next - buffer.length + at,
    remaining: () => source.size - next + buffer.length - at,
    byte,
    varint,
    signed: () => {
      const value = varint();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    },
    signed64,
    varints: (out) => {
      for (let i = 0; i < out.length; i++) {
        // Away from the end of the buffer no byte asks whether it is there.
        if (buffer.length - at < longest) {
          const value = varint();
          if (value > 0xffffffff) throw tooLong();
          out[i] = value;
          continue;
        }
        let one = buffer[at++] as number;
        let value = one & 0x7f;
        for (let shift = 7; one >= 0x80; shift += 7) {
          one = buffer[at++] as number;
          if (shift > 28 || (shift === 28 && one > 0x0f)) throw tooLong();
          value |= (one & 0x7f) << shift;
        }
        out[i] = value;
      }
    },
    float32: () => {
      const from = need(4);
      return view.getFloat32(from, true);
    },
    float64: () => {
      const from = need(8);
      return view.getFloat64(from, true);
    },
    bytes: (length) => {
      const from = need(length);
      return buffer.slice(from, at);
    },
  };
}
