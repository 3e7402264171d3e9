import { DataError } from "@quintet/core";

/**
 * Numbers at stated places of a file. Every access is checked against the bytes that are there;
 * one that reaches beyond them throws `truncated`, naming the file, what was to be read, and what there is.
 */
export interface ByteReader {
  readonly file: string;
  readonly length: number;
  readonly littleEndian: boolean;
  readonly uint8: (at: number, what: string) => number;
  readonly int16: (at: number, what: string) => number;
  readonly uint16: (at: number, what: string) => number;
  readonly int32: (at: number, what: string) => number;
  readonly uint32: (at: number, what: string) => number;
  readonly float32: (at: number, what: string) => number;
  readonly float64: (at: number, what: string) => number;
  /** A 64-bit count. @throws DataError `bad-number` beyond 2^53: no file holds so much. */
  readonly int64: (at: number, what: string) => number;
  /** A view, not a copy. */
  readonly bytes: (at: number, length: number, what: string) => Uint8Array;
  /** Latin-1 text up to the first NUL, blanks trimmed from the end. */
  readonly text: (at: number, length: number, what: string) => string;
}

export function byteReader(bytes: Uint8Array, file: string, littleEndian: boolean): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const check = (at: number, length: number, what: string): number => {
    requireBytes(bytes, at, length, what, file);
    return at;
  };
  return {
    file,
    length: bytes.length,
    littleEndian,
    uint8: (at, what) => view.getUint8(check(at, 1, what)),
    int16: (at, what) => view.getInt16(check(at, 2, what), littleEndian),
    uint16: (at, what) => view.getUint16(check(at, 2, what), littleEndian),
    int32: (at, what) => view.getInt32(check(at, 4, what), littleEndian),
    uint32: (at, what) => view.getUint32(check(at, 4, what), littleEndian),
    float32: (at, what) => view.getFloat32(check(at, 4, what), littleEndian),
    float64: (at, what) => view.getFloat64(check(at, 8, what), littleEndian),
    int64: (at, what) => {
      const value = Number(view.getBigInt64(check(at, 8, what), littleEndian));
      if (!Number.isSafeInteger(value)) {
        throw new DataError("bad-number", `${what} is beyond any file`, { file, found: `${value}` });
      }
      return value;
    },
    bytes: (at, length, what) => bytes.subarray(check(at, length, what), at + length),
    text: (at, length, what) => latin1(bytes.subarray(check(at, length, what), at + length)),
  };
}

/**
 * Refuses a claim on bytes that are not there, before anything is allocated for it.
 *
 * @throws DataError `truncated`, `bad-number` (a place or length that is negative, fractional or not a number)
 */
export function requireBytes(bytes: Uint8Array, at: number, length: number, what: string, file: string): void {
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(length) || at < 0 || length < 0) {
    throw new DataError("bad-number", `${what} has no possible place`, { file, found: `${length} bytes at ${at}` });
  }
  if (at + length > bytes.length) {
    throw new DataError("truncated", `the file ends before ${what}`, {
      file,
      expected: `${length} bytes at ${at}`,
      found: `${bytes.length} bytes in all`,
    });
  }
}

/**
 * Product of a header's extents as a count that can exist.
 *
 * @throws DataError `bad-dimensions` for an extent that is not a positive integer, or a product beyond 2^53
 */
export function checkedProduct(extents: readonly number[], what: string, file: string): number {
  let product = 1;
  for (const n of extents) {
    product *= n;
    if (!Number.isSafeInteger(n) || n < 1 || !Number.isSafeInteger(product)) {
      throw new DataError("bad-dimensions", `${what} must be positive whole numbers of a possible size`, {
        file,
        found: extents.join(" x "),
      });
    }
  }
  return product;
}

/** Latin-1 text up to the first NUL, blanks trimmed from the end. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text.trimEnd();
}
