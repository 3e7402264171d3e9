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

/** How one value is read at a place of a little-endian view. */
export const xdfValueReader: Readonly<Record<XdfNumberFormat, (view: DataView, at: number) => number>> = {
  int8: (view, at) => view.getInt8(at),
  int16: (view, at) => view.getInt16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  float32: (view, at) => view.getFloat32(at, true),
  double64: (view, at) => view.getFloat64(at, true),
};
