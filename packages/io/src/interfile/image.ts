/** Interfile images of the STIR dialect (.hv with .v): one volume, in one or more frames. */
import { type Affine, DataError, type Space, type Volume, type VoxelUnit, voxelSizes } from "@quintet/core";
import { canonicalOrder, restack, type StorageOrder } from "../nifti/restack.ts";
import { type DataSets, dataSetsOf, readDataSets } from "./data-sets.ts";
import { type InterfileFacts, interfileFacts } from "./frames.ts";
import { type InterfileHeader, interfileCount, interfileNumber, interfileText, requiredNumber } from "./header.ts";
import { encodeFloats } from "./numbers.ts";
import { patientAffine } from "./patient-affine.ts";

export interface InterfileImage {
  readonly facts: InterfileFacts;
  readonly dataFile?: string;
  readonly shape: readonly [nx: number, ny: number, nz: number];
  readonly affine: Affine;
  readonly sets: DataSets;
}

const axes = ["x", "y", "z"] as const;

/** Whether the header describes an image (and not projections). */
export function isInterfileImage(header: InterfileHeader): boolean {
  const kind = interfileText(header, "PET data type")?.toLowerCase();
  if (kind !== undefined) return kind === "image";
  return interfileText(header, "process status")?.toLowerCase() === "reconstructed";
}

/**
 * Geometry and layout of an image header. Axes come from their labels; only x, y, z, x fastest, is written by anyone.
 *
 *   gantry(i, j, k) = first pixel offset + (dx i, dy j, dz k);  absent: x and y from -floor(n / 2) d, z from 0
 *
 * Gantry x runs to the right as one faces the scanner from the bed, y down, z out along the bed; of a patient head first and
 * supine these are left, posterior, inferior. A header that does not say how the patient lay is read so (`facts.position`
 * is then undefined).
 *
 * @throws DataError `not-an-image`, `axis-order`, `missing-key`, `bad-number`, `bad-dimensions`, `bad-frames`
 * @see STIR 6.5-dev, src/IO/interfile.cxx (create_image_and_header_from), DiscretisedDensity.inl (patient position)
 */
export function interfileImage(header: InterfileHeader): InterfileImage {
  const { file } = header;
  if (!isInterfileImage(header)) {
    throw new DataError("not-an-image", "this header describes no reconstructed image", {
      file,
      expected: "PET data type := Image, or process status := Reconstructed",
      found: interfileText(header, "PET data type") ?? interfileText(header, "process status") ?? "neither",
    });
  }
  const dimensions = interfileCount(header, "number of dimensions", 3, 10);
  if (dimensions !== 3) {
    throw new DataError("bad-dimensions", "an image has three dimensions; frames are counted apart", {
      file,
      expected: "3",
      found: `${dimensions}`,
    });
  }
  const labels = axes.map((_, i) => interfileText(header, "matrix axis label", i + 1)?.toLowerCase());
  if (labels.some((label) => label !== undefined) && labels.join() !== axes.join()) {
    throw new DataError("axis-order", "the axes of an image", { file, expected: "x, y, z", found: labels.join(", ") });
  }
  const shape = axes.map((_, i) => requiredNumber(header, "matrix size", i + 1)) as [number, number, number];
  const sizes = axes.map((_, i) => requiredNumber(header, "scaling factor (mm/pixel)", i + 1)) as [
    number,
    number,
    number,
  ];
  if (sizes.some((size) => !(size > 0))) {
    throw new DataError("bad-number", "voxel sizes must be positive", { file, found: sizes.join(" x ") });
  }
  const facts = interfileFacts(header);
  const sets = dataSetsOf(header, shape, facts.frames.length);
  const first = axes.map((axis, i) => {
    const stated = interfileNumber(header, "first pixel offset (mm)", i + 1);
    return stated ?? (axis === "z" ? 0 : -Math.floor((shape[i] as number) / 2) * (sizes[i] as number));
  }) as [number, number, number];
  const dataFile = interfileText(header, "name of data file");
  return {
    facts,
    ...(dataFile === undefined ? {} : { dataFile }),
    shape,
    affine: patientAffine(sizes, first, facts.position ?? "HFS"),
    sets,
  };
}

/**
 * Reads an image; the data file is given as bytes and its size must be what the header says.
 *
 * @throws DataError those of interfileImage; `size-mismatch`, `not-finite`, `bad-scaling`
 */
export function readInterfileImage(
  header: InterfileHeader,
  data: Uint8Array,
  options: {
    readonly dataFile?: string;
    readonly space?: Space;
    readonly unit?: VoxelUnit;
    readonly clock?: string;
  } = {},
): Volume {
  const { facts, shape, affine, sets, dataFile } = interfileImage(header);
  const { space = "scanner:pet", unit = "{arbitrary}", clock = "pet" } = options;
  const values = readDataSets(header, data, sets, shape[2], options.dataFile ?? dataFile ?? header.file);
  return { unit, shape, affine, space, clock, frames: facts.frames, data: values };
}

/** Storage order with x to the patient's left, y to the back, z down. */
function againstCanonical(volume: Volume): StorageOrder {
  const order = canonicalOrder(volume).map((axis) => (axis.startsWith("-") ? axis.slice(1) : `-${axis}`));
  return order as unknown as StorageOrder;
}

/**
 * Writes an image as STIR does: header .hv and little-endian float32 .v. The grid must lie along the patient's axes; it
 * is turned to gantry order (x to the left, y to the back, z to the feet of a patient head first and supine).
 *
 * @param name of both files, without extension
 * @throws DataError `not-axis-aligned` (a tilted grid: resample it first), `not-finite`, `bad-name`
 */
export function writeInterfileImage(
  volume: Volume,
  { name }: { readonly name: string },
): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  if (!/^[\w.+-]{1,200}$/.test(name)) {
    throw new DataError("bad-name", "name of the files", { expected: "letters, digits, . + - _", found: name });
  }
  const turned = restack(volume, againstCanonical(volume));
  const { affine, shape, frames } = turned;
  const tilted = [1, 2, 4, 6, 8, 9].some((i) => Math.abs(affine[i] as number) > 1e-6);
  if (tilted) {
    throw new DataError("not-axis-aligned", "Interfile has no tilted images", {
      expected: "a grid along the patient's axes",
      found: [...affine.subarray(0, 12)].join(" "),
    });
  }
  const bad = turned.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new DataError("not-finite", `voxel ${bad + 1} is no number`, { found: `${turned.data[bad]}` });
  const bytesPerFrame = 4 * shape[0] * shape[1] * shape[2];
  const lines = [
    "!INTERFILE :=",
    "!imaging modality := PT",
    "!version of keys := STIR4.0",
    `name of data file := ${name}.v`,
    "!GENERAL DATA :=",
    "!GENERAL IMAGE DATA :=",
    "!type of data := PET",
    "patient orientation := head_in",
    "patient rotation := supine",
    "imagedata byte order := LITTLEENDIAN",
    "!PET STUDY (General) :=",
    "!PET data type := Image",
    "process status := Reconstructed",
    "!number format := float",
    "!number of bytes per pixel := 4",
    "number of dimensions := 3",
    ...axes.flatMap((axis, i) => [
      `matrix axis label [${i + 1}] := ${axis}`,
      `!matrix size [${i + 1}] := ${shape[i]}`,
      `scaling factor (mm/pixel) [${i + 1}] := ${voxelSizes(affine)[i]}`,
      `first pixel offset (mm) [${i + 1}] := ${-(affine[4 * i + 3] as number)}`,
    ]),
    `number of time frames := ${frames.length}`,
    ...frames.flatMap(({ start, duration }, t) => [
      `image relative start time (sec) [${t + 1}] := ${start}`,
      `image duration (sec) [${t + 1}] := ${duration}`,
      `data offset in bytes [${t + 1}] := ${t * bytesPerFrame}`,
    ]),
    "!END OF INTERFILE :=",
  ];
  return [
    { name: `${name}.hv`, bytes: new TextEncoder().encode(`${lines.join("\n")}\n`) },
    { name: `${name}.v`, bytes: encodeFloats(turned.data) },
  ];
}
