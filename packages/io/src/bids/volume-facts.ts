/** What a side file knows of an image and NIfTI cannot hold: the unit of its voxels and frames of unequal length. */
import { DataError, type Frame, type Metadata, type Volume, type VoxelUnit } from "@quintet/core";
import { numberField, numbersField, textField } from "./json.ts";
import { quoted } from "./text.ts";

/** Unit and factor of texts that side files use, in lower case without blanks. */
const units: Readonly<Record<string, readonly [unit: VoxelUnit, factor: number]>> = {
  "bq/ml": ["Bq/mL", 1],
  bqml: ["Bq/mL", 1],
  "bq/cc": ["Bq/mL", 1],
  "kbq/ml": ["Bq/mL", 1e3],
  "kbq/cc": ["Bq/mL", 1e3],
  "mbq/ml": ["Bq/mL", 1e6],
  "nci/ml": ["Bq/mL", 37],
  "nci/cc": ["Bq/mL", 37],
  "g/ml": ["g/mL", 1],
  gml: ["g/mL", 1],
  suv: ["g/mL", 1],
  counts: ["{count}", 1],
  cnts: ["{count}", 1],
  "counts/mm": ["{count}/mm", 1],
  unitless: ["1", 1],
  "1/min": ["1/min", 1],
  "ml/cm3": ["mL/cm3", 1],
  "ml/cm3/min": ["mL/cm3/min", 1],
};

/**
 * The image with unit and frames of its side file: values x factor of `Units` (kBq/mL becomes Bq/mL), frames of
 * FrameTimesStart and FrameDuration (seconds from TimeZero), ScanStart and ScanDuration for a static image.
 * A side file without these leaves the image as it is.
 *
 * @throws DataError `unknown-units`, `frame-count`, `bad-frames` (they run backwards, overlap, or last less than no time)
 */
export function withSidecar(volume: Volume, metadata: Metadata, file: string): Volume {
  const text = textField(metadata, "Units");
  const known = text === undefined ? undefined : units[text.toLowerCase().replaceAll(" ", "")];
  const silent = text === undefined || /^(n\/a|none|arbitrary|a\.?u\.?|\{arbitrary\})$/i.test(text);
  if (known === undefined && !silent) {
    throw new DataError("unknown-units", "unit of the voxels", {
      file,
      expected: "Bq/mL, kBq/mL, g/mL, counts ...",
      found: quoted(text),
    });
  }
  const [unit, factor] = known ?? [volume.unit, 1];
  const data = factor === 1 ? volume.data : volume.data.map((value) => value * factor);
  return { ...volume, unit, data, frames: framesOf(volume, metadata, file) };
}

function framesOf({ frames }: Volume, metadata: Metadata, file: string): readonly Frame[] {
  const [starts, lengths] = [numbersField(metadata, "FrameTimesStart"), numbersField(metadata, "FrameDuration")];
  if (starts === undefined || lengths === undefined) {
    const [start, length] = [numberField(metadata, "ScanStart"), numberField(metadata, "ScanDuration")];
    return frames.length === 1 && start !== undefined && length !== undefined ? [{ start, duration: length }] : frames;
  }
  if (starts.length !== frames.length || lengths.length !== frames.length) {
    throw new DataError("frame-count", "image and side file must have the same frames", {
      file,
      expected: `${starts.length} starts and ${lengths.length} durations`,
      found: `${frames.length} frames`,
    });
  }
  const found = starts.map((start, i) => ({ start, duration: lengths[i] as number }));
  refuseBadFrames(found, file);
  return found;
}

/** Overlaps below this are rounding of whole seconds. */
const rounding = 1;

function refuseBadFrames(frames: readonly Frame[], file: string): void {
  for (const [i, { start, duration }] of frames.entries()) {
    const before = frames[i - 1];
    const end = before ? before.start + before.duration : Number.NEGATIVE_INFINITY;
    if (Number.isFinite(start) && duration >= 0 && Number.isFinite(duration) && start >= end - rounding) continue;
    throw new DataError("bad-frames", `frame ${i + 1} of the side file`, {
      file,
      expected: before
        ? `a start of ${end} s or later and a duration of 0 or more`
        : "a start and a duration of 0 or more",
      found: `${start} s for ${duration} s`,
    });
  }
}
