import { DataError, type Quantity, type Seconds } from "@quintet/core";
import type { DicomDataset } from "./tags.ts";
import { dicomItems, dicomNumber, dicomText } from "./values.ts";

/** What a PET or SPECT file says of tracer, injection and decay; a field the file lacks is absent, never guessed. */
export interface Radiopharmaceutical {
  readonly tracer?: string;
  /** As the code sequence names it, e.g. "^18^Fluorine" or "F-18". */
  readonly radionuclide?: string;
  /** Activity at the injection. */
  readonly dose?: Quantity<"Bq">;
  readonly halfLife?: Seconds;
  /** Injection as the file's own date and time, ISO 8601 without zone; only the time of day when no date is there. */
  readonly injectedAt?: string;
  /** Voxel unit as DICOM writes it: BQML, CNTS, GML ... */
  readonly units?: string;
  /** NONE, START (decayed to the scan's start) or ADMIN (to the injection). */
  readonly decayCorrection?: string;
  readonly weight?: Quantity<"kg">;
  readonly seriesStart?: string;
  readonly acquisitionStart?: string;
}

/**
 * Injection and decay from the tags of one image. The PET isotope module states the dose in Bq (PS3.3 C.8.9.2), the NM
 * one in MBq (C.8.4.10): both are Bq here.
 *
 * @throws DataError `bad-dicom` for a dose, half-life or weight that is negative or no number
 */
export function dicomRadiopharmaceutical(dataset: DicomDataset): Radiopharmaceutical {
  const injection = dicomItems(dataset, "RadiopharmaceuticalInformationSequence")[0];
  const named = injection ? (dicomItems(injection, "RadiopharmaceuticalCodeSequence")[0] ?? undefined) : undefined;
  const nuclide = injection ? dicomItems(injection, "RadionuclideCodeSequence")[0] : undefined;
  const seriesDate = dicomText(dataset, "SeriesDate");
  const positive = (value: number | undefined, what: string): number | undefined => {
    if (value !== undefined && !(value > 0)) {
      throw new DataError("bad-dicom", `${what} must be positive`, { file: dataset.file, found: `${value}` });
    }
    return value;
  };
  const dose = injection && positive(dicomNumber(injection, "RadionuclideTotalDose"), "the injected dose");
  const halfLife = injection && positive(dicomNumber(injection, "RadionuclideHalfLife"), "the half-life");
  const weight = positive(dicomNumber(dataset, "PatientWeight"), "the weight");
  const injectedAt =
    injection &&
    (isoOf(dicomText(injection, "RadiopharmaceuticalStartDateTime")) ??
      isoTime(undefined, dicomText(injection, "RadiopharmaceuticalStartTime")));
  return present({
    tracer: injection && (dicomText(injection, "Radiopharmaceutical") ?? (named && dicomText(named, "CodeMeaning"))),
    radionuclide: nuclide && (dicomText(nuclide, "CodeMeaning") ?? dicomText(nuclide, "CodeValue")),
    dose: dose === undefined ? undefined : ({ value: dose * doseUnit(dataset), unit: "Bq" } as const),
    halfLife,
    injectedAt,
    units: dicomText(dataset, "Units"),
    decayCorrection: dicomText(dataset, "DecayCorrection"),
    weight: weight === undefined ? undefined : ({ value: weight, unit: "kg" } as const),
    seriesStart: isoTime(seriesDate, dicomText(dataset, "SeriesTime")),
    acquisitionStart: isoTime(
      dicomText(dataset, "AcquisitionDate") ?? seriesDate,
      dicomText(dataset, "AcquisitionTime"),
    ),
  });
}

/** Bq per unit of RadionuclideTotalDose in a file of this modality. */
function doseUnit(dataset: DicomDataset): number {
  return dicomText(dataset, "Modality") === "NM" ? 1e6 : 1;
}

type Given<T> = { [K in keyof T]: T[K] | undefined };

function present<T extends object>(fields: Given<Required<T>>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** DICOM DT "20240131104500.5" -> "2024-01-31T10:45:00.5". */
function isoOf(text: string | undefined): string | undefined {
  const parts = text?.match(/^(\d{8})(\d{2,6}(?:\.\d+)?)/);
  return parts ? isoTime(parts[1], parts[2]) : undefined;
}

function isoTime(date: string | undefined, time: string | undefined): string | undefined {
  const clock = time?.match(/^(\d{2})(\d{2})?(\d{2}(?:\.\d+)?)?$/);
  if (!clock) return undefined;
  const day = date?.match(/^(\d{4})(\d{2})(\d{2})$/);
  const hour = `${clock[1]}:${clock[2] ?? "00"}:${clock[3] ?? "00"}`;
  return day ? `${day[1]}-${day[2]}-${day[3]}T${hour}` : hour;
}
