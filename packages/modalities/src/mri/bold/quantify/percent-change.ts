import { DataError, type Mask, type Volume, voxelCount } from "@quintet/core";
import { meanFrame } from "../correct/bold-mask.ts";

export interface PercentSeries {
  /** 100 I / mean of I over time, inside the mask; 0 outside. */
  readonly series: Volume<"%">;
  /** The mask without voxels whose mean is not positive. */
  readonly mask: Mask;
  readonly dropped: number;
}

/**
 * A series in percent of each voxel's own mean: a change of 1 is a signal change of 1 %.
 * @throws DataError `grid-mismatch`, `empty-region`, `not-finite`
 */
export function percentSeries(bold: Volume, mask: Mask): PercentSeries {
  const n = voxelCount(bold);
  if (mask.data.length !== n) throw new DataError("grid-mismatch", "series and mask must lie on one grid");
  const mean = meanFrame(bold).data;
  if (mean.some((v, i) => mask.data[i] !== 0 && !Number.isFinite(v)))
    throw new DataError("not-finite", "a voxel inside the mask is not a number");
  const inside = new Uint8Array(mask.data.length).map((_, i) =>
    mask.data[i] !== 0 && (mean[i] as number) > 0 ? 1 : 0,
  );
  const [wanted, kept] = [mask.data, inside].map((m) => m.reduce((sum, v) => sum + (v !== 0 ? 1 : 0), 0)) as [
    number,
    number,
  ];
  if (kept === 0) throw new DataError("empty-region", "no voxel of the mask has a positive mean");
  const factor = mean.map((v, i) => (inside[i] !== 0 ? 100 / v : 0));
  const data = new Float32Array(bold.data.length);
  for (let start = 0; start < data.length; start += n) {
    for (let i = 0; i < n; i++) {
      const scale = factor[i] as number;
      if (scale !== 0) data[start + i] = scale * (bold.data[start + i] as number);
    }
  }
  return { series: { ...bold, unit: "%", data }, mask: { ...mask, data: inside }, dropped: wanted - kept };
}
