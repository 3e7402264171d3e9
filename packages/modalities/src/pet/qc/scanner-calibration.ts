import { DataError, type Frame, type Seconds } from "@quintet/core";
import { decayConstant, frameMeanFactor } from "@quintet/kernels";
import { type Calibration, calibrationFrom, positronFraction } from "../correct/calibration.ts";
import { type CalibratorReading, crossCalibration } from "./cross-calibration.ts";

export interface ScannerCalibration extends Calibration {
  /** What the dose calibrator says is in the phantom at the frame's start (or where the image is corrected to), Bq/mL. */
  readonly expected: number;
  readonly expectedError: number;
  readonly duration: Seconds;
  readonly branching: number;
}

/**
 * The factor that turns a reconstruction's counts per mm of line into activity, from a phantom that the dose calibrator has measured:
 *
 *   factor = C d b / x,   C = (A exp(-lambda (T - t_A)) - A_r exp(-lambda (T - t_r))) / V,
 *   x = mean lambda d / (1 - exp(-lambda d)) at T = start of the frame, or the mean itself of an image corrected to T
 *
 * with d the frame's duration and b the positrons a decay: the factor is that of a pure positron emitter, so that `calibrated` takes it
 * for any radionuclide.
 *
 * @param measured mean of the image inside, counts per mm of line, with its standard error
 * @param frame of the image, on the clock of the readings
 * @param corrected the time to which the image is corrected for decay; absent: it is not
 * @throws DataError `missing-frame-times`, those of crossCalibration, positronFraction
 */
export function scannerCalibration(
  measured: { readonly value: number; readonly error: number },
  reading: CalibratorReading,
  frame: Frame,
  corrected?: Seconds,
): ScannerCalibration {
  const { start, duration } = frame;
  if (!(duration > 0)) {
    throw new DataError("missing-frame-times", "a calibration needs to know how long the phantom was measured", {
      expected: "a duration above 0 s",
      found: `${duration} s`,
    });
  }
  const scale = corrected === undefined ? frameMeanFactor(decayConstant(reading.radionuclide), frame) : 1;
  const mean = { value: measured.value * scale, error: measured.error * scale };
  const { expected, expectedError } = crossCalibration(mean, reading, corrected ?? start);
  const branching = positronFraction(reading.radionuclide);
  const found = calibrationFrom(mean, { value: expected, error: expectedError }, { duration, branching });
  return { ...found, expected, expectedError, duration, branching };
}
