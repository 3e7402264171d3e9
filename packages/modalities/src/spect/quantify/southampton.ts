import { DataError, type Mask, sameGrid, type Volume, voxelVolume } from "@quintet/core";
import { type RegionStatistic, regionStatistics } from "@quintet/kernels";
import type { StriatalSide } from "./dat-regions.ts";
import { referenceLevel } from "./reference-level.ts";
import { largeName, referenceName } from "./regional-means.ts";
import type { RatioRow } from "./sbr.ts";

/** mL of caudate and putamen of one side, as the method's authors take it for all adults. */
export const standardStriatum = 11.2;

/**
 * Specific binding ratio of a whole striatum from total counts (the Southampton method): free of partial volume, because all
 * that the camera spreads of the striatum is counted.
 *
 *   SUR_vol = V_voi (C_voi / C_ref - 1)   [mL],     SBR = SUR_vol / V_striatum
 *
 * C_voi is the mean in a large volume of V_voi mL that holds one striatum with its blur and otherwise background, C_ref the
 * mean of the reference. The ratio scales with 1 / V_striatum: with the standard volume it also falls with atrophy.
 *
 *   d SBR / d C_voi = (V_voi / V_striatum) / C_ref,   d SBR / d C_ref = -(V_voi / V_striatum) C_voi / C_ref^2
 *
 * @param striatum mL; 11.2 by default, or the person's own volume
 * @returns left and right
 * @throws DataError `grid-mismatch`, `empty-region`, `not-finite`, `not-positive`
 * @see Tossici-Bolt et al., Eur J Nucl Med Mol Imaging 2006;33:1491-9 (from the literature, not re-checked); EJNMMI Phys 2017;4:8,
 *   fig. 1 (the two methods side by side)
 */
export function southampton(
  image: Volume,
  large: Readonly<Record<StriatalSide, Mask>>,
  reference: Mask,
  {
    striatum = standardStriatum,
    sources = [],
  }: {
    readonly striatum?: number | Readonly<Record<StriatalSide, number>>;
    readonly sources?: readonly string[];
  } = {},
): RatioRow[] {
  const { mean: ground } = referenceLevel(image, reference);
  const of = (side: StriatalSide): RatioRow => {
    const { mean, n } = meanOf(image, large[side]);
    const volume = typeof striatum === "number" ? striatum : striatum[side];
    if (!(volume > 0))
      throw new DataError("not-positive", "the striatum's volume", { expected: "mL above 0", found: `${volume}` });
    const times = (n * voxelVolume(image)) / volume;
    return {
      region: "striatum",
      side,
      modality: "spect",
      measure: "sbr-total-counts",
      value: times * (mean / ground - 1),
      unit: "1",
      n,
      method: `total counts in ${(n * voxelVolume(image)).toFixed(0)} mL over ${volume.toFixed(1)} mL of striatum (Tossici-Bolt 2006)`,
      sources,
      gradient: { [largeName(side)]: times / ground, [referenceName]: (-times * mean) / ground ** 2 },
    };
  };
  return [of("left"), of("right")];
}

function meanOf(image: Volume, mask: Mask): RegionStatistic {
  if (!sameGrid(image, mask)) throw new DataError("grid-mismatch", "image and regions must lie on one grid");
  const [only] = regionStatistics(image, { ...mask, names: new Map([[1, "a region"]]) });
  if (!only) throw new DataError("empty-region", "a region has no voxel");
  return only;
}
