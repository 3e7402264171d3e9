/** Raw SPECT as NM images: TOMO projections of one or more detectors and energy windows in one file, read. */
import { DataError, type SpectProjections } from "@quintet/core";
import { checkedProduct, requireBytes } from "../bytes/byte-reader.ts";
import { dictionary } from "./dictionary.ts";
import { scaledPixels } from "./nuclear.ts";
import type { DicomDataset, DicomFile } from "./tags.ts";
import { dicomItems, dicomNumber, dicomNumbers, dicomText, dicomTexts, requiredNumbers } from "./values.ts";

export interface NuclearProjections {
  /** One for each energy window, in the file's order; views of all detectors one after the other. */
  readonly windows: readonly SpectProjections[];
  readonly detectors: number;
  /** As the file names it. */
  readonly collimator?: string;
  /** What a reader must know. */
  readonly notes: readonly string[];
}

/** Whether the file holds projections of a turning camera. */
export function isNuclearProjections(dataset: DicomFile): boolean {
  return dicomText(dataset, "Modality") === "NM" && /^TOMO$/.test(dicomTexts(dataset, "ImageType")[2] ?? "");
}

/**
 * Reads TOMO projections.
 *
 *   a = -90 degrees - theta,   theta_k = start angle + (k - 1) angular step (CC), - (CW)
 *
 * DICOM counts theta from the patient's back towards the left side, seen from the feet counter-clockwise, however the patient lies.
 * A view is stored as the camera sees it with the head up: its columns run from the camera's left to its right, which is against
 * our columns, and its rows downwards.
 *
 * @throws DataError `not-projections`, `unsupported-nuclear` (gated, several rotations, compressed), `missing-tag`, `bad-orbit` (no
 *   radius for a view, a direction that is none), `bad-dicom` (frames that do not fill detectors and windows), `truncated`
 * @see DICOM PS3.3 C.8.4.8 (NM Multi-frame), C.8.4.11 (NM Detector), C.8.4.12 (NM TOMO Acquisition)
 */
export function readNuclearProjections(dataset: DicomFile): NuclearProjections {
  const { file } = dataset;
  if (!isNuclearProjections(dataset)) {
    throw new DataError("not-projections", "this file holds no projections of a turning camera", {
      file,
      expected: "modality NM with an image type of TOMO",
      found: `${dicomText(dataset, "Modality") ?? "none"}, ${dicomTexts(dataset, "ImageType").join(" ")}`,
    });
  }
  const count = (
    name: "NumberOfFrames" | "NumberOfEnergyWindows" | "NumberOfDetectors" | "NumberOfRotations",
  ): number => dicomNumber(dataset, name) ?? 1;
  const [frames, windows, detectors] = [
    count("NumberOfFrames"),
    count("NumberOfEnergyWindows"),
    count("NumberOfDetectors"),
  ];
  const bits = dicomNumber(dataset, "BitsAllocated");
  if (count("NumberOfRotations") !== 1 || dataset.encapsulated || (bits !== 8 && bits !== 16 && bits !== 32)) {
    throw new DataError("unsupported-nuclear", "projections of one rotation are read", {
      file,
      expected: "one rotation, uncompressed 8, 16 or 32 bits",
      found: `${count("NumberOfRotations")} rotations, ${bits} bits${dataset.encapsulated ? ", compressed" : ""}`,
    });
  }
  const [rotation] = dicomItems(dataset, "RotationInformationSequence");
  if (!rotation)
    throw new DataError("missing-tag", "RotationInformationSequence", { file, expected: "a rotation", found: "none" });
  const perDetector = frames / windows / detectors;
  if (!(Number.isInteger(perDetector) && perDetector > 0)) {
    throw new DataError("bad-dicom", "every detector has its views in every energy window", {
      file,
      expected: `a multiple of ${windows} x ${detectors} frames`,
      found: `${frames}`,
    });
  }
  const [rows, columns] = (["Rows", "Columns"] as const).map((name) => requiredNumbers(dataset, name, 1)[0]) as [
    number,
    number,
  ];
  const [down, across] = requiredNumbers(dataset, "PixelSpacing", 2) as [number, number];
  const perFrame = rows * columns;
  const total = checkedProduct([columns, rows, frames], "the frames", file);
  const pixels = dataset.elements.get(dictionary.PixelData[0])?.value ?? new Uint8Array(0);
  requireBytes(pixels, 0, (total * bits) / 8, "its pixels", file);
  const stored = scaledPixels(dataset, pixels, total, bits);
  const heads = dicomItems(dataset, "DetectorInformationSequence");
  const orbit = orbitOf(rotation, heads, { detectors, perDetector }, file);
  const places = placesOf(dataset, { frames, windows, detectors, perDetector });
  const ranges = dicomItems(dataset, "EnergyWindowInformationSequence").map(
    (item) => dicomItems(item, "EnergyWindowRangeSequence")[0],
  );
  const milliseconds = dicomNumber(rotation, "ActualFrameDuration");
  const duration = milliseconds === undefined ? undefined : milliseconds / 1000;
  const focal =
    heads[0] && /FANB|FAN/.test(dicomText(heads[0], "CollimatorType") ?? "")
      ? dicomNumber(heads[0], "FocalDistance")
      : undefined;
  const collimator = heads[0] && dicomText(heads[0], "CollimatorGridName");
  return {
    windows: Array.from({ length: windows }, (_, w): SpectProjections => {
      const data = new Float32Array(perFrame * detectors * perDetector);
      for (const [frame, at] of places.entries()) {
        if (at.window === w)
          turn(stored.subarray(frame * perFrame, (frame + 1) * perFrame), columns, rows, data, at.view * perFrame);
      }
      const range = ranges[w];
      const limits = range && [
        dicomNumber(range, "EnergyWindowLowerLimit"),
        dicomNumber(range, "EnergyWindowUpperLimit"),
      ];
      return {
        columns,
        rows,
        size: [across, down],
        ...orbit,
        ...(focal ? { focalLength: focal } : {}),
        ...(limits?.[0] !== undefined && limits[1] !== undefined
          ? { window: { low: limits[0], high: limits[1] } }
          : {}),
        ...(duration !== undefined && duration > 0
          ? {
              start: 0,
              duration: duration * perDetector,
              viewTimes: Array.from(orbit.angles, (_, v) => ({ start: (v % perDetector) * duration, duration })),
            }
          : {}),
        data,
      };
    }),
    detectors,
    ...(collimator ? { collimator } : {}),
    notes:
      duration === undefined
        ? ["how long a view took is not stated: decay while the camera turned cannot be a term"]
        : [],
  };
}

/** @throws DataError `bad-orbit`, `missing-tag` */
function orbitOf(
  rotation: DicomDataset,
  heads: readonly DicomDataset[],
  { detectors, perDetector }: { readonly detectors: number; readonly perDetector: number },
  file: string,
): Pick<SpectProjections, "angles" | "radii"> {
  const direction = dicomText(rotation, "RotationDirection");
  if (direction !== "CW" && direction !== "CC") {
    throw new DataError("bad-orbit", "direction of rotation", {
      file,
      expected: "CW or CC",
      found: direction ?? "none",
    });
  }
  const [step] = requiredNumbers(rotation, "AngularStep", 1) as [number];
  const turn = (direction === "CC" ? 1 : -1) * Math.abs(step);
  const [angles, radii] = [new Float64Array(detectors * perDetector), new Float64Array(detectors * perDetector)];
  for (let d = 0; d < detectors; d++) {
    const head = heads[d];
    const start =
      (head && dicomNumber(head, "StartAngle")) ?? (detectors === 1 ? dicomNumber(rotation, "StartAngle") : undefined);
    const own = (head && dicomNumbers(head, "RadialPosition")) ?? [];
    const places = own.length > 0 ? own : dicomNumbers(rotation, "RadialPosition");
    if (start === undefined || !(places.length === 1 || places.length === perDetector) || !places.every((r) => r > 0)) {
      throw new DataError(
        "bad-orbit",
        `detector ${d + 1} has a start angle and a radius above 0 for each view, or one for all`,
        {
          file,
          expected: `StartAngle and ${perDetector} values of RadialPosition, mm`,
          found: `${start === undefined ? "no angle" : `${start} degrees`}, ${places.length} radii${places.length > 0 ? `, the least ${Math.min(...places)}` : ""}`,
        },
      );
    }
    for (let k = 0; k < perDetector; k++) {
      angles[d * perDetector + k] = ((-90 - start - k * turn) * Math.PI) / 180;
      radii[d * perDetector + k] = (places.length === 1 ? places[0] : places[k]) as number;
    }
  }
  return { angles, radii };
}

/** Window and view of each frame: by its vectors, or in the order windows, detectors, views. */
function placesOf(
  dataset: DicomFile,
  { frames, windows, detectors, perDetector }: Record<"frames" | "windows" | "detectors" | "perDetector", number>,
): readonly { readonly window: number; readonly view: number }[] {
  const vector = (
    name: "EnergyWindowVector" | "DetectorVector" | "AngularViewVector",
  ): readonly number[] | undefined => {
    const values = dicomNumbers(dataset, name);
    return values.length === frames ? values : undefined;
  };
  const [ofWindow, ofDetector, ofView] = [
    vector("EnergyWindowVector"),
    vector("DetectorVector"),
    vector("AngularViewVector"),
  ];
  const seen = new Set<string>();
  const places = Array.from({ length: frames }, (_, f) => {
    const window = (ofWindow?.[f] ?? Math.floor(f / detectors / perDetector) + 1) - 1;
    const detector = (ofDetector?.[f] ?? (Math.floor(f / perDetector) % detectors) + 1) - 1;
    const view = (ofView?.[f] ?? (f % perDetector) + 1) - 1;
    const inside =
      window >= 0 && window < windows && detector >= 0 && detector < detectors && view >= 0 && view < perDetector;
    if (inside) seen.add(`${window} ${detector} ${view}`);
    return { window, view: detector * perDetector + view };
  });
  if (seen.size === frames) return places;
  throw new DataError("bad-dicom", "each frame is one view of one detector in one energy window", {
    file: dataset.file,
    expected: `${frames} frames that differ`,
    found: `${seen.size}`,
  });
}

/** Columns and rows the other way round, into `out` from `at` on. */
export function turn(frame: ArrayLike<number>, columns: number, rows: number, out: Float32Array, at: number): void {
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      out[at + (rows - 1 - j) * columns + columns - 1 - i] = frame[j * columns + i] as number;
    }
  }
}
