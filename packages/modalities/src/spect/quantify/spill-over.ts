import type { LabelVolume, Mask, Millimetres, Volume } from "@quintet/core";
import { regionSpill, sideOf, transferMatrix } from "@quintet/kernels";
import type { DatRegions } from "./dat-regions.ts";
import { referenceLevel } from "./reference-level.ts";
import { referenceName } from "./regional-means.ts";
import type { RatioRow } from "./sbr.ts";
import { withSurroundings } from "./surroundings.ts";

/**
 * Specific binding ratio of regions without what they give to each other and to their surroundings:
 *
 *   m = W T,   w_ji = mean over region j of (PSF (x) 1_i),   SBR_j = T_j / C_ref - 1
 *   d SBR_j / d m_i = (W^-1)_ji / C_ref,   d SBR_j / d C_ref = -T_j / C_ref^2
 *
 * The regions are those of the striata, the rest of the large volumes round them, the rest of the brain where it is known, and everything
 * else; each is taken to be evenly filled, the point spread to be a Gaussian, alike everywhere. A reconstruction by iteration is neither quite, so that a calibration by a
 * phantom stays in place; but its line no longer hangs on how full the neighbours are.
 *
 * @param labels striatal regions on the image's grid
 * @param around large volumes round the striata, and the brain
 * @param fwhm of the reconstructed image in the striatum
 * @throws DataError `grid-mismatch`, `empty-region`, `not-positive`, `bad-sigma`, `ill-conditioned`
 * @see Rousset et al., J Nucl Med 1998;39:904-11 (from the literature, not re-checked)
 */
export function sbrWithoutSpill(
  image: Volume,
  labels: LabelVolume,
  around: Pick<DatRegions, "large" | "brain">,
  reference: Mask,
  { fwhm, sources = [] }: { readonly fwhm: Millimetres; readonly sources?: readonly string[] },
): RatioRow[] {
  const { mean: ground } = referenceLevel(image, reference);
  const parts = withSurroundings(labels, around);
  const spill = regionSpill(parts, fwhm);
  const { regions } = transferMatrix(image, parts, spill);
  const gradientOf = (j: number, corrected: number): RatioRow["gradient"] => ({
    ...Object.fromEntries(
      regions.map(({ name }, i) => [name, (spill.inverse[j * regions.length + i] as number) / ground]),
    ),
    [referenceName]: -corrected / ground ** 2,
  });
  return regions
    .map((region, j) => ({ ...region, gradient: gradientOf(j, region.corrected) }))
    .filter(({ label }) => labels.names.has(label))
    .map(({ name, corrected, voxels, gradient }): RatioRow => {
      const { side, base } = sideOf(name);
      return {
        region: base,
        side,
        modality: "spect",
        measure: "sbr",
        value: corrected / ground - 1,
        unit: "1",
        n: voxels,
        method: `SBR = (T - C_ref) / C_ref, T without spill-over at ${fwhm} mm FWHM (geometric transfer matrix, Rousset 1998)`,
        sources,
        gradient,
      };
    });
}
