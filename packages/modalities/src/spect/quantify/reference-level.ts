import { DataError, type Mask, type Millimetres, sameGrid, type Volume, voxelVolume } from "@quintet/core";
import { effectiveSamples, regionStatistics } from "@quintet/kernels";

export interface ReferenceLevel {
  /** C_ref. */
  readonly mean: number;
  /** c = sd_ref / C_ref: noise of a voxel as a share of its value; NaN of one voxel. */
  readonly noise: number;
  /** Independent samples among so many voxels of the image. */
  readonly samples: (voxels: number) => number;
  /** Of the reference itself. */
  readonly own: number;
}

/**
 * What binding ratios are measured against.
 *
 * @param fwhm resolution for independent samples; without it every voxel is one
 * @throws DataError `grid-mismatch`, `empty-region`, `not-positive`, `not-finite`
 */
export function referenceLevel(image: Volume, reference: Mask, fwhm?: Millimetres): ReferenceLevel {
  if (!sameGrid(image, reference)) throw new DataError("grid-mismatch", "image and reference must lie on one grid");
  const [ground] = regionStatistics(image, {
    ...reference,
    names: new Map([[1, "reference"]]),
    data: reference.data.map((m) => (m ? 1 : 0)),
  });
  if (!ground) throw new DataError("empty-region", "the reference region has no voxel");
  if (!(ground.mean > 0))
    throw new DataError("not-positive", "reference uptake must be positive", { found: `${ground.mean}` });
  const samples = (voxels: number): number => effectiveSamples(voxels, voxelVolume(image), fwhm);
  return { mean: ground.mean, noise: ground.sd / ground.mean, samples, own: samples(ground.n) };
}
