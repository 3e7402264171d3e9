import { DataError } from "@quintet/core";

/** Bytes that can be asked for piece by piece, so that an hour-long file is opened without reading it all. */
export interface ByteSource {
  readonly size: number;
  /** Exactly `length` bytes from `offset`; the view may be overwritten by no one. */
  readonly read: (offset: number, length: number) => Uint8Array;
  /** As many bytes as `into` holds, without memory of their own, where the source can. */
  readonly readInto?: (offset: number, into: Uint8Array) => void;
}

/** @throws DataError `truncated` when a read leaves the bytes there */
export function bytesSource(bytes: Uint8Array, file: string): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.length) {
        throw new DataError("truncated", "the file ends early", {
          file,
          expected: `${offset + length} bytes`,
          found: `${bytes.length}`,
        });
      }
      return bytes.subarray(offset, offset + length);
    },
  };
}
