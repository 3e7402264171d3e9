import { DataError, type Mask, sameGrid, type Volume } from "@quintet/core";
import { regionStatistics } from "@quintet/kernels";

export interface ReferenceLevel {
  /** C_ref. */
  readonly mean: number;
  /** sd_ref / C_ref: noise of a voxel and all that is uneven in the reference, as a share of the level; NaN of one voxel. */
  readonly spread: number;
}

/**
 * What binding ratios are measured against.
 *
 * @throws DataError `grid-mismatch`, `empty-region`, `not-positive`, `not-finite`
 */
export function referenceLevel(image: Volume, reference: Mask): ReferenceLevel {
  if (!sameGrid(image, reference)) throw new DataError("grid-mismatch", "image and reference must lie on one grid");
  const [ground] = regionStatistics(image, {
    ...reference,
    names: new Map([[1, "reference"]]),
    data: reference.data.map((m) => (m ? 1 : 0)),
  });
  if (!ground) throw new DataError("empty-region", "the reference region has no voxel");
  if (!(ground.mean > 0))
    throw new DataError("not-positive", "reference uptake must be positive", { found: `${ground.mean}` });
  return { mean: ground.mean, spread: ground.sd / ground.mean };
}
