/** Images and curves whose side file says that they are not corrected for decay: corrected where it says enough, or refused. */
import { DataError, type Frame, type Metadata, type Seconds, type Tacs, type Volume, voxelCount } from "@quintet/core";
import { radionuclideOf } from "../quantify/injection.ts";
import { decayFactors } from "./activity.ts";

/** TimeZero of the side file is 0 of the image's clock, and blood counts from it. */
const timeZero: Seconds = 0;

export interface CorrectedAsStated<T> {
  readonly value: T;
  /** The side file of what is returned. */
  readonly metadata: Metadata;
  /** What was done; absent where nothing was. */
  readonly note?: string;
}

/**
 * The image as it is, unless its side file states ImageDecayCorrected false: then every frame's mean is corrected to TimeZero with
 * the stated radionuclide, start and duration. Uncorrected frames are no curve of a tracer, and a mean over them is one at no time.
 *
 * @throws DataError `not-decay-corrected` (it is not, and radionuclide, times or unit are not stated), those of decayFactors
 */
export function imageCorrectedAsStated(pet: Volume, metadata: Metadata, file: string): CorrectedAsStated<Volume> {
  const { FrameTimesStart: starts, FrameDuration: lengths, ScanStart: start, ScanDuration: length } = metadata;
  const timed =
    (Array.isArray(starts) && Array.isArray(lengths)) ||
    (pet.frames.length === 1 && typeof start === "number" && typeof length === "number");
  // A ready SUV of one frame is one number a voxel at one time, whichever its maker chose.
  if (pet.unit === "g/mL" && pet.frames.length === 1) return { value: pet, metadata };
  const found = statedFactors(timed ? pet.frames : undefined, pet.unit, metadata, file);
  if (!found) return { value: pet, metadata };
  const n = voxelCount(pet);
  const data = pet.data.map((a, i) => a * (found.factors[Math.floor(i / n)] as number));
  return { value: { ...pet, data }, metadata: found.metadata, note: found.note };
}

/** The same of regional curves. @throws DataError as imageCorrectedAsStated */
export function curvesCorrectedAsStated(tacs: Tacs, metadata: Metadata, file: string): CorrectedAsStated<Tacs> {
  const found = statedFactors(tacs.frames, tacs.unit, metadata, file);
  if (!found) return { value: tacs, metadata };
  const regions = tacs.regions.map((region) => ({
    ...region,
    values: region.values.map((a, t) => a * (found.factors[t] as number)),
  }));
  return { value: { ...tacs, regions }, metadata: found.metadata, note: found.note };
}

function statedFactors(
  frames: readonly Frame[] | undefined,
  unit: string,
  metadata: Metadata,
  file: string,
): { readonly factors: readonly number[]; readonly metadata: Metadata; readonly note: string } | undefined {
  if (metadata.ImageDecayCorrected !== false) return undefined;
  const nuclide = metadata.TracerRadionuclide;
  const lacking = [
    ...(unit === "Bq/mL" ? [] : [`activity (its unit is ${unit}${unit === "{count}/mm" ? ": not calibrated" : ""})`]),
    ...(typeof nuclide === "string" && nuclide !== "" ? [] : ["TracerRadionuclide"]),
    ...(frames?.every(({ duration }) => duration > 0) ? [] : ["FrameTimesStart and FrameDuration"]),
  ];
  if (lacking.length > 0 || !frames) {
    throw new DataError("not-decay-corrected", "it is stated not to be corrected for decay, and cannot be corrected", {
      file,
      expected:
        "ImageDecayCorrected true; or Units Bq/mL, TracerRadionuclide, FrameTimesStart and FrameDuration stated",
      found: `ImageDecayCorrected false without ${lacking.join(", ")}`,
    });
  }
  const radionuclide = radionuclideOf(nuclide, file);
  const factors = decayFactors(frames, { radionuclide, to: timeZero, state: "none" });
  return {
    factors,
    metadata: {
      ...metadata,
      ImageDecayCorrected: true,
      ImageDecayCorrectionTime: timeZero,
      DecayCorrectionFactor: [...factors],
    },
    note: `stored without correction for decay: the mean of each frame corrected for ${radionuclide} to TimeZero`,
  };
}
