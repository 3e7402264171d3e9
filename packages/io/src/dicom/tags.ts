import { DataError } from "@quintet/core";
import { type ByteReader, byteReader, latin1 } from "../bytes/byte-reader.ts";
import { vrOf } from "./dictionary.ts";

export interface DicomElement {
  /** group x 65536 + element. */
  readonly tag: number;
  /** Value representation; of an implicit file the dictionary's, or "UN". */
  readonly vr: string;
  /** A view into the file; empty for sequences and encapsulated pixels. */
  readonly value: Uint8Array;
  readonly items?: readonly DicomDataset[];
}

export interface DicomDataset {
  readonly file: string;
  readonly littleEndian: boolean;
  readonly elements: ReadonlyMap<number, DicomElement>;
}

export interface DicomFile extends DicomDataset {
  readonly transferSyntax: string;
  /** Pixel data are compressed fragments. */
  readonly encapsulated: boolean;
}

const undefinedLength = 0xffffffff;
const item = 0xfffee000;
const itemEnd = 0xfffee00d;
const sequenceEnd = 0xfffee0dd;
const pixelData = 0x7fe00010;
/** Nothing real nests deeper or holds more; a file that does is an attack on the stack or on time. */
const deepest = 16;
const mostElements = 200_000;

const longVrs = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);

const syntaxes: Readonly<Record<string, { readonly explicit: boolean; readonly littleEndian: boolean }>> = {
  "1.2.840.10008.1.2": { explicit: false, littleEndian: true },
  "1.2.840.10008.1.2.1": { explicit: true, littleEndian: true },
  "1.2.840.10008.1.2.2": { explicit: true, littleEndian: false },
};

export function looksLikeDicom(bytes: Uint8Array): boolean {
  return bytes.length > 132 && latin1(bytes.subarray(128, 132)) === "DICM";
}

/**
 * Reads every tag of a DICOM file (PS3.10), sequences included, without touching the pixels.
 * Implicit and explicit value representation, both byte orders, compressed pixels skipped fragment by fragment.
 *
 * @throws DataError `not-dicom`, `truncated`, `bad-dicom` (nesting beyond 16, a length that reaches out of its
 *   parent, an item out of place), `unsupported-transfer-syntax`
 * @see DICOM PS3.5 section 7
 */
export function readDicomTags(bytes: Uint8Array, { file }: { readonly file: string }): DicomFile {
  if (!looksLikeDicom(bytes)) {
    throw new DataError("not-dicom", "the file lacks DICOM's mark", { file, expected: "DICM at byte 128" });
  }
  const budget = { left: mostElements };
  const meta: Walk = { bytes, reader: byteReader(bytes, file, true), explicit: true, budget };
  const elements = new Map<number, DicomElement>();
  let at = 132;
  while (at + 4 <= bytes.length && meta.reader.uint16(at, "a group") === 2)
    at = readElement(meta, at, bytes.length, elements, 0);
  const stated = elements.get(0x00020010);
  const transferSyntax = stated ? latin1(stated.value) : "";
  // Every compressed syntax writes its tags as explicit little-endian (PS3.5 A.4); deflated is packed as a whole.
  const compressed = /^1\.2\.840\.10008\.1\.2\.(4\.\d+|5)$/.test(transferSyntax);
  const syntax = syntaxes[transferSyntax] ?? (compressed ? { explicit: true, littleEndian: true } : undefined);
  if (!syntax) {
    throw new DataError("unsupported-transfer-syntax", "the file is packed in a way that is not read", {
      file,
      found: transferSyntax || "none stated",
    });
  }
  const walk: Walk = { bytes, reader: byteReader(bytes, file, syntax.littleEndian), explicit: syntax.explicit, budget };
  while (at < bytes.length) at = readElement(walk, at, bytes.length, elements, 0);
  return {
    file,
    littleEndian: syntax.littleEndian,
    elements,
    transferSyntax,
    encapsulated: compressed && elements.has(pixelData),
  };
}

interface Walk {
  readonly bytes: Uint8Array;
  readonly reader: ByteReader;
  readonly explicit: boolean;
  readonly budget: { left: number };
}

function bad(walk: Walk, message: string, found: string): DataError {
  return new DataError("bad-dicom", message, { file: walk.reader.file, found });
}

/** Reads one element into `into` and returns the place behind it; `end` bounds its parent. */
function readElement(walk: Walk, at: number, end: number, into: Map<number, DicomElement>, depth: number): number {
  const { reader } = walk;
  if (--walk.budget.left < 0) throw bad(walk, "more elements than any image has", `over ${mostElements}`);
  const tag = readTag(reader, at);
  const { vr, length, start } = readLength(walk, tag, at);
  const name = tagName(tag);
  if (vr === "SQ" || (vr === "UN" && length === undefinedLength)) {
    // An unknown element of undefined length is an implicit little-endian sequence (PS3.5 6.2.2 note).
    const inner: Walk =
      vr === "UN" && walk.explicit
        ? { ...walk, explicit: false, reader: byteReader(walk.bytes, reader.file, true) }
        : walk;
    const sequence = readSequence(inner, start, length, end, depth + 1);
    into.set(tag, { tag, vr: "SQ", value: new Uint8Array(0), items: sequence.items });
    return sequence.next;
  }
  if (length === undefinedLength) {
    if (tag !== pixelData) throw bad(walk, "only sequences and pixels may have no stated length", name);
    into.set(tag, { tag, vr, value: new Uint8Array(0) });
    return skipFragments(walk, start, end);
  }
  if (start + length > end && end !== reader.length) throw bad(walk, "an element reaches out of its item", name);
  into.set(tag, { tag, vr, value: reader.bytes(start, length, `element ${name}`) });
  return start + length;
}

function readTag(reader: ByteReader, at: number): number {
  return reader.uint16(at, "a tag") * 65536 + reader.uint16(at + 2, "a tag");
}

function readLength(walk: Walk, tag: number, at: number): { vr: string; length: number; start: number } {
  const { reader, explicit } = walk;
  if (!explicit) return { vr: vrOf(tag), length: reader.uint32(at + 4, "a length"), start: at + 8 };
  const vr = reader.text(at + 4, 2, "a value representation");
  if (!/^[A-Z]{2}$/.test(vr))
    throw bad(walk, "no value representation where one must stand", `${tagName(tag)} at ${at}`);
  return longVrs.has(vr)
    ? { vr, length: reader.uint32(at + 8, "a length"), start: at + 12 }
    : { vr, length: reader.uint16(at + 6, "a length"), start: at + 8 };
}

function readSequence(
  walk: Walk,
  start: number,
  length: number,
  end: number,
  depth: number,
): { items: DicomDataset[]; next: number } {
  const { reader } = walk;
  if (depth > deepest) throw bad(walk, "sequences nest too deeply", `over ${deepest}`);
  const stop = length === undefinedLength ? end : start + length;
  if (stop > end) throw bad(walk, "a sequence reaches out of its parent", `${length} bytes at ${start}`);
  const items: DicomDataset[] = [];
  let at = start;
  while (at < stop) {
    const tag = readTag(reader, at);
    const size = reader.uint32(at + 4, "an item's length");
    at += 8;
    if (tag === sequenceEnd) return { items, next: at };
    if (tag !== item) throw bad(walk, "a sequence holds something other than items", tagName(tag));
    const elements = new Map<number, DicomElement>();
    const itemStop = size === undefinedLength ? stop : at + size;
    if (itemStop > stop) throw bad(walk, "an item reaches out of its sequence", `${size} bytes at ${at}`);
    if (--walk.budget.left < 0) throw bad(walk, "more items than any image has", `over ${mostElements}`);
    while (at < itemStop) {
      if (size === undefinedLength && readTag(reader, at) === itemEnd) {
        at += 8;
        break;
      }
      at = readElement(walk, at, itemStop, elements, depth);
    }
    items.push({ file: reader.file, littleEndian: reader.littleEndian, elements });
  }
  return { items, next: at };
}

function skipFragments(walk: Walk, start: number, end: number): number {
  const { reader } = walk;
  let at = start;
  while (at < end) {
    const tag = readTag(reader, at);
    const size = reader.uint32(at + 4, "a fragment's length");
    if (tag === sequenceEnd) return at + 8;
    if (tag !== item) throw bad(walk, "compressed pixels hold something other than fragments", tagName(tag));
    reader.bytes(at + 8, size, "a fragment of the pixels");
    at += 8 + size;
  }
  return at;
}

/** "0028,0010". */
export function tagName(tag: number): string {
  const hex = tag.toString(16).padStart(8, "0");
  return `${hex.slice(0, 4)},${hex.slice(4)}`;
}
