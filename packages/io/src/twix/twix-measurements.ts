import { DataError } from "@quintet/core";
import { byteReader, latin1 } from "../bytes/byte-reader.ts";

/** One measurement of a Siemens raw file: where it lies, and the texts of its protocol. */
export interface TwixMeasurement {
  /** "VB": one measurement, a header before each channel; "VD": VD, VE and later, several measurements. */
  readonly version: "VB" | "VD";
  /** Byte of the first readout, and one past the last byte. */
  readonly start: number;
  readonly end: number;
  /** Protocol texts by name: Meas, MeasYaps, Dicom, Phoenix ... */
  readonly texts: ReadonlyMap<string, string>;
}

const mostMeasurements = 64;
const mostTexts = 64;
const entryBytes = 152;

/** Whether the first bytes could be those of a Siemens raw file: VD's count of measurements, or VB's header and texts. */
export function looksLikeTwix(head: Uint8Array): boolean {
  if (head.length < 64) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const [first, second] = [view.getUint32(0, true), view.getUint32(4, true)];
  if (isVd(first, second)) {
    const [low, high] = [view.getUint32(16, true), view.getUint32(20, true)];
    return high === 0 && low >= 8 + entryBytes * second && low % 512 === 0;
  }
  return second >= 1 && second <= mostTexts && /^[A-Za-z]{3,20}\0/.test(String.fromCharCode(...head.subarray(8, 40)));
}

function isVd(first: number, second: number): boolean {
  return first < 10_000 && second >= 1 && second <= mostMeasurements;
}

/**
 * The measurements of a twix file (.dat), every length checked against the bytes there.
 *
 * VD and later start with a table: id, count, then for each measurement its ids, offset, length and two names (152
 * bytes, the patient's among them: not read). Each measurement, and a VB file, starts with the length of its header and
 * the number of texts: name, NUL, length, text.
 *
 * @throws DataError `not-twix`, `truncated`, `bad-header`
 */
export function twixMeasurements(bytes: Uint8Array, file: string): readonly TwixMeasurement[] {
  if (!looksLikeTwix(bytes)) {
    throw new DataError("not-twix", "this is no Siemens raw file", { file, found: `${bytes.length} bytes` });
  }
  const reader = byteReader(bytes, file, true);
  const [first, count] = [reader.uint32(0, "the id"), reader.uint32(4, "the number of measurements")];
  if (!isVd(first, count)) return [measurement(bytes, file, "VB", 0, bytes.length)];
  return Array.from({ length: count }, (_, i) => {
    const at = 8 + entryBytes * i;
    const offset = reader.int64(at + 8, `the place of measurement ${i}`);
    const stated = reader.int64(at + 16, `the length of measurement ${i}`);
    // A scanner that was stopped leaves 0 behind; with one measurement the file's end says it.
    const length = stated === 0 && count === 1 ? bytes.length - offset : stated;
    reader.bytes(offset, length, `measurement ${i}`);
    return measurement(bytes, file, "VD", offset, offset + length);
  });
}

function measurement(
  bytes: Uint8Array,
  file: string,
  version: "VB" | "VD",
  offset: number,
  end: number,
): TwixMeasurement {
  const reader = byteReader(bytes.subarray(0, end), file, true);
  const length = reader.uint32(offset, "the length of the protocol");
  const count = reader.uint32(offset + 4, "the number of protocol texts");
  reader.bytes(offset, length, "the protocol");
  if (count > mostTexts) {
    throw new DataError("bad-header", "the number of protocol texts", {
      file,
      expected: `at most ${mostTexts}`,
      found: `${count}`,
    });
  }
  const header = byteReader(bytes.subarray(0, offset + length), file, true);
  const texts = new Map<string, string>();
  let at = offset + 8;
  for (let i = 0; i < count; i++) {
    const name = latin1(header.bytes(at, Math.min(64, offset + length - at), "the name of a protocol text"));
    const size = header.uint32(at + name.length + 1, `the length of the text ${name}`);
    const text = header.bytes(at + name.length + 5, size, `the text ${name}`);
    texts.set(name, text.length === 0 ? "" : new TextDecoder("latin1").decode(text));
    at += name.length + 5 + size;
  }
  return { version, start: offset + length, end, texts };
}
