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
export function radionuclideOf(text: unknown, file?: string): Radionuclide {
  const plain = typeof text === "string" ? text.replaceAll(/[\s^[\]-]/g, "") : "";
  const match = plain.match(/^(?:(\d+m?)([a-z]+)|([a-z]+?)(\d+m?))$/i);
  const element = (match?.[2] ?? match?.[3] ?? "").toLowerCase();
  const mass = match?.[1] ?? match?.[4] ?? "";
  const name = `${elements[element] ?? element}${mass}`.toLowerCase();
  const found = (Object.keys(halfLives) as Radionuclide[]).find((key) => key.toLowerCase() === name);
  if (!found)
    throw new DataError("unknown-radionuclide", "the tracer's radionuclide is not known", {
      ...(file === undefined ? {} : { file }),
      expected: `${Object.keys(halfLives).join(", ")}: a line like "TracerRadionuclide": "F18"`,
      found: text === undefined ? "none stated" : String(text),
    });
  return found;
}

/** Lines as they stand in a side file, for whoever has to add one. */
const examples = {
  InjectedRadioactivity: `"InjectedRadioactivity": 370`,
  InjectedRadioactivityUnits: `"InjectedRadioactivityUnits": "MBq"`,
  InjectionStart: `"InjectionStart": 0 (s, before the scan negative where time zero is its start)`,
  ImageDecayCorrected: `"ImageDecayCorrected": true`,
  ImageDecayCorrectionTime: `"ImageDecayCorrectionTime": 0 (s)`,
  PatientWeight: `"PatientWeight": 72 (kg)`,
} as const;

/** Two statements of a half-life or nuclide of one tracer agree within this; tables differ by some thousandths. */
const halfLifeTolerance = 0.01;

/**
 * The injection as a PET-BIDS sidecar and participants.tsv state it; refused, never guessed, when a field is missing or
 * two places disagree. All times of the sidecar count in seconds from TimeZero, which is zero of the image's clock.
 *
 * Fields: TracerRadionuclide (with RadionuclideHalfLife where it is stated), InjectedRadioactivity with
 * InjectedRadioactivityUnits, InjectionStart, ImageDecayCorrected, ImageDecayCorrectionTime; weight from participants.tsv (kg) or
 * PatientWeight (kg; also read as BodyWeight). BIDS has no field of weight in a sidecar: PatientWeight is DICOM's name and dcm2niix's.
 *
 * @param file of the sidecar, for messages
 * @throws DataError `unknown-radionuclide`, `missing-weight`, `missing-dose`, `missing-injection-time`,
 *   `missing-decay-reference`, `not-decay-corrected`, `disagreement`
 */
export function injectionFrom(metadata: Metadata, participant: Participant, file?: string): Injection {
  const where = file === undefined ? {} : { file };
  const radionuclide = radionuclideOf(metadata.TracerRadionuclide, file);
  checkHalfLife(radionuclide, metadata.RadionuclideHalfLife, where);
  const kilograms = weightOf(metadata, participant, where);
  const unit = metadata.InjectedRadioactivityUnits;
  if (typeof unit !== "string" || unit === "") throw missing("missing-dose", "InjectedRadioactivityUnits", unit, where);
  const activity = { value: numberOf(metadata, "InjectedRadioactivity", "missing-dose", where), unit };
  if (metadata.ImageDecayCorrected !== true)
    throw new DataError("not-decay-corrected", "SUV needs an image corrected for decay", {
      ...where,
      expected: examples.ImageDecayCorrected,
      found: JSON.stringify(metadata.ImageDecayCorrected) ?? "nothing",
    });
  return {
    radionuclide,
    weight: { value: kilograms, unit: "kg" },
    activity,
    activityTime: numberOf(metadata, "InjectionStart", "missing-injection-time", where),
    decayReference: numberOf(metadata, "ImageDecayCorrectionTime", "missing-decay-reference", where),
  };
}

type Where = { readonly file?: string };

function missing(code: string, field: keyof typeof examples, value: unknown, where: Where): DataError {
  return new DataError(code, `SUV needs ${field}`, {
    ...where,
    expected: `a line like ${examples[field]}`,
    found: JSON.stringify(value) ?? "nothing",
  });
}

function numberOf(metadata: Metadata, field: keyof typeof examples, code: string, where: Where): number {
  const value = metadata[field];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw missing(code, field, value, where);
}

function checkHalfLife(radionuclide: Radionuclide, stated: unknown, where: Where): void {
  if (typeof stated !== "number") return;
  const known = halfLives[radionuclide];
  if (Math.abs(stated / known - 1) <= halfLifeTolerance) return;
  throw new DataError("disagreement", "half-life and radionuclide disagree", {
    ...where,
    expected: `${known} s of ${radionuclide}`,
    found: `RadionuclideHalfLife ${stated} s`,
  });
}

/** Weights in a sidecar by the names that writers use, in kg. */
export function statedWeights(metadata: Metadata): readonly { readonly field: string; readonly kilograms: number }[] {
  return ["PatientWeight", "BodyWeight"].flatMap((field) => {
    const value = metadata[field];
    return typeof value === "number" && value > 0 ? [{ field, kilograms: value }] : [];
  });
}

/** Scales show whole or half kilograms. */
export const weightTolerance = 0.5;

function weightOf(metadata: Metadata, { weight }: Participant, where: Where): number {
  const said = [
    ...(weight === undefined ? [] : [{ field: "participants.tsv", kilograms: weight }]),
    ...statedWeights(metadata),
  ];
  const [first, ...more] = said;
  if (first === undefined)
    throw new DataError("missing-weight", "SUV needs the body weight", {
      ...where,
      expected: `the column weight (kg) of participants.tsv, or a line like ${examples.PatientWeight}`,
      found: "nothing",
    });
  for (const other of more) {
    if (Math.abs(other.kilograms - first.kilograms) <= weightTolerance) continue;
    throw new DataError("disagreement", "two body weights are stated", {
      ...where,
      expected: `${first.kilograms} kg of ${first.field}`,
      found: `${other.kilograms} kg of ${other.field}`,
    });
  }
  return first.kilograms;
}
