import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DataError } from "@quintet/core";
import type { ByteSource } from "../signal/byte-source.ts";

/** An open file as a byte source; closed at the end of the `using` block. */
export interface FileSource extends ByteSource, Disposable {}

/** @throws DataError `not-found`, `unreadable`; `truncated` when a read leaves the file */
export function openFileSource(path: string): FileSource {
  let handle: number;
  try {
    handle = openSync(path, "r");
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new DataError(
      missing ? "not-found" : "unreadable",
      missing ? "there is no such file" : "the file cannot be read",
      { file: path, cause },
    );
  }
  const size = fstatSync(handle).size;
  return {
    size,
    read(offset, length) {
      const short = (found: number): DataError =>
        new DataError("truncated", "the file ends early", {
          file: path,
          expected: `${offset + length} bytes`,
          found: `${found}`,
        });
      if (offset < 0 || length < 0 || offset + length > size) throw short(size);
      const bytes = new Uint8Array(length);
      let at = 0;
      while (at < length) {
        const got = readSync(handle, bytes, at, length - at, offset + at);
        if (got === 0) throw short(offset + at);
        at += got;
      }
      return bytes;
    },
    [Symbol.dispose](): void {
      closeSync(handle);
    },
  };
}
