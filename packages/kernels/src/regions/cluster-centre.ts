import { apply, type Point, type Volume } from "@quintet/core";

/**
 * The middle of the hump that holds a cluster's peak, world mm.
 *
 *   c <- sum_v w_v exp(-|x_v - c|^2 / 2 s^2) x_v / sum_v w_v exp(-|x_v - c|^2 / 2 s^2),   w_v = z_v - peak / 2 above half the peak
 *
 * from the peak, until it moves less than 1e-4 mm. The Gaussian of the map's own width keeps a second hump of the same
 * cluster from pulling the centre between the two.
 *
 * @param voxels indices of the cluster's voxels
 * @param width s, mm: the map's FWHM
 * @see Comaniciu & Meer, IEEE Trans Pattern Anal Mach Intell 2002;24:603-19 (mean shift)
 */
export function clusterCentre(z: Volume, voxels: readonly number[], peakAt: number, width: number): Point {
  const [nx, ny] = z.shape;
  const world = (i: number): [number, number, number] =>
    apply(z.affine, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
  const half = Math.abs(z.data[peakAt]) / 2;
  const high = voxels
    .filter((i) => Math.abs(z.data[i]) > half)
    .map((i) => ({ at: world(i), weight: Math.abs(z.data[i]) - half }));
  let centre = world(peakAt);
  for (let round = 0; round < 200; round++) {
    let total = 0;
    const sum: [number, number, number] = [0, 0, 0];
    for (const { at, weight } of high) {
      const d2 = (at[0] - centre[0]) ** 2 + (at[1] - centre[1]) ** 2 + (at[2] - centre[2]) ** 2;
      const w = weight * Math.exp(-d2 / (2 * width * width));
      total += w;
      for (let k = 0; k < 3; k++) sum[k] += w * at[k];
    }
    const next: [number, number, number] = [sum[0] / total, sum[1] / total, sum[2] / total];
    const moved = Math.hypot(next[0] - centre[0], next[1] - centre[1], next[2] - centre[2]);
    centre = next;
    if (moved < 1e-4) break;
  }
  return centre;
}
