import { type LabelVolume, type Measure, type Volume, voxelVolume } from "@quintet/core";
import { asymmetry, pairHomologues, regionStatistics, sideOf } from "@quintet/kernels";

/** Grey matter per region: the sum of its share over the region's voxels, and AI = 200 (L - R) / (L + R) of each pair. */
export function greyVolumes(grey: Volume, regions: LabelVolume, source: string): Measure[] {
  const voxel = voxelVolume(grey);
  const sizes = regionStatistics(grey, regions).map(({ name, n, mean }) => ({ name, n, volume: mean * n * voxel }));
  return [
    ...rows(sizes, "grey-volume", "sum of grey-matter shares inside the region", source),
    ...pairs(sizes, "grey-volume-asymmetry", "grey volume", source),
  ];
}

/** The regions themselves, whatever their tissue, and AI of each pair. */
export function regionVolumes(regions: LabelVolume, source: string): Measure[] {
  const counts = new Map<number, number>();
  for (const label of regions.data) if (label !== 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  const voxel = voxelVolume(regions);
  const sizes = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([label, n]) => ({ name: regions.names.get(label) ?? `${label}`, n, volume: n * voxel }));
  return [
    ...rows(sizes, "volume", "voxels of the imported region", source),
    ...pairs(sizes, "volume-asymmetry", "volume", source),
  ];
}

interface Size {
  readonly name: string;
  readonly n: number;
  /** mL. */
  readonly volume: number;
}

function rows(sizes: readonly Size[], measure: string, method: string, source: string): Measure[] {
  return sizes.map(({ name, n, volume }) => {
    const { side, base } = sideOf(name);
    return { region: base, side, modality: "mri", measure, value: volume, unit: "mL", n, method, sources: [source] };
  });
}

function pairs(sizes: readonly Size[], measure: string, of: string, source: string): Measure[] {
  return pairHomologues(sizes).flatMap(({ region, left, right }): Measure[] => {
    if (!(left.volume + right.volume > 0)) return [];
    const unknown = { standardError: Number.NaN };
    const { value } = asymmetry({ value: left.volume, ...unknown }, { value: right.volume, ...unknown });
    return [
      {
        region,
        modality: "mri",
        measure,
        value,
        unit: "%",
        n: left.n + right.n,
        method: `AI = 200 (L - R) / (L + R) of ${of}; positive: left larger`,
        sources: [source],
      },
    ];
  });
}
