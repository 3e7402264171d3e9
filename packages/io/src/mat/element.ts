import { DataError } from "@quintet/core";

/** A place in a run of data elements. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly little: boolean;
  readonly file: string;
}

export interface Element {
  readonly type: number;
  readonly data: Uint8Array;
  readonly little: boolean;
}

/**
 * The next data element and the cursor behind it: an 8-byte tag with type and length, or the small form with both in
 * 4 bytes and up to 4 bytes of data; padded to 8 bytes except when compressed.
 *
 * @throws DataError `truncated`
 */
export function nextElement(cursor: Cursor): Element {
  const { bytes, at, little, file } = cursor;
  if (at + 8 > bytes.length) {
    throw new DataError("truncated", "a data element is cut off", {
      file,
      expected: `8 bytes at ${at}`,
      found: `${bytes.length - at}`,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = view.getUint32(at, little);
  if (word >>> 16 !== 0) {
    const size = word >>> 16;
    if (size > 4)
      throw new DataError("bad-element", "a small element is longer than 4 bytes", {
        file,
        expected: "<= 4",
        found: `${size}`,
      });
    cursor.at = at + 8;
    return { type: word & 0xffff, data: bytes.subarray(at + 4, at + 4 + size), little };
  }
  const size = view.getUint32(at + 4, little);
  if (at + 8 + size > bytes.length) {
    throw new DataError("truncated", "a data element is longer than the bytes there", {
      file,
      expected: `${size} bytes`,
      found: `${bytes.length - at - 8}`,
    });
  }
  cursor.at = at + 8 + size + (word === 15 ? 0 : (8 - (size % 8)) % 8);
  return { type: word, data: bytes.subarray(at + 8, at + 8 + size), little };
}
