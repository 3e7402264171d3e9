import type { LabelVolume, Mask, Measure, Volume } from "@quintet/core";
import { regionStatistics, sideOf } from "@quintet/kernels";
import { referenceLevel } from "./reference-level.ts";

/**
 * Specific binding ratio of regions (dopamine transporter SPECT).
 *
 *   SBR = (C_s - C_ref) / C_ref,   se(SBR) = (C_s / C_ref) c sqrt(1 / n_s + 1 / n_ref),   c = sd_ref / C_ref
 *
 * n are the independent samples of a region (effectiveSamples), c is the noise of a voxel as a share of its value. It is taken from the
 * reference, where uptake is even, since in an iterated image noise grows with the value, and because what blur does inside a small
 * region of high uptake would pass for noise there. It still holds what is uneven in the
 * reference, so it is an upper bound: three to four times the spread of repeated simulated scans (docs/science/spect.md).
 *
 * No partial-volume correction (sbrWithoutSpill has one): small structures read low, more so at poorer resolution; compare within one
 * camera only.
 *
 * @param labels striatal regions on the same grid
 * @param reference e.g. occipital cortex, on the same grid
 * @param fwhm mm, for the standard errors
 * @throws DataError `grid-mismatch`, `empty-region`, `not-positive`, `not-finite`
 * @see Djang et al., J Nucl Med 2012;53:154-63 (SNM guideline 1.0); Barrett, Wilson and Tsui, Phys Med Biol 1994;39:833-46 (noise of
 *   an iterated image in proportion to its mean)
 */
export function sbr(
  image: Volume,
  labels: LabelVolume,
  reference: Mask,
  { fwhm, sources = [] }: { fwhm?: number; sources?: readonly string[] } = {},
): Measure[] {
  const { mean: ground, noise, samples, own } = referenceLevel(image, reference, fwhm);
  return regionStatistics(image, labels, fwhm === undefined ? {} : { fwhm }).map(({ name, n, mean }) => {
    const { side, base } = sideOf(name);
    const se = (mean / ground) * noise * Math.hypot(samples(n) ** -0.5, own ** -0.5);
    return {
      region: base,
      side,
      modality: "spect",
      measure: "sbr",
      value: mean / ground - 1,
      unit: "1",
      ...(Number.isFinite(se) ? { standardError: se } : {}),
      n,
      method: "SBR = (C - C_ref) / C_ref (Djang 2012)",
      sources,
    };
  });
}
