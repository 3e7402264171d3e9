/** Where a montage looks in a segmented head, and the haemoglobin that its measurements show there. */
import { DataError, type LabelVolume, type Montage, type Point, toWorld, type Volume } from "@quintet/core";
import {
  imageResolution,
  type OpticalHead,
  type OptodeField,
  opticalHead,
  opticalTissues,
  type PairSensitivity,
  type PlacedOptode,
  type PointResolution,
  pairSensitivity,
  partialPaths,
  placeOptodes,
  type SensitivityRow,
  sensitivityVolume,
  sourceDetectorDistance,
  type TomographyOptions,
  tomography,
} from "@quintet/modalities/fnirs";
import type { DensityRow, OpticalResponses } from "./read-responses.ts";

/** A voxel belongs to the field of view when its sensitivity is at least this share of the largest. */
export const seen = 0.01;

export interface MontageLight {
  readonly head: OpticalHead;
  /** In the head's space. */
  readonly montage: Montage;
  /** Of every measurement, over the whole head. */
  readonly pairs: readonly PairSensitivity[];
  /** mm of path, summed over pairs, mean of the wavelengths. */
  readonly sensitivity: Volume<"mm">;
  /** Grey matter within the field of view, and where it lies, world mm. */
  readonly voxels: Uint32Array;
  readonly places: readonly Point[];
  /** Of every measurement, over `voxels`. */
  readonly rows: readonly SensitivityRow[];
}

export interface MontageLightOptions {
  /** Voxel edge, mm. */
  readonly spacing: number;
  readonly fields: (
    head: OpticalHead,
    optodes: readonly PlacedOptode[],
    wavelength: number,
    onOptode: (done: number) => void,
  ) => readonly OptodeField[];
  readonly file?: string;
  readonly onProgress?: (share: number, note: string) => void;
}

/** @throws DataError `no-positions`, those of opticalHead, placeOptodes, pairSensitivity and of the fields */
export function montageLight(
  labels: LabelVolume,
  montage: Montage,
  { rows: measured, wavelengths }: Pick<OpticalResponses, "rows" | "wavelengths">,
  { spacing, fields: light, file, onProgress = () => {} }: MontageLightOptions,
): MontageLight {
  const names = [...new Set(measured.flatMap(({ source, detector }) => [source, detector]))];
  const near = names.map((name) => {
    const position = montage.sensors.find((sensor) => sensor.name === name)?.position;
    if (position) return position;
    throw new DataError("no-positions", `optode ${name} has no place on the head`, file === undefined ? {} : { file });
  });
  const head = opticalHead(labels, { spacing, near });
  const optodes = placeOptodes(head, montage, names);
  const pairs: PairSensitivity[] = [];
  for (const [w, wavelength] of wavelengths.entries()) {
    const told = (done: number): void =>
      onProgress((w + done / names.length) / wavelengths.length, `light of ${wavelength} nm`);
    const fields = new Map(light(head, optodes, wavelength, told).map((field) => [field.optode, field]));
    for (const { source, detector, wavelength: own } of measured) {
      const [from, to] = [fields.get(source), fields.get(detector)];
      if (own === wavelength && from && to) pairs.push(pairSensitivity(head, from, to));
    }
  }
  const sensitivity = sensitivityVolume(head, pairs);
  sensitivity.data.forEach((v, i) => {
    sensitivity.data[i] = v / wavelengths.length;
  });
  const grey = 1 + opticalTissues.indexOf("grey");
  const top = sensitivity.data.reduce((most, v, i) => (head.labels[i] === grey ? Math.max(most, v) : most), 0);
  const voxels = Uint32Array.from(
    [...head.labels.keys()].filter((v) => head.labels[v] === grey && (sensitivity.data[v] as number) >= seen * top),
  );
  const rows = pairs.map(({ wavelength, paths }) => ({
    wavelength,
    paths: Float32Array.from(voxels, (v) => paths[v] as number),
  }));
  const places = Array.from(voxels, (v) => placeOf(head, v));
  return { head, montage, pairs, sensitivity, voxels, places, rows };
}

export interface CortexImage {
  readonly hbo: Volume<"mol/L">;
  readonly hbr: Volume<"mol/L">;
  /** Largest HbO, umol/L, and where, mm in the head's world. */
  readonly peak: { readonly hbo: number; readonly hbr: number; readonly place: Point };
  /** Sensitivity at the peak over the largest of the field of view. */
  readonly peakSensitivity: number;
}

/** The image of one condition, measurements weighed by their standard errors. @throws DataError those of tomography */
export function cortexImage(
  { head, rows, voxels, places, sensitivity }: MontageLight,
  measured: readonly DensityRow[],
  condition: number,
  settings: TomographyOptions,
): CortexImage {
  const noise = measured.map(({ errors }) => errors[condition] as number);
  const image = tomography(rows, { ...settings, noise }).image(
    measured.map(({ values }) => values[condition] as number),
  );
  let [peak, top] = [0, 0];
  for (let v = 0; v < voxels.length; v++) {
    if ((image.hbo[v] as number) > (image.hbo[peak] as number)) peak = v;
    top = Math.max(top, sensitivity.data[voxels[v] as number] as number);
  }
  return {
    hbo: volumeOf(head, voxels, image.hbo, "mol/L"),
    hbr: volumeOf(head, voxels, image.hbr, "mol/L"),
    peak: {
      hbo: 1e6 * (image.hbo[peak] as number),
      hbr: 1e6 * (image.hbr[peak] as number),
      place: places[peak] as Point,
    },
    peakSensitivity: (sensitivity.data[voxels[peak] as number] as number) / top,
  };
}

/** Point spread of at most `most` voxels of the field of view. @throws DataError those of tomography */
export function sampledResolution(
  { rows, places }: MontageLight,
  settings: TomographyOptions,
  most: number,
): PointResolution[] {
  const step = Math.max(1, Math.ceil(places.length / most));
  return imageResolution(
    tomography(rows, settings),
    places,
    [...places.keys()].filter((v) => v % step === 0),
  );
}

/** Median over the sampled points, mm to a tenth. */
export function medianOf(spread: readonly PointResolution[], key: "localisation" | "fwhm" | "effective"): number {
  return Number((spread.map((s) => s[key]).sort((a, b) => a - b)[spread.length >> 1] as number).toFixed(1));
}

export interface PathlengthFactors {
  readonly pair: string;
  readonly wavelength: number;
  /** mm. */
  readonly distance: number;
  /** Partial path in each tissue over the distance. */
  readonly factors: Readonly<Record<string, number>>;
}

export function factorsOf({ head, pairs, montage }: MontageLight): PathlengthFactors[] {
  return pairs.map((row) => {
    const distance = sourceDetectorDistance(montage, row.source, row.detector);
    const paths = Object.entries(partialPaths(head, row));
    return {
      pair: `${row.source}-${row.detector}`,
      wavelength: row.wavelength,
      distance: Number(distance.toFixed(1)),
      factors: Object.fromEntries(paths.map(([tissue, mm]) => [tissue, Number((mm / distance).toFixed(4))])),
    };
  });
}

export function volumeOf<U extends "mol/L" | "mm">(
  head: OpticalHead,
  voxels: Uint32Array,
  values: ArrayLike<number>,
  unit: U,
): Volume<U> {
  const data = new Float32Array(head.labels.length);
  for (const [i, v] of voxels.entries()) data[v] = values[i] as number;
  return { ...head.grid, unit, frames: [{ start: 0, duration: 0 }], clock: "none", data };
}

function placeOf({ grid }: OpticalHead, v: number): Point {
  const [nx, ny] = grid.shape;
  return toWorld(grid, [v % nx, Math.floor(v / nx) % ny, Math.floor(v / (nx * ny))]);
}
