import { DataError } from "@quintet/core";
import { quoted } from "../bids/text.ts";
import { checkedProduct } from "../bytes/byte-reader.ts";
import { boundedInflate } from "../mat/bounded-inflate.ts";
import { fromBase64 } from "./base64.ts";

export type GiftiData = Uint8Array | Int32Array | Float32Array | Float64Array;

/** The types of the format (NIFTI_TYPE_), and the one that nibabel writes beside them. */
const types = {
  UINT8: { bytes: 1, make: (n: number): GiftiData => new Uint8Array(n) },
  INT32: { bytes: 4, make: (n: number): GiftiData => new Int32Array(n) },
  FLOAT32: { bytes: 4, make: (n: number): GiftiData => new Float32Array(n) },
  FLOAT64: { bytes: 8, make: (n: number): GiftiData => new Float64Array(n) },
} as const;
type TypeName = keyof typeof types;

/**
 * The numbers of one data array, row-major, after its extents have been checked against the text that is there.
 *
 * @param size bytes of the whole document: no array can be larger than what those may unpack to
 */
export function readGiftiData(
  text: string,
  attributes: ReadonlyMap<string, string>,
  size: number,
  file: string,
): { readonly shape: readonly number[]; readonly data: GiftiData } {
  const name = (attributes.get("DataType") ?? "").replace(/^NIFTI_TYPE_/i, "").toUpperCase();
  if (!(name in types)) {
    throw new DataError("unsupported-datatype", "a GIFTI array holds one of four types", {
      file,
      expected: Object.keys(types).join(", "),
      found: quoted(name),
    });
  }
  const type = types[name as TypeName];
  const rank = Number(attributes.get("Dimensionality") ?? 1);
  if (!(Number.isInteger(rank) && rank >= 1 && rank <= 6)) {
    throw new DataError("bad-dimensions", "an array has 1 to 6 dimensions", { file, found: `${rank}` });
  }
  const shape = Array.from({ length: rank }, (_, i) => Number(attributes.get(`Dim${i}`) ?? Number.NaN));
  const count = checkedProduct(shape, "array extents", file);
  const encoding = (attributes.get("Encoding") ?? "").toLowerCase();
  const numbers = stored(encoding, text, { count, bytes: type.bytes, size, file });
  const data = type.make(count);
  if (numbers instanceof Uint8Array) fill(data, numbers, name as TypeName, attributes.get("Endian"));
  else for (let i = 0; i < count; i++) data[i] = asciiNumber(numbers[i] as string, data, file);
  const columnMajor = /^column/i.test(attributes.get("ArrayIndexingOrder") ?? "");
  return { shape, data: columnMajor && rank > 1 ? rowMajor(data, shape, type.make(count)) : data };
}

interface Wanted {
  readonly count: number;
  readonly bytes: number;
  readonly size: number;
  readonly file: string;
}

/** Raw bytes, or words of ASCII; as many as the extents say, else an error. */
function stored(encoding: string, text: string, { count, bytes, size, file }: Wanted): Uint8Array | readonly string[] {
  const short = (found: string): DataError =>
    new DataError("truncated", "the array does not hold what its extents say", {
      file,
      expected: `${count} numbers of ${bytes} bytes`,
      found,
    });
  if (encoding === "ascii") {
    // A number and the blank behind it take two characters.
    if (count > (text.length + 1) / 2) throw short(`${text.length} characters`);
    const words = text.trim().split(/\s+/);
    if (words.length !== count) throw short(`${words.length} numbers`);
    return words;
  }
  if (encoding === "externalfilebinary") {
    throw new DataError("external-file", "the numbers lie in another file, which is not opened", { file });
  }
  if (encoding !== "base64binary" && encoding !== "gzipbase64binary") {
    throw new DataError("unsupported-encoding", "arrays are ASCII, Base64Binary or GZipBase64Binary", {
      file,
      found: quoted(encoding),
    });
  }
  // Deflate reaches 1032 to 1.
  if (count * bytes > 1032 * text.length) throw short(`${text.length} characters`);
  const packed = fromBase64(text, file);
  const whole =
    encoding === "base64binary" ? packed : boundedInflate(packed, { left: Math.min(count * bytes, 1032 * size) }, file);
  if (whole.length !== count * bytes) throw short(`${whole.length} bytes`);
  return whole;
}

function fill(data: GiftiData, bytes: Uint8Array, type: TypeName, endian: string | undefined): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = !/^big/i.test(endian ?? "");
  for (let i = 0; i < data.length; i++) {
    if (type === "UINT8") data[i] = view.getUint8(i);
    else if (type === "INT32") data[i] = view.getInt32(4 * i, little);
    else if (type === "FLOAT32") data[i] = view.getFloat32(4 * i, little);
    else data[i] = view.getFloat64(8 * i, little);
  }
}

function asciiNumber(word: string, data: GiftiData, file: string): number {
  const value = /^[+-]?nan$/i.test(word) ? Number.NaN : Number(word);
  const whole = data instanceof Uint8Array || data instanceof Int32Array;
  const fits = whole
    ? Number.isInteger(value) && value === (data instanceof Uint8Array ? value & 255 : value | 0)
    : true;
  if ((Number.isNaN(value) && !/nan/i.test(word)) || !fits) {
    throw new DataError("bad-number", "an array holds numbers of its type", { file, found: quoted(word) });
  }
  return value;
}

/** First index fastest -> last index fastest. */
function rowMajor(data: GiftiData, shape: readonly number[], out: GiftiData): GiftiData {
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    let at = 0;
    for (let d = 0; d < shape.length; d++) at = at * (shape[d] as number) + (index[d] as number);
    out[at] = data[i] as number;
    for (let d = 0; d < shape.length; d++) {
      index[d] = (index[d] as number) + 1;
      if ((index[d] as number) < (shape[d] as number)) break;
      index[d] = 0;
    }
  }
  return out;
}
