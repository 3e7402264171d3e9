/** What turns a DICOM PET series into SUV, from its own tags; refused, never guessed, where one is missing or two disagree. */
import { DataError, halfLives, type Quantity, type Seconds } from "@quintet/core";
import { type CountScale, countScales } from "./count-scale.ts";
import { netActivity } from "./net-activity.ts";
import { dicomRadiopharmaceutical } from "./radiopharmaceutical.ts";
import { scanTimes } from "./scan-times.ts";
import type { DicomDataset } from "./tags.ts";
import { dicomText, dicomTexts } from "./values.ts";

export interface DicomSuv {
  /** By which each time frame's values (rescaled) become SUV by body weight, g/mL. In the series' order of frames. */
  readonly factors: readonly number[];
  /** BQML, GML or CNTS. */
  readonly units: string;
  /** Of counts: the scanner's factor that these factors hold already. */
  readonly counts?: CountScale;
  readonly weight?: Quantity<"kg">;
  /** Net activity at `administeredAt`. */
  readonly activity?: Quantity<"Bq">;
  readonly halfLife?: Seconds;
  /** ISO 8601 without zone. */
  readonly administeredAt?: string;
  /** To which the image is corrected for decay; absent where it is not. */
  readonly decayReference?: string;
  /** What was assumed or found out on the way, for people. */
  readonly notes: readonly string[];
}

/** Clocks of dose calibrator and scanner stand minutes apart: 5 min of F-18 are 3.1 %. */
const ownFactorTolerance = 0.03;

/**
 * SUV factors of a PET series.
 *
 *   BQML: SUV = C W / (A exp(-lambda (T - t)))     DecayCorrection START: T the scan's start; ADMIN: T = t
 *         SUV = C W / (A exp(-lambda (s - t))) lambda d / (1 - exp(-lambda d))     NONE: each frame of start s, duration d
 *   CNTS: Philips: C (7053,xx09) is Bq/mL, then as BQML; without it, or where weight, dose or times are missing, SUV = C (7053,xx00).
 *         Where both can be had they must agree within 3 %
 *   GML:  SUV = C, when the SUV type is body weight or not stated
 *
 * W body weight in g, A the net activity in Bq at t (residual in the syringe taken off where the file gives it), C the value
 * after rescaling.
 *
 * @param images one dataset for each time frame, in any order (a file of each will do)
 * @throws DataError `missing-weight`, `missing-dose`, `missing-injection-time`, `missing-decay-reference`, `missing-half-life`,
 *   `missing-frame-duration`, `unknown-unit`, `not-decay-corrected`, `not-attenuation-corrected`, `implausible-dose`,
 *   `implausible-weight`, `disagreement`, `bad-dicom`
 * @see QIBA FDG-PET/CT profile, vendor-neutral SUV pseudo-code (happy path and robust versions)
 */
export function dicomSuv(images: readonly DicomDataset[]): DicomSuv {
  const [first] = images;
  if (first === undefined) throw new DataError("no-images", "SUV needs an image", {});
  const { file } = first;
  const units = dicomText(first, "Units") ?? "";
  const one = <T>(factors: T): readonly T[] => images.map(() => factors);
  if (units === "GML") {
    const type = dicomText(first, "SUVType");
    if (type !== undefined && type !== "BW") {
      throw new DataError("unknown-unit", "this SUV is not by body weight", {
        file,
        expected: "SUVType BW",
        found: type,
      });
    }
    const notes = type === undefined ? ["the SUV type is not stated: body weight is the standard's default"] : [];
    return { factors: one(1), units, notes };
  }
  if (units === "BQML") return fromActivity(images, first, units, one(1));
  if (units === "CNTS") return fromCounts(images, first);
  throw new DataError("unknown-unit", "SUV needs activity concentration, or counts with their factor", {
    file,
    expected: "BQML, CNTS or GML",
    found: units || "no Units",
  });
}

function fromCounts(images: readonly DicomDataset[], first: DicomDataset): DicomSuv {
  const { activity, suv } = countScales(images);
  const own = suv && { factors: suv.factors, units: "CNTS", counts: suv, notes: [`SUV by the ${suv.name}`] };
  if (activity === undefined) return own as NonNullable<typeof own>;
  let made: DicomSuv;
  try {
    made = { ...fromActivity(images, first, "CNTS", activity.factors), counts: activity };
  } catch (cause) {
    if (own === undefined || !(cause instanceof DataError && cause.code.startsWith("missing-"))) throw cause;
    return { ...own, notes: [...own.notes, `by weight and dose there is none: ${cause.message}`] };
  }
  for (const [i, factor] of (suv?.factors ?? []).entries()) {
    const byWeight = made.factors[i] as number;
    if (Math.abs(factor / byWeight - 1) <= ownFactorTolerance) continue;
    throw new DataError("disagreement", "the scanner's own SUV factor and SUV by weight and dose disagree", {
      file: images[i]?.file ?? first.file,
      expected: `${byWeight.toPrecision(5)} g/mL a count by weight, dose and times`,
      found: `${factor} by the ${suv?.name}`,
    });
  }
  return { ...made, notes: [`activity by the ${activity.name}`, ...made.notes] };
}

/** @param scale from the values of each frame to Bq/mL */
function fromActivity(
  images: readonly DicomDataset[],
  first: DicomDataset,
  units: string,
  scale: readonly number[],
): DicomSuv {
  const { file } = first;
  const told = dicomRadiopharmaceutical(first);
  const refuse = (code: string, message: string, found = "nothing"): never => {
    throw new DataError(code, message, { file, found });
  };
  const weight = told.weight ?? refuse("missing-weight", "SUV needs the body weight");
  if (!(weight.value >= 0.5 && weight.value <= 650))
    refuse("implausible-weight", "no human weighs that", `${weight.value} kg`);
  const halfLife = halfLifeOf(told.halfLife, told.radionuclide, file);
  corrections(first);
  const times = scanTimes(images, halfLife);
  const dose = netActivity(first, told, times, halfLife);
  const lambda = Math.LN2 / halfLife;
  const { correction } = times;
  const factors = times.frames.map(({ start, duration }, i) => {
    const grams = 1000 * weight.value * (scale[i] as number);
    if (correction !== "NONE") return grams / (dose.activity * Math.exp(-lambda * (times.reference as number)));
    if (duration === undefined)
      refuse("missing-frame-duration", "an image not corrected for decay needs ActualFrameDuration");
    const turn = lambda * (duration as number);
    return (grams * turn) / -Math.expm1(-turn) / (dose.activity * Math.exp(-lambda * start));
  });
  return {
    factors,
    units,
    weight,
    activity: { value: dose.activity, unit: "Bq" },
    halfLife,
    administeredAt: times.administeredAt,
    ...(correction === "NONE" ? {} : { decayReference: times.decayReference as string }),
    notes: [...times.notes, ...dose.notes],
  };
}

/** The stated half-life; refused where it is not that of the nuclide named. */
function halfLifeOf(stated: Seconds | undefined, nuclide: string | undefined, file: string): Seconds {
  if (stated === undefined)
    throw new DataError("missing-half-life", "SUV needs the half-life", { file, found: "nothing" });
  const letters: Readonly<Record<string, string>> = {
    fluorine: "F",
    carbon: "C",
    oxygen: "O",
    nitrogen: "N",
    gallium: "Ga",
  };
  const mass = nuclide?.match(/\d+/)?.[0];
  const element = nuclide?.replaceAll(/[^a-z]/gi, "").toLowerCase() ?? "";
  const name = `${letters[element] ?? element}${mass ?? ""}`.toLowerCase();
  const known = Object.entries(halfLives).find(([key]) => key.toLowerCase() === name)?.[1];
  if (known !== undefined && Math.abs(stated / known - 1) > 0.01) {
    throw new DataError("disagreement", "half-life and radionuclide disagree", {
      file,
      expected: `${known} s of ${nuclide}`,
      found: `${stated} s`,
    });
  }
  return stated;
}

/** CorrectedImage names what was done to the image: SUV without attenuation correction is none. */
function corrections(dataset: DicomDataset): void {
  const done = dicomTexts(dataset, "CorrectedImage");
  if (done.length > 0 && !done.includes("ATTN")) {
    throw new DataError("not-attenuation-corrected", "SUV needs an image corrected for attenuation", {
      file: dataset.file,
      expected: "ATTN among the corrections",
      found: done.join(", "),
    });
  }
  const decay = dicomText(dataset, "DecayCorrection");
  const says = done.includes("DECY");
  if (done.length > 0 && decay !== undefined && says !== (decay !== "NONE")) {
    throw new DataError("disagreement", "CorrectedImage and DecayCorrection disagree", {
      file: dataset.file,
      expected: says ? "DecayCorrection START or ADMIN" : "DECY among the corrections",
      found: `${done.join(", ")}; ${decay}`,
    });
  }
}
