/** From counts to activity: unit, calibration and decay of a reconstruction, decided before it begins and told in its side file. */
import { DataError, type Frame, type Metadata, type Radionuclide, type Seconds, type Volume } from "@quintet/core";
import { calibrated, decayCorrect, decayFactors, positronFraction } from "@quintet/modalities/pet";
import type { RawScan } from "./raw-scan.ts";
import { type TracerOptions, tracerFacts } from "./tracer-facts.ts";

/** To the start of the scan (DICOM's START), to the injection (ADMIN), or not at all (NONE). */
export const decayTimes = ["start", "injection", "none"] as const;
export type DecayTime = (typeof decayTimes)[number];

export interface ActivityOptions extends TracerOptions {
  /** Bq/mL for one unit of image a second, of a pure positron emitter: the image is written in Bq/mL. */
  readonly calibration?: number;
  /** Default start with a calibration, none without. */
  readonly decayTo?: DecayTime;
}

export interface ActivityPlan {
  readonly calibration?: { readonly factor: number; readonly branching: number };
  readonly decay?: { readonly radionuclide: Radionuclide; readonly time: Seconds; readonly to: DecayTime };
  /** Where the scan's own clock is 0, seconds from TimeZero. */
  readonly scanStart: Seconds;
  readonly fields: Metadata;
}

/**
 * What will be done, refused before any work where something that it needs is not known.
 *
 * @throws DataError `missing-radionuclide`, `missing-injection-time`, `missing-frame-times`, `no-positrons`, those of tracerFacts
 */
export async function activityPlan(
  raw: string,
  { stated, jobs }: Pick<RawScan, "stated" | "jobs">,
  options: ActivityOptions,
): Promise<ActivityPlan> {
  const { calibration: factor } = options;
  const to = options.decayTo ?? (factor === undefined ? "none" : "start");
  const { radionuclide, injection, scanStart, fields } = await tracerFacts(raw, stated, options);
  const plain = { scanStart, fields };
  if (factor === undefined && to === "none") return plain;
  if (radionuclide === undefined) {
    throw new DataError("missing-radionuclide", "counts become activity by the radionuclide's decay", {
      file: raw,
      expected: "--radionuclide F18, TracerRadionuclide in --about, or a header that names it",
      found: typeof fields.TracerRadionuclide === "string" ? fields.TracerRadionuclide : "none stated",
    });
  }
  const untimed = jobs.find(({ frame }) => !(frame.duration > 0));
  if (untimed) {
    throw new DataError("missing-frame-times", "activity needs to know how long was measured", {
      file: raw,
      expected: "image duration (sec) in the header",
      found: `${untimed.frame.duration} s`,
    });
  }
  const branching = positronFraction(radionuclide);
  const calibration = factor === undefined ? undefined : { factor, branching };
  const time = to === "start" ? scanStart : injection;
  if (to === "injection" && time === undefined) {
    throw new DataError("missing-injection-time", "decay is to be corrected to the injection", {
      file: raw,
      expected: "--injection SECONDS after the scan's start, or InjectionStart and ScanStart in --about",
      found: "nothing",
    });
  }
  return {
    ...plain,
    ...(calibration ? { calibration } : {}),
    ...(to === "none" || time === undefined ? {} : { decay: { radionuclide, time, to } }),
  };
}

/** The reconstructed frames (counts per mm of line, on the scan's clock) as planned, on the side file's clock. */
export function inActivity(
  counts: Volume<"1">,
  { calibration, decay, scanStart }: ActivityPlan,
): Volume<"Bq/mL" | "{count}/mm"> {
  const frames = onTimeZero(counts.frames, scanStart);
  const image: Volume<"Bq/mL" | "{count}/mm"> = calibration
    ? { ...calibrated(counts, calibration, calibration), frames }
    : { ...counts, unit: "{count}/mm", frames };
  if (!decay) return image;
  return decayCorrect(image, { radionuclide: decay.radionuclide, to: decay.time, state: "none" });
}

/** BIDS-PET's fields of unit, tracer, times and decay. */
export function activityFields(frames: readonly Frame[], { calibration, decay, fields }: ActivityPlan): Metadata {
  return {
    ...fields,
    Units: calibration ? "Bq/mL" : "counts/mm",
    FrameTimesStart: frames.map(({ start }) => start),
    FrameDuration: frames.map(({ duration }) => duration),
    ImageDecayCorrected: decay !== undefined,
    ...(decay
      ? {
          ImageDecayCorrectionTime: decay.time,
          DecayCorrectionFactor: [
            ...decayFactors(frames, { radionuclide: decay.radionuclide, to: decay.time, state: "none" }),
          ],
        }
      : {}),
    ...(calibration
      ? { DoseCalibrationFactor: calibration.factor, RadionuclidePositronFraction: calibration.branching }
      : {}),
  };
}

export function onTimeZero(frames: readonly Frame[], scanStart: Seconds): readonly Frame[] {
  return frames.map(({ start, duration }) => ({ start: start + scanStart, duration }));
}
