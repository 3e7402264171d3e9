import { type Affine, apply, DataError, determinant, frameData, type Volume, voxelSizes } from "@quintet/core";
import { restack } from "../nifti/restack.ts";
import { type DicomFields, encodeDicom, uidOf, whereSilent } from "./encode.ts";
import { orientationCodes } from "./orientation-codes.ts";
import type { DicomElement } from "./tags.ts";

export interface DicomSeriesOptions {
  /** MR and PT: one file per slice and frame. NM: one file with all slices (static only). */
  readonly modality: "MR" | "PT" | "NM";
  readonly description?: string;
  readonly seriesNumber?: number;
  /** Start of the scan, local, "2024-01-31T10:45:00". */
  readonly startedAt?: string;
  readonly patientId?: string;
  /** kg */
  readonly weight?: number;
  readonly tracer?: string;
  readonly radionuclide?: string;
  /** Bq at the injection. */
  readonly dose?: number;
  /** s */
  readonly halfLife?: number;
  /** Same form as startedAt. */
  readonly injectedAt?: string;
  /** Fields of every file that stand instead of those written here. */
  readonly fields?: DicomFields;
  /** Elements of another series taken over into every file, unless a field stands for them. */
  readonly copied?: readonly DicomElement[];
}

const sopClasses = {
  MR: "1.2.840.10008.5.1.4.1.1.4",
  PT: "1.2.840.10008.5.1.4.1.1.128",
  NM: "1.2.840.10008.5.1.4.1.1.20",
} as const;
/** PS3.16 CID 4020 and 18; another nuclide goes under a scheme of our own. */
const nuclides: Readonly<Record<string, readonly [value: string, meaning: string]>> = {
  F18: ["77004003", "^18^Fluorine"],
  C11: ["40565003", "^11^Carbon"],
  N13: ["21576001", "^13^Nitrogen"],
  O15: ["129504001", "^15^Oxygen"],
  Ga68: ["35337001", "^68^Gallium"],
};

function nuclideCode(nuclide: string): DicomFields {
  const [value, meaning] = nuclides[nuclide] ?? [nuclide, nuclide];
  const scheme = nuclide in nuclides ? "SCT" : "99QUINTET";
  return { CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning };
}

const units: Readonly<Partial<Record<Volume["unit"], string>>> = {
  "Bq/mL": "BQML",
  "{count}": "CNTS",
  "g/mL": "GML",
  "1": "NONE",
};

/**
 * Writes a volume as a DICOM series. Values are stored as int16 with one RescaleSlope for the series:
 * whole numbers within int16 exactly (MR, NM), else right within slope / 2 = max|v| / 65534.
 * Direction and place come from the affine: RAS mm become DICOM's LPS by turning the signs of x and y.
 * Identifiers are derived from content and options: the same volume gives the same files.
 *
 * @throws DataError `not-orthogonal` (DICOM slices have axes at right angles), `not-static` (NM with frames),
 *   `not-finite`, `does-not-fit`, `bad-dimensions`
 * @see DICOM PS3.3 C.7.6.2, C.8.9.1, C.8.4
 */
export function writeDicomSeries(
  volume: Volume,
  options: DicomSeriesOptions,
): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  checkAxes(volume.affine);
  const { modality } = options;
  if (volume.shape.some((n) => n > 0xffff)) throw new DataError("bad-dimensions", "extents must fit 16 bits");
  // NM slices run along row x column; MR and PT state every slice's place.
  const image = modality === "NM" && determinant(volume.affine) < 0 ? restack(volume, ["x", "y", "-z"]) : volume;
  const slope = slopeFor(image.data, modality);
  const series = seriesFields(image, options, slope);
  return modality === "NM"
    ? [nmFile(image, series, slope)]
    : planeFiles(image, options, { ...whereSilent(series, options.copied ?? []), ...options.fields }, slope);
}

const turned = ([x, y, z]: readonly [number, number, number]): number[] => [-x, -y, z];

function checkAxes(affine: Affine): void {
  const sizes = voxelSizes(affine);
  const cosine = (a: number, b: number): number =>
    [0, 4, 8].reduce((sum, row) => sum + (affine[row + a] as number) * (affine[row + b] as number), 0) /
    ((sizes[a] as number) * (sizes[b] as number));
  const worst = Math.max(Math.abs(cosine(0, 1)), Math.abs(cosine(0, 2)), Math.abs(cosine(1, 2)));
  if (!(worst < 1e-4)) {
    throw new DataError("not-orthogonal", "DICOM slices have axes at right angles", { found: `cosine ${worst}` });
  }
}

function slopeFor(data: Float32Array, modality: DicomSeriesOptions["modality"]): number {
  let largest = 0;
  let whole = modality !== "PT";
  for (const value of data) {
    if (!Number.isFinite(value)) throw new DataError("not-finite", "DICOM pixels are numbers", { found: `${value}` });
    largest = Math.max(largest, Math.abs(value));
    whole &&= Number.isInteger(value);
  }
  return (whole && largest <= 32767) || largest === 0 ? 1 : Number((largest / 32767).toPrecision(9));
}

function seriesFields(image: Volume, options: DicomSeriesOptions, slope: number): DicomFields {
  const { modality, seriesNumber = 1, description = "quintet", patientId = "phantom" } = options;
  const [nx, ny, nz] = image.shape;
  const [dx, dy, dz] = voxelSizes(image.affine);
  const axis = (column: number, size: number): number[] =>
    turned([0, 4, 8].map((row) => (image.affine[row + column] as number) / size) as [number, number, number]);
  const started = dicomTime(options.startedAt ?? "2000-01-01T12:00:00", 0);
  const seed = [modality, seriesNumber, description, patientId, started.date, started.time, ...image.affine].join();
  return {
    SOPClassUID: sopClasses[modality],
    StudyInstanceUID: uidOf(`study ${patientId} ${started.date}`),
    SeriesInstanceUID: uidOf(`series ${seed}`),
    FrameOfReferenceUID: uidOf(`frame ${patientId} ${started.date}`),
    StudyDate: started.date,
    SeriesDate: started.date,
    StudyTime: started.time,
    SeriesTime: started.time,
    Modality: modality,
    Manufacturer: "Quintet",
    SeriesDescription: description,
    ProtocolName: description,
    AccessionNumber: "",
    ReferringPhysicianName: "",
    StudyID: "",
    PatientName: patientId,
    PatientID: patientId,
    PatientBirthDate: "",
    PatientSex: "",
    PositionReferenceIndicator: "",
    ...(options.weight === undefined ? {} : { PatientWeight: options.weight }),
    BodyPartExamined: "BRAIN",
    // A PET series says by codes how the patient lay, and then not by position (PS3.3 C.8.4.6).
    ...(modality === "PT" ? {} : { PatientPosition: "HFS" }),
    SeriesNumber: seriesNumber,
    AcquisitionNumber: 1,
    SliceThickness: dz,
    SpacingBetweenSlices: dz,
    ImageOrientationPatient: [...axis(0, dx), ...axis(1, dy)],
    PixelSpacing: [dy, dx],
    Columns: nx,
    Rows: ny,
    SamplesPerPixel: 1,
    PhotometricInterpretation: "MONOCHROME2",
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 1,
    ...(slope === 1 && modality === "MR" ? {} : { RescaleIntercept: 0, RescaleSlope: slope }),
    ...(modality === "MR" ? {} : emissionFields(image, options, nz)),
  };
}

function emissionFields(image: Volume, options: DicomSeriesOptions, slices: number): DicomFields {
  const { tracer, radionuclide, dose, halfLife, injectedAt, modality } = options;
  const injected = injectedAt === undefined ? undefined : dicomTime(injectedAt, 0);
  const injection: DicomFields = {
    ...(tracer === undefined ? {} : { Radiopharmaceutical: tracer }),
    ...(injected === undefined
      ? {}
      : {
          RadiopharmaceuticalStartTime: injected.time,
          RadiopharmaceuticalStartDateTime: `${injected.date}${injected.time}`,
        }),
    // MBq in the NM isotope module, Bq in the PET one (PS3.3 C.8.4.10, C.8.9.2).
    ...(dose === undefined ? {} : { RadionuclideTotalDose: modality === "NM" ? dose / 1e6 : dose }),
    ...(halfLife === undefined ? {} : { RadionuclideHalfLife: halfLife }),
    RadionuclideCodeSequence: [],
    ...(radionuclide === undefined ? {} : { RadionuclideCodeSequence: [nuclideCode(radionuclide)] }),
  };
  return {
    RadiopharmaceuticalInformationSequence: [injection],
    NumberOfSlices: slices,
    ...(options.modality === "PT"
      ? {
          SeriesType: [image.frames.length > 1 ? "DYNAMIC" : "STATIC", "IMAGE"],
          Units: units[image.unit] ?? "NONE",
          CountsSource: "EMISSION",
          CorrectedImage: "",
          CollimatorType: "NONE",
          DecayCorrection: "START",
          ...orientationCodes("HFS"),
          ...(image.frames.length > 1 ? { NumberOfTimeSlices: image.frames.length } : {}),
        }
      : {}),
  };
}

function planeFiles(
  image: Volume,
  options: DicomSeriesOptions,
  series: DicomFields,
  slope: number,
): { name: string; bytes: Uint8Array }[] {
  const [nx, ny, nz] = image.shape;
  const began = options.startedAt ?? "2000-01-01T12:00:00";
  return image.frames.flatMap((frame, t) => {
    const voxels = frameData(image, t);
    const acquired = dicomTime(began, frame.start);
    return Array.from({ length: nz }, (_, k) => {
      const number = t * nz + k + 1;
      const pixels = stored(voxels.subarray(k * nx * ny, (k + 1) * nx * ny), slope);
      const bytes = encodeDicom(
        {
          ...series,
          SOPInstanceUID: uidOf(`${series.SeriesInstanceUID} ${number}`),
          ImageType: series.ImageType ?? ["ORIGINAL", "PRIMARY"],
          AcquisitionDate: acquired.date,
          AcquisitionTime: acquired.time,
          InstanceNumber: number,
          ...(image.frames.length > 1 ? { TemporalPositionIdentifier: t + 1 } : {}),
          ImagePositionPatient: turned(apply(image.affine, [0, 0, k])),
          ...(options.modality === "PT"
            ? {
                FrameReferenceTime: (frame.start + frame.duration / 2) * 1000,
                ActualFrameDuration: Math.round(frame.duration * 1000),
                ImageIndex: number,
                DecayFactor: 1,
              }
            : {}),
          PixelData: pixels,
        },
        options.copied,
      );
      return { name: `${options.modality}-${String(number).padStart(5, "0")}.dcm`, bytes };
    });
  });
}

function nmFile(image: Volume, series: DicomFields, slope: number): { name: string; bytes: Uint8Array } {
  if (image.frames.length !== 1) throw new DataError("not-static", "an NM file of this kind has one frame of time", {});
  const nz = image.shape[2];
  const { ImageOrientationPatient: orientation, ...rest } = series;
  const bytes = encodeDicom({
    ...rest,
    SOPInstanceUID: uidOf(`${series.SeriesInstanceUID} 1`),
    ImageType: ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"],
    InstanceNumber: 1,
    NumberOfFrames: nz,
    FrameIncrementPointer: 0x00540080,
    SliceVector: Array.from({ length: nz }, (_, k) => k + 1),
    DetectorInformationSequence: [
      {
        ImageOrientationPatient: orientation as readonly number[],
        ImagePositionPatient: turned(apply(image.affine, [0, 0, 0])),
      },
    ],
    PixelData: stored(image.data, slope),
  });
  return { name: "NM-00001.dcm", bytes };
}

function stored(values: Float32Array, slope: number): Uint8Array {
  const out = new Uint8Array(values.length * 2);
  const view = new DataView(out.buffer);
  for (let i = 0; i < values.length; i++) {
    const whole = Math.max(-32767, Math.min(32767, Math.round((values[i] as number) / slope)));
    view.setInt16(2 * i, whole, true);
  }
  return out;
}

/** Local date and time `seconds` after an ISO time without zone. @throws DataError `bad-time` */
function dicomTime(iso: string, seconds: number): { date: string; time: string } {
  const at = Date.parse(`${iso}Z`) + seconds * 1000;
  if (!Number.isFinite(at)) throw new DataError("bad-time", "a time is written 2024-01-31T10:45:00", { found: iso });
  const text = new Date(at).toISOString();
  return { date: text.slice(0, 10).replaceAll("-", ""), time: text.slice(11, 23).replaceAll(":", "") };
}
