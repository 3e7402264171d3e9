import { type AttenuationMap, DataError, type Grid, type Millimetres, type Sinogram, type Volume } from "@quintet/core";
import {
  beginning,
  checkOptions,
  type EmissionFit,
  osem,
  type ReconstructionOptions,
  type ReconstructionProgress,
  runAlgorithm,
} from "@quintet/kernels";
import { attenuationFactors } from "../correct/attenuation-factors.ts";
import { type ScatterOptions, scatterEstimate } from "../correct/scatter.ts";
import { fitTails, normalised, type TailFit } from "../correct/tail-fit.ts";
import { acquisitionModel, type Term } from "../forward/acquisition-model.ts";
import { imageResolution } from "../forward/image-resolution.ts";
import { scatterIterations, scatterRounds, scatterShare } from "./scatter-rounds.ts";

/** As AcquisitionTerms, but a mu-map may stand for a, and the way to estimate it for s: each is present or "none". */
export interface ReconstructionTerms {
  readonly normalisation: Term;
  readonly attenuation: AttenuationMap | Sinogram | "none";
  readonly randoms: Term;
  readonly scatter: Sinogram | (ScatterOptions & { readonly rounds?: number }) | "none";
}

/** As of every emission tomograph, with the scanner's resolution in image space. */
export interface PetReconstructionOptions extends Omit<ReconstructionOptions, "resolution"> {
  /**
   * Full width at half maximum of the scanner's point spread: it becomes part of the model (`imageResolution`), and edges come out
   * sharper, with an overshoot beside them of up to a tenth (Gibbs). Absent: the projector's own.
   */
  readonly psf?: Millimetres | readonly [Millimetres, Millimetres, Millimetres];
}

/** What the engine takes. @throws DataError `bad-fwhm` */
export function engineOptions(grid: Grid, { psf, ...options }: PetReconstructionOptions): ReconstructionOptions {
  return psf === undefined ? options : { ...options, resolution: imageResolution(grid, psf) };
}

export interface Reconstruction {
  /** Counts per mm of line: what n a (A x) + r + s needs; see `calibrated`. */
  readonly image: Volume<"1">;
  readonly fit: EmissionFit;
  readonly kernel: string;
  /** Sums of the model's terms over all bins, counts. */
  readonly totals: { readonly prompts: number; readonly randoms: number; readonly scatter: number };
  /** Where scatter was estimated here. */
  readonly tails?: TailFit;
  /** What a reader must know. */
  readonly notes: readonly string[];
}

/**
 * An image from prompts: attenuation from its map, scatter estimated from the image itself in rounds (an image without
 * scatter, its single scatter, an image with that, ...), then the algorithm asked for.
 *
 * A generator: every step says where it stands, so that a caller can show it, or stop it by not asking on; what is finished
 * comes with it as a state that a later run resumes.
 *
 * @param grid of the image; the mu-map must be on it where scatter is estimated
 * @throws DataError `missing-term`, `bad-algorithm`, `no-anatomy`, `grid-mismatch`, those of acquisitionModel, osem and bsrem
 */
export function* reconstruct(
  prompts: Sinogram,
  grid: Grid,
  terms: ReconstructionTerms,
  asked: PetReconstructionOptions,
): Generator<ReconstructionProgress, Reconstruction> {
  const options = engineOptions(grid, asked);
  checkOptions(grid, options);
  checkTermsGiven(terms);
  const notes: string[] = [];
  const map = terms.attenuation !== "none" && "energy" in terms.attenuation ? terms.attenuation : undefined;
  yield { stage: "attenuation", fraction: 0 };
  const attenuation: Term = map ? attenuationFactors(map, prompts.layout) : (terms.attenuation as Term);
  const known = { normalisation: terms.normalisation, attenuation, randoms: terms.randoms };
  const { scatter: how } = terms;
  const { resume = beginning } = options;
  const rounds = how !== "none" && !("layout" in how) ? (how.rounds ?? 2) : 0;
  let estimated: { readonly scatter?: Estimated; readonly image?: Float32Array } = {};
  if (rounds > 0) {
    const imageWith = function* (found: Estimated | undefined): ReturnType<typeof osem> {
      const model = acquisitionModel(
        prompts,
        grid,
        { ...known, scatter: found?.scatter ?? "none" },
        scatterSubsets(prompts.layout.views),
      );
      try {
        return yield* osem(model.subsets, { iterations: scatterIterations });
      } finally {
        model.close();
      }
    };
    const scatterOf = (image: Float32Array): Estimated => {
      const volume = volumeOf(grid, image);
      const estimate = scatterEstimate(volume, map as AttenuationMap, prompts.layout, how as ScatterOptions);
      return scaledToTails(prompts, estimate, known);
    };
    estimated = yield* scatterRounds(rounds, resume, imageWith, scatterOf);
    notes.push(...(estimated.scatter?.notes ?? []));
  }
  const scatter: Term = estimated.scatter?.scatter ?? (how !== "none" && "layout" in how ? how : "none");
  const begin = rounds > 0 ? scatterShare : 0;
  const model = acquisitionModel(prompts, grid, { ...known, scatter }, options.subsets);
  try {
    const { image, fit } = yield* runAlgorithm(model.subsets, grid, options, ({ state, ...step }) => ({
      ...step,
      fraction: begin + (1 - begin) * step.fraction,
      ...(state ? { state: { ...state, rounds, ...(estimated.image ? { scatterImage: estimated.image } : {}) } } : {}),
    }));
    notes.push(...fitNotes(fit));
    const { tails } = estimated.scatter ?? {};
    return {
      image: volumeOf(grid, image),
      fit,
      kernel: model.kernel,
      totals: { prompts: fit.counts, randoms: total(terms.randoms), scatter: total(scatter) },
      ...(tails ? { tails } : {}),
      notes,
    };
  } finally {
    model.close();
  }
}

interface Estimated {
  readonly scatter: Sinogram;
  readonly tails?: TailFit;
  readonly notes: readonly string[];
}

function scaledToTails(prompts: Sinogram, estimate: Sinogram, known: Parameters<typeof fitTails>[2]): Estimated {
  try {
    const tails = fitTails(prompts, estimate, known);
    return { scatter: tails.scatter, tails, notes: [] };
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "no-tails") throw error;
    return { scatter: normalised(estimate, known.normalisation), notes: [noTailsNote] };
  }
}

export const noTailsNote = "no line misses the head: scatter has its computed scale, not one fitted to the tails";

/** What a reader must know of a fit. */
export function fitNotes({ blind, unexplained }: EmissionFit): readonly string[] {
  return [
    ...(blind > 0 ? [`${blind} voxels that no line of response crosses are 0`] : []),
    ...(unexplained > 0 ? [`${unexplained} counts lie in lines where the model expects none; they take no part`] : []),
  ];
}

function checkTermsGiven(terms: ReconstructionTerms): void {
  for (const name of ["normalisation", "attenuation", "randoms", "scatter"] as const) {
    if (terms[name] !== undefined) continue;
    throw new DataError("missing-term", `the model of the counts says nothing about ${name}`, {
      expected: 'a term, or "none" where it is left out on purpose',
      found: "nothing",
    });
  }
  const estimated = terms.scatter !== "none" && !("layout" in terms.scatter);
  if (estimated && (terms.attenuation === "none" || !("energy" in terms.attenuation))) {
    throw new DataError("missing-term", "scatter is estimated from the attenuation map", {
      expected: "an attenuation map on the image's grid",
      found: "none",
    });
  }
}

/** About ten subsets: two iterations of them find the low frequencies that scatter is made of. */
function scatterSubsets(views: number): number {
  const divisors = Array.from({ length: views }, (_, i) => i + 1).filter((d) => views % d === 0);
  return divisors.filter((d) => d <= 12).at(-1) ?? 1;
}

export function volumeOf(grid: Grid, data: Float32Array): Volume<"1"> {
  const { shape, affine, space } = grid;
  return { shape, affine, space, unit: "1", frames: [{ start: 0, duration: 0 }], clock: "scanner", data };
}

/** Counts in all. */
export function total(term: Term): number {
  if (term === "none") return 0;
  let sum = 0;
  for (const value of term.data) sum += value;
  return sum;
}
