/** Raw counts and the terms of their model from files: what is the same for sinograms and for list mode. */
import {
  type AttenuationMap,
  DataError,
  type Frame,
  type Grid,
  identityAffine,
  type PetScanner,
  type Sinogram,
  spacing,
  type Volume,
} from "@quintet/core";
import { readAttenuationMap, readSinogram, readVolume } from "@quintet/io/node";
import {
  fwhmPerSigma,
  type ReconstructionProgress,
  type ReconstructionState,
  resample,
  smoothGaussian,
} from "@quintet/kernels";
import {
  annihilationEnergy,
  attenuationFromCt,
  type CountCourse,
  type EnergyWindow,
  type MotionTrack,
  type Reconstruction,
  reconstructionGrid,
} from "@quintet/modalities/pet";
import { readSideFile } from "../pet-quantify/pet-image.ts";

/** Each term of y = n a (A x) + r + s: a file, or what to do without one. */
export interface PetTermFiles {
  /** An Interfile sinogram, "file" (what a PETSIRD file says), "pairs" (all detectors alike) or "none". */
  readonly normalisation: string;
  /** A mu-map at 511 keV in 1/cm, "ct:FILE" (Hounsfield units), or "none"; in the scanner's coordinates. */
  readonly attenuation: string;
  /** An Interfile sinogram of expected counts, "delayeds" (of list mode) or "none". */
  readonly randoms: string;
  /** An Interfile sinogram of expected counts, "estimate" (single scatter from the image and the mu-map), or "none". */
  readonly scatter: string;
}

export interface RawScanOptions extends PetTermFiles {
  /** For scatter that is estimated; what is absent is as the file states (see energyWindow). */
  readonly window?: Partial<EnergyWindow>;
  /** Tube voltage of a CT, kV; default what its side file states (KVP). */
  readonly kilovolts?: number;
  /** Edge of the image's voxels in the plane, mm. */
  readonly voxel?: number;
  /** Edge of the image in the plane, mm; default the projections' diameter. */
  readonly fieldOfView?: number;
}

/** What a raw file's header says of tracer and time; absent where it is silent. */
export interface RawStatement {
  readonly radionuclide?: string;
  /** Seconds. */
  readonly halfLife?: number;
  /** Of 0 on the scan's clock, ISO 8601 without zone. */
  readonly startedAt?: string;
}

/** A span of the scan that gives one image. */
export interface FrameJob {
  readonly frame: Frame;
  /** @param track where the head was; list mode only */
  reconstruct(
    how: Parameters<typeof import("@quintet/modalities/pet").reconstruct>[3],
    track?: MotionTrack,
  ): Generator<ReconstructionProgress, Reconstruction>;
  /** Of the algorithm where none is asked for. */
  readonly subsets: number;
}

export interface RawScan {
  readonly kind: "sinogram" | "list mode";
  readonly grid: Grid;
  readonly jobs: readonly FrameJob[];
  readonly notes: readonly string[];
  /** Of scatter that is estimated. */
  readonly window?: EnergyWindow;
  /** Absent where there is none; its full width at half maximum in ps. */
  readonly timeOfFlight?: { readonly bins: number; readonly fwhm?: number };
  /** Share of time in which detectors were live, where the file says it. */
  readonly alive?: { readonly mean: number; readonly lowest: number };
  /** Of list mode. */
  readonly course?: CountCourse;
  /** All that the images follow from besides the options: for a content hash. */
  readonly content: readonly unknown[];
  readonly stated: RawStatement;
  /** Facts for the side file. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export type { ReconstructionState };

export function timing(bins: number, { timeOfFlight }: PetScanner): { readonly bins: number; readonly fwhm?: number } {
  return { bins, ...(timeOfFlight ? { fwhm: timeOfFlight.fwhm } : {}) };
}

export function gridOf(
  layout: Sinogram["layout"],
  { voxel, fieldOfView }: Pick<RawScanOptions, "voxel" | "fieldOfView">,
): Grid {
  return reconstructionGrid(layout, {
    ...(voxel === undefined ? {} : { voxel }),
    ...(fieldOfView === undefined ? {} : { fieldOfView }),
  });
}

/** A file's sinogram, or "none". */
export async function termOf(path: string): Promise<Sinogram | "none"> {
  return path === "none" ? "none" : (await readSinogram(path)).sinogram;
}

/** A mu-map on the image's grid; both are in the scanner's world. @throws DataError those of readAttenuationMap and mapOfCt, `no-overlap` */
export async function mapOn(grid: Grid, path: string, kilovolts?: number): Promise<AttenuationMap | "none"> {
  if (path === "none") return "none";
  const map = path.startsWith("ct:")
    ? await mapOfCt(path.slice(3), grid, kilovolts)
    : await readAttenuationMap(path, { energy: annihilationEnergy, space: grid.space });
  const moved = onto(grid, map);
  if (!moved.data.some((mu) => mu > 0)) {
    throw new DataError("no-overlap", "the mu-map holds no attenuation where the image lies", {
      file: path,
      expected: "a map in the scanner's coordinates, its origin the scanner's centre",
      found: "air everywhere in the field of view",
    });
  }
  return { ...moved, unit: "1/cm", energy: map.energy };
}

/**
 * A CT as a mu-map, smoothed to the width of the image's voxels (FWHM) lest its finer voxels be picked out.
 * @throws DataError `unknown-voltage`, `not-hounsfield`, those of readVolume, `bad-json`
 */
async function mapOfCt(file: string, grid: Grid, kilovolts: number | undefined): Promise<AttenuationMap> {
  const ct = await readVolume(file, { space: grid.space });
  const voltage = kilovolts ?? (await readSideFile(file)).KVP;
  if (typeof voltage !== "number") {
    throw new DataError("unknown-voltage", "Hounsfield units become attenuation by the CT's tube voltage", {
      file,
      expected: "--ct-kv, or KVP in the JSON beside it",
      found: "nothing",
    });
  }
  try {
    const map = attenuationFromCt(ct, voltage);
    const [own, wide] = [spacing(ct), spacing(grid)];
    const sigma = own.map((mm, k) => (wide[k] as number) / fwhmPerSigma / mm) as [number, number, number];
    return { ...map, data: smoothGaussian(map.data, map.shape, sigma) };
  } catch (error) {
    throw error instanceof DataError ? error.inFile(file) : error;
  }
}

export function onto(grid: Grid, volume: Volume): Volume {
  return resample({ ...volume, space: grid.space }, grid, identityAffine());
}
