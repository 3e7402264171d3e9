import type { LabelVolume, Measure, Volume } from "@quintet/core";
import { type RegionOptions, regionStatistics, sideOf } from "@quintet/kernels";

/**
 * Regional counts relative to the brain's mean, one row per region.
 *
 *   value = mean of the region's voxels in an image divided by its brain mean,   SE = sd / sqrt(n_eff)   (effectiveSamples)
 *
 * @param perfusion already divided by the brain's mean
 * @throws DataError as regionStatistics
 */
export function relativePerfusion(
  perfusion: Volume<"1">,
  labels: LabelVolume,
  { sources = [], ...options }: RegionOptions & { sources?: readonly string[] } = {},
): Measure[] {
  return regionStatistics(perfusion, labels, options).map(({ name, n, mean, se }) => {
    const { side, base } = sideOf(name);
    return {
      region: base,
      side,
      modality: "spect",
      measure: "relative-perfusion",
      value: mean,
      unit: "1",
      ...(Number.isFinite(se) ? { standardError: se } : {}),
      n,
      method: "mean of the region over the mean of the brain",
      sources,
    };
  });
}
