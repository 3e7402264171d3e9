import type { Volume } from "@quintet/core";
import type { TissueSegmentation } from "./tissue.ts";

/** Uptake of a perfusion or glucose tracer relative to grey matter; round figures: the match needs the order, not the value. */
const relativeUptake = { grey: 1, white: 0.3, csf: 0.05 } as const;

/**
 * What a perfusion or glucose tracer would show of this anatomy: a partner for registering PET and SPECT.
 *
 *   U(v) = 100 (p_grey + 0.3 p_white + 0.05 p_csf)
 *
 * Mutual information of an emission image with the T1 itself is drawn to skull, scalp and the step between white and
 * grey, which emission images blur away; against U, blurred to the emission image's resolution, the group-average PET of
 * the composite study comes 0.6 mm nearer to its header's place (docs/science/registration.md).
 *
 * @returns on the T1's grid, 0 outside the brain
 */
export function emissionLike({ probabilities }: TissueSegmentation): Volume<"{arbitrary}"> {
  const { grey, white, csf } = probabilities;
  const data = grey.data.map(
    (g, i) =>
      100 *
      (relativeUptake.grey * g +
        relativeUptake.white * (white.data[i] as number) +
        relativeUptake.csf * (csf.data[i] as number)),
  );
  return { ...grey, unit: "{arbitrary}", data };
}
