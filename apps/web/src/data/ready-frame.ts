/** One frame of a volume made ready to be drawn: what the graphics take, and where there is something to see. */
import type { BlockRanges } from "@quintet/view";
import { blockRanges } from "@quintet/view";

export type VoxelData = Float32Array | Uint8Array | Uint16Array | Int16Array;
export type VoxelType = "float32" | "uint8" | "uint16" | "int16";

export const bytesPer: Readonly<Record<VoxelType, number>> = { float32: 4, uint8: 1, uint16: 2, int16: 2 };

export interface ReadyFrame {
  /** As stored: what the readout reads. */
  readonly values: VoxelData;
  /** Bytes as they are, else floats, every one a number; the same memory as `values` where that is so already. */
  readonly drawn: Uint8Array | Float32Array;
  readonly ranges: BlockRanges;
}

export function typed(type: VoxelType, buffer: ArrayBuffer): VoxelData {
  if (type === "float32") return new Float32Array(buffer);
  if (type === "uint16") return new Uint16Array(buffer);
  return type === "int16" ? new Int16Array(buffer) : new Uint8Array(buffer);
}

export function readyFrame(type: VoxelType, buffer: ArrayBuffer, shape: readonly [number, number, number]): ReadyFrame {
  const values = typed(type, buffer);
  return { values, drawn: values instanceof Uint8Array ? values : clean(values), ranges: blockRanges(values, shape) };
}

/** Voxels without a value are drawn as 0 (as the lowest where 0 is not among the values): filtering would spread a NaN. */
function clean(data: VoxelData): Float32Array {
  const out = data instanceof Float32Array ? data : Float32Array.from(data);
  let gaps = false;
  // A plain loop: a call per voxel would cost more than the upload.
  for (let i = 0; i < out.length && !gaps; i++) gaps = Number.isNaN(out[i]);
  if (!gaps) return out;
  const [low, high] = extremes(out);
  const zero = Math.min(high, Math.max(low, 0));
  return out.map((v) => (Number.isNaN(v) ? zero : v));
}

/** Least and largest value; one apart where they are the same. */
export function extremes(data: VoxelData): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < data.length; i++) {
    const v = data[i] as number;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return high > low ? [low, high] : [Number.isFinite(low) ? low : 0, (Number.isFinite(low) ? low : 0) + 1];
}
