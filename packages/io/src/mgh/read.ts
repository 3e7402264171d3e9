import { type Affine, DataError, type LabelVolume, type Space, type Volume, type VoxelUnit } from "@quintet/core";
import { boundedGunzip, type GunzipLimits, isGzip } from "../bytes/gunzip.ts";
import { type MghHeader, type MghType, mghHeaderBytes, readMghHeader } from "./header.ts";

export interface MghOptions {
  /** Named in every error. */
  readonly file?: string;
  /** Default "scanner": the format's world is the scanner's. */
  readonly space?: Space;
  /** MGH does not state the unit of a voxel; default "{arbitrary}". */
  readonly unit?: VoxelUnit;
  /** Default "image". */
  readonly clock?: string;
  /** As in readNifti; default `"refuse"`. */
  readonly nonFinite?: "refuse" | "background" | "keep";
  readonly limits?: Omit<GunzipLimits, "file">;
}

/**
 * Reads a scalar image from FreeSurfer's .mgh, or .mgz (gzip, told by its bytes).
 *
 * World mm are scanner RAS. Frame t starts at t TR and lasts TR (footer); without a TR all durations are 0 (unknown).
 *
 * @throws DataError those of {@link readMghHeader} and boundedGunzip; `no-geometry` (a file that says it does not know
 *   where it lies), `not-finite`
 */
export function readMgh(bytes: Uint8Array, options: MghOptions = {}): Volume {
  const { file = "mgh", space = "scanner", unit = "{arbitrary}", clock = "image", nonFinite = "refuse" } = options;
  const { header, voxels, affine } = openMgh(bytes, options);
  const [nx, ny, nz, nt] = header.shape;
  const data = new Float32Array(nx * ny * nz * nt);
  const stored = storedNumbers(header.type, voxels);
  let bad = 0;
  for (let i = 0; i < data.length; i++) {
    const value = stored(i);
    data[i] = value;
    if (!Number.isFinite(value)) {
      if (nonFinite === "refuse" || (nonFinite === "background" && !Number.isNaN(value))) bad++;
      else if (nonFinite === "background") data[i] = 0;
    }
  }
  if (bad > 0) throw new DataError("not-finite", "voxels must be numbers", { file, found: `${bad} of ${data.length}` });
  const step = header.repetitionTime ?? 0;
  return {
    unit,
    shape: [nx, ny, nz],
    affine,
    space,
    frames: Array.from({ length: nt }, (_, t) =>
      nt === 1 ? { start: 0, duration: 0 } : { start: t * step, duration: step },
    ),
    clock,
    data,
  };
}

/**
 * Reads a label image (aseg, aparc+aseg, ribbon): whole numbers from 0, one frame.
 *
 * @throws DataError `not-labels`, `not-static`, and those of readMgh
 */
export function readMghLabels(
  bytes: Uint8Array,
  options: Omit<MghOptions, "unit" | "clock" | "nonFinite"> & { readonly names?: ReadonlyMap<number, string> } = {},
): LabelVolume {
  const { file = "mgh", space = "scanner", names = new Map<number, string>() } = options;
  const { header, voxels, affine } = openMgh(bytes, options);
  const [nx, ny, nz, nt] = header.shape;
  if (nt !== 1) throw new DataError("not-static", "a label image has one frame", { file, found: `${nt}` });
  const stored = storedNumbers(header.type, voxels);
  const n = nx * ny * nz;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const label = stored(i);
    if (!(Number.isInteger(label) && label >= 0 && label <= 0x7fffffff)) {
      throw new DataError("not-labels", "labels are whole numbers from 0", { file, found: `${label} at voxel ${i}` });
    }
    if (label > largest) largest = label;
  }
  const data = largest < 256 ? new Uint8Array(n) : largest < 65536 ? new Uint16Array(n) : new Int32Array(n);
  for (let i = 0; i < n; i++) data[i] = stored(i);
  return { shape: [nx, ny, nz], affine, space, data, names };
}

function openMgh(
  bytes: Uint8Array,
  { file = "mgh", limits }: MghOptions,
): { header: MghHeader; voxels: Uint8Array; affine: Affine } {
  const unpacked = isGzip(bytes) ? boundedGunzip(bytes, { ...limits, file }) : bytes;
  const header = readMghHeader(unpacked, { file });
  if (header.affine === undefined) {
    throw new DataError("no-geometry", "this file says that it does not know where it lies (goodRASFlag)", {
      file,
      expected: "1",
      found: "another value",
    });
  }
  return { header, voxels: unpacked.subarray(mghHeaderBytes), affine: header.affine };
}

function storedNumbers(type: MghType, voxels: Uint8Array): (index: number) => number {
  const view = new DataView(voxels.buffer, voxels.byteOffset, voxels.byteLength);
  switch (type) {
    case "uint8":
      return (i) => voxels[i] as number;
    case "int16":
      return (i) => view.getInt16(2 * i, false);
    case "uint16":
      return (i) => view.getUint16(2 * i, false);
    case "int32":
      return (i) => view.getInt32(4 * i, false);
    case "float32":
      return (i) => view.getFloat32(4 * i, false);
  }
}
