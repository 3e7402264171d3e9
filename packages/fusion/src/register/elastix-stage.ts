/**
 * One stage of elastix as its parameter map: Mattes' mutual information on 32 bins, adaptive stochastic gradient descent,
 * random samples drawn anew in every iteration.
 *
 * @see Klein et al., IEEE TMI 2010;29:196-205 (from the literature, not re-checked)
 */
import type { ParameterMap } from "./elastix.ts";

export interface Levels {
  /** Pyramid shrink factor and iterations, coarse to fine; shrink 0 leaves the image alone. */
  readonly shrink: readonly number[];
  readonly iterations: readonly number[];
  readonly samples: number;
}

/** The same levels with `effort` times as many iterations. */
export function withEffort(levels: Levels, effort: number): Levels {
  return { ...levels, iterations: levels.iterations.map((n) => Math.max(1, Math.round(n * effort))) };
}

/**
 * Samples for the gradients by which the optimiser sets its step length. The engine's own 100,000 take a third of a rigid
 * run's time and place the simulated pairs no better (docs/science/registration.md).
 */
const exactSamples = 20_000;

export type TransformKind = "EulerTransform" | "AffineTransform" | "BSplineTransform";

export function elastixStage(kind: TransformKind, seed: number, levels: Levels, more: ParameterMap = {}): ParameterMap {
  return {
    Registration: ["MultiResolutionRegistration"],
    FixedImagePyramid: ["FixedSmoothingImagePyramid"],
    MovingImagePyramid: ["MovingSmoothingImagePyramid"],
    NumberOfResolutions: [`${levels.shrink.length}`],
    ImagePyramidSchedule: levels.shrink.flatMap((s) => [`${s}`, `${s}`, `${s}`]),
    Interpolator: ["LinearInterpolator"],
    ResampleInterpolator: ["FinalLinearInterpolator"],
    Resampler: ["DefaultResampler"],
    Metric: ["AdvancedMattesMutualInformation"],
    NumberOfHistogramBins: ["32"],
    Optimizer: ["AdaptiveStochasticGradientDescent"],
    AutomaticParameterEstimation: ["true"],
    MaximumNumberOfIterations: levels.iterations.map(String),
    Transform: [kind],
    AutomaticScalesEstimation: ["true"],
    AutomaticTransformInitialization: ["false"],
    ImageSampler: ["RandomCoordinate"],
    NumberOfSpatialSamples: [`${levels.samples}`],
    NewSamplesEveryIteration: ["true"],
    NumberOfSamplesForExactGradient: [`${exactSamples}`],
    RandomSeed: [`${seed}`],
    RequiredRatioOfValidSamples: ["0.02"],
    UseDirectionCosines: ["true"],
    HowToCombineTransforms: ["Compose"],
    WriteResultImage: ["false"],
    ...more,
  };
}
