/** What the head of an NM file of projections says of the acquisition: no pixels, and nothing refused that it lacks. */
import type { DicomAttribute } from "./dictionary.ts";
import type { DicomDataset, DicomFile } from "./tags.ts";
import { dicomItems, dicomNumber, dicomNumbers, dicomText } from "./values.ts";

export interface NuclearAcquisition {
  readonly columns?: number;
  readonly rows?: number;
  readonly frames: number;
  /** What the file counts, which need not be what it lists below. */
  readonly counted: { readonly detectors: number; readonly rotations: number; readonly windows: number };
  readonly detectors: readonly NuclearDetector[];
  readonly rotations: readonly NuclearRotation[];
  /** keV. */
  readonly windows: readonly { readonly low?: number; readonly high?: number }[];
}

export interface NuclearDetector {
  /** Degrees, as DICOM counts them. */
  readonly startAngle?: number;
  /** Millimetres, one for each view or one for all. */
  readonly radii: readonly number[];
  readonly collimator?: string;
  /** PARA, FANB, PINH ... */
  readonly collimatorType?: string;
  /** Millimetres. */
  readonly focalDistance?: number;
}

export interface NuclearRotation {
  /** CW or CC, or what stands there. */
  readonly direction?: string;
  readonly startAngle?: number;
  /** Degrees from view to view. */
  readonly step?: number;
  /** Seconds. */
  readonly viewDuration?: number;
  readonly radii: readonly number[];
}

/**
 * The acquisition as the tags state it.
 *
 * @throws DataError `bad-dicom` (a number that is none)
 * @see DICOM PS3.3 C.8.4.8 to C.8.4.12
 */
export function nuclearAcquisition(dataset: DicomFile): NuclearAcquisition {
  const count = (name: DicomAttribute): number => dicomNumber(dataset, name) ?? 1;
  return {
    ...stated({ columns: dicomNumber(dataset, "Columns"), rows: dicomNumber(dataset, "Rows") }),
    frames: count("NumberOfFrames"),
    counted: {
      detectors: count("NumberOfDetectors"),
      rotations: count("NumberOfRotations"),
      windows: count("NumberOfEnergyWindows"),
    },
    detectors: dicomItems(dataset, "DetectorInformationSequence").map(detectorOf),
    rotations: dicomItems(dataset, "RotationInformationSequence").map(rotationOf),
    windows: dicomItems(dataset, "EnergyWindowInformationSequence").map((item) => {
      const [range] = dicomItems(item, "EnergyWindowRangeSequence");
      return range === undefined
        ? {}
        : stated({
            low: dicomNumber(range, "EnergyWindowLowerLimit"),
            high: dicomNumber(range, "EnergyWindowUpperLimit"),
          });
    }),
  };
}

function detectorOf(head: DicomDataset): NuclearDetector {
  return {
    radii: dicomNumbers(head, "RadialPosition"),
    ...stated({
      startAngle: dicomNumber(head, "StartAngle"),
      collimator: dicomText(head, "CollimatorGridName"),
      collimatorType: dicomText(head, "CollimatorType"),
      focalDistance: dicomNumber(head, "FocalDistance"),
    }),
  };
}

function rotationOf(rotation: DicomDataset): NuclearRotation {
  const milliseconds = dicomNumber(rotation, "ActualFrameDuration");
  return {
    radii: dicomNumbers(rotation, "RadialPosition"),
    ...stated({
      direction: dicomText(rotation, "RotationDirection"),
      startAngle: dicomNumber(rotation, "StartAngle"),
      step: dicomNumber(rotation, "AngularStep"),
      viewDuration: milliseconds === undefined ? undefined : milliseconds / 1000,
    }),
  };
}

/** Without what is undefined. */
function stated<T extends object>(fields: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
