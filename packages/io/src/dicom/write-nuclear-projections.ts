/** Raw SPECT as NM images: TOMO projections of one or more detectors and energy windows in one file, written. */
import { checkProjections, DataError, type SpectProjections } from "@quintet/core";
import { type DicomFields, encodeDicom, uidOf } from "./encode.ts";
import { turn } from "./nuclear-projections.ts";
import { orientationCodes } from "./orientation-codes.ts";

export interface NuclearProjectionsOptions {
  /** The views belong to as many detectors, one after the other; default 1. */
  readonly detectors?: number;
  readonly patientId?: string;
  readonly description?: string;
  /** Start of the scan, local, "2024-01-31T10:45:00". */
  readonly startedAt?: string;
  /** Of the collimator. */
  readonly collimator?: string;
  readonly position?: "HFS" | "HFP" | "FFS" | "FFP";
}

/**
 * Writes projections of one scan, a list of its energy windows, as one NM file: counts as unsigned 16 bits, exactly.
 *
 * @throws DataError `bad-projections`, `window-mismatch` (windows of other views), `bad-subsets` (views that detectors do not share
 *   evenly), `unsupported-layout` (uneven steps), `not-counts`, `bad-time`
 */
export function writeNuclearProjections(
  windows: readonly SpectProjections[],
  options: NuclearProjectionsOptions = {},
): Uint8Array {
  const [first] = windows;
  if (!first) throw new DataError("bad-projections", "projections have at least one energy window");
  const { detectors = 1, patientId = "phantom", description = "quintet", collimator = "", position = "HFS" } = options;
  for (const window of windows) refuseOther(window, first);
  const { columns, rows, size, angles, radii, focalLength, viewTimes, duration } = first;
  const perDetector = angles.length / detectors;
  if (!(Number.isInteger(detectors) && detectors > 0 && Number.isInteger(perDetector))) {
    throw new DataError("bad-subsets", "detectors share the views evenly", {
      expected: `a divisor of ${angles.length}`,
      found: `${detectors}`,
    });
  }
  const theta = Array.from(angles, (a) => -90 - (a * 180) / Math.PI);
  const step = evenStep(theta, perDetector);
  const time = viewTimes?.[0]?.duration ?? (duration === undefined ? 0 : duration / perDetector);
  const started = (options.startedAt ?? "2000-01-01T12:00:00").replaceAll(/[-:]/g, "").split("T") as [string, string];
  if (!/^\d{8}$/.test(started[0]) || !/^\d{6}(\.\d+)?$/.test(started[1] ?? "")) {
    throw new DataError("bad-time", "a time is written 2024-01-31T10:45:00", { found: options.startedAt ?? "" });
  }
  const frames = windows.length * angles.length;
  const seed = [patientId, description, ...started, windows.length, columns, rows, ...angles].join();
  const of = (value: (window: number, detector: number, view: number) => number): number[] =>
    Array.from({ length: frames }, (_, f) => {
      const v = f % angles.length;
      return value(Math.floor(f / angles.length), Math.floor(v / perDetector), v % perDetector) + 1;
    });
  const wholeTurn = (degrees: number): number => Number((((degrees % 360) + 360) % 360).toFixed(6));
  const heads = Array.from({ length: detectors }, (_, d): DicomFields => {
    const a = angles[d * perDetector] as number;
    return {
      CollimatorGridName: collimator.slice(0, 16),
      CollimatorType: focalLength === undefined ? "PARA" : "FANB",
      ...(focalLength === undefined
        ? {}
        : { FocalDistance: Math.round(focalLength), XFocusCenter: 0, YFocusCenter: 0 }),
      StartAngle: wholeTurn(theta[d * perDetector] as number),
      RadialPosition: Array.from(radii.subarray(d * perDetector, (d + 1) * perDetector)),
      // Of the first view: columns against ours, rows towards the feet; LPS.
      ImageOrientationPatient: [Math.sin(a), -Math.cos(a), 0, 0, 0, -1].map((x) => Number(x.toFixed(9))),
      ImagePositionPatient: cornerOf(first, d * perDetector),
    };
  });
  return encodeDicom({
    SOPClassUID: "1.2.840.10008.5.1.4.1.1.20",
    SOPInstanceUID: uidOf(`projections ${seed}`),
    StudyInstanceUID: uidOf(`study ${patientId} ${started[0]}`),
    SeriesInstanceUID: uidOf(`series projections ${seed}`),
    FrameOfReferenceUID: uidOf(`frame ${patientId} ${started[0]}`),
    ImageType: ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"],
    StudyDate: started[0],
    SeriesDate: started[0],
    AcquisitionDate: started[0],
    ContentDate: started[0],
    StudyTime: started[1],
    SeriesTime: started[1],
    AcquisitionTime: started[1],
    ContentTime: started[1],
    AccessionNumber: "",
    Modality: "NM",
    Manufacturer: "Quintet",
    ReferringPhysicianName: "",
    SeriesDescription: description,
    PatientName: patientId,
    PatientID: patientId,
    PatientBirthDate: "",
    PatientSex: "",
    BodyPartExamined: "BRAIN",
    StudyID: "",
    SeriesNumber: 1,
    InstanceNumber: 1,
    PositionReferenceIndicator: "",
    ...orientationCodes(position),
    AcquisitionContextSequence: [],
    RadiopharmaceuticalInformationSequence: [],
    CountsAccumulated: windows.reduce((sum, { data }) => sum + data.reduce((a, b) => a + b, 0), 0),
    SamplesPerPixel: 1,
    PhotometricInterpretation: "MONOCHROME2",
    NumberOfFrames: frames,
    FrameIncrementPointer: [0x00540010, 0x00540020, 0x00540050, 0x00540090],
    Rows: rows,
    Columns: columns,
    PixelSpacing: [size[1], size[0]],
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 0,
    LossyImageCompression: "00",
    EnergyWindowVector: of((w) => w),
    NumberOfEnergyWindows: windows.length,
    EnergyWindowInformationSequence: windows.map(({ window }) =>
      window
        ? { EnergyWindowRangeSequence: [{ EnergyWindowLowerLimit: window.low, EnergyWindowUpperLimit: window.high }] }
        : {},
    ),
    DetectorVector: of((_, d) => d),
    NumberOfDetectors: detectors,
    DetectorInformationSequence: heads,
    RotationVector: of(() => 0),
    NumberOfRotations: 1,
    RotationInformationSequence: [
      {
        StartAngle: wholeTurn(theta[0] as number),
        AngularStep: Number(Math.abs(step).toFixed(9)),
        RotationDirection: step >= 0 ? "CC" : "CW",
        ScanArc: Number((Math.abs(step) * perDetector).toFixed(6)),
        ActualFrameDuration: Math.round(time * 1000),
        NumberOfFramesInRotation: perDetector,
        RadialPosition: Array.from(radii.subarray(0, perDetector)),
      },
    ],
    TypeOfDetectorMotion: "STEP AND SHOOT",
    AngularViewVector: of((_, __, k) => k),
    PixelData: pixelsOf(windows),
  });
}

/** Middle of the first pixel stored of a view, LPS mm. */
function cornerOf({ columns, rows, size, angles, radii }: SpectProjections, view: number): number[] {
  const [a, r] = [angles[view] as number, radii[view] as number];
  const u = ((columns - 1) / 2) * size[0];
  const [x, y] = [u * Math.sin(a) + r * Math.cos(a), -u * Math.cos(a) + r * Math.sin(a)];
  return [-x, -y, ((rows - 1) / 2) * size[1]].map((mm) => Number(mm.toFixed(6)));
}

/** @throws DataError `unsupported-layout` */
function evenStep(theta: readonly number[], perDetector: number): number {
  const step = perDetector > 1 ? (theta[1] as number) - (theta[0] as number) : 360;
  const even = theta.every((t, v) => {
    const from = theta[v - (v % perDetector)] as number;
    return Math.abs(t - from - (v % perDetector) * step) < 1e-5;
  });
  if (even && step !== 0) return step;
  throw new DataError("unsupported-layout", "a rotation has views in even steps", {
    found: theta.slice(0, 4).join(", "),
  });
}

/** @throws DataError `window-mismatch`, `bad-projections` */
function refuseOther(window: SpectProjections, first: SpectProjections): void {
  checkProjections(window);
  const same =
    window.columns === first.columns &&
    window.rows === first.rows &&
    window.angles.length === first.angles.length &&
    window.angles.every((a, v) => a === first.angles[v] && window.radii[v] === first.radii[v]);
  if (!same) throw new DataError("window-mismatch", "energy windows of one file are of the same views");
}

/** @throws DataError `not-counts` */
function pixelsOf(windows: readonly SpectProjections[]): Uint8Array {
  const [{ columns, rows, data }] = windows as [SpectProjections];
  const out = new Uint8Array(2 * data.length * windows.length);
  const view = new DataView(out.buffer);
  const frame = new Float32Array(columns * rows);
  let at = 0;
  for (const window of windows) {
    for (let from = 0; from < window.data.length; from += frame.length) {
      turn(window.data.subarray(from, from + frame.length), columns, rows, frame, 0);
      for (const count of frame) {
        if (!(Number.isInteger(count) && count >= 0 && count <= 0xffff)) {
          throw new DataError("not-counts", "an NM file holds whole counts of 16 bits", {
            expected: "0 to 65535",
            found: `${count}`,
          });
        }
        view.setUint16(at, count, true);
        at += 2;
      }
    }
  }
  return out;
}
