import { DataError, frameData, type Mask, type Volume, voxelCount } from "@quintet/core";
import { median } from "@quintet/kernels";

export interface Dvars {
  /** % of the median of the mean image: root mean square change over the mask from the volume before; 0 for the first. */
  readonly percent: Float64Array;
  /** The same over what it would be without anything but each voxel's own noise: about 1 for a clean series. */
  readonly standardised: Float64Array;
}

/**
 * D temporal, VARS over voxels: how much the image changed from one volume to the next.
 *
 *   DVARS_t = 100 sqrt(mean_v (I_t - I_{t-1})^2) / median_v(mean_t I)
 *   standardised: over the mean over voxels of sd_v sqrt(2 (1 - rho_v)),  sd_v = (q75 - q25) / 1.349, rho_v the lag-1 autocorrelation
 *
 * @throws DataError `grid-mismatch`, `too-short`, `empty-region`
 * @see Power et al., NeuroImage 2012;59:2142-54; Afyouni & Nichols, NeuroImage 2018;172:291-312
 */
export function dvars(bold: Volume, mask: Mask): Dvars {
  const [n, frames] = [voxelCount(bold), bold.frames.length];
  if (mask.data.length !== n) throw new DataError("grid-mismatch", "series and mask must lie on one grid");
  if (frames < 4)
    throw new DataError("too-short", "too few volumes to tell a change from noise", {
      expected: ">= 4",
      found: `${frames}`,
    });
  const voxels = [...mask.data.keys()].filter((i) => mask.data[i] !== 0);
  if (voxels.length === 0) throw new DataError("empty-region", "the mask is empty");
  const raw = new Float64Array(frames);
  for (let t = 1; t < frames; t++) {
    const [now, before] = [frameData(bold, t), frameData(bold, t - 1)];
    let squares = 0;
    for (const i of voxels) squares += ((now[i] as number) - (before[i] as number)) ** 2;
    raw[t] = Math.sqrt(squares / voxels.length);
  }
  const course = new Float64Array(frames);
  const means: number[] = [];
  let expected = 0;
  for (const i of voxels) {
    let mean = 0;
    for (let t = 0; t < frames; t++) {
      course[t] = bold.data[t * n + i] as number;
      mean += (course[t] as number) / frames;
    }
    means.push(mean);
    let [lag0, lag1] = [0, 0];
    for (let t = 0; t < frames; t++) {
      const v = (course[t] as number) - mean;
      lag0 += v * v;
      if (t > 0) lag1 += v * ((course[t - 1] as number) - mean);
    }
    course.sort();
    const q = (p: number): number => course[Math.round(p * (frames - 1))] as number;
    const rho = lag0 > 0 ? lag1 / lag0 : 0;
    expected += ((q(0.75) - q(0.25)) / 1.349) * Math.sqrt(2 * (1 - rho));
  }
  const [scale, noise] = [100 / median(means), expected / voxels.length];
  return { percent: raw.map((v) => v * scale), standardised: raw.map((v) => (noise > 0 ? v / noise : 0)) };
}
