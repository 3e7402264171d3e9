import { DataError, type Frame, type LabelVolume, type Space, type Volume, type VoxelUnit } from "@quintet/core";
import { requireBytes } from "../bytes/byte-reader.ts";
import { boundedGunzip, type GunzipLimits, isGzip } from "../bytes/gunzip.ts";
import { numberReader } from "./datatypes.ts";
import { type NiftiHeader, readNiftiHeader } from "./header.ts";
import { niftiOrientation, type OrientationChoice } from "./orientation.ts";

export interface NiftiOptions {
  /** Named in every error. */
  readonly file: string;
  /** Default: what the form's code says: "scanner", "aligned", "Talairach", "MNI152", "template", else "unknown". */
  readonly space?: Space;
  /** NIfTI does not state the unit of a voxel; default "{arbitrary}". */
  readonly unit?: VoxelUnit;
  /** Default "image". */
  readonly clock?: string;
  /** The .img bytes of a .hdr + .img pair, plain or gzipped. */
  readonly image?: Uint8Array;
  /** Which of sform and qform counts; default `"agree"`. */
  readonly orientation?: OrientationChoice;
  /**
   * `"refuse"` (default): NaN or infinity is an error that says how many. `"background"`: NaN is outside the measured
   * field and becomes 0; infinity is still an error. `"keep"`: both stay.
   */
  readonly nonFinite?: "refuse" | "background" | "keep";
  /** A complex voxel is two numbers; name which one is wanted. Without it complex images are refused. */
  readonly complex?: "magnitude" | "phase" | "real" | "imaginary";
  readonly limits?: Omit<GunzipLimits, "file">;
}

/**
 * Reads a scalar image from NIfTI-1 or NIfTI-2, plain or gzipped, either byte order.
 *
 *   value = scl_slope stored + scl_inter    (scl_slope 0 or NaN: value = stored)
 *
 * World mm are RAS+ as NIfTI states them. Frame t starts at toffset + t pixdim[4] and lasts pixdim[4], in seconds;
 * a file without a time axis has one frame of duration 0 (unknown). A time step of unknown unit is in seconds.
 *
 * @throws DataError those of {@link readNiftiHeader}, {@link niftiOrientation} and {@link boundedGunzip};
 *   `truncated`, `not-finite`, `complex-image`, `bad-scaling`, `overflow`, `bad-time`, `missing-image`
 */
export function readNifti(bytes: Uint8Array, options: NiftiOptions): Volume {
  const { file, clock = "image", unit = "{arbitrary}" } = options;
  const { header, voxels, at } = openNifti(bytes, options);
  const place = niftiOrientation(header, file, options.orientation);
  const frames = niftiFrames(header, file);
  const data = new Float32Array(header.shape[0] * header.shape[1] * header.shape[2] * header.shape[3]);
  fill(data, storedNumbers(header, voxels, at, options), header, file);
  settleNonFinite(data, options.nonFinite ?? "refuse", file);
  return {
    unit,
    shape: [header.shape[0], header.shape[1], header.shape[2]],
    affine: place.affine,
    space: options.space ?? spaceOfCode(place.code),
    frames,
    clock,
    data,
  };
}

/**
 * Reads a label image: whole numbers from 0, one frame. Stored as the smallest of uint8, uint16 and int32.
 *
 * @throws DataError `not-labels` (a fraction, a negative number, or one beyond int32), `not-static`, and those of readNifti
 */
export function readNiftiLabels(
  bytes: Uint8Array,
  options: NiftiOptions & { readonly names?: ReadonlyMap<number, string> },
): LabelVolume {
  const { file } = options;
  const { header, voxels, at } = openNifti(bytes, options);
  const place = niftiOrientation(header, file, options.orientation);
  const [nx, ny, nz, nt] = header.shape;
  if (nt !== 1) throw new DataError("not-static", "a label image has one frame", { file, found: `${nt}` });
  const stored = storedNumbers(header, voxels, at, options);
  const { slope, intercept } = scaling(header, file);
  const n = nx * ny * nz;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const label = slope * stored(i) + intercept;
    if (!(Number.isInteger(label) && label >= 0 && label <= 0x7fffffff)) {
      throw new DataError("not-labels", "labels are whole numbers from 0", { file, found: `${label} at voxel ${i}` });
    }
    largest = Math.max(largest, label);
  }
  const data = largest < 256 ? new Uint8Array(n) : largest < 65536 ? new Uint16Array(n) : new Int32Array(n);
  for (let i = 0; i < n; i++) data[i] = slope * stored(i) + intercept;
  return {
    shape: [nx, ny, nz],
    affine: place.affine,
    space: options.space ?? spaceOfCode(place.code),
    data,
    names: options.names ?? new Map(),
  };
}

/** Header and the bytes of the voxels, which are proven to be there. Sizes are in the file's own numbers. */
export function openNifti(
  bytes: Uint8Array,
  options: Pick<NiftiOptions, "file" | "image" | "limits">,
): { header: NiftiHeader; voxels: Uint8Array; at: number } {
  const { file, image, limits } = options;
  const unpack = (packed: Uint8Array): Uint8Array =>
    isGzip(packed) ? boundedGunzip(packed, { ...limits, file }) : packed;
  const head = unpack(bytes);
  const header = readNiftiHeader(head, { file });
  if (header.storage === "pair" && !image) {
    throw new DataError("missing-image", "this header belongs to a pair; its .img file is missing", { file });
  }
  const voxels = header.storage === "pair" && image ? unpack(image) : head;
  const count = header.shape.reduce((product, n) => product * n, 1);
  requireBytes(
    voxels,
    header.voxelOffset,
    count * header.datatype.bytes,
    `its ${header.shape.join(" x ")} voxels`,
    file,
  );
  return { header, voxels, at: header.voxelOffset };
}

function storedNumbers(
  header: NiftiHeader,
  voxels: Uint8Array,
  at: number,
  { file, complex }: NiftiOptions,
): (voxel: number) => number {
  const { name } = header.datatype;
  const number = numberReader(name, voxels, at, header.littleEndian);
  if (name !== "complex64" && name !== "complex128") return number;
  switch (complex) {
    case "magnitude":
      return (i) => Math.hypot(number(2 * i), number(2 * i + 1));
    case "phase":
      return (i) => Math.atan2(number(2 * i + 1), number(2 * i));
    case "real":
      return (i) => number(2 * i);
    case "imaginary":
      return (i) => number(2 * i + 1);
    default:
      throw new DataError(
        "complex-image",
        "voxels are complex; say which of magnitude, phase, real, imaginary to read",
        {
          file,
          found: name,
        },
      );
  }
}

function scaling(header: NiftiHeader, file: string): { slope: number; intercept: number } {
  if (header.slope === 0 || Number.isNaN(header.slope)) return { slope: 1, intercept: 0 };
  if (!Number.isFinite(header.slope) || !Number.isFinite(header.intercept)) {
    throw new DataError("bad-scaling", "scl_slope and scl_inter must be numbers", {
      file,
      found: `${header.slope}, ${header.intercept}`,
    });
  }
  return { slope: header.slope, intercept: header.intercept };
}

function fill(data: Float32Array, stored: (i: number) => number, header: NiftiHeader, file: string): void {
  const { slope, intercept } = scaling(header, file);
  let over = 0;
  for (let i = 0; i < data.length; i++) {
    const value = slope * stored(i) + intercept;
    data[i] = value;
    if (Number.isFinite(value) && !Number.isFinite(data[i] as number)) over++;
  }
  if (over > 0) {
    throw new DataError("overflow", "values are beyond what float32 holds", { file, found: `${over} voxels` });
  }
}

function settleNonFinite(data: Float32Array, policy: "refuse" | "background" | "keep", file: string): void {
  if (policy === "keep") return;
  let [nan, infinite] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
  }
  if (infinite > 0 || (nan > 0 && policy === "refuse")) {
    throw new DataError("not-finite", "voxels must be numbers", {
      file,
      found: `${nan} NaN and ${infinite} infinite of ${data.length} voxels`,
    });
  }
  if (nan > 0) for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i] as number)) data[i] = 0;
}

/** Frames of the fourth axis, s. @throws DataError `bad-time` */
export function niftiFrames(header: NiftiHeader, file: string): Frame[] {
  const count = header.shape[3];
  if (header.rank < 4) return [{ start: 0, duration: 0 }];
  const seconds = { s: 1, ms: 1e-3, us: 1e-6, unknown: 1, "not-time": Number.NaN }[header.timeUnit];
  const step = (header.pixdim[4] as number) * seconds;
  const start = header.timeOffset * seconds;
  if (count > 1 && !(step >= 0 && Number.isFinite(start) && Number.isFinite(step * count))) {
    throw new DataError("bad-time", "the fourth axis must be time with a step of 0 (unknown) or more", {
      file,
      found: `step ${header.pixdim[4]}, unit ${header.timeUnit}, start ${header.timeOffset}`,
    });
  }
  if (!(step >= 0 && Number.isFinite(start) && Number.isFinite(step))) return [{ start: 0, duration: 0 }];
  return Array.from({ length: count }, (_, t) => ({ start: start + t * step, duration: step }));
}

export function spaceOfCode(code: number): Space {
  return (["unknown", "scanner", "aligned", "Talairach", "MNI152", "template"] as const)[code] ?? "unknown";
}
