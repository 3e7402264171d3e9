import { DataError } from "@quintet/core";
import { Gunzip } from "fflate";
import { crc32 } from "./crc32.ts";

export interface GunzipLimits {
  readonly file: string;
  /** Bytes out per byte in; deflate itself reaches 1032. Real images stay far below 200. */
  readonly maxRatio?: number;
  /** Never more than this, whatever came in. */
  readonly maxBytes?: number;
  /**
   * Up to here the ratio is not asked: an almost empty label map of 1 mm honestly compresses 700 to 1,
   * and this much memory harms nobody.
   */
  readonly freeBytes?: number;
}

const MiB = 2 ** 20;
/** Deflate grows a step of input at most 1032-fold, so no step brings more than 4 MiB. */
const step = 4096;

/** How many bytes `packed` bytes may become. */
export function allowedBytes(packed: number, limits: Omit<GunzipLimits, "file"> = {}): number {
  const { maxRatio = 200, maxBytes = 2048 * MiB, freeBytes = 32 * MiB } = limits;
  return Math.min(maxBytes, Math.max(freeBytes, maxRatio * packed));
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks gzip without trusting it: the output is counted while it grows, and the first byte over
 * min(maxBytes, max(freeBytes, maxRatio x input)) ends it. Length and CRC-32 of a file of
 * one member are checked.
 *
 * @throws DataError `not-gzip`, `gzip-bomb`, `corrupt-gzip`, `truncated`
 */
export function boundedGunzip(bytes: Uint8Array, limits: GunzipLimits): Uint8Array {
  const { file } = limits;
  if (!isGzip(bytes)) throw new DataError("not-gzip", "this is not a gzip file", { file });
  if (bytes.length < 18) {
    throw new DataError("truncated", "a gzip file has at least 18 bytes", { file, found: `${bytes.length}` });
  }
  const allowed = allowedBytes(bytes.length, limits);
  const chunks: Uint8Array[] = [];
  let total = 0;
  let further = 0;
  const stream = new Gunzip((chunk) => {
    total += chunk.length;
    if (total > allowed) {
      throw new DataError("gzip-bomb", "unpacks to more than its size justifies", {
        file,
        expected: `at most ${allowed} bytes out of ${bytes.length}`,
        found: "more",
      });
    }
    if (chunk.length > 0) chunks.push(chunk);
  });
  stream.onmember = () => {
    further++;
  };
  try {
    for (let at = 0; at < bytes.length; at += step) {
      // A copy: the unpacker may keep its input, and the caller's bytes are not its to keep.
      stream.push(bytes.slice(at, at + step), at + step >= bytes.length);
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError("corrupt-gzip", "the compressed data cannot be unpacked", { file, found: `${cause}`, cause });
  }
  const out = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  if (further === 0) checkTrailer(bytes, out, file);
  return out;
}

function checkTrailer(bytes: Uint8Array, out: Uint8Array, file: string): void {
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const length = trailer.getUint32(4, true);
  if (length !== out.length >>> 0 || trailer.getUint32(0, true) !== crc32(out)) {
    throw new DataError("corrupt-gzip", "length or checksum of the unpacked data is not what the file says", {
      file,
      expected: `${length} bytes`,
      found: `${out.length} bytes`,
    });
  }
}
