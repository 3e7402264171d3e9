import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { DataError } from "@quintet/core";
import { allowedBytes, isGzip } from "../bytes/gunzip.ts";

/** What one file may weigh: above every volume and recording this system holds in memory. */
export const largestFile: number = 4 * 2 ** 30;

/**
 * Reads a whole file after asking its size.
 *
 * @throws DataError `not-found`, `not-a-file`, `too-large`, `unreadable`
 */
export async function readFileBounded(path: string, maxBytes: number = largestFile): Promise<Uint8Array> {
  const handle = await open(path, "r").catch((cause) => {
    throw reading(path, cause);
  });
  try {
    const about = await handle.stat();
    if (!about.isFile()) throw new DataError("not-a-file", "this is not a file", { file: path });
    if (about.size > maxBytes) {
      throw new DataError("too-large", "the file is larger than what is read at once", {
        file: path,
        expected: `at most ${maxBytes} bytes`,
        found: `${about.size}`,
      });
    }
    const bytes = new Uint8Array(about.size);
    let at = 0;
    while (at < bytes.length) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(bytes.length - at, 2 ** 30), at);
      if (bytesRead === 0) {
        throw new DataError("truncated", "the file shrank while it was read", {
          file: path,
          expected: `${bytes.length} bytes`,
          found: `${at}`,
        });
      }
      at += bytesRead;
    }
    return bytes;
  } catch (cause) {
    throw reading(path, cause);
  } finally {
    await handle.close();
  }
}

/** The first `length` bytes, fewer when the file is shorter. @throws DataError `not-found`, `unreadable` */
export async function readFileStart(path: string, length: number): Promise<Uint8Array> {
  try {
    const handle = await open(path, "r");
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw reading(path, cause);
  }
}

function reading(path: string, cause: unknown): DataError {
  if (cause instanceof DataError) return cause;
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new DataError("not-found", "there is no such file", { file: path, cause });
  }
  return new DataError("unreadable", "the file cannot be read", { file: path, found: code ?? String(cause), cause });
}

/**
 * Reads a file and unpacks it when its bytes say gzip, whatever its name; the bounds are those of boundedGunzip, the
 * unpacking is the platform's own, several times as fast.
 *
 * @throws DataError those of readFileBounded; `gzip-bomb`, `corrupt-gzip`
 */
export async function readUnpacked(path: string, maxBytes: number = largestFile): Promise<Uint8Array> {
  const bytes = await readFileBounded(path, maxBytes);
  if (!isGzip(bytes)) return bytes;
  const allowed = allowedBytes(bytes.length, { maxBytes });
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: allowed });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new DataError("gzip-bomb", "unpacks to more than its size justifies", {
        file: path,
        expected: `at most ${allowed} bytes out of ${bytes.length}`,
        found: "more",
      });
    }
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("corrupt-gzip", "the compressed data cannot be unpacked", { file: path, found, cause });
  }
}

/**
 * Writes a file whole or not at all: a neighbour of another name, flushed to the disk, then renamed over the target.
 * Folders on the way are made.
 *
 * @throws DataError `unwritable`
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  const beside = join(folder, `.${randomUUID()}.part`);
  try {
    await mkdir(folder, { recursive: true });
    const handle = await open(beside, "wx");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    const found = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new DataError("unwritable", "the file cannot be written", { file: path, found, cause });
  }
}

/** SHA-256 of a file's bytes in lower-case hex, read in pieces. @throws DataError `not-found`, `unreadable` */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  } catch (cause) {
    throw reading(path, cause);
  }
  return hash.digest("hex");
}

/** Whether something is at `path`, and what. */
export async function kindOfPath(path: string): Promise<"file" | "folder" | "missing"> {
  try {
    const about = await stat(path);
    return about.isDirectory() ? "folder" : "file";
  } catch {
    return "missing";
  }
}
