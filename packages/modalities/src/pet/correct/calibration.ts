import { DataError, type Radionuclide, type Seconds, type Volume } from "@quintet/core";

/** From what a reconstruction gives to activity: Bq/mL = factor * value / (seconds * branching). */
export interface Calibration {
  /** Bq/mL for one unit of image a second, of a radionuclide that decays by positrons only. */
  readonly factor: number;
  /** Standard error of the factor as a share of it. */
  readonly relativeError: number;
}

/** Positrons a decay. Source: NuDat 3 / ENSDF, as the half-lives (from the literature, not re-checked). */
const positrons: Partial<Readonly<Record<Radionuclide, number>>> = {
  F18: 0.9673,
  C11: 0.9977,
  N13: 0.998,
  O15: 0.999,
  Ga68: 0.8891,
};

/** The share of decays that a PET scanner can see: what `branching` is below. @throws DataError `no-positrons` */
export function positronFraction(radionuclide: Radionuclide): number {
  const found = positrons[radionuclide];
  if (found !== undefined) return found;
  throw new DataError("no-positrons", "a PET scan is of a radionuclide that decays by positrons", {
    expected: Object.keys(positrons).join(", "),
    found: radionuclide,
  });
}

/**
 * The factor from a scan of a uniform phantom of known activity:
 *
 *   factor = known [Bq/mL] * seconds * branching / mean of the image inside
 *
 * @param mean of the phantom's image, well inside, with its standard error (e.g. over slices)
 * @param known activity concentration during the scan, with its standard error
 * @param branching positrons a decay (positronFraction): 0.967 for F-18
 * @throws DataError `not-positive`
 */
export function calibrationFrom(
  mean: { readonly value: number; readonly error: number },
  known: { readonly value: number; readonly error: number },
  { duration, branching }: { readonly duration: Seconds; readonly branching: number },
): Calibration {
  refuse({ mean: mean.value, known: known.value, duration, branching });
  return {
    factor: (known.value * duration * branching) / mean.value,
    relativeError: Math.hypot(mean.error / mean.value, known.error / known.value),
  };
}

/**
 * Activity concentration of a reconstructed image, not corrected for decay (see decayCorrect).
 * @throws DataError `not-positive`
 */
export function calibrated(
  image: Volume<"1">,
  { factor }: Pick<Calibration, "factor">,
  { branching }: { readonly branching: number },
): Volume<"Bq/mL"> {
  const perFrame = image.frames.map(({ duration }) => {
    refuse({ factor, duration, branching });
    return factor / duration / branching;
  });
  const n = image.data.length / image.frames.length;
  return { ...image, unit: "Bq/mL", data: image.data.map((x, i) => x * (perFrame[Math.floor(i / n)] as number)) };
}

function refuse(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value > 0 && value < Number.POSITIVE_INFINITY) continue;
    throw new DataError("not-positive", `calibration needs a positive ${name}`, { found: `${value}` });
  }
}
