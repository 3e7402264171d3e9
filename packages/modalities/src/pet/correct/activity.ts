/** Units and decay: what must be right before any number of a PET image means something. */
import {
  DataError,
  type Frame,
  type Radionuclide,
  type Seconds,
  siFactor,
  type Volume,
  voxelCount,
} from "@quintet/core";
import { decayConstant, decayFactor, frameMeanFactor } from "@quintet/kernels";

/** How writers spell Bq/mL, next to an SI prefix: BIDS Bq/mL, DICOM BQML, ECAT and others Bq/cc. */
const spellings = ["Bq/mL", "Bq/ml", "BQML", "Bq/cc", "Bq/cm3"];

/**
 * Activity concentration in Bq/mL from the unit its file states.
 *
 *   A [Bq/mL] = factor * value,  factor 1e3 for kBq/mL, 1e6 for MBq/mL
 *
 * @param pet values as stored, shape [t][z][y][x]
 * @param stated the unit's spelling in the file or sidecar
 * @throws DataError `unknown-unit`
 */
export function toActivity(pet: Volume, stated: string): Volume<"Bq/mL"> {
  const factor = spellings.map((base) => siFactor(stated, base)).find((f) => f !== undefined);
  if (factor === undefined)
    throw new DataError("unknown-unit", "PET activity has a unit that is not understood", {
      expected: "Bq/mL with an optional SI prefix",
      found: stated === "" ? "no unit" : stated,
    });
  return { ...pet, unit: "Bq/mL", data: pet.data.map((a) => a * factor) };
}

/** To which time each frame's values are corrected now: not at all, to its own start, or to one time on the image's clock. */
export type DecayState = "none" | "frame-start" | Seconds;

/**
 * Corrects every frame for decay to one time.
 *
 *   A_i(T) = A_i lambda d_i / (1 - exp(-lambda d_i)) exp(lambda (s_i - T))      state "none": A_i is a frame mean
 *   A_i(T) = A_i exp(lambda (s_i - T))                                          state "frame-start"
 *   A_i(T) = A_i exp(lambda (T_0 - T))                                          already corrected to T_0
 *
 * with s_i, d_i the frame's start and duration. The frame-mean factor assumes that only decay changes the activity
 * during a frame.
 *
 * @param to T, seconds on the image's clock, e.g. the injection
 * @throws DataError `unknown-radionuclide`, `not-finite`, `not-positive`
 */
export function decayCorrect<U extends "Bq/mL" | "{count}" | "{count}/mm">(
  pet: Volume<U>,
  how: DecayCorrection,
): Volume<U> {
  const factors = decayFactors(pet.frames, how);
  const n = voxelCount(pet);
  const data = pet.data.map((a, i) => a * (factors[Math.floor(i / n)] as number));
  return { ...pet, data };
}

export interface DecayCorrection {
  readonly radionuclide: Radionuclide;
  readonly to: Seconds;
  readonly state: DecayState;
}

/** What decayCorrect multiplies each frame by. @throws DataError as decayCorrect */
export function decayFactors(
  frames: readonly Frame[],
  { radionuclide, to, state }: DecayCorrection,
): readonly number[] {
  const lambda = decayConstant(radionuclide);
  if (!Number.isFinite(to) || (typeof state === "number" && !Number.isFinite(state)))
    throw new DataError("not-finite", "the reference time of decay correction must be a time", {
      found: `${state} to ${to}`,
    });
  return frames.map((frame) => {
    if (typeof state === "number") return decayFactor(lambda, state, to);
    return (state === "none" ? frameMeanFactor(lambda, frame) : 1) * decayFactor(lambda, frame.start, to);
  });
}
