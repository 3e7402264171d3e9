import type { LabelVolume, Measure, Modality, Volume } from "@quintet/core";
import { asymmetry } from "./asymmetry.ts";
import { pairHomologues } from "./homologues.ts";
import { type RegionOptions, regionStatistics } from "./region-statistics.ts";

/**
 * Asymmetry index of every pair of homologous regions of an image, positive when the left is higher.
 *
 *   AI = 200 (L - R) / (L + R) %,   se by first-order propagation of the two regional standard errors
 *
 * L and R count as independent: what they share (scale, global uptake) cancels, what they do not is in their SE.
 *
 * @param labels regions whose names differ in the side only are paired; others give no row
 * @returns rows with measure "asymmetry-index", unit "%"; a pair whose mean uptake is not above zero gives no row
 * @throws DataError as regionStatistics
 */
export function regionalAsymmetry(
  modality: Modality,
  image: Volume,
  labels: LabelVolume,
  { sources = [], ...options }: RegionOptions & { sources?: readonly string[] } = {},
): Measure[] {
  const pairs = pairHomologues(regionStatistics(image, labels, options));
  return pairs
    .filter(({ left, right }) => left.mean + right.mean > 0)
    .map(({ region, left, right }) => {
      const { value, standardError } = asymmetry(
        { value: left.mean, standardError: left.se },
        { value: right.mean, standardError: right.se },
      );
      return {
        region,
        modality,
        measure: "asymmetry-index",
        value,
        unit: "%",
        ...(Number.isFinite(standardError) ? { standardError } : {}),
        n: left.n + right.n,
        method: "AI = 200 (L - R) / (L + R), L and R regional means; positive: left higher",
        sources,
      };
    });
}
