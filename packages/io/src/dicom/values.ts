import { DataError } from "@quintet/core";
import { byteReader, latin1 } from "../bytes/byte-reader.ts";
import { type DicomAttribute, dictionary } from "./dictionary.ts";
import { type DicomDataset, type DicomElement, tagName } from "./tags.ts";

/** Texts of an attribute, split at backslashes; empty when it is absent or empty. */
export function dicomTexts(dataset: DicomDataset, attribute: DicomAttribute): readonly string[] {
  return textsOf(dataset.elements.get(dictionary[attribute][0]));
}

export function dicomText(dataset: DicomDataset, attribute: DicomAttribute): string | undefined {
  return dicomTexts(dataset, attribute)[0];
}

function textsOf(element: DicomElement | undefined): readonly string[] {
  if (!element || element.value.length === 0) return [];
  const text = latin1(element.value).trim();
  return text === "" ? [] : text.split("\\").map((part) => part.trim());
}

/**
 * Numbers of an attribute, decoded by its value representation.
 *
 * @throws DataError `bad-dicom` for text that is no number, or a length that is no multiple of the number's
 */
export function dicomNumbers(dataset: DicomDataset, attribute: DicomAttribute): readonly number[] {
  const [tag, vr] = dictionary[attribute];
  return numbersOf(dataset, dataset.elements.get(tag), vr);
}

export function dicomNumber(dataset: DicomDataset, attribute: DicomAttribute): number | undefined {
  return dicomNumbers(dataset, attribute)[0];
}

/** Exactly `count` finite numbers. @throws DataError `missing-tag`, `bad-dicom` */
export function requiredNumbers(dataset: DicomDataset, attribute: DicomAttribute, count: number): readonly number[] {
  const numbers = dicomNumbers(dataset, attribute);
  if (numbers.length !== count) {
    throw new DataError("missing-tag", `${attribute} (${tagName(dictionary[attribute][0])}) is needed`, {
      file: dataset.file,
      expected: `${count} numbers`,
      found: `${numbers.length}`,
    });
  }
  return numbers;
}

export function dicomItems(dataset: DicomDataset, attribute: DicomAttribute): readonly DicomDataset[] {
  return dataset.elements.get(dictionary[attribute][0])?.items ?? [];
}

/**
 * An element of a private block: its place moves with where its creator's name was written (PS3.5 7.8).
 *
 * @param element the low byte, e.g. 0x0a of (0019,xx0a)
 */
export function privateElement(
  dataset: DicomDataset,
  group: number,
  creator: string,
  element: number,
): DicomElement | undefined {
  for (let block = 0x10; block <= 0xff; block++) {
    const owner = dataset.elements.get(group * 65536 + block);
    if (owner && textsOf(owner)[0] === creator) return dataset.elements.get(group * 65536 + block * 256 + element);
  }
  return undefined;
}

const binary: Readonly<
  Record<string, readonly [bytes: number, read: "uint16" | "int16" | "uint32" | "int32" | "float32" | "float64"]>
> = {
  US: [2, "uint16"],
  SS: [2, "int16"],
  UL: [4, "uint32"],
  SL: [4, "int32"],
  FL: [4, "float32"],
  FD: [8, "float64"],
};

/** Numbers of any element; `vr` stands in where the file does not say. */
export function numbersOf(dataset: DicomDataset, element: DicomElement | undefined, vr = "UN"): readonly number[] {
  if (!element) return [];
  const shape = binary[element.vr === "UN" ? vr : element.vr];
  const name = tagName(element.tag);
  if (shape) {
    const [bytes, read] = shape;
    if (element.value.length % bytes !== 0) {
      throw new DataError("bad-dicom", `element ${name} is cut within a number`, {
        file: dataset.file,
        found: `${element.value.length} bytes`,
      });
    }
    const reader = byteReader(element.value, dataset.file, dataset.littleEndian);
    return Array.from({ length: element.value.length / bytes }, (_, i) => reader[read](i * bytes, name));
  }
  return textsOf(element).map((text) => {
    const value = Number(text);
    if (text === "" || !Number.isFinite(value)) {
      throw new DataError("bad-dicom", `element ${name} must hold numbers`, {
        file: dataset.file,
        found: `"${text.slice(0, 32)}"`,
      });
    }
    return value;
  });
}
