/** Where an image lies and which frames it has, without decoding its voxels. */
import { createReadStream } from "node:fs";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import { DataError, type Frame, frameData, type Grid, type Volume } from "@quintet/core";
import { isGzip } from "../bytes/gunzip.ts";
import { looksLikeNifti, readNiftiHeader } from "../nifti/header.ts";
import { niftiOrientation } from "../nifti/orientation.ts";
import { niftiFrames, readNifti, spaceOfCode } from "../nifti/read.ts";
import { readFileStart } from "./files.ts";
import { readVolume } from "./volumes.ts";

export interface VolumeHead extends Grid {
  readonly frames: readonly Frame[];
}

/** Bytes read of the file: what a bare header needs, and more than any header with its usual extensions. */
const bareBytes = 2 ** 12;
const headBytes = 2 ** 18;

/**
 * The grid and frames that `readVolume` gives. Of NIfTI only the header is read; another format is read whole.
 *
 * @throws DataError those of readVolume but for what only the voxels show
 */
export async function readVolumeHead(path: string): Promise<VolumeHead> {
  const bytes = await niftiHead(path);
  if (bytes === undefined) {
    const { shape, affine, space, frames } = await readVolume(path, { nonFinite: "keep" });
    return { shape, affine, space, frames };
  }
  const header = readNiftiHeader(bytes, { file: path });
  const { affine, code } = niftiOrientation(header, path);
  const [nx, ny, nz] = header.shape;
  return { shape: [nx, ny, nz], affine, space: spaceOfCode(code), frames: niftiFrames(header, path) };
}

/** The header's bytes, unpacked, with its extensions; undefined for another format. */
async function niftiHead(path: string): Promise<Uint8Array | undefined> {
  // A scene reads the heads of a whole study: unpacking a quarter of a megabyte of each for its 352 bytes would hold it up.
  for (const size of [bareBytes, headBytes]) {
    const start = await readFileStart(path, size);
    const bytes = isGzip(start) ? unpackStart(start) : start;
    if (bytes === undefined || !looksLikeNifti(bytes)) {
      // So few packed bytes may hold no whole block yet.
      if (bytes !== undefined && bytes.length >= longestHeader) return undefined;
      continue;
    }
    if (size === headBytes || !mayHaveExtensions(bytes)) return bytes;
  }
  return undefined;
}

/** Size of the NIfTI-2 header and its extension flag. */
const longestHeader = 544;

/** The flag follows the header, whose size is its first number: 348 or 540 in either byte order. */
function mayHaveExtensions(bytes: Uint8Array): boolean {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
  return bytes[size === 348 || size === 0x5c010000 ? 348 : 540] !== 0;
}

/** What the first packed bytes hold; a stream that is cut off here is no fault. */
function unpackStart(packed: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

/**
 * The first frame of a NIfTI series; only as much of the file is unpacked as holds it. Another format is read whole.
 *
 * @throws DataError those of readVolume
 */
export async function readFirstFrame(path: string): Promise<Volume> {
  const head = await niftiHead(path);
  if (head === undefined) return firstOf(await readVolume(path, { nonFinite: "background" }));
  const header = readNiftiHeader(head, { file: path });
  const [nx, ny, nz, frames] = header.shape;
  const wanted = header.voxelOffset + nx * ny * nz * header.datatype.bytes;
  if (frames === 1 || header.storage === "pair") return firstOf(await readVolume(path, { nonFinite: "background" }));
  const packed = isGzip(await readFileStart(path, 16));
  const bytes = packed ? await unpackUntil(path, wanted) : await readFileStart(path, wanted);
  // The fourth extent becomes 1: dim[4] of NIfTI-1 (int16 at 40 + 8) and NIfTI-2 (int64 at 16 + 32).
  const one = bytes.slice();
  const view = new DataView(one.buffer);
  if (header.version === 1) view.setInt16(48, 1, header.littleEndian);
  else view.setBigInt64(48, 1n, header.littleEndian);
  return readNifti(one, { file: path, nonFinite: "background" });
}

function firstOf(volume: Volume): Volume {
  return { ...volume, frames: volume.frames.slice(0, 1), data: frameData(volume, 0) };
}

/** The first `wanted` bytes of a gzip file, unpacked as a stream and left there. */
async function unpackUntil(path: string, wanted: number): Promise<Uint8Array> {
  const file = createReadStream(path);
  const unpacked = createGunzip();
  file.on("error", (error) => unpacked.destroy(error));
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of file.pipe(unpacked) as AsyncIterable<Uint8Array>) {
      parts.push(part);
      length += part.length;
      if (length >= wanted) break;
    }
  } catch (cause) {
    throw new DataError("truncated", "the packed stream is cut off or damaged", { file: path, cause });
  } finally {
    file.destroy();
  }
  const bytes = new Uint8Array(Math.min(length, wanted));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.subarray(0, bytes.length - at), at);
    at += Math.min(part.length, bytes.length - at);
  }
  return bytes;
}
