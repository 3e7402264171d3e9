import { boundaryBytes, xdfTags } from "./xdf-chunks.ts";
import { type XdfFormat, xdfValueBytes, xdfValueWriter } from "./xdf-format.ts";

/** The file's first four bytes. */
export const xdfMagic: Uint8Array = new TextEncoder().encode("XDF:");

const utf8 = new TextEncoder();

export function xdfFileHeader(startedAt?: string): Uint8Array {
  const when = startedAt === undefined ? "" : `<datetime>${startedAt}</datetime>`;
  return chunk(
    xdfTags.fileHeader,
    undefined,
    utf8.encode(`<?xml version="1.0"?><info><version>1.0</version>${when}</info>`),
  );
}

/** @param xml the stream's full information, as Lab Streaming Layer gives it */
export function xdfStreamHeader(stream: number, xml: string): Uint8Array {
  return chunk(xdfTags.streamHeader, stream, utf8.encode(xml));
}

/**
 * One chunk of samples.
 *
 * @param stamps seconds on the sender's clock; NaN where none was sent
 * @param values numbers as [sample][channel], or that many strings
 */
export function xdfSamplesChunk(
  stream: number,
  format: XdfFormat,
  channels: number,
  stamps: ArrayLike<number>,
  values: ArrayLike<number> | readonly string[],
): Uint8Array {
  const texts = format === "string" ? (values as readonly string[]).map((text) => utf8.encode(text)) : [];
  const perValue = format === "string" ? 0 : xdfValueBytes[format];
  let size = lengthBytes(stamps.length);
  for (let i = 0; i < stamps.length; i++) size += (Number.isNaN(stamps[i] as number) ? 1 : 9) + channels * perValue;
  for (const text of texts) size += lengthBytes(text.length) + text.length;
  const content = new Uint8Array(size);
  const view = new DataView(content.buffer);
  let at = writeLength(view, 0, stamps.length);
  for (let i = 0; i < stamps.length; i++) {
    const stamp = stamps[i] as number;
    view.setUint8(at++, Number.isNaN(stamp) ? 0 : 8);
    if (!Number.isNaN(stamp)) {
      view.setFloat64(at, stamp, true);
      at += 8;
    }
    for (let c = 0; c < channels; c++) {
      if (format === "string") {
        const text = texts[i * channels + c] as Uint8Array;
        at = writeLength(view, at, text.length);
        content.set(text, at);
        at += text.length;
      } else {
        xdfValueWriter[format](view, at, values[i * channels + c] as number);
        at += perValue;
      }
    }
  }
  return chunk(xdfTags.samples, stream, content);
}

/** @param time seconds on the sender's clock @param offset recorder's clock minus the sender's */
export function xdfClockOffset(stream: number, time: number, offset: number): Uint8Array {
  const content = new Uint8Array(16);
  const view = new DataView(content.buffer);
  view.setFloat64(0, time, true);
  view.setFloat64(8, offset, true);
  return chunk(xdfTags.clockOffset, stream, content);
}

/** A mark from which a reader can go on after damage. */
export function xdfBoundary(): Uint8Array {
  return chunk(xdfTags.boundary, undefined, boundaryBytes);
}

export function xdfStreamFooter(stream: number, first: number, last: number, count: number): Uint8Array {
  const xml = `<?xml version="1.0"?><info><first_timestamp>${first}</first_timestamp><last_timestamp>${last}</last_timestamp><sample_count>${count}</sample_count></info>`;
  return chunk(xdfTags.streamFooter, stream, utf8.encode(xml));
}

function chunk(tag: number, stream: number | undefined, content: Uint8Array): Uint8Array {
  const length = 2 + (stream === undefined ? 0 : 4) + content.length;
  const head = lengthBytes(length);
  const bytes = new Uint8Array(head + length);
  const view = new DataView(bytes.buffer);
  let at = writeLength(view, 0, length);
  view.setUint16(at, tag, true);
  at += 2;
  if (stream !== undefined) {
    view.setUint32(at, stream, true);
    at += 4;
  }
  bytes.set(content, at);
  return bytes;
}

/** Bytes that a length takes with its own byte count. */
const lengthBytes = (length: number): number => (length < 256 ? 2 : length < 2 ** 32 ? 5 : 9);

function writeLength(view: DataView, at: number, length: number): number {
  const size = lengthBytes(length) - 1;
  view.setUint8(at, size);
  if (size === 1) view.setUint8(at + 1, length);
  else if (size === 4) view.setUint32(at + 1, length, true);
  else view.setBigUint64(at + 1, BigInt(length), true);
  return at + 1 + size;
}
