/** The algorithms behind one door, with what a run that was stopped needs to go on. */
import { DataError, type Grid, type Volume, voxelCount } from "@quintet/core";
import type { LinearOperator } from "../iterate/linear-operator.ts";
import { imageGrid } from "../joseph/image-grid.ts";
import { bsrem, kappaImage } from "./bsrem.ts";
import type { EmissionSubset } from "./emission-data.ts";
import { kernelMatrix, withKernel } from "./kernel-matrix.ts";
import { bowsherNeighbours, type Neighbourhood, neighbours26 } from "./neighbourhood.ts";
import { type EmissionFit, type EmissionProgress, osem, runToEnd } from "./osem.ts";
import { relativeDifferencePrior } from "./relative-difference.ts";

export const algorithms = ["mlem", "osem", "bsrem", "kernel-em"] as const;
export type Algorithm = (typeof algorithms)[number];

export interface ReconstructionOptions {
  readonly algorithm: Algorithm;
  readonly iterations: number;
  /** Of a sinogram a divisor of the views; 1 for MLEM. */
  readonly subsets: number;
  /**
   * Of the relative difference prior (bsrem), a pure number: a pair of neighbours at the image's mean is held together by about
   * this share of the data's own curvature. 0 is the control without.
   */
  readonly strength?: number;
  /** Anatomical image on the grid: Bowsher's neighbours (bsrem) or the kernel (kernel-em). */
  readonly anatomy?: Volume;
  /** The system's resolution G in image space: the model of the counts is A G x, and x comes out sharper. */
  readonly resolution?: LinearOperator;
  /** Whether likelihoods are summed. */
  readonly logLikelihood?: boolean;
  /** Where an earlier run of the same data and options stopped; the result is then bit for bit what it would have been. */
  readonly resume?: ReconstructionState;
}

/** What all the rest follows from: the images that finished parts of the work have led to. */
export interface ReconstructionState {
  /** Rounds of scatter estimation that are done, and the image the last one's scatter is computed from. */
  readonly rounds: number;
  readonly scatterImage?: Float32Array;
  /** Iterations that are done, each one's history, and the unknowns after them (of kernel EM its coefficients). */
  readonly history: EmissionFit["history"];
  readonly unknowns?: Float32Array;
}

export const beginning: ReconstructionState = { rounds: 0, history: [] };

export interface ReconstructionProgress {
  readonly stage: string;
  /** Of all stages, 0 to 1. */
  readonly fraction: number;
  readonly iteration?: number;
  /** Where something was finished since the step before: what `resume` takes. */
  readonly state?: ReconstructionState;
}

/**
 * Runs the algorithm asked for from where `resume` left it.
 * @throws DataError `bad-resume` (nothing is left to do), those of osem and bsrem
 */
export function* runAlgorithm(
  projected: readonly EmissionSubset[],
  grid: Grid,
  options: ReconstructionOptions,
  tell: (progress: ReconstructionProgress) => ReconstructionProgress,
): Generator<ReconstructionProgress, { readonly image: Float32Array; readonly fit: EmissionFit }> {
  const { algorithm, strength = 0, anatomy, resolution, logLikelihood = false, resume = beginning } = options;
  // Of unknowns behind an operator, as of kernel EM's; here they are the image themselves.
  const subsets = resolution ? withKernel(projected, resolution) : projected;
  const done = resume.history.length;
  const iterations = options.iterations - done;
  if (iterations <= 0) {
    throw new DataError("bad-resume", "what is resumed has all its iterations", {
      expected: `fewer than ${options.iterations}`,
      found: `${done}`,
    });
  }
  const begun = resume.unknowns;
  const plain = { iterations, logLikelihood, ...(begun ? { start: begun } : {}) };
  if (algorithm === "bsrem") {
    const first = runToEnd(osem(subsets, { iterations: 1 })).image;
    const mean = first.reduce((sum, x) => sum + x, 0) / first.length;
    const all = neighbours26(grid.shape, imageGrid(grid).size);
    // A quarter of the neighbours; Bowsher et al. took about as many.
    const near: Neighbourhood = anatomy ? bowsherNeighbours(all, anatomy.data, 7) : all;
    // kappa^2 is the data's curvature, the prior's goes with 1 / x: times the mean, the strength has no unit.
    const prior = relativeDifferencePrior(near, {
      strength: strength * mean,
      floor: 1e-3 * mean,
      kappa: kappaImage(subsets, first),
    });
    const about = { iterations, start: begun ?? first, done, ...(strength > 0 ? { prior } : {}) };
    const fit = yield* goingOn(bsrem(subsets, about), options, tell);
    return { image: fit.image, fit };
  }
  if (algorithm === "kernel-em" && anatomy) {
    const kernel = kernelMatrix(grid.shape, anatomy.data);
    const fit = yield* goingOn(osem(withKernel(subsets, kernel), plain), options, tell);
    return { image: kernel.forward(fit.image), fit };
  }
  const fit = yield* goingOn(osem(subsets, plain), options, tell);
  return { image: fit.image, fit };
}

/** Steps told as those of the whole, what was done before included. */
function* goingOn(
  steps: Generator<EmissionProgress, EmissionFit>,
  { algorithm: stage, iterations, resume = beginning }: ReconstructionOptions,
  tell: (progress: ReconstructionProgress) => ReconstructionProgress,
): Generator<ReconstructionProgress, EmissionFit> {
  const done = resume.history.length;
  let seen = 0;
  for (;;) {
    const step = steps.next();
    if (step.done) return { ...step.value, history: [...resume.history, ...step.value.history] };
    const { iteration, fraction, history, image } = step.value;
    const news = history.length > seen;
    seen = history.length;
    yield tell({
      stage,
      fraction: (done + fraction * (iterations - done)) / iterations,
      iteration: done + iteration,
      ...(news ? { state: { ...resume, history: [...resume.history, ...history], unknowns: image.slice() } } : {}),
    });
  }
}

/** @throws DataError `bad-algorithm`, `no-anatomy`, `grid-mismatch` */
export function checkOptions(grid: Grid, { algorithm, subsets, anatomy, strength = 0 }: ReconstructionOptions): void {
  if (!algorithms.includes(algorithm) || (algorithm === "mlem" && subsets !== 1)) {
    throw new DataError("bad-algorithm", "how to reconstruct", {
      expected: `${algorithms.join(", ")}; MLEM has one subset`,
      found: `${algorithm} with ${subsets} subsets`,
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
}
