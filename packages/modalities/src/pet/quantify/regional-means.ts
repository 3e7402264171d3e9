import type { LabelVolume, Measure, Volume } from "@quintet/core";
import { type RegionOptions, regionStatistics, sideOf } from "@quintet/kernels";

const measureOf = { "1": "suvr", "g/mL": "suv", "Bq/mL": "activity" } as const;
const methodOf = {
  "1": "mean SUVR of the region's voxels (Lopresti 2005)",
  "g/mL": "mean SUV by body weight of the region's voxels",
  "Bq/mL": "mean activity concentration of the region's voxels",
} as const;

/**
 * Regional mean uptake, one row per region.
 *
 *   value = mean of the voxels, SE = sd / sqrt(n_eff), n_eff = V / (3.411 FWHM^3)   (effectiveSamples)
 *
 * @param sources relative paths of the files behind the image
 * @throws DataError as regionStatistics
 */
export function regionalMeans(
  pet: Volume<"1" | "g/mL" | "Bq/mL">,
  labels: LabelVolume,
  { sources = [], ...options }: RegionOptions & { sources?: readonly string[] } = {},
): Measure[] {
  return regionStatistics(pet, labels, options).map(({ name, n, mean, se }) => {
    const { side, base } = sideOf(name);
    return {
      region: base,
      side,
      modality: "pet",
      measure: measureOf[pet.unit],
      value: mean,
      unit: pet.unit,
      ...(Number.isFinite(se) ? { standardError: se } : {}),
      n,
      method: methodOf[pet.unit],
      sources,
    };
  });
}
