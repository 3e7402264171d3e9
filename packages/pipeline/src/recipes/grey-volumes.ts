import { type LabelVolume, type Measure, type Volume, voxelVolume } from "@quintet/core";
import { regionName } from "@quintet/fusion/fuse";
import { asymmetry, pairHomologues, regionStatistics } from "@quintet/kernels";

/** Grey matter per region: the sum of its share over the region's voxels, and AI = 200 (L - R) / (L + R) of each pair. */
export function greyVolumes(grey: Volume, regions: LabelVolume, source: string): Measure[] {
  const voxel = voxelVolume(grey);
  const statistics = regionStatistics(grey, regions);
  const rows = statistics.map(
    ({ name, n, mean }): Measure => ({
      ...regionName(name),
      modality: "mri",
      measure: "grey-volume",
      value: mean * n * voxel,
      unit: "mL",
      n,
      method: "sum of grey-matter shares inside the region",
      sources: [source],
    }),
  );
  const pairs = pairHomologues(statistics).flatMap(({ region, left, right }): Measure[] => {
    const [l, r] = [left.mean * left.n * voxel, right.mean * right.n * voxel];
    if (!(l + r > 0)) return [];
    const { value } = asymmetry({ value: l, standardError: Number.NaN }, { value: r, standardError: Number.NaN });
    return [
      {
        region,
        modality: "mri",
        measure: "grey-volume-asymmetry",
        value,
        unit: "%",
        n: left.n + right.n,
        method: "AI = 200 (L - R) / (L + R) of grey volume; positive: left larger",
        sources: [source],
      },
    ];
  });
  return [...rows, ...pairs];
}
