/** Raw PET from file to file: an image as NIfTI, and beside it a JSON with the model's terms and what was found. */
import { basename } from "node:path";
import { setImmediate as othersFirst } from "node:timers/promises";
import {
  type AttenuationMap,
  DataError,
  type Grid,
  identityAffine,
  type QcFinding,
  type Sinogram,
  type Volume,
} from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { readAttenuationMap, readSinogram, readVolume, sha256File, writeFileAtomic } from "@quintet/io/node";
import { resample } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  type Algorithm,
  annihilationEnergy,
  calibrated,
  countFindings,
  type EnergyWindow,
  pairsOfBins,
  type Reconstruction,
  reconstruct,
  reconstructionGrid,
} from "@quintet/modalities/pet";
import { version } from "../version.ts";

/** Each term of y = n a (A x) + r + s: a file, or what to do without one. */
export interface PetTermFiles {
  /** An Interfile sinogram, "pairs" (all detectors alike) or "none". */
  readonly normalisation: string;
  /** A mu-map at 511 keV in 1/cm, or "none". */
  readonly attenuation: string;
  /** An Interfile sinogram of expected counts, or "none". */
  readonly randoms: string;
  /** An Interfile sinogram of expected counts, "estimate" (single scatter from the image and the mu-map), or "none". */
  readonly scatter: string;
}

export interface ReconstructPetOptions extends PetTermFiles {
  readonly algorithm: Algorithm;
  readonly iterations: number;
  /** Default 1 for MLEM, else the largest divisor of the views up to 21. */
  readonly subsets?: number;
  readonly strength?: number;
  /** An image in the scanner's space that guides bsrem (Bowsher) or kernel-em. */
  readonly anatomy?: string;
  readonly window: EnergyWindow;
  /** Edge of the image's voxels in the plane, mm. */
  readonly voxel?: number;
  /** Edge of the image in the plane, mm; default the projections' diameter. */
  readonly fieldOfView?: number;
  /** Time frame of the file, from 1. */
  readonly frame?: number;
  /** Bq/mL for one unit of image a second: the image is written in Bq/mL, not decay-corrected. */
  readonly calibration?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface ReconstructedPet {
  readonly path: string;
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  readonly unit: string;
  readonly kernel: string;
  readonly iterations: readonly object[];
  readonly scatterScale?: { readonly value: number; readonly error: number };
  readonly findings: readonly QcFinding[];
  readonly notes: readonly string[];
  readonly seconds: number;
  /** Largest resident memory of the process, MB. */
  readonly peakMemory: number;
}

/**
 * Reconstructs a PET sinogram. The image and its JSON are written at the end, each whole or not at all; a run that is
 * stopped leaves nothing.
 *
 * @param raw an Interfile header of projections (.hs)
 * @throws DataError `bad-name`, those of readSinogram, readAttenuationMap and reconstruct; AbortError when stopped
 */
export async function reconstructPetFile(
  raw: string,
  out: string,
  options: ReconstructPetOptions,
): Promise<ReconstructedPet> {
  if (!/\.nii(\.gz)?$/i.test(out))
    throw new DataError("bad-name", "the image is written as NIfTI", { expected: ".nii or .nii.gz", found: out });
  const started = performance.now();
  const { onProgress, signal } = options;
  await loadKernels();
  onProgress?.(0, "reading");
  const { sinogram: prompts, about } = await readSinogram(
    raw,
    options.frame === undefined ? {} : { frame: options.frame },
  );
  const grid = reconstructionGrid(prompts.layout, {
    ...(options.voxel === undefined ? {} : { voxel: options.voxel }),
    ...(options.fieldOfView === undefined ? {} : { fieldOfView: options.fieldOfView }),
  });
  const terms = await termsOf(options, prompts, grid);
  const anatomy = options.anatomy === undefined ? undefined : onto(grid, await readVolume(options.anatomy));
  const subsets = options.subsets ?? (options.algorithm === "mlem" ? 1 : evenSubsets(prompts.layout.views));
  const steps = reconstruct(prompts, grid, terms, {
    algorithm: options.algorithm,
    iterations: options.iterations,
    subsets,
    logLikelihood: true,
    ...(options.strength === undefined ? {} : { strength: options.strength }),
    ...(anatomy ? { anatomy } : {}),
  });
  let result: Reconstruction;
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) {
        result = step.value;
        break;
      }
      const { stage, fraction, iteration } = step.value;
      onProgress?.(fraction, iteration === undefined ? stage : `${stage}, iteration ${iteration + 1}`);
      await othersFirst();
      signal?.throwIfAborted();
    }
  } catch (error) {
    steps.return(undefined as never);
    throw error instanceof DataError ? error.inFile(raw) : error;
  }
  const frame = about.facts.frames[(options.frame ?? 1) - 1] ?? { start: 0, duration: 0 };
  const plain: Volume<"1"> = { ...result.image, frames: [frame] };
  const image: Volume =
    options.calibration === undefined ? plain : calibrated(plain, { factor: options.calibration }, { branching: 1 });
  const written: ReconstructedPet = {
    path: out,
    shape: image.shape,
    spacing: [0, 5, 10].map((k) => image.affine[k] as number),
    unit: options.calibration === undefined ? "counts per mm of line (not calibrated)" : "Bq/mL",
    kernel: result.kernel,
    iterations: result.fit.history,
    ...(result.tails ? { scatterScale: result.tails.overall } : {}),
    findings: countFindings(result, frame.duration),
    notes: [...about.notes, ...result.notes],
    seconds: (performance.now() - started) / 1000,
    peakMemory: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  const side = await sidecar(raw, written, { ...options, subsets }, result);
  await writeFileAtomic(out, writeNifti(image, { gzip: /\.gz$/i.test(out) }));
  await writeFileAtomic(out.replace(/\.nii(\.gz)?$/i, ".json"), `${JSON.stringify(side, null, 1)}\n`);
  return written;
}

async function termsOf(
  { normalisation, attenuation, randoms, scatter, window }: ReconstructPetOptions,
  { layout }: Sinogram,
  grid: Grid,
): Promise<Parameters<typeof reconstruct>[2]> {
  const term = async (path: string): Promise<Sinogram | "none"> =>
    path === "none" ? "none" : (await readSinogram(path)).sinogram;
  return {
    normalisation: normalisation === "pairs" ? pairsOfBins(layout) : await term(normalisation),
    attenuation: attenuation === "none" ? "none" : await mapOn(grid, attenuation),
    randoms: await term(randoms),
    scatter: scatter === "estimate" ? { window } : await term(scatter),
  };
}

/** A mu-map on the image's grid; both are in the scanner's world. */
async function mapOn(grid: Grid, path: string): Promise<AttenuationMap> {
  const map = await readAttenuationMap(path, { energy: annihilationEnergy, space: grid.space });
  return { ...onto(grid, map), unit: "1/cm", energy: map.energy };
}

function onto(grid: Grid, volume: Volume): Volume {
  return resample({ ...volume, space: grid.space }, grid, identityAffine());
}

async function sidecar(
  raw: string,
  { path: _, ...written }: ReconstructedPet,
  options: ReconstructPetOptions & { readonly subsets: number },
  { fit, totals }: Reconstruction,
): Promise<object> {
  const { algorithm, iterations, subsets, strength, anatomy, window, frame = 1 } = options;
  const named = (text: string): string => (/^(none|pairs|estimate)$/.test(text) ? text : basename(text));
  return {
    RawData: { file: basename(raw), sha256: await sha256File(raw), frame },
    Model: "y = n a (A x) + r + s",
    Terms: {
      normalisation: named(options.normalisation),
      attenuation: named(options.attenuation),
      randoms: named(options.randoms),
      scatter: named(options.scatter),
      ...(options.scatter === "estimate"
        ? { energyWindow_keV: [window.low, window.high], resolution: window.resolution }
        : {}),
    },
    ReconMethodName: algorithm,
    ReconMethodParameterLabels: ["iterations", "subsets", ...(strength === undefined ? [] : ["strength"])],
    ReconMethodParameterValues: [iterations, subsets, ...(strength === undefined ? [] : [strength])],
    ...(anatomy === undefined ? {} : { Anatomy: basename(anatomy) }),
    ImageDecayCorrected: false,
    counts: totals,
    blindVoxels: fit.blind,
    ...written,
    GeneratedBy: [{ Name: "quintet pet recon", Version: version }],
    note: "Research use only: not a medical device.",
  };
}

function evenSubsets(views: number): number {
  for (let count = Math.min(21, views); count > 1; count--) if (views % count === 0) return count;
  return 1;
}
