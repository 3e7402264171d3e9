import { DataError, determinant, type LabelVolume, type Mask, type Volume, voxelSizes } from "@quintet/core";
import { gzipSync } from "fflate";
import { cRas } from "./geometry.ts";
import { type MghType, mghHeaderBytes, mghTypes } from "./header.ts";

export interface MghWriteOptions {
  /** .mgz. */
  readonly gzip?: boolean;
  /** Default: float32 for a Volume; the smallest that holds the label array for labels. */
  readonly type?: MghType;
}

/**
 * Writes a Volume, Mask or LabelVolume as .mgh or .mgz. A regular frame grid goes into the footer's TR (ms).
 *
 * @throws DataError `grid-mismatch`, `not-orthogonal` (the format has no shear), `does-not-fit`
 */
export function writeMgh(image: Volume | LabelVolume | Mask, options: MghWriteOptions = {}): Uint8Array {
  const frames = "frames" in image ? image.frames : [{ start: 0, duration: 0 }];
  const count = image.shape[0] * image.shape[1] * image.shape[2] * frames.length;
  if (image.data.length !== count) {
    throw new DataError("grid-mismatch", "the data do not fill the shape", {
      expected: `${count} numbers`,
      found: `${image.data.length}`,
    });
  }
  const type = mghTypes.find(({ name }) => name === (options.type ?? defaultType(image.data)));
  if (!type) throw new DataError("unsupported-datatype", "MGH has no such voxel type", { found: `${options.type}` });
  const sizes = voxelSizes(image.affine);
  const volume = sizes[0] * sizes[1] * sizes[2];
  if (!(Math.abs(determinant(image.affine)) > 0.999 * volume)) {
    throw new DataError("not-orthogonal", "MGH holds axes at right angles only", {
      found: `${determinant(image.affine)} of ${volume}`,
    });
  }
  const out = new Uint8Array(mghHeaderBytes + count * type.bytes + 20);
  const view = new DataView(out.buffer);
  for (const [i, n] of [1, ...image.shape, frames.length, type.code, 0].entries()) view.setInt32(4 * i, n);
  view.setInt16(28, 1);
  for (const [column, size] of sizes.entries()) {
    view.setFloat32(30 + 4 * column, size);
    for (let row = 0; row < 3; row++) {
      view.setFloat32(42 + 12 * column + 4 * row, (image.affine[row * 4 + column] as number) / size);
    }
  }
  for (const [i, value] of cRas(image).entries()) view.setFloat32(78 + 4 * i, value);
  const range = "range" in type ? type.range : undefined;
  for (let i = 0; i < count; i++) {
    const value = image.data[i] as number;
    if (range && !(Number.isInteger(value) && value >= range[0] && value <= range[1])) {
      throw new DataError("does-not-fit", `${type.name} holds whole numbers in a range`, {
        expected: `${range[0]} to ${range[1]}`,
        found: `${value} at voxel ${i}`,
      });
    }
    put(view, type.name, mghHeaderBytes + i * type.bytes, value);
  }
  view.setFloat32(mghHeaderBytes + count * type.bytes, 1000 * regularStep(frames));
  return options.gzip ? gzipSync(out, { level: 6, mtime: 0 }) : out;
}

function defaultType(data: Volume["data"] | LabelVolume["data"]): MghType {
  if (data instanceof Uint8Array) return "uint8";
  if (data instanceof Uint16Array) return "uint16";
  return data instanceof Int32Array ? "int32" : "float32";
}

function put(view: DataView, type: MghType, at: number, value: number): void {
  if (type === "uint8") view.setUint8(at, value);
  else if (type === "int16") view.setInt16(at, value);
  else if (type === "uint16") view.setUint16(at, value);
  else if (type === "int32") view.setInt32(at, value);
  else view.setFloat32(at, value);
}

/** Seconds between the frames when they follow one another evenly from 0, else 0. */
function regularStep(frames: Volume["frames"]): number {
  const step = frames[0]?.duration ?? 0;
  const even = frames.every((f, t) => Math.abs(f.start - t * step) < 1e-6 && Math.abs(f.duration - step) < 1e-6);
  return frames.length > 1 && even ? step : 0;
}
