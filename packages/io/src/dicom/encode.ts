import { DataError } from "@quintet/core";
import { type DicomAttribute, dictionary } from "./dictionary.ts";
import type { DicomElement } from "./tags.ts";

/** Values to write, by attribute: texts and numbers by their value representation, sequences as lists of items. */
export type DicomFields = { readonly [A in DicomAttribute]?: DicomValue };
export type DicomValue = string | number | Uint8Array | readonly (string | number)[] | readonly DicomFields[];

const longVrs = new Set(["OB", "OW", "SQ", "UN"]);

/**
 * One DICOM file (PS3.10) in explicit little-endian, its file meta information first, tags in rising order.
 *
 * @param copied elements of another file, taken over as they are unless `fields` has the same tag
 * @throws DataError `does-not-fit` when a text or number is too long for its field
 */
export function encodeDicom(fields: DicomFields, copied: readonly DicomElement[] = []): Uint8Array {
  const meta: DicomFields = {
    FileMetaInformationVersion: Uint8Array.of(0, 1),
    MediaStorageSOPClassUID: fields.SOPClassUID ?? "",
    MediaStorageSOPInstanceUID: fields.SOPInstanceUID ?? "",
    TransferSyntaxUID: "1.2.840.10008.1.2.1",
    ImplementationClassUID: uidOf("quintet"),
  };
  const head = encodeFields(meta);
  const length = new Uint8Array(12);
  const view = new DataView(length.buffer);
  view.setUint16(0, 2, true);
  length.set([0x55, 0x4c], 4);
  view.setUint16(6, 4, true);
  view.setUint32(8, head.length, true);
  const mark = new Uint8Array(132);
  mark.set([0x44, 0x49, 0x43, 0x4d], 128);
  return joined([mark, length, head, encodeFields(fields, copied)]);
}

function encodeFields(fields: DicomFields, copied: readonly DicomElement[] = []): Uint8Array {
  const rows = new Map<number, readonly Uint8Array[]>(copied.map((element) => [element.tag, encodeElement(element)]));
  for (const [name, value] of Object.entries(fields) as [DicomAttribute, DicomValue][]) {
    rows.set(dictionary[name][0], encodeField(name, value));
  }
  return joined([...rows].sort(([a], [b]) => a - b).flatMap(([, parts]) => parts));
}

/** Fields whose tags are not among the copied elements: what stands in where a source says nothing. */
export function whereSilent(fields: DicomFields, copied: readonly DicomElement[]): DicomFields {
  const said = new Set(copied.map(({ tag }) => tag));
  return Object.fromEntries(
    (Object.entries(fields) as [DicomAttribute, DicomValue][]).filter(([name]) => !said.has(dictionary[name][0])),
  );
}

function encodeElement({ tag, vr, value, items }: DicomElement): readonly Uint8Array[] {
  const body = items
    ? joined(items.flatMap((item) => itemOf(joined([...item.elements.values()].flatMap(encodeElement)))))
    : value;
  return headed(tag, vr, body);
}

function encodeField(name: DicomAttribute, value: DicomValue): Uint8Array[] {
  const [tag, vr] = dictionary[name];
  const bytes =
    vr === "SQ" ? joined((value as readonly DicomFields[]).flatMap(encodeItem)) : encodeValue(name, vr, value);
  if (!longVrs.has(vr) && bytes.length > 0xfffe)
    throw new DataError("does-not-fit", `${name} is too long`, { found: `${bytes.length} bytes` });
  return headed(tag, vr, bytes);
}

function headed(tag: number, vr: string, bytes: Uint8Array): Uint8Array[] {
  const long = longVrs.has(vr);
  const head = new Uint8Array(long ? 12 : 8);
  const view = new DataView(head.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  head.set([vr.charCodeAt(0), vr.charCodeAt(1)], 4);
  if (long) view.setUint32(8, bytes.length, true);
  else view.setUint16(6, bytes.length, true);
  return [head, bytes];
}

function encodeItem(item: DicomFields): Uint8Array[] {
  return itemOf(encodeFields(item));
}

function itemOf(body: Uint8Array): Uint8Array[] {
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint16(0, 0xfffe, true);
  view.setUint16(2, 0xe000, true);
  view.setUint32(4, body.length, true);
  return [head, body];
}

function encodeValue(name: DicomAttribute, vr: string, value: DicomValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const list = (Array.isArray(value) ? value : [value]) as readonly (string | number)[];
  if (vr === "US" || vr === "AT") {
    const size = vr === "US" ? 2 : 4;
    const out = new Uint8Array(list.length * size);
    const view = new DataView(out.buffer);
    for (const [i, entry] of list.entries()) {
      const number = Number(entry);
      if (!(Number.isInteger(number) && number >= 0 && number <= (vr === "US" ? 0xffff : 0xffffffff))) {
        throw new DataError("does-not-fit", `${name} holds whole numbers`, { found: `${entry}` });
      }
      if (vr === "US") view.setUint16(i * 2, number, true);
      else {
        view.setUint16(i * 4, number >>> 16, true);
        view.setUint16(i * 4 + 2, number & 0xffff, true);
      }
    }
    return out;
  }
  const text = list.map((entry) => (vr === "DS" ? decimalString(Number(entry)) : String(entry))).join("\\");
  const padded = text.length % 2 === 0 ? text : `${text}${vr === "UI" ? "\0" : " "}`;
  return Uint8Array.from(padded, (letter) => {
    const code = letter.charCodeAt(0);
    if (code > 126) throw new DataError("does-not-fit", `${name} is written in ASCII`, { found: text });
    return code;
  });
}

/** At most 16 characters, as a DS must be (PS3.5 6.2), with as many digits as fit. */
export function decimalString(value: number): string {
  if (!Number.isFinite(value))
    throw new DataError("does-not-fit", "a decimal string holds a finite number", { found: `${value}` });
  for (let digits = 16; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16) return text;
  }
  return value.toExponential(8);
}

/** A unique identifier under the UUID root 2.25, the same for the same text: FNV-1a of 64 bits, twice. */
export function uidOf(text: string): string {
  const hash = (seed: bigint): bigint => {
    let h = 0xcbf29ce484222325n ^ seed;
    for (const letter of text) h = BigInt.asUintN(64, (h ^ BigInt(letter.charCodeAt(0))) * 0x100000001b3n);
    return h;
  };
  return `2.25.${(hash(0n) << 63n) | hash(0x9e3779b97f4a7c15n)}`;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
