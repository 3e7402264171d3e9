import {
  type Affine,
  affineOf,
  apply,
  DataError,
  determinant,
  type LabelVolume,
  type Mask,
  type Volume,
  voxelSizes,
} from "@quintet/core";
import { gzipSync } from "fflate";
import { datatypeByName, type NiftiDatatype, numberWriter } from "./datatypes.ts";
import { headerLayouts } from "./header.ts";
import { cornerDistance } from "./orientation.ts";
import { type Quaternion, quaternionOf, rotationOf } from "./quaternion.ts";

export interface NiftiWriteOptions {
  readonly gzip?: boolean;
  readonly version?: 1 | 2;
  /** Default: float32 for a Volume; the smallest type of the label array for labels. */
  readonly datatype?: Exclude<NiftiDatatype, "complex64" | "complex128">;
  readonly byteOrder?: "little" | "big";
  /**
   * `"both"` (default) writes the sform, and the qform too when the axes are at right angles, as a qform must be.
   * `"qform"` alone refuses a sheared affine.
   */
  readonly forms?: "sform" | "qform" | "both";
  /** sform_code and qform_code; default from the space: 1 scanner, 4 for MNI..., else 2 aligned. */
  readonly code?: 1 | 2 | 3 | 4 | 5;
  /**
   * Integer types only. `"exact"` (default) refuses values the type does not hold; `"fit"` stores
   * round((v - inter) / slope) with slope and inter spanning the values: errors up to slope / 2.
   */
  readonly scaling?: "exact" | "fit";
}

/**
 * Writes a Volume, Mask or LabelVolume as one NIfTI file. Names, texts and extensions are left empty.
 *
 * A regular frame grid goes into pixdim[4] and toffset (s); of irregular frames only the count is stored
 * (pixdim[4] = 0): their times belong to the sidecar.
 *
 * @throws DataError `bad-dimensions` (an extent beyond the format), `not-orthogonal` (qform of a sheared affine),
 *   `does-not-fit` (a value the datatype does not hold), `grid-mismatch` (data of another length than the shape)
 */
export function writeNifti(image: Volume | LabelVolume | Mask, options: NiftiWriteOptions = {}): Uint8Array {
  const { version = 1, byteOrder = "little", forms = "both", gzip = false } = options;
  const little = byteOrder === "little";
  const type = datatypeByName(options.datatype ?? defaultType(image.data));
  const frames = "frames" in image ? image.frames : [{ start: 0, duration: 0 }];
  const [nx, ny, nz] = image.shape;
  const count = nx * ny * nz * frames.length;
  if (image.data.length !== count) {
    throw new DataError("grid-mismatch", "the data do not fill the shape", {
      expected: `${nx} x ${ny} x ${nz} x ${frames.length}`,
      found: `${image.data.length} numbers`,
    });
  }
  const most = version === 1 ? 32767 : Number.MAX_SAFE_INTEGER;
  if (![nx, ny, nz, frames.length].every((n) => Number.isInteger(n) && n >= 1 && n <= most)) {
    throw new DataError("bad-dimensions", `extents must be 1 to ${most}`, {
      found: `${nx} x ${ny} x ${nz} x ${frames.length}`,
    });
  }
  const at = headerLayouts[version];
  const wide = version === 2;
  // Voxels begin at a multiple of 16, behind the four bytes that say "no extensions".
  const voxelOffset = wide ? 544 : 352;
  const out = new Uint8Array(voxelOffset + count * type.bytes);
  const view = new DataView(out.buffer);
  const integer = (offset: number, value: number): void =>
    wide ? view.setInt32(offset, value, little) : view.setInt16(offset, value, little);
  const real = (offset: number, values: readonly number[]): void => {
    for (const [i, value] of values.entries()) {
      if (wide) view.setFloat64(offset + 8 * i, value, little);
      else view.setFloat32(offset + 4 * i, value, little);
    }
  };
  view.setInt32(0, at.size, little);
  const magic = wide ? "n+2\0\r\n\x1a\n" : "n+1\0";
  for (let i = 0; i < magic.length; i++) out[at.magic + i] = magic.charCodeAt(i);
  const { start, step, timed } = timing(frames);
  const dim = [timed ? 4 : 3, nx, ny, nz, frames.length, 1, 1, 1];
  for (const [i, n] of dim.entries()) {
    if (wide) view.setBigInt64(at.dim + 8 * i, BigInt(n), little);
    else view.setInt16(at.dim + 2 * i, n, little);
  }
  view.setInt16(at.datatype, type.code, little);
  view.setInt16(at.bitpix, type.bytes * 8, little);
  if (wide) view.setBigInt64(at.vox, BigInt(voxelOffset), little);
  else view.setFloat32(at.vox, voxelOffset, little);
  const units = 2 | 8;
  if (wide) view.setInt32(at.xyzt, units, little);
  else view.setUint8(at.xyzt, units);
  real(at.toffset, [start]);
  if (!("frames" in image)) integer(at.intentCode, 1002);

  const code = options.code ?? codeOfSpace(image.space);
  const quaternion = forms === "sform" ? undefined : placeable(image.affine, image.shape, forms);
  const sizes = voxelSizes(image.affine);
  real(at.pixdim, [quaternion?.qfac ?? 1, ...sizes, step]);
  if (quaternion) {
    integer(at.qform, code);
    real(at.quatern, [quaternion.b, quaternion.c, quaternion.d]);
    real(
      at.quatern + (wide ? 24 : 12),
      [3, 7, 11].map((i) => image.affine[i] as number),
    );
  }
  if (forms !== "qform") {
    integer(at.sform, code);
    real(at.srow, [...image.affine.subarray(0, 12)]);
  }
  const { slope, inter } =
    type.range && options.scaling === "fit" ? span(image.data, type.range) : { slope: 1, inter: 0 };
  real(at.slope, [slope]);
  real(at.inter, [inter]);
  const put = numberWriter(type.name, out, voxelOffset, little);
  for (let i = 0; i < count; i++) {
    const value = image.data[i] as number;
    if (!type.range) {
      put(i, value);
      continue;
    }
    const stored = slope === 1 && inter === 0 ? value : Math.round((value - inter) / slope);
    if (!(Number.isInteger(stored) && stored >= type.range[0] && stored <= type.range[1])) {
      throw new DataError("does-not-fit", `${type.name} holds whole numbers in a range`, {
        expected: `${type.range[0]} to ${type.range[1]}`,
        found: `${value} at voxel ${i}`,
      });
    }
    put(i, stored);
  }
  // No time stamp and no name in the gzip header: the same image gives the same bytes.
  return gzip ? gzipSync(out, { level: 6, mtime: 0 }) : out;
}

function defaultType(data: Volume["data"] | LabelVolume["data"]): Exclude<NiftiDatatype, "complex64" | "complex128"> {
  if (data instanceof Float32Array) return "float32";
  return data instanceof Uint8Array ? "uint8" : data instanceof Uint16Array ? "uint16" : "int32";
}

function timing(frames: Volume["frames"]): { start: number; step: number; timed: boolean } {
  const [first] = frames;
  if (!first) throw new DataError("bad-dimensions", "an image has at least one frame");
  const step = first.duration;
  const timed = frames.length > 1 || step > 0 || first.start !== 0;
  // 1 us: below what float32 resolves in a scan of hours.
  const regular = frames.every(
    ({ start, duration }, t) => Math.abs(start - first.start - t * step) <= 1e-6 && Math.abs(duration - step) <= 1e-6,
  );
  return { start: first.start, step: regular ? step : 0, timed };
}

function codeOfSpace(space: string): number {
  if (/^MNI/i.test(space)) return 4;
  return /^talairach/i.test(space) ? 3 : /^scanner/.test(space) ? 1 : 2;
}

function placeable(affine: Affine, shape: readonly number[], forms: "qform" | "both"): Quaternion | undefined {
  const quaternion = quaternionOf(affine);
  const { b, c, d, qfac } = quaternion;
  // NIfTI-1 keeps b, c, d as float32: of a coronal image, where a is near 0, a tenth of a millimetre can be lost.
  const stored = forms === "both" ? { b: Math.fround(b), c: Math.fround(c), d: Math.fround(d), qfac } : quaternion;
  const kept = affineOf(
    rotationOf(
      stored,
      voxelSizes(affine),
      [3, 7, 11].map((i) => affine[i] as number),
    ),
  );
  // 0.01 mm: a tenth of what the reader lets sform and qform differ.
  if (cornerDistance(kept, affine, shape) <= 0.01) return quaternion;
  if (forms === "both") return undefined;
  throw new DataError("not-orthogonal", "a qform cannot hold an affine whose axes are not at right angles", {
    expected: "corners within 0.01 mm",
    found: `${cornerDistance(kept, affine, shape).toPrecision(3)} mm, first voxel at ${apply(affine, [0, 0, 0])}, determinant ${determinant(affine)}`,
  });
}

function span(data: ArrayLike<number>, [low, high]: readonly [number, number]): { slope: number; inter: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < data.length; i++) {
    min = Math.min(min, data[i] as number);
    max = Math.max(max, data[i] as number);
  }
  if (!Number.isFinite(min) || !Number.isFinite(max)) {
    throw new DataError("does-not-fit", "NaN and infinity have no integer", { found: `${min} to ${max}` });
  }
  if (min === max) return { slope: 1, inter: Math.fround(min) };
  // One step is kept free at each end so that float32 rounding of slope and inter cannot push a value out.
  const slope = Math.fround((max - min) / (high - low - 2));
  return { slope, inter: Math.fround(min - (low + 1) * slope) };
}
