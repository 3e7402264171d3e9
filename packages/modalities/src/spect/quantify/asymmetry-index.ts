import type { LabelVolume, Measure, Volume } from "@quintet/core";
import { type RegionOptions, regionalAsymmetry } from "@quintet/kernels";

/**
 * Asymmetry index of perfusion, 200 (L - R) / (L + R) %, of every pair of homologous regions (`regionalAsymmetry`).
 *
 * @throws DataError as regionStatistics
 */
export function asymmetryIndex(
  image: Volume,
  labels: LabelVolume,
  options: RegionOptions & { sources?: readonly string[] } = {},
): Measure[] {
  return regionalAsymmetry("spect", image, labels, options);
}
