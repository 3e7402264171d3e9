import { type AttenuationMap, DataError, type Grid, type Sinogram, type Volume, voxelCount } from "@quintet/core";
import {
  bowsherNeighbours,
  bsrem,
  type EmissionFit,
  type EmissionProgress,
  kappaImage,
  kernelMatrix,
  type Neighbourhood,
  neighbours26,
  osem,
  relativeDifferencePrior,
  runToEnd,
  withKernel,
} from "@quintet/kernels";
import { attenuationFactors } from "../correct/attenuation-factors.ts";
import { type ScatterOptions, scatterEstimate } from "../correct/scatter.ts";
import { fitTails, normalised, type TailFit } from "../correct/tail-fit.ts";
import { acquisitionModel, type Term } from "../forward/acquisition-model.ts";
import { imageGrid } from "../forward/sinogram-projector.ts";

export const algorithms = ["mlem", "osem", "bsrem", "kernel-em"] as const;
export type Algorithm = (typeof algorithms)[number];

export interface ReconstructionOptions {
  readonly algorithm: Algorithm;
  readonly iterations: number;
  /** A divisor of the views; 1 for MLEM. */
  readonly subsets: number;
  /**
   * Of the relative difference prior (bsrem), a pure number: a pair of neighbours at the image's mean is held together by about
   * this share of the data's own curvature. 0 is the control without.
   */
  readonly strength?: number;
  /** Anatomical image on the grid: Bowsher's neighbours (bsrem) or the kernel (kernel-em). */
  readonly anatomy?: Volume;
  /** Whether likelihoods are summed. */
  readonly logLikelihood?: boolean;
}

/** As AcquisitionTerms, but a mu-map may stand for a, and the way to estimate it for s: each is present or "none". */
export interface ReconstructionTerms {
  readonly normalisation: Term;
  readonly attenuation: AttenuationMap | Sinogram | "none";
  readonly randoms: Term;
  readonly scatter: Sinogram | (ScatterOptions & { readonly rounds?: number }) | "none";
}

export interface ReconstructionProgress {
  readonly stage: string;
  /** Of all stages, 0 to 1. */
  readonly fraction: number;
  readonly iteration?: number;
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
 * A generator: every step says where it stands, so that a caller can show it, or stop it by not asking on.
 *
 * @param grid of the image; the mu-map must be on it where scatter is estimated
 * @throws DataError `missing-term`, `bad-algorithm`, `no-anatomy`, `grid-mismatch`, those of acquisitionModel, osem and bsrem
 */
export function* reconstruct(
  prompts: Sinogram,
  grid: Grid,
  terms: ReconstructionTerms,
  options: ReconstructionOptions,
): Generator<ReconstructionProgress, Reconstruction> {
  checkOptions(grid, terms, options);
  const notes: string[] = [];
  const map = terms.attenuation !== "none" && "energy" in terms.attenuation ? terms.attenuation : undefined;
  yield { stage: "attenuation", fraction: 0 };
  const attenuation: Term = map ? attenuationFactors(map, prompts.layout) : (terms.attenuation as Term);
  const known = { normalisation: terms.normalisation, attenuation, randoms: terms.randoms };
  const { scatter: how } = terms;
  let scatter: Term = how === "none" || "layout" in how ? how : "none";
  let tails: TailFit | undefined;
  const rounds = how !== "none" && !("layout" in how) ? (how.rounds ?? 2) : 0;
  for (let round = 0; round < rounds; round++) {
    const stage = `scatter, round ${round + 1} of ${rounds}`;
    const share = (within: number): number => (0.4 * (round + within)) / rounds;
    const model = acquisitionModel(prompts, grid, { ...known, scatter }, scatterSubsets(prompts.layout.views));
    let image: Float32Array;
    try {
      const steps = osem(model.subsets, { iterations: 2 });
      image = yield* told(steps, (p) => ({ stage, fraction: share(0.7 * p.fraction), iteration: p.iteration }));
    } finally {
      model.close();
    }
    yield { stage, fraction: share(0.8) };
    const estimate = scatterEstimate(
      volumeOf(grid, image),
      map as AttenuationMap,
      prompts.layout,
      how as ScatterOptions,
    );
    try {
      tails = fitTails(prompts, estimate, known);
      scatter = tails.scatter;
    } catch (error) {
      if (!(error instanceof DataError) || error.code !== "no-tails") throw error;
      scatter = normalised(estimate, terms.normalisation);
      if (round === 0)
        notes.push("no line misses the head: scatter has its computed scale, not one fitted to the tails");
    }
  }
  const begin = rounds > 0 ? 0.4 : 0;
  const model = acquisitionModel(prompts, grid, { ...known, scatter }, options.subsets);
  try {
    const { image, fit } = yield* chosen(model.subsets, grid, options, (stage, p) => ({
      stage,
      fraction: begin + (1 - begin) * p.fraction,
      iteration: p.iteration,
    }));
    if (fit.blind > 0) notes.push(`${fit.blind} voxels that no line of response crosses are 0`);
    if (fit.unexplained > 0) {
      notes.push(`${fit.unexplained} counts lie in lines where the model expects none; they take no part`);
    }
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

function* chosen(
  subsets: Parameters<typeof osem>[0],
  grid: Grid,
  { algorithm, iterations, strength = 0, anatomy, logLikelihood = false }: ReconstructionOptions,
  tell: (stage: string, progress: EmissionProgress) => ReconstructionProgress,
): Generator<ReconstructionProgress, { readonly image: Float32Array; readonly fit: EmissionFit }> {
  if (algorithm === "bsrem") {
    const start = runToEnd(osem(subsets, { iterations: 1 })).image;
    const mean = start.reduce((sum, x) => sum + x, 0) / start.length;
    const all = neighbours26(grid.shape, imageGrid(grid).size);
    // A quarter of the neighbours; Bowsher et al. took about as many.
    const near: Neighbourhood = anatomy ? bowsherNeighbours(all, anatomy.data, 7) : all;
    // kappa^2 is the data's curvature, the prior's goes with 1 / x: times the mean, the strength has no unit.
    const prior = relativeDifferencePrior(near, {
      strength: strength * mean,
      floor: 1e-3 * mean,
      kappa: kappaImage(subsets, start),
    });
    const steps = bsrem(subsets, { iterations, start, ...(strength > 0 ? { prior } : {}) });
    const fit = yield* whole(steps, (p) => tell("bsrem", p));
    return { image: fit.image, fit };
  }
  if (algorithm === "kernel-em" && anatomy) {
    const kernel = kernelMatrix(grid.shape, anatomy.data);
    const fit = yield* whole(osem(withKernel(subsets, kernel), { iterations, logLikelihood }), (p) =>
      tell(algorithm, p),
    );
    return { image: kernel.forward(fit.image), fit };
  }
  const fit = yield* whole(osem(subsets, { iterations, logLikelihood }), (p) => tell(algorithm, p));
  return { image: fit.image, fit };
}

function* whole<Fit>(
  steps: Generator<EmissionProgress, Fit>,
  tell: (progress: EmissionProgress) => ReconstructionProgress,
): Generator<ReconstructionProgress, Fit> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    yield tell(step.value);
  }
}

function* told(
  steps: Generator<EmissionProgress, EmissionFit>,
  tell: (progress: EmissionProgress) => ReconstructionProgress,
): Generator<ReconstructionProgress, Float32Array> {
  const fit = yield* whole(steps, tell);
  return fit.image;
}

function checkOptions(
  grid: Grid,
  terms: ReconstructionTerms,
  { algorithm, subsets, anatomy, strength = 0 }: ReconstructionOptions,
): void {
  if (!algorithms.includes(algorithm) || (algorithm === "mlem" && subsets !== 1)) {
    throw new DataError("bad-algorithm", "how to reconstruct", {
      expected: `${algorithms.join(", ")}; MLEM has one subset`,
      found: `${algorithm} with ${subsets} subsets`,
    });
  }
  for (const name of ["normalisation", "attenuation", "randoms", "scatter"] as const) {
    if (terms[name] !== undefined) continue;
    throw new DataError("missing-term", `the model of the counts says nothing about ${name}`, {
      expected: 'a term, or "none" where it is left out on purpose',
      found: "nothing",
    });
  }
  if (algorithm === "kernel-em" && !anatomy) {
    throw new DataError("no-anatomy", "kernel EM is guided by an anatomical image on the grid of the reconstruction");
  }
  if (anatomy && anatomy.data.length !== voxelCount(grid)) {
    throw new DataError("grid-mismatch", "the anatomical image is on the grid of the reconstruction", {
      expected: grid.shape.join(" x "),
      found: anatomy.shape.join(" x "),
    });
  }
  if (anatomy && algorithm === "bsrem" && !(strength > 0)) {
    throw new DataError("bad-algorithm", "an anatomical image guides a prior, which needs a strength above 0");
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

function volumeOf(grid: Grid, data: Float32Array): Volume<"1"> {
  const { shape, affine, space } = grid;
  return { shape, affine, space, unit: "1", frames: [{ start: 0, duration: 0 }], clock: "scanner", data };
}

/** Counts in all. */
function total(term: Term): number {
  if (term === "none") return 0;
  let sum = 0;
  for (const value of term.data) sum += value;
  return sum;
}
