/** What the tags of one DICOM file tell that a NIfTI does not keep: modality, times, dose, and whose it is. */
import type { Metadata, Participant } from "@quintet/core";
import { latin1 } from "../../bytes/byte-reader.ts";
import { isNuclearProjections } from "../../dicom/nuclear-projections.ts";
import { dicomRadiopharmaceutical } from "../../dicom/radiopharmaceutical.ts";
import { type DicomDataset, readDicomTags } from "../../dicom/tags.ts";
import { dicomNumber, dicomText } from "../../dicom/values.ts";
import { dicomTime, secondsBetween } from "./date-shift.ts";

export type PersonFacts = Omit<Participant, "label">;

export interface DicomFacts {
  readonly path: string;
  readonly series: string;
  /** MR, PT, NM ... */
  readonly modality: string;
  readonly description: string;
  /** Raw SPECT, not an image. */
  readonly projections: boolean;
  readonly acquiredAt?: string;
  readonly person: PersonFacts;
  /** Fields of the BIDS side file that the radiopharmaceutical module gives. */
  readonly metadata: Metadata;
  /** Contents of identity fields, for the search only. */
  readonly identity: readonly string[];
  /** The patient's number and birth date joined: equal for files of one person. */
  readonly patient: string;
}

/** Attributes that name people or places outside the patient group: PS3.15 table E.1-1. */
const identityTags = [
  0x00080050, 0x00080080, 0x00080081, 0x00080090, 0x00080092, 0x00080094, 0x00081010, 0x00081040, 0x00081048,
  0x00081050, 0x00081060, 0x00081070, 0x00181000, 0x00200010, 0x00321032, 0x00380010, 0x00400006, 0x00400241,
  0x00400253,
];
const harmlessPatientTags = [0x00100040, 0x00101010, 0x00101020, 0x00101030];

/** @throws DataError those of readDicomTags */
export function dicomFacts(bytes: Uint8Array, path: string): DicomFacts {
  const file = readDicomTags(bytes, { file: path });
  const textOf = (tag: number): string => {
    const value = file.elements.get(tag)?.value;
    return value === undefined || value.length > 1024
      ? ""
      : new TextDecoder().decode(value).replaceAll("\0", "").trim();
  };
  const identity = [...file.elements.values()]
    .filter(
      ({ tag, vr }) =>
        vr === "PN" || identityTags.includes(tag) || (tag >>> 16 === 0x0010 && !harmlessPatientTags.includes(tag)),
    )
    .flatMap(({ tag, value }) => [textOf(tag), value.length <= 1024 ? latin1(value) : ""]);
  const acquiredAt =
    dicomTime(dicomText(file, "AcquisitionDate"), dicomText(file, "AcquisitionTime")) ??
    dicomTime(dicomText(file, "SeriesDate"), dicomText(file, "SeriesTime"));
  const born = dicomTime(textOf(0x00100030), "000000");
  const modality = dicomText(file, "Modality") ?? "";
  return {
    path,
    series: dicomText(file, "SeriesInstanceUID") ?? path,
    modality,
    projections: isNuclearProjections(file),
    description: `${dicomText(file, "SeriesDescription") ?? ""} ${dicomText(file, "ProtocolName") ?? ""}`,
    ...(acquiredAt === undefined ? {} : { acquiredAt }),
    person: personOf(file, born, acquiredAt),
    metadata:
      modality === "PT" || modality === "NM" ? { ...cameraOf(textOf), ...tracerOf(file, modality, acquiredAt) } : {},
    identity,
    patient: [textOf(0x00100020), textOf(0x00100030)].filter(Boolean).join(" "),
  };
}

function personOf(file: DicomDataset, born: string | undefined, acquiredAt: string | undefined): PersonFacts {
  const [, count, unit] = dicomText(file, "PatientAge")?.match(/^(\d{3})([DWMY])$/) ?? [];
  const perYear = { D: 365.25, W: 52.18, M: 12, Y: 1 }[unit ?? "Y"] ?? 1;
  const stated = count === undefined ? undefined : Math.floor(Number(count) / perYear);
  const fromBirth = born && acquiredAt ? Math.floor(secondsBetween(born, acquiredAt) / (365.2425 * 86_400)) : undefined;
  const age = stated ?? (fromBirth !== undefined && fromBirth >= 0 && fromBirth <= 130 ? fromBirth : undefined);
  const sex = dicomText(file, "PatientSex");
  const [weight, height] = [dicomNumber(file, "PatientWeight"), dicomNumber(file, "PatientSize")];
  return {
    ...(age === undefined ? {} : { age }),
    ...(sex === "F" || sex === "M" || sex === "O" ? { sex } : {}),
    ...(weight === undefined || !(weight > 0) ? {} : { weight }),
    ...(height === undefined || !(height > 0 && height < 3) ? {} : { height }),
  };
}

/** DICOM's words for the unit of a PET voxel, as BIDS writes them: PS3.3 C.8.9.1.1.3. */
const petUnits: Readonly<Record<string, string>> = {
  BQML: "Bq/mL",
  CNTS: "counts",
  GML: "g/mL",
  PROPCNTS: "counts",
  NONE: "unitless",
};

/** Camera, corrections and reconstruction as PET and NM series state them: PS3.3 C.7.5.1, C.8.9.1. */
const cameraFields: readonly (readonly [tag: number, field: string])[] = [
  [0x00081090, "ManufacturersModelName"],
  [0x00541101, "AttenuationCorrection"],
  [0x00541103, "ReconMethodName"],
  [0x00541105, "ScatterCorrection"],
  [0x00181210, "ReconFilterType"],
];

function cameraOf(textOf: (tag: number) => string): Metadata {
  const told = cameraFields.flatMap(([tag, field]): [string, string][] =>
    textOf(tag) === "" ? [] : [[field, textOf(tag)]],
  );
  const decay = textOf(0x00541102);
  return {
    ...Object.fromEntries(told),
    ...(decay === "" ? {} : { DecayCorrection: decay, ImageDecayCorrected: decay !== "NONE" }),
  };
}

const elements: Readonly<Record<string, string>> = {
  fluorine: "F",
  carbon: "C",
  oxygen: "O",
  nitrogen: "N",
  gallium: "Ga",
  technetium: "Tc",
  iodine: "I",
};

/** "^18^Fluorine", "F-18", "18F", "Tc 99m" as BIDS examples write them: F18, Tc99m. */
export function radionuclideName(text: string): string {
  const [, mass] = text.match(/(\d{1,3}m?)/i) ?? [];
  const letters = text.replace(/\d{1,3}m?/i, "").replace(/[^A-Za-z]/g, "");
  const element = elements[letters.toLowerCase()] ?? letters;
  return mass === undefined ? element : `${element}${mass.toLowerCase()}`;
}

function tracerOf(file: DicomDataset, modality: string, acquiredAt: string | undefined): Metadata {
  const told = dicomRadiopharmaceutical(file);
  const injectedAt = injection(told.injectedAt, acquiredAt);
  const unit = told.units === undefined ? undefined : petUnits[told.units];
  const manufacturer = dicomText(file, "Manufacturer");
  return {
    Modality: modality,
    ...(manufacturer === undefined ? {} : { Manufacturer: manufacturer }),
    ...(unit === undefined ? {} : { Units: unit }),
    ...(told.tracer === undefined ? {} : { TracerName: told.tracer }),
    ...(told.radionuclide === undefined ? {} : { TracerRadionuclide: radionuclideName(told.radionuclide) }),
    ...(told.dose === undefined ? {} : { InjectedRadioactivity: told.dose.value, InjectedRadioactivityUnits: "Bq" }),
    ...(told.halfLife === undefined ? {} : { RadionuclideHalfLife: told.halfLife }),
    ...timesOf(modality, injectedAt, acquiredAt),
    ...(modality === "PT" ? decayedTo(told.decayCorrection, injectedAt, acquiredAt) : {}),
  };
}

/**
 * The frames of a PET series count from its first acquisition, and so does all else: time zero is the scan's start. A SPECT image has
 * no frames; its time zero is the injection.
 */
function timesOf(modality: string, injectedAt: string | undefined, acquiredAt: string | undefined): Metadata {
  if (acquiredAt === undefined) return {};
  const injected = injectedAt === undefined ? undefined : secondsBetween(acquiredAt, injectedAt);
  if (modality === "PT") {
    return {
      TimeZero: acquiredAt.slice(11, 19),
      ScanStart: 0,
      ...(injected === undefined ? {} : { InjectionStart: injected }),
    };
  }
  if (injectedAt === undefined || injected === undefined) return {};
  return { TimeZero: injectedAt.slice(11, 19), InjectionStart: 0, ScanStart: -injected };
}

/** DICOM corrects decay to the start of the scan (START) or to the injection (ADMIN): PS3.3 C.8.9.1. */
function decayedTo(
  correction: string | undefined,
  injectedAt: string | undefined,
  acquiredAt: string | undefined,
): Metadata {
  if (acquiredAt === undefined) return {};
  if (correction === "START") return { ImageDecayCorrectionTime: 0 };
  return correction === "ADMIN" && injectedAt !== undefined
    ? { ImageDecayCorrectionTime: secondsBetween(acquiredAt, injectedAt) }
    : {};
}

/** Injection with its date; a time of day later than the scan's was the evening before. */
function injection(told: string | undefined, acquiredAt: string | undefined): string | undefined {
  if (told === undefined || told.includes("T") || acquiredAt === undefined)
    return told?.includes("T") ? told : undefined;
  const sameDay = `${acquiredAt.slice(0, 10)}T${told}`;
  if (secondsBetween(sameDay, acquiredAt) >= 0) return sameDay;
  const dayBefore = new Date(Date.parse(`${acquiredAt.slice(0, 10)}T00:00:00Z`) - 86_400_000)
    .toISOString()
    .slice(0, 10);
  return `${dayBefore}T${told}`;
}
