import { DataError, halfLives, type Metadata, type Participant, type Radionuclide } from "@quintet/core";
import type { Injection } from "./suv.ts";

/** Sidecar spellings: BIDS "F18" and "18F", DICOM "^18^Fluorine", "FLUORINE18" and "[18F]". */
const elements: Readonly<Record<string, string>> = {
  fluorine: "F",
  carbon: "C",
  oxygen: "O",
  nitrogen: "N",
  gallium: "Ga",
  technetium: "Tc",
  iodine: "I",
};

/** Reads a radionuclide's name in any of the usual spellings. @throws DataError `unknown-radionuclide` */
export function radionuclideOf(text: unknown): Radionuclide {
  const plain = typeof text === "string" ? text.replaceAll(/[\s^[\]-]/g, "") : "";
  const match = plain.match(/^(?:(\d+m?)([a-z]+)|([a-z]+?)(\d+m?))$/i);
  const element = (match?.[2] ?? match?.[3] ?? "").toLowerCase();
  const mass = match?.[1] ?? match?.[4] ?? "";
  const name = `${elements[element] ?? element}${mass}`.toLowerCase();
  const found = (Object.keys(halfLives) as Radionuclide[]).find((key) => key.toLowerCase() === name);
  if (!found)
    throw new DataError("unknown-radionuclide", "the tracer's radionuclide is not known", {
      expected: Object.keys(halfLives).join(", "),
      found: text === undefined ? "none stated" : String(text),
    });
  return found;
}

/**
 * The injection as a PET-BIDS sidecar and participants.tsv state it; refused, never guessed, when a field is missing or
 * two places disagree. All times of the sidecar count in seconds from TimeZero, which is zero of the image's clock.
 *
 * Fields: TracerRadionuclide, InjectedRadioactivity with InjectedRadioactivityUnits, InjectionStart,
 * ImageDecayCorrected, ImageDecayCorrectionTime; weight from participants.tsv (kg) or PatientWeight (kg).
 *
 * @throws DataError `unknown-radionuclide`, `missing-weight`, `missing-dose`, `missing-injection-time`,
 *   `missing-decay-reference`, `not-decay-corrected`, `disagreement`
 */
export function injectionFrom(metadata: Metadata, participant: Participant, file?: string): Injection {
  const where = file === undefined ? {} : { file };
  const number = (field: string, code: string): number => {
    const value = metadata[field];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new DataError(code, `SUV needs ${field}`, { ...where, found: JSON.stringify(value) ?? "nothing" });
  };
  const radionuclide = radionuclideOf(metadata.TracerRadionuclide);
  const kilograms = weightOf(metadata, participant, where);
  const unit = metadata.InjectedRadioactivityUnits;
  if (typeof unit !== "string" || unit === "")
    throw new DataError("missing-dose", "SUV needs InjectedRadioactivityUnits", {
      ...where,
      found: JSON.stringify(unit) ?? "nothing",
    });
  const activity = { value: number("InjectedRadioactivity", "missing-dose"), unit };
  if (metadata.ImageDecayCorrected !== true)
    throw new DataError("not-decay-corrected", "SUV needs an image corrected for decay", {
      ...where,
      expected: "ImageDecayCorrected true",
      found: JSON.stringify(metadata.ImageDecayCorrected) ?? "nothing",
    });
  return {
    radionuclide,
    weight: { value: kilograms, unit: "kg" },
    activity,
    activityTime: number("InjectionStart", "missing-injection-time"),
    decayReference: number("ImageDecayCorrectionTime", "missing-decay-reference"),
  };
}

function weightOf(metadata: Metadata, { weight }: Participant, where: { file?: string }): number {
  const stated = metadata.PatientWeight;
  const inSidecar = typeof stated === "number" && stated > 0 ? stated : undefined;
  if (weight !== undefined && inSidecar !== undefined && Math.abs(weight - inSidecar) > 0.5)
    throw new DataError("disagreement", "two body weights are stated", {
      ...where,
      expected: `${weight} kg of participants.tsv`,
      found: `${inSidecar} kg of the sidecar`,
    });
  const found = weight ?? inSidecar;
  if (found === undefined)
    throw new DataError("missing-weight", "SUV needs the body weight", { ...where, found: "nothing" });
  return found;
}
