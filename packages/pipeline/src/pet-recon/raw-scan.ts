/** Raw counts and the terms of their model from files: what is the same for sinograms and for list mode. */
import {
  type AttenuationMap,
  DataError,
  type Frame,
  type Grid,
  identityAffine,
  type Sinogram,
  type Volume,
} from "@quintet/core";
import { readAttenuationMap, readSinogram } from "@quintet/io/node";
import { type ReconstructionProgress, type ReconstructionState, resample } from "@quintet/kernels";
import {
  annihilationEnergy,
  type EnergyWindow,
  type MotionTrack,
  type Reconstruction,
  reconstructionGrid,
} from "@quintet/modalities/pet";

/** Each term of y = n a (A x) + r + s: a file, or what to do without one. */
export interface PetTermFiles {
  /** An Interfile sinogram, "file" (what a PETSIRD file says), "pairs" (all detectors alike) or "none". */
  readonly normalisation: string;
  /** A mu-map at 511 keV in 1/cm, or "none". */
  readonly attenuation: string;
  /** An Interfile sinogram of expected counts, "delayeds" (of list mode) or "none". */
  readonly randoms: string;
  /** An Interfile sinogram of expected counts, "estimate" (single scatter from the image and the mu-map), or "none". */
  readonly scatter: string;
}

export interface RawScanOptions extends PetTermFiles {
  /** For scatter that is estimated; what is absent is as the file states (see energyWindow). */
  readonly window?: Partial<EnergyWindow>;
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
  /** All that the images follow from besides the options: for a content hash. */
  readonly content: readonly unknown[];
  readonly stated: RawStatement;
  /** Facts for the side file. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export type { ReconstructionState };

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

/** A mu-map on the image's grid; both are in the scanner's world. @throws DataError those of readAttenuationMap, `no-overlap` */
export async function mapOn(grid: Grid, path: string): Promise<AttenuationMap | "none"> {
  if (path === "none") return "none";
  const map = await readAttenuationMap(path, { energy: annihilationEnergy, space: grid.space });
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

export function onto(grid: Grid, volume: Volume): Volume {
  return resample({ ...volume, space: grid.space }, grid, identityAffine());
}
