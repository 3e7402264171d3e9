import { DataError } from "@quintet/core";

/** What a chunk holds: https://github.com/sccn/xdf/wiki/Specifications */
export const xdfTags = {
  fileHeader: 1,
  streamHeader: 2,
  samples: 3,
  clockOffset: 4,
  boundary: 5,
  streamFooter: 6,
} as const;

/** The content of every boundary chunk: where reading can go on after damage. */
export const boundaryBytes: Uint8Array = Uint8Array.of(
  ...[0x43, 0xa5, 0x46, 0xdc, 0xcb, 0xf5, 0x41, 0x0f],
  ...[0xb3, 0x0e, 0xd5, 0x46, 0x73, 0x83, 0xcb, 0xe4],
);

export interface XdfChunk {
  readonly tag: number;
  /** Present for stream headers, samples, clock offsets and stream footers. */
  readonly stream: number | undefined;
  /** A view of the file's bytes. */
  readonly content: Uint8Array;
}

export interface XdfChunks {
  readonly chunks: readonly XdfChunk[];
  /** Bytes that belong to no whole chunk: [first, end). */
  readonly damaged: readonly (readonly [number, number])[];
}

/**
 * Splits an XDF file into its chunks: `[n][length: n bytes, n = 1, 4 or 8][tag: uint16][stream: uint32]content`, all
 * little-endian, the length counting tag, stream and content. A length that cannot be is damage: reading goes on after
 * the next boundary chunk, and the bytes passed over are told of. A recording cut off by a crash so keeps every whole
 * chunk before the cut.
 *
 * @throws DataError `not-xdf`
 */
export function xdfChunks(bytes: Uint8Array, file: string): XdfChunks {
  if (bytes.length < 4 || String.fromCharCode(...bytes.subarray(0, 4)) !== "XDF:") {
    throw new DataError("not-xdf", "an XDF file begins with its name", {
      file,
      expected: "XDF:",
      found: JSON.stringify(String.fromCharCode(...bytes.subarray(0, 4))),
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: XdfChunk[] = [];
  const damaged: [number, number][] = [];
  let at = 4;
  while (at < bytes.length) {
    const length = varlen(view, at);
    const from = length === undefined ? at : length.next;
    const tag = length !== undefined && from + 2 <= bytes.length ? view.getUint16(from, true) : 0;
    const head = hasStream(tag) ? 6 : 2;
    const end = length === undefined ? Number.NaN : from + length.value;
    if (length === undefined || tag < 1 || tag > 6 || length.value < head || !(end <= bytes.length)) {
      const next = afterBoundary(bytes, at + 1);
      damaged.push([at, next]);
      at = next;
      continue;
    }
    chunks.push({
      tag,
      stream: hasStream(tag) ? view.getUint32(from + 2, true) : undefined,
      content: bytes.subarray(from + head, end),
    });
    at = end;
  }
  return { chunks, damaged };
}

const hasStream = (tag: number): boolean => tag === 2 || tag === 3 || tag === 4 || tag === 6;

/** A length of 1, 4 or 8 bytes behind its own byte count; undefined when there is none that can be. */
export function varlen(view: DataView, at: number): { readonly value: number; readonly next: number } | undefined {
  if (at >= view.byteLength) return undefined;
  const size = view.getUint8(at);
  const next = at + 1 + size;
  if ((size !== 1 && size !== 4 && size !== 8) || next > view.byteLength) return undefined;
  if (size === 1) return { value: view.getUint8(at + 1), next };
  if (size === 4) return { value: view.getUint32(at + 1, true), next };
  const value = Number(view.getBigUint64(at + 1, true));
  return Number.isSafeInteger(value) ? { value, next } : undefined;
}

/** One past the next boundary chunk's content; the file's end when there is none. */
function afterBoundary(bytes: Uint8Array, from: number): number {
  const first = boundaryBytes[0] as number;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (boundaryBytes.every((byte, i) => bytes[at + i] === byte)) return at + boundaryBytes.length;
  }
  return bytes.length;
}
