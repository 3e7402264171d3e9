/** What turns a DICOM PET series into SUV, from its own tags; refused, never guessed, where one is missing or two disagree. */
import { DataError, halfLives, type Quantity, type Seconds } from "@quintet/core";
import { netActivity } from "./net-activity.ts";
import { dicomRadiopharmaceutical } from "./radiopharmaceutical.ts";
import { scanTimes } from "./scan-times.ts";
import type { DicomDataset } from "./tags.ts";
import { dicomText, dicomTexts, numbersOf, privateElement } from "./values.ts";

export interface DicomSuv {
  /** By which each time frame's values (rescaled) become SUV by body weight, g/mL. In the series' order of frames. */
  readonly factors: readonly number[];
  /** BQML, GML or CNTS. */
  readonly units: string;
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

const philips = "Philips PET Private Group";

/**
 * SUV factors of a PET series.
 *
 *   BQML: SUV = C W / (A exp(-lambda (T - t)))     DecayCorrection START: T the scan's start; ADMIN: T = t
 *         SUV = C W / (A exp(-lambda (s - t))) lambda d / (1 - exp(-lambda d))     NONE: each frame of start s, duration d
 *   CNTS: Philips: SUV = C (7053,xx00), else C (7053,xx09) is Bq/mL
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
  const scale = units === "CNTS" ? countScale(first) : 1;
  if (units !== "BQML" && units !== "CNTS") {
    throw new DataError("unknown-unit", "SUV needs activity concentration, or counts with their factor", {
      file,
      expected: "BQML, CNTS or GML",
      found: units || "no Units",
    });
  }
  if (typeof scale !== "number") return { factors: one(scale.suv), units, notes: ["Philips' own SUV factor"] };
  return fromActivity(images, first, units, scale);
}

/** Philips' factor from counts to SUV, or else to Bq/mL. */
function countScale(dataset: DicomDataset): number | { readonly suv: number } {
  const private_ = (element: number): number | undefined => {
    const [value] = numbersOf(dataset, privateElement(dataset, 0x7053, philips, element), "DS");
    return value !== undefined && value > 0 ? value : undefined;
  };
  const suv = private_(0x00);
  if (suv !== undefined) return { suv };
  const activity = private_(0x09);
  if (activity !== undefined) return activity;
  throw new DataError("unknown-unit", "counts become SUV only by the scanner's own factor", {
    file: dataset.file,
    expected: `(7053,xx00) or (7053,xx09) of ${philips}`,
    found: "neither",
  });
}

function fromActivity(images: readonly DicomDataset[], first: DicomDataset, units: string, scale: number): DicomSuv {
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
  const grams = 1000 * weight.value * scale;
  const { correction } = times;
  const factors = times.frames.map(({ start, duration }) => {
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
