import { DataError, halfLives, type Radionuclide, type Seconds } from "@quintet/core";

/** What the dose calibrator said of a phantom. */
export interface CalibratorReading {
  readonly radionuclide: Radionuclide;
  /** Bq in the syringe before the phantom was filled, and when. */
  readonly activity: number;
  readonly at: Seconds;
  /** Bq left in the syringe afterwards, and when; 0 if all went in. */
  readonly residual: number;
  readonly residualAt: Seconds;
  /** mL. */
  readonly volume: number;
  /** Standard errors as shares: of the calibrator's readings (one instrument: common to both) and of the volume. */
  readonly activityError: number;
  readonly volumeError: number;
}

export interface CrossCalibration {
  /** What the calibrator says is in the phantom at the image's reference time, Bq/mL, with its standard error. */
  readonly expected: number;
  readonly expectedError: number;
  /** expected / measured: what the image must be multiplied by. */
  readonly factor: number;
  readonly standardError: number;
}

/**
 * The dose calibrator against the scanner, with a phantom that both have measured:
 *
 *   expected = (A exp(-lambda (T - t_A)) - A_r exp(-lambda (T - t_r))) / V,   factor = expected / measured
 *
 * The errors of calibrator and volume are common to every voxel: they add in squares to that of the image's mean and do not
 * fall with more voxels.
 *
 * @param measured mean of the image inside, Bq/mL, with its standard error (of uniformity)
 * @param reference T, the time to which the image is corrected for decay, on the clock of the readings
 * @throws DataError `not-positive`, `not-finite`
 */
export function crossCalibration(
  measured: { readonly value: number; readonly error: number },
  reading: CalibratorReading,
  reference: Seconds,
): CrossCalibration {
  const { radionuclide, activity, at, residual, residualAt, volume, activityError, volumeError } = reading;
  const halfLife = halfLives[radionuclide];
  refuseUnless(
    "not-positive",
    { "the image's mean": measured.value, activity, volume, "the half-life": halfLife },
    (x) => x > 0,
  );
  const errors = { "residual activity": residual, "the image's error": measured.error, activityError, volumeError };
  refuseUnless("not-positive", errors, (x) => x >= 0);
  refuseUnless("not-finite", { at, residualAt, reference }, Number.isFinite);
  const lambda = Math.LN2 / halfLife;
  const inside =
    activity * Math.exp(-lambda * (reference - at)) - residual * Math.exp(-lambda * (reference - residualAt));
  refuseUnless("not-positive", { "activity less what stayed in the syringe": inside }, (x) => x > 0);
  const expected = inside / volume;
  const expectedError = expected * Math.hypot(activityError, volumeError);
  const factor = expected / measured.value;
  return {
    expected,
    expectedError,
    factor,
    standardError: factor * Math.hypot(expectedError / expected, measured.error / measured.value),
  };
}

function refuseUnless(
  code: "not-positive" | "not-finite",
  values: Readonly<Record<string, number>>,
  good: (x: number) => boolean,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (good(value) && Math.abs(value) < Number.POSITIVE_INFINITY) continue;
    throw new DataError(code, `cross-calibration: ${name} cannot be`, { found: `${value}` });
  }
}
