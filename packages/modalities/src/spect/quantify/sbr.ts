import type { LabelVolume, Mask, Measure, Volume } from "@quintet/core";
import { regionStatistics, sideOf } from "@quintet/kernels";
import type { Gradient } from "./mean-covariance.ts";
import { referenceLevel } from "./reference-level.ts";
import { referenceName } from "./regional-means.ts";

/** A measure, and how it changes with the mean of each region that it hangs on. */
export interface RatioRow extends Measure {
  readonly gradient: Gradient;
}

/**
 * Specific binding ratio of regions (dopamine transporter SPECT).
 *
 *   SBR = (C_s - C_ref) / C_ref,   d SBR / d C_s = 1 / C_ref,   d SBR / d C_ref = -C_s / C_ref^2
 *
 * No partial-volume correction (sbrWithoutSpill has one): small structures read low, more so at poorer resolution; compare within one
 * camera only. Standard errors come from the gradient and the covariance of the means (bindingErrors).
 *
 * @param labels striatal regions on the same grid
 * @param reference e.g. occipital cortex, on the same grid
 * @throws DataError `grid-mismatch`, `empty-region`, `not-positive`, `not-finite`
 * @see Djang et al., J Nucl Med 2012;53:154-63 (SNM guideline 1.0)
 */
export function sbr(
  image: Volume,
  labels: LabelVolume,
  reference: Mask,
  { sources = [] }: { sources?: readonly string[] } = {},
): RatioRow[] {
  const { mean: ground } = referenceLevel(image, reference);
  return regionStatistics(image, labels).map(({ name, n, mean }) => {
    const { side, base } = sideOf(name);
    return {
      region: base,
      side,
      modality: "spect",
      measure: "sbr",
      value: mean / ground - 1,
      unit: "1",
      n,
      method: "SBR = (C - C_ref) / C_ref (Djang 2012)",
      sources,
      gradient: { [name]: 1 / ground, [referenceName]: -mean / ground ** 2 },
    };
  });
}
