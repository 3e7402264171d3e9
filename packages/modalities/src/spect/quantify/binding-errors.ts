import { DataError, type Mask, type Millimetres, type Volume, voxelVolume } from "@quintet/core";
import { effectiveSamples } from "@quintet/kernels";
import type { DatRegions } from "./dat-regions.ts";
import { imageNoiseCovariance } from "./image-noise.ts";
import { type MeanCovariance, replicateCovariance } from "./mean-covariance.ts";
import { referenceLevel } from "./reference-level.ts";
import { measuredRegions, type NamedRegions, referenceName, regionalMeans } from "./regional-means.ts";

/** Where standard errors are from: replicates of the scan, the noise seen in its even part, or the reference's whole spread. */
export type ErrorSource = "replicates" | "image" | "upper-bound";

export interface BindingErrors {
  readonly from: ErrorSource;
  readonly covariance: MeanCovariance;
  /** Of replicates: how many. */
  readonly replicates?: number;
  /** What they hold and what not, in one sentence. */
  readonly note: string;
}

export interface BindingErrorOptions {
  readonly reference: Mask;
  /** Images of replicates of the scan on the image's grid (replicateCounts), each reconstructed as the image was. */
  readonly replicates?: Iterable<Volume>;
  /** Resolution; of use where nothing better than an upper bound is to be had. */
  readonly fwhm?: Millimetres;
}

/** mL of even brain from which noise is estimated at least: some thirty of its correlation volumes at 10 mm. */
const leastEven = 100;
/** Relative error of the reference beyond which a ratio over it is no longer about normal. */
const largestReferenceError = 0.2;

/**
 * How the regional means that binding ratios are made of vary from scan to scan of the same person, by counting alone: not by
 * registration, regions or the person's own change. The best of three that there is:
 *
 * 1. `replicates` of the scan (replicateCovariance): within some 10 % of the spread of repeated scans, whatever the reconstruction;
 * 2. `image`, where a brain is known, 100 mL and more of it are fit for it and the reference is sure within a fifth: the noise seen in the brain without rim and striata (imageNoiseCovariance). Uptake that is truly
 *    uneven there counts as noise, so that it is an upper bound: about the spread in an evenly filled brain, 1.8 times it where white matter takes
 *    up 0.8 of what grey matter does;
 * 3. `upper-bound`: regions independent, a voxel's noise the reference's whole spread c = sd_ref / C_ref as a share of its value,
 *
 *      Var(m_i) = (m_i c)^2 / n_i   with n_i independent samples (effectiveSamples)
 *
 *    three to four times the spread of repeated scans.
 *
 * @throws DataError `too-few-replicates`, `too-few-counts` (replicates of the reference differ by more than a fifth), those of
 *   referenceLevel and regionalMeans
 */
export function bindingErrors(
  image: Volume,
  regions: DatRegions,
  { reference, replicates, fwhm }: BindingErrorOptions,
): BindingErrors {
  const { mean: ground, spread } = referenceLevel(image, reference);
  const named = measuredRegions(regions, reference);
  if (replicates) {
    let count = 0;
    const counted = function* (): Generator<Volume> {
      for (const one of replicates) {
        count++;
        yield one;
      }
    };
    const covariance = replicateCovariance(counted(), named);
    const unsure = referenceError(covariance, ground);
    if (unsure > largestReferenceError)
      throw new DataError("too-few-counts", "a ratio's standard error needs a reference level that is sure", {
        expected: `within ${100 * largestReferenceError} %`,
        found: `${(100 * unsure).toFixed(0)} %`,
      });
    const known = Math.round(100 / Math.sqrt(2 * (count - 1)));
    return {
      from: "replicates",
      covariance,
      replicates: count,
      note: `standard errors are the spread of ${count} replicates of the scan with Poisson noise of their own, each known to ${known} %: of counting alone, without registration and regions`,
    };
  }
  const even = regions.wholeBrain;
  const volume = even ? even.data.reduce((n, m) => n + (m ? 1 : 0), 0) * voxelVolume(even) : 0;
  const covariance = even && volume >= leastEven ? imageNoiseCovariance(image, named, even) : undefined;
  if (covariance && referenceError(covariance, ground) <= largestReferenceError) {
    return {
      from: "image",
      covariance,
      note: "standard errors are an upper bound from the noise in the brain without rim and striata: about the spread of repeated scans where that brain is evenly filled, up to twice it where it is not, as what is uneven counts as noise; replicates of the scan tell it (quintet spect recon --replicates)",
    };
  }
  return {
    from: "upper-bound",
    covariance: independentCovariance(image, named, spread, fwhm),
    note: "standard errors are an upper bound, three to four times the spread of repeated scans: all that is uneven in the reference counts as noise",
  };
}

/** @throws DataError those of regionalMeans */
export function independentCovariance(
  image: Volume,
  regions: NamedRegions,
  spread: number,
  fwhm: Millimetres | undefined,
): MeanCovariance {
  const means = regionalMeans(image, regions);
  const names = [...regions.voxels.keys()];
  const matrix = new Float64Array(names.length ** 2);
  for (const [i, voxels] of [...regions.voxels.values()].entries())
    matrix[i * (names.length + 1)] =
      ((means[i] as number) * spread) ** 2 / effectiveSamples(voxels.length, voxelVolume(image), fwhm);
  return { names, matrix };
}

/** Of the reference's mean, as a share of it. */
function referenceError({ names, matrix }: MeanCovariance, ground: number): number {
  const at = names.indexOf(referenceName);
  return Math.sqrt(Math.max(0, matrix[at * (names.length + 1)] as number)) / ground;
}
