import { DataError } from "@quintet/core";
import { boundedInflate, type InflateBudget, inflateBudget } from "./bounded-inflate.ts";
import { type Cursor, type Element, nextElement } from "./element.ts";
import { charRows, type MatValue } from "./mat-value.ts";
import { elementNumbers, toClass } from "./numbers.ts";

const classes = [
  "",
  "cell",
  "struct",
  "object",
  "char",
  "sparse",
  "double",
  "single",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "function",
  "opaque",
] as const;

interface Reading {
  readonly file: string;
  readonly budget: InflateBudget;
}

/** Whether the bytes begin like a MAT-file of version 5 to 7. */
export function isMat5(bytes: Uint8Array): boolean {
  const mark = bytes.length >= 128 ? String.fromCharCode(bytes[126] as number, bytes[127] as number) : "";
  return (
    (mark === "IM" || mark === "MI") &&
    new DataView(bytes.buffer, bytes.byteOffset).getUint8(mark === "IM" ? 125 : 124) === 1
  );
}

/**
 * Reads a MAT-file of version 5 to 7 (level 5, zlib-compressed or not): numbers, text, cells, structs, nested; variables by name.
 * `only` reads the named variables and skips the rest.
 *
 * @throws DataError `not-mat`, `truncated`, `bad-element`, `bad-compression`, `decompression-limit`, `too-deep`
 * @see MAT-File Format, R2023a, The MathWorks
 */
export function readMat(
  bytes: Uint8Array,
  { file, only }: { readonly file: string; readonly only?: readonly string[] },
): Map<string, MatValue> {
  if (!isMat5(bytes)) {
    throw new DataError("not-mat", "no MAT-file of version 5 to 7", {
      file,
      expected: 'version 0x0100 and "MI"',
      found: `${bytes.length} bytes that begin otherwise`,
    });
  }
  const little = bytes[126] === 0x49;
  const reading: Reading = { file, budget: inflateBudget(bytes.length) };
  const variables = new Map<string, MatValue>();
  const cursor: Cursor = { bytes, at: 128, little, file };
  while (cursor.at + 8 <= bytes.length) {
    let element = nextElement(cursor);
    if (element.type === 15) {
      const unpacked: Cursor = { bytes: boundedInflate(element.data, reading.budget, file), at: 0, little, file };
      element = nextElement(unpacked);
    }
    if (element.type !== 14) continue;
    const read = readMatrix(element, reading, 0, only);
    if (read !== undefined && read.name !== "") variables.set(read.name, read.value);
  }
  return variables;
}

function readMatrix(
  element: Element,
  reading: Reading,
  depth: number,
  only?: readonly string[],
): { name: string; value: MatValue } | undefined {
  const { file } = reading;
  if (depth > 40) throw new DataError("too-deep", "variables are nested more than 40 deep", { file });
  const cursor: Cursor = { bytes: element.data, at: 0, little: element.little, file };
  if (element.data.length === 0) {
    return { name: "", value: { kind: "numeric", type: "double", shape: [0, 0], data: new Float64Array(0) } };
  }
  const flags = elementNumbers(nextElement(cursor), file);
  const type = classes[(flags[0] ?? 0) & 0xff];
  const complex = ((flags[0] ?? 0) & 0x800) !== 0;
  const logical = ((flags[0] ?? 0) & 0x200) !== 0;
  if (type === undefined || type === "") {
    throw new DataError("bad-element", "unknown class of a variable", {
      file,
      expected: "1 to 17",
      found: `${(flags[0] ?? 0) & 0xff}`,
    });
  }
  if (type === "opaque") return { name: latin(nextElement(cursor).data), value: { kind: "unsupported", type } };
  const shape = [...elementNumbers(nextElement(cursor), file)];
  const count = shape.reduce((n, d) => n * d, 1);
  if (shape.length < 2 || shape.some((d) => !(Number.isInteger(d) && d >= 0)) || !(count <= 2 ** 31)) {
    throw new DataError("bad-element", "the shape of a variable makes no sense", {
      file,
      found: shape.slice(0, 8).join(" x "),
    });
  }
  const name = latin(nextElement(cursor).data);
  if (only !== undefined && !only.includes(name)) return undefined;
  const value = ((): MatValue => {
    switch (type) {
      case "cell":
        return { kind: "cell", shape, cells: children(cursor, count, reading, depth) };
      case "object":
      case "struct":
        if (type === "object") nextElement(cursor);
        return readStruct(cursor, shape, count, reading, depth);
      case "char": {
        const codes = charCodes(nextElement(cursor), file);
        return {
          kind: "char",
          shape,
          rows: codes.length === count ? charRows(codes, shape) : [String.fromCharCode(...codes.subarray(0, 65_536))],
        };
      }
      case "sparse":
      case "function":
        return { kind: "unsupported", type };
      default: {
        const part = (): ReturnType<typeof toClass> => {
          const numbers = elementNumbers(nextElement(cursor), file);
          if (numbers.length !== count) {
            throw new DataError("bad-element", `variable ${name} does not fill its shape`, {
              file,
              expected: `${count} numbers`,
              found: `${numbers.length}`,
            });
          }
          return toClass(numbers, type);
        };
        const data = part();
        return {
          kind: "numeric",
          type: logical ? "logical" : type,
          shape,
          data,
          ...(complex ? { imaginary: part() } : {}),
        };
      }
    }
  })();
  return { name, value };
}

/** `count` nested variables; each takes at least 8 bytes, so the count is checked against the bytes left. */
function children(cursor: Cursor, count: number, reading: Reading, depth: number): MatValue[] {
  if (count * 8 > cursor.bytes.length - cursor.at) {
    throw new DataError("truncated", "fewer nested variables than the shape says", {
      file: reading.file,
      expected: `${count}`,
      found: `${cursor.bytes.length - cursor.at} bytes`,
    });
  }
  const values: MatValue[] = [];
  for (let i = 0; i < count; i++) {
    const element = nextElement(cursor);
    if (element.type !== 14)
      throw new DataError("bad-element", "a nested variable is no matrix", {
        file: reading.file,
        expected: "type 14",
        found: `${element.type}`,
      });
    const read = readMatrix(element, reading, depth + 1);
    values.push(read?.value ?? { kind: "unsupported", type: "empty" });
  }
  return values;
}

function readStruct(
  cursor: Cursor,
  shape: readonly number[],
  count: number,
  reading: Reading,
  depth: number,
): MatValue {
  const width = elementNumbers(nextElement(cursor), reading.file)[0] ?? 0;
  const names = nextElement(cursor).data;
  if (names.length > 0 && (!(Number.isInteger(width) && width > 0) || names.length % width !== 0)) {
    throw new DataError("bad-element", "field names of a struct", {
      file: reading.file,
      expected: "a multiple of the name length",
      found: `${names.length} bytes, length ${width}`,
    });
  }
  const keys = Array.from(
    { length: names.length === 0 ? 0 : names.length / width },
    (_, k) => latin(names.subarray(k * width, (k + 1) * width)).split("\0", 1)[0] ?? "",
  );
  const values = children(cursor, count * keys.length, reading, depth);
  const fields = new Map(
    keys.map((key, k) => [key, Array.from({ length: count }, (_, e) => values[e * keys.length + k] as MatValue)]),
  );
  return { kind: "struct", shape, fields };
}

function latin(bytes: Uint8Array): string {
  return new TextDecoder("windows-1252").decode(bytes);
}

/** Character codes: 8-bit, UTF-8, UTF-16 or UTF-32 storage. */
function charCodes(element: Element, file: string): Uint16Array {
  if (element.type === 16) {
    const text = new TextDecoder().decode(element.data);
    return Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  }
  return Uint16Array.from(elementNumbers(element, file));
}
