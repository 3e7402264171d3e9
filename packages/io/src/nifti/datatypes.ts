import { DataError } from "@quintet/core";

/** The voxel types this reader turns into numbers, by their nifti1.h code. */
export type NiftiDatatype =
  | "uint8"
  | "int16"
  | "int32"
  | "float32"
  | "complex64"
  | "float64"
  | "int8"
  | "uint16"
  | "uint32"
  | "int64"
  | "uint64"
  | "complex128";

export interface DatatypeRow {
  readonly name: NiftiDatatype;
  readonly code: number;
  /** Bytes of one voxel. */
  readonly bytes: number;
  /** Smallest and largest integer; absent for floating point. */
  readonly range?: readonly [number, number];
}

/** nifti1.h, DT_* codes. */
export const datatypes: readonly DatatypeRow[] = [
  { name: "uint8", code: 2, bytes: 1, range: [0, 255] },
  { name: "int16", code: 4, bytes: 2, range: [-32768, 32767] },
  { name: "int32", code: 8, bytes: 4, range: [-2147483648, 2147483647] },
  { name: "float32", code: 16, bytes: 4 },
  { name: "complex64", code: 32, bytes: 8 },
  { name: "float64", code: 64, bytes: 8 },
  { name: "int8", code: 256, bytes: 1, range: [-128, 127] },
  { name: "uint16", code: 512, bytes: 2, range: [0, 65535] },
  { name: "uint32", code: 768, bytes: 4, range: [0, 4294967295] },
  { name: "int64", code: 1024, bytes: 8, range: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] },
  { name: "uint64", code: 1280, bytes: 8, range: [0, Number.MAX_SAFE_INTEGER] },
  { name: "complex128", code: 1792, bytes: 16 },
];

const refused: Readonly<Record<number, string>> = {
  0: "unknown",
  1: "binary (1 bit)",
  128: "RGB colour",
  255: "all",
  1536: "float128",
  2048: "complex256",
  2304: "RGBA colour",
};

/** @throws DataError `unsupported-datatype` */
export function datatypeByCode(code: number, file: string): DatatypeRow {
  const row = datatypes.find((type) => type.code === code);
  if (!row) {
    throw new DataError("unsupported-datatype", "voxels must be real or complex numbers of 8 to 64 bits", {
      file,
      expected: datatypes.map((type) => type.name).join(", "),
      found: `datatype ${code}${refused[code] ? `, ${refused[code]}` : ""}`,
    });
  }
  return row;
}

export function datatypeByName(name: NiftiDatatype): DatatypeRow {
  return datatypes.find((type) => type.name === name) as DatatypeRow;
}

/** Number `index` (counted in numbers, not voxels) of the data at `at`; complex voxels are two numbers. */
export function numberReader(
  type: NiftiDatatype,
  bytes: Uint8Array,
  at: number,
  littleEndian: boolean,
): (index: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case "uint8":
      return (i) => bytes[at + i] as number;
    case "int8":
      return (i) => view.getInt8(at + i);
    case "int16":
      return (i) => view.getInt16(at + 2 * i, littleEndian);
    case "uint16":
      return (i) => view.getUint16(at + 2 * i, littleEndian);
    case "int32":
      return (i) => view.getInt32(at + 4 * i, littleEndian);
    case "uint32":
      return (i) => view.getUint32(at + 4 * i, littleEndian);
    case "float32":
    case "complex64":
      return (i) => view.getFloat32(at + 4 * i, littleEndian);
    case "float64":
    case "complex128":
      return (i) => view.getFloat64(at + 8 * i, littleEndian);
    case "int64":
      return (i) => Number(view.getBigInt64(at + 8 * i, littleEndian));
    case "uint64":
      return (i) => Number(view.getBigUint64(at + 8 * i, littleEndian));
  }
}

/** Writes number `index` of the data at `at`; the caller has checked that it fits the type. */
export function numberWriter(
  type: NiftiDatatype,
  bytes: Uint8Array,
  at: number,
  littleEndian: boolean,
): (index: number, value: number) => void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case "uint8":
      return (i, v) => view.setUint8(at + i, v);
    case "int8":
      return (i, v) => view.setInt8(at + i, v);
    case "int16":
      return (i, v) => view.setInt16(at + 2 * i, v, littleEndian);
    case "uint16":
      return (i, v) => view.setUint16(at + 2 * i, v, littleEndian);
    case "int32":
      return (i, v) => view.setInt32(at + 4 * i, v, littleEndian);
    case "uint32":
      return (i, v) => view.setUint32(at + 4 * i, v, littleEndian);
    case "float32":
    case "complex64":
      return (i, v) => view.setFloat32(at + 4 * i, v, littleEndian);
    case "float64":
    case "complex128":
      return (i, v) => view.setFloat64(at + 8 * i, v, littleEndian);
    case "int64":
      return (i, v) => view.setBigInt64(at + 8 * i, BigInt(v), littleEndian);
    case "uint64":
      return (i, v) => view.setBigUint64(at + 8 * i, BigInt(v), littleEndian);
  }
}
