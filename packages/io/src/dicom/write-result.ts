/** Results as DICOM: a PET series or a picture that belongs to the study of the images it was made from. */
import { DataError, type Volume } from "@quintet/core";
import { type DicomFields, encodeDicom, uidOf, whereSilent } from "./encode.ts";
import { orientationCodes } from "./orientation-codes.ts";
import { copiedElements, emptied, type IdentityChoice, references, resultFields } from "./result-identity.ts";
import type { DicomElement, DicomFile } from "./tags.ts";
import { dicomText } from "./values.ts";
import { writeDicomSeries } from "./write-series.ts";

export interface DicomResultOptions {
  /** Every image of the series that the result was made from, or at least one of it. */
  readonly sources: readonly DicomFile[];
  /** What the result is: "SUVR, cerebellar grey matter". */
  readonly description: string;
  /** How it was made, for people. */
  readonly derivation: string;
  readonly seriesNumber?: number;
  readonly identity: IdentityChoice;
  /** ISO 8601 without zone: when the result was made. */
  readonly madeAt: string;
}

export interface DicomOutput {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A parametric or reconstructed PET image as a derived PET series (PET Image Storage): same study, same frame of reference, the
 * source series referenced, its radiopharmaceutical taken over. Ratios and other units that DICOM has no word for are NONE
 * with the unit in the description.
 *
 * @throws DataError `no-images`, `not-pet` (the source is no PET series) and those of writeDicomSeries
 * @see DICOM PS3.3 A.21, C.7.6.1 (Source Image Sequence), C.12.2 (Common Instance Reference), CID 7202
 */
export function writeDicomResult(volume: Volume, options: DicomResultOptions): readonly DicomOutput[] {
  const source = sourceOf(options);
  if (dicomText(source, "Modality") !== "PT") {
    throw new DataError("not-pet", "a PET result refers to a PET series", {
      file: source.file,
      expected: "Modality PT",
      found: dicomText(source, "Modality") ?? "nothing",
    });
  }
  const { description, seriesNumber = 9001 } = options;
  const started = timeOf(source);
  const unit =
    volume.unit === "Bq/mL" || volume.unit === "g/mL" || volume.unit === "{count}" ? "" : ` [${volume.unit}]`;
  const decay = dicomText(source, "DecayCorrection") ?? "NONE";
  return writeDicomSeries(volume, {
    modality: "PT",
    description: `${description}${unit}`.slice(0, 64),
    seriesNumber,
    ...(started === undefined ? {} : { startedAt: started }),
    fields: {
      ...commonFields(source, options),
      SeriesInstanceUID: seriesUid(source, options, volume.data),
      ...(volume.unit === "g/mL" ? { SUVType: "BW" } : {}),
      DecayCorrection: decay,
      ImageType: ["DERIVED", "PRIMARY"],
      ...(source.elements.has(orientation) ? {} : orientationCodes(dicomText(source, "PatientPosition"))),
    },
    copied: [...copiedElements(source, options.identity), ...petElements(source)],
  });
}

/**
 * A picture as Secondary Capture (colour, 8 bits): for what has no numbers, such as slices with their scale.
 *
 * @param picture RGB, row by row
 * @throws DataError `no-images`, `bad-picture`
 * @see DICOM PS3.3 A.8.1
 */
export function writeSecondaryCapture(
  picture: { readonly width: number; readonly height: number; readonly pixels: Uint8Array },
  options: DicomResultOptions,
): DicomOutput {
  const source = sourceOf(options);
  const { width, height, pixels } = picture;
  if (!(width > 0 && height > 0 && width <= 0xffff && height <= 0xffff) || pixels.length !== 3 * width * height) {
    throw new DataError("bad-picture", "pixels must fill the picture", {
      expected: `${width} x ${height} x 3 bytes`,
      found: `${pixels.length}`,
    });
  }
  const { seriesNumber = 9002, description } = options;
  const series = seriesUid(source, { ...options, description: `capture ${description}` }, pixels);
  const even = new Uint8Array(pixels.length + (pixels.length % 2));
  even.set(pixels);
  const copied = copiedElements(source, options.identity).filter(({ tag }) => tag !== positionReference);
  // A picture has no place in the patient.
  const { FrameOfReferenceUID: _, ...common } = commonFields(source, options);
  const bytes = encodeDicom(
    {
      ...whereSilent({ ...emptied, PatientSex: "" }, copied),
      ...common,
      SOPClassUID: "1.2.840.10008.5.1.4.1.1.7",
      SOPInstanceUID: uidOf(`${series} 1`),
      SeriesInstanceUID: series,
      SeriesNumber: seriesNumber,
      InstanceNumber: 1,
      Modality: "OT",
      ConversionType: "WSD",
      SeriesDescription: description.slice(0, 64),
      ImageType: ["DERIVED", "SECONDARY"],
      PatientOrientation: "",
      BodyPartExamined: "BRAIN",
      SamplesPerPixel: 3,
      PhotometricInterpretation: "RGB",
      PlanarConfiguration: 0,
      Rows: height,
      Columns: width,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      PixelData: even,
    },
    copied,
  );
  return { name: "SC-00001.dcm", bytes };
}

const positionReference = 0x00201040;

function sourceOf({ sources }: DicomResultOptions): DicomFile {
  const [first] = sources;
  if (first === undefined) throw new DataError("no-images", "a result refers to the images it was made from", {});
  return first;
}

function commonFields(source: DicomFile, options: DicomResultOptions): DicomFields {
  const [date = "", time = ""] = options.madeAt.replaceAll(/[-:]/g, "").split("T");
  return {
    ...resultFields(source, options.identity),
    ...references(options.sources, options.identity),
    Manufacturer: "Quintet",
    ContentDate: date,
    ContentTime: time,
    InstanceCreationDate: date,
    InstanceCreationTime: time,
    DerivationDescription: options.derivation.slice(0, 1024),
    BurnedInAnnotation: "NO",
  };
}

/** The same source, words and numbers give the same series. */
function seriesUid(
  source: DicomFile,
  { description, derivation, identity }: DicomResultOptions,
  data: Float32Array | Uint8Array,
): string {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum = (Math.imul(sum, 31) + Math.round((data[i] as number) * 1024)) | 0;
  const from = dicomText(source, "SeriesInstanceUID") ?? "";
  return uidOf(`result ${from} ${identity} ${description} ${derivation} ${data.length} ${sum}`);
}

/** When the scan began, as the written frames count from it. */
function timeOf(source: DicomFile): string | undefined {
  const date = dicomText(source, "SeriesDate")?.match(/^(\d{4})(\d\d)(\d\d)$/);
  const time = dicomText(source, "SeriesTime")?.match(/^(\d\d)(\d\d)(\d\d(?:\.\d{1,3})?)/);
  return date && time ? `${date[1]}-${date[2]}-${date[3]}T${time[1]}:${time[2]}:${time[3]}` : undefined;
}

const radiopharmaceuticals = 0x00540016;
const corrected = 0x00280051;
const orientation = 0x00540410;
const gantry = 0x00540414;

/** Isotope and corrections of the source: text and sequences of text. */
function petElements(source: DicomFile): readonly DicomElement[] {
  return [radiopharmaceuticals, corrected, orientation, gantry].flatMap((tag) => {
    const element = source.elements.get(tag);
    return element && source.littleEndian ? [{ ...element, vr: tag === corrected ? "CS" : "SQ" }] : [];
  });
}
