import { DataError, type Mask, type Seconds, type Volume, voxelCount } from "@quintet/core";
import { slowCosines } from "@quintet/kernels";
import { meanFrame } from "../correct/bold-mask.ts";
import { cleanSeries } from "./clean-series.ts";

/**
 * Temporal signal-to-noise ratio: the mean over the standard deviation of what slow drifts (constant, slope, cosines
 * longer than 128 s) leave.
 *
 *   tSNR = mean_t I / sqrt(sum_t r_t^2 / (n - p))
 *
 * @returns 0 outside the mask, and where nothing varies
 * @throws DataError `grid-mismatch`, `no-dof`
 * @see Kruger & Glover, Magn Reson Med 2001;46:631-7; Murphy et al., NeuroImage 2007;34:565-74
 */
export function temporalSnr(bold: Volume, mask: Mask, repetitionTime: Seconds): Volume<"1"> {
  const n = voxelCount(bold);
  const mean = meanFrame(bold);
  const confounds = slowCosines(bold.frames.length, repetitionTime, 128);
  const { volume, dof } = cleanSeries(bold, mask, { repetitionTime, confounds });
  const squares = new Float64Array(n);
  for (let start = 0; start < volume.data.length; start += n)
    for (let i = 0; i < n; i++) squares[i] = (squares[i] as number) + (volume.data[start + i] as number) ** 2;
  const data = new Float32Array(mean.data.length).map((_, i) =>
    mask.data[i] !== 0 && (squares[i] as number) > 0
      ? (mean.data[i] as number) / Math.sqrt((squares[i] as number) / dof)
      : 0,
  );
  if (!data.every(Number.isFinite)) throw new DataError("not-finite", "a voxel inside the mask is not a number");
  return { ...mean, unit: "1", data };
}
