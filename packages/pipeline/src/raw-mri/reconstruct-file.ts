/** Raw MRI from file to file: the images as NIfTI, and beside each a JSON with what was done and found. */
import { basename } from "node:path";
import { DataError, type KSpace, spacing } from "@quintet/core";
import { scannerTriggers, volumeTimes } from "@quintet/fusion/clock";
import { writeNifti } from "@quintet/io";
import { readKSpace, sha256File, writeFileAtomic } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import {
  type CoilCombination,
  type PartialMethod,
  type ReconImage,
  type ReconMethod,
  type Reconstruction,
  reconstruct,
} from "@quintet/modalities/mri";
import type { ScannerClock } from "../recipes/five/scanner-clock.ts";
import { version } from "../version.ts";

export interface ReconstructFileOptions {
  readonly method?: ReconMethod | "auto";
  readonly combine?: CoilCombination;
  readonly partial?: PartialMethod;
  /** Of a Siemens file with several measurements, from 0; default the last. */
  readonly measurement?: number;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface WrittenImage extends Omit<ReconImage, "volume"> {
  readonly path: string;
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
}

export interface ReconstructedFile {
  readonly images: readonly WrittenImage[];
  readonly coils: number;
  readonly problems: readonly string[];
  readonly seconds: number;
}

/**
 * Reconstructs a raw MRI file. One image goes to `out`; several (echoes, sets, cardiac phases, orientations) get
 * `_echo-N`, `_set-N`, `_phase-N`, `_stack-N` before the ending. Each is written whole or not at all.
 *
 * @param out ends in .nii or .nii.gz
 * @throws DataError `bad-name`, and those of `readKSpace`, `reconstruct` and `writeFileAtomic`
 */
export async function reconstructFile(
  raw: string,
  out: string,
  options: ReconstructFileOptions = {},
): Promise<ReconstructedFile> {
  if (!/\.nii(\.gz)?$/i.test(out))
    throw new DataError("bad-name", "the image is written as NIfTI", { expected: ".nii or .nii.gz", found: out });
  const started = performance.now();
  const { measurement, ...chosen } = options;
  await loadKernels();
  options.onProgress?.(0, "reading");
  const kspace = await readKSpace(raw, measurement === undefined ? {} : { measurement });
  let made: Reconstruction;
  try {
    made = reconstruct(kspace, chosen);
  } catch (error) {
    throw error instanceof DataError ? error.inFile(raw) : error;
  }
  const source = { file: basename(raw), sha256: await sha256File(raw) };
  const images: WrittenImage[] = [];
  for (const { volume, ...image } of made.images) {
    const path = out.replace(/\.nii(\.gz)?$/i, (ending) => `${suffix(image, made.images)}${ending}`);
    await writeFileAtomic(path, writeNifti(volume, { gzip: /\.gz$/i.test(path) }));
    const shape = volume.frames.length > 1 ? [...volume.shape, volume.frames.length] : [...volume.shape];
    const written = { ...image, path, shape, spacing: spacing(volume) };
    const side = sidecar(written, kspace, made, {
      ...source,
      ...chosenWords(chosen),
      ...(measurement === undefined ? {} : { measurement }),
    });
    await writeFileAtomic(path.replace(/\.nii(\.gz)?$/i, ".json"), `${JSON.stringify(side, null, 1)}\n`);
    images.push(written);
  }
  return { images, coils: kspace.coils, problems: made.problems, seconds: (performance.now() - started) / 1000 };
}

function suffix(image: Omit<ReconImage, "volume">, all: readonly ReconImage[]): string {
  const names = [
    ["contrast", "echo"],
    ["set", "set"],
    ["phase", "phase"],
    ["stack", "stack"],
  ] as const;
  return names
    .filter(([key]) => new Set(all.map((one) => one[key])).size > 1)
    .map(([key, name]) => `_${name}-${image[key] + 1}`)
    .join("");
}

function chosenWords({ method = "auto", combine = "sos", partial = "pocs" }: ReconstructFileOptions): object {
  return { method, combine, partial };
}

function sidecar(
  { path: _, ...image }: WrittenImage,
  kspace: KSpace,
  { noise, ghostPhase, problems }: Reconstruction,
  asked: object,
): object {
  const { facts, coils, tick, readouts, waveforms, clock } = kspace;
  const first = readouts.reduce((least, { stamp }) => Math.min(least, stamp), Number.POSITIVE_INFINITY);
  return {
    RawData: facts,
    Asked: asked,
    ...image,
    coils,
    ...(noise ? { noise } : {}),
    ...(ghostPhase ? { ghostPhase_rad: ghostPhase } : {}),
    ...scannerClock(kspace),
    // Frame times count from this stamp; without a tick no time follows from it.
    clock: {
      name: clock,
      firstStamp: first,
      ...(tick === undefined ? {} : { tick_s: tick }),
      waveforms: waveforms.length,
    },
    problems,
    GeneratedBy: [{ Name: "quintet mri recon", Version: version }],
    note: "Research use only: not a medical device.",
  };
}

/** Nothing where the stamps have no tick: no time follows from them. */
function scannerClock(kspace: KSpace): { readonly ScannerClock?: ScannerClock } {
  if (kspace.tick === undefined) return {};
  const volumes = volumeTimes(kspace);
  const [start = 0] = volumes;
  const relative = (times: Float64Array): readonly number[] =>
    Array.from(times, (time) => Math.round((time - start) * 1e7) / 1e7);
  const triggers = Object.entries(scannerTriggers(kspace)).map(([name, times]) => [name, relative(times)] as const);
  return {
    ScannerClock: {
      Tick: kspace.tick,
      VolumeTimes: relative(volumes),
      Triggers: Object.fromEntries(triggers),
    },
  };
}
