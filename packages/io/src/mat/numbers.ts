import { DataError } from "@quintet/core";
import type { Element } from "./element.ts";
import type { MatArray } from "./mat-value.ts";

/** Bytes per number of the storage types that hold numbers. */
const widths: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 2,
  5: 4,
  6: 4,
  7: 4,
  9: 8,
  12: 8,
  13: 8,
  16: 1,
  17: 2,
  18: 4,
};

/** @throws DataError `bad-element` */
export function elementNumbers({ type, data, little }: Element, file: string): MatArray {
  const width = widths[type];
  if (width === undefined || data.length % width !== 0) {
    throw new DataError("bad-element", "an element that must hold numbers", {
      file,
      expected: "a numeric type and whole numbers",
      found: `type ${type}, ${data.length} bytes`,
    });
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = data.length / width;
  const fill = <T extends MatArray>(out: T, get: (at: number) => number): T => {
    for (let i = 0; i < count; i++) out[i] = get(i * width);
    return out;
  };
  switch (type) {
    case 1:
      return fill(new Int8Array(count), (at) => view.getInt8(at));
    case 3:
      return fill(new Int16Array(count), (at) => view.getInt16(at, little));
    case 4:
    case 17:
      return fill(new Uint16Array(count), (at) => view.getUint16(at, little));
    case 5:
      return fill(new Int32Array(count), (at) => view.getInt32(at, little));
    case 6:
    case 18:
      return fill(new Uint32Array(count), (at) => view.getUint32(at, little));
    case 7:
      return fill(new Float32Array(count), (at) => view.getFloat32(at, little));
    case 9:
      return fill(new Float64Array(count), (at) => view.getFloat64(at, little));
    case 12:
      return fill(new Float64Array(count), (at) => Number(view.getBigInt64(at, little)));
    case 13:
      return fill(new Float64Array(count), (at) => Number(view.getBigUint64(at, little)));
    default:
      return data.slice();
  }
}

/** Numbers are stored as small as they fit; this gives them the class the variable has. */
export function toClass(numbers: MatArray, type: string): MatArray {
  switch (type) {
    case "single":
      return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
    case "int8":
      return Int8Array.from(numbers);
    case "uint8":
      return Uint8Array.from(numbers);
    case "int16":
      return Int16Array.from(numbers);
    case "uint16":
      return Uint16Array.from(numbers);
    case "int32":
      return Int32Array.from(numbers);
    case "uint32":
      return Uint32Array.from(numbers);
    default:
      return numbers instanceof Float64Array ? numbers : Float64Array.from(numbers);
  }
}
