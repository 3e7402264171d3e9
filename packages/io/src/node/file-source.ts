import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DataError } from "@quintet/core";
import type { ByteSource } from "../signal/byte-source.ts";

/** An open file as a byte source; closed at the end of the `using` block. */
export interface FileSource extends ByteSource, Disposable {}

/** @throws DataError `not-found`, `unreadable`, `not-a-file` (a folder); `truncated` when a read leaves the file */
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
  const about = fstatSync(handle);
  if (about.isDirectory()) {
    closeSync(handle);
    throw new DataError("not-a-file", "this is a folder", { file: path, expected: "a file" });
  }
  const { size } = about;
  const short = (end: number, found: number): DataError =>
    new DataError("truncated", "the file ends early", { file: path, expected: `${end} bytes`, found: `${found}` });
  const readInto = (offset: number, into: Uint8Array): void => {
    const end = offset + into.length;
    if (offset < 0 || end > size) throw short(end, size);
    let at = 0;
    while (at < into.length) {
      const got = readSync(handle, into, at, into.length - at, offset + at);
      if (got === 0) throw short(end, offset + at);
      at += got;
    }
  };
  return {
    size,
    readInto,
    read(offset, length) {
      // Before memory is asked for.
      if (length < 0 || offset + length > size) throw short(offset + length, size);
      const bytes = new Uint8Array(length);
      readInto(offset, bytes);
      return bytes;
    },
    [Symbol.dispose](): void {
      closeSync(handle);
    },
  };
}
