import { DataError, type Grid, identityAffine, type LabelVolume, type Mask } from "@quintet/core";
import { resampleLabels } from "@quintet/kernels";

/** Region labels of one space on another grid of that space. */
export function regionsOn(regions: LabelVolume, grid: Grid): LabelVolume {
  return resampleLabels(regions, grid, identityAffine());
}

/** All regions whose name matches. @throws DataError `empty-region` */
export function regionMask(regions: LabelVolume, name: RegExp): Mask {
  const labels = new Set([...regions.names].filter(([, text]) => name.test(text)).map(([label]) => label));
  const data = new Uint8Array(regions.data.length).map((_, i) => (labels.has(regions.data[i] as number) ? 1 : 0));
  if (!data.includes(1))
    throw new DataError("empty-region", "no voxel of the region lies in the image", { expected: String(name) });
  return { shape: regions.shape, affine: regions.affine, space: regions.space, data };
}
