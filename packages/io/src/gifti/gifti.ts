import { type Affine, affineOf, DataError } from "@quintet/core";
import { decodeText, quoted } from "../bids/text.ts";
import { boundedGunzip, isGzip } from "../bytes/gunzip.ts";
import { type GiftiData, readGiftiData } from "./data.ts";
import { scanXml } from "./xml-scan.ts";

/** Where an array's coordinates may be taken. */
export interface GiftiTransform {
  /** NIFTI_XFORM_ names without the prefix, in lower case: "unknown", "scanner_anat", "mni_152" ... */
  readonly from: string;
  readonly to: string;
  /** Row-major 4x4, mm. */
  readonly matrix: Affine;
}

export interface GiftiArray {
  /** Without NIFTI_INTENT_, in lower case: "pointset", "triangle", "shape", "label", "vector" ... */
  readonly intent: string;
  readonly shape: readonly number[];
  /** Row-major, whatever the file's order. */
  readonly data: GiftiData;
  readonly metadata: ReadonlyMap<string, string>;
  readonly transforms: readonly GiftiTransform[];
}

export interface GiftiLabel {
  readonly name: string;
  /** Red, green, blue, opacity in 0 to 1; absent when the file gives none. */
  readonly colour?: readonly [number, number, number, number];
}

export interface Gifti {
  readonly metadata: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<number, GiftiLabel>;
  readonly arrays: readonly GiftiArray[];
}

/** Text of one document. */
const mostBytes = 512 * 2 ** 20;
const mostArrays = 4096;

/** Whether text that begins so may be GIFTI. */
export function looksLikeGifti(head: Uint8Array): boolean {
  let text = "";
  for (const byte of head.subarray(0, 1024)) text += String.fromCharCode(byte);
  return /<(!DOCTYPE\s+)?GIFTI\b/.test(text) && /^(\u00ef\u00bb\u00bf)?\s*</.test(text);
}

/**
 * Reads a GIFTI document, plain or in gzip: every data array in row-major order, the label table, the metadata.
 * Arrays in ASCII, base64 and deflated base64, either byte order, row- or column-major. Arrays in another file are
 * refused: nothing outside the document is opened.
 *
 * @throws DataError `not-gifti`, `too-large`, `external-file`, `bad-dimensions`, `unsupported-datatype`, `bad-number`,
 *   `truncated`, `bad-base64`, `bad-transform`, `bad-label`, and those of scanXml, boundedGunzip and boundedInflate
 * @see GIFTI Surface Data Format 1.0 (nitrc.org/projects/gifti)
 */
export function readGifti(bytes: Uint8Array, { file }: { readonly file: string }): Gifti {
  const plain = isGzip(bytes) ? boundedGunzip(bytes, { file, maxBytes: mostBytes }) : bytes;
  if (plain.length > mostBytes) throw new DataError("too-large", "more than a surface holds", { file });
  const source = decodeText(plain, file);
  const document = new GiftiBuilder(file, plain.length);
  scanXml(source, document, file);
  return document.finish();
}

interface OpenArray {
  readonly attributes: ReadonlyMap<string, string>;
  readonly metadata: Map<string, string>;
  readonly transforms: GiftiTransform[];
  data?: ReturnType<typeof readGiftiData>;
}

/** Collects what the tags say; lives for one document. */
class GiftiBuilder {
  readonly #file: string;
  readonly #size: number;
  readonly #metadata = new Map<string, string>();
  readonly #labels = new Map<number, GiftiLabel>();
  readonly #arrays: GiftiArray[] = [];
  #array: OpenArray | undefined;
  #texts: string[] = [];
  #name = "";
  #label: ReadonlyMap<string, string> = new Map();
  #spaces: [string, string] = ["unknown", "unknown"];
  #begun = false;

  constructor(file: string, size: number) {
    this.#file = file;
    this.#size = size;
  }

  readonly open = (name: string, attributes: ReadonlyMap<string, string>): void => {
    if (!this.#begun) {
      this.#begun = true;
      if (name !== "GIFTI") {
        throw new DataError("not-gifti", "the document is another one", {
          file: this.#file,
          expected: "GIFTI",
          found: quoted(name),
        });
      }
    }
    this.#texts = [];
    if (name === "DataArray") {
      if (this.#arrays.length >= mostArrays) {
        throw new DataError("too-large", `more than ${mostArrays} arrays`, { file: this.#file });
      }
      this.#array = { attributes, metadata: new Map(), transforms: [] };
    } else if (name === "Label") this.#label = attributes;
    else if (name === "CoordinateSystemTransformMatrix") this.#spaces = ["unknown", "unknown"];
  };

  readonly text = (text: string): void => {
    this.#texts.push(text);
  };

  readonly close = (name: string): void => {
    const text = this.#texts.join("");
    this.#texts = [];
    const array = this.#array;
    switch (name) {
      case "Name":
        this.#name = text.trim();
        return;
      case "Value":
        (array?.metadata ?? this.#metadata).set(this.#name, text.trim());
        return;
      case "Label":
        this.#addLabel(text.trim());
        return;
      case "DataSpace":
      case "TransformedSpace":
        this.#spaces[name === "DataSpace" ? 0 : 1] = text
          .trim()
          .replace(/^NIFTI_XFORM_/i, "")
          .toLowerCase();
        return;
      case "MatrixData":
        array?.transforms.push({ from: this.#spaces[0], to: this.#spaces[1], matrix: this.#matrix(text) });
        return;
      case "Data":
        if (array) array.data = readGiftiData(text, array.attributes, this.#size, this.#file);
        return;
      case "DataArray":
        if (array) this.#arrays.push(this.#whole(array));
        this.#array = undefined;
        return;
    }
  };

  finish(): Gifti {
    return { metadata: this.#metadata, labels: this.#labels, arrays: this.#arrays };
  }

  #whole({ attributes, metadata, transforms, data }: OpenArray): GiftiArray {
    const read = data ?? readGiftiData("", attributes, this.#size, this.#file);
    const intent = (attributes.get("Intent") ?? "none").replace(/^NIFTI_INTENT_/i, "").toLowerCase();
    return { intent, shape: read.shape, data: read.data, metadata, transforms };
  }

  #matrix(text: string): Affine {
    const numbers = text.trim().split(/\s+/).map(Number);
    if (numbers.length !== 16 || !numbers.every(Number.isFinite)) {
      throw new DataError("bad-transform", "a coordinate transform has 16 numbers", {
        file: this.#file,
        found: quoted(text),
      });
    }
    return affineOf(numbers.slice(0, 12));
  }

  #addLabel(name: string): void {
    const key = Number(this.#label.get("Key") ?? this.#label.get("Index"));
    const parts = ["Red", "Green", "Blue", "Alpha"].map((part) =>
      Number(this.#label.get(part) ?? (part === "Alpha" ? 1 : Number.NaN)),
    );
    if (!Number.isInteger(key)) {
      throw new DataError("bad-label", "a label has a whole number", {
        file: this.#file,
        found: quoted(this.#label.get("Key") ?? "none"),
      });
    }
    const coloured = parts.every((part) => part >= 0 && part <= 1);
    this.#labels.set(key, { name, ...(coloured ? { colour: parts as [number, number, number, number] } : {}) });
  }
}
