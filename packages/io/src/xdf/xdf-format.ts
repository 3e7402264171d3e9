/** The value formats of Lab Streaming Layer and XDF. */
export const xdfFormats = ["int8", "int16", "int32", "int64", "float32", "double64", "string"] as const;
export type XdfFormat = (typeof xdfFormats)[number];
export type XdfNumberFormat = Exclude<XdfFormat, "string">;

/** Bytes of one value. */
export const xdfValueBytes: Readonly<Record<XdfNumberFormat, number>> = {
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float32: 4,
  double64: 8,
};

/** What the values become: float32 where it holds every value exactly, else float64. */
export function xdfArray(format: XdfNumberFormat, length: number): Float32Array | Float64Array {
  return format === "float32" || format === "int8" || format === "int16"
    ? new Float32Array(length)
    : new Float64Array(length);
}

/** How one value is read at a place. */
export const xdfValueReader: Readonly<
  Record<XdfNumberFormat, (view: DataView, at: number, little: boolean) => number>
> = {
  int8: (view, at) => view.getInt8(at),
  int16: (view, at, little) => view.getInt16(at, little),
  int32: (view, at, little) => view.getInt32(at, little),
  int64: (view, at, little) => Number(view.getBigInt64(at, little)),
  float32: (view, at, little) => view.getFloat32(at, little),
  double64: (view, at, little) => view.getFloat64(at, little),
};

/** How one value is written at a place, little-endian. */
export const xdfValueWriter: Readonly<Record<XdfNumberFormat, (view: DataView, at: number, value: number) => void>> = {
  int8: (view, at, value) => view.setInt8(at, value),
  int16: (view, at, value) => view.setInt16(at, value, true),
  int32: (view, at, value) => view.setInt32(at, value, true),
  int64: (view, at, value) => view.setBigInt64(at, BigInt(Math.round(value)), true),
  float32: (view, at, value) => view.setFloat32(at, value, true),
  double64: (view, at, value) => view.setFloat64(at, value, true),
};
