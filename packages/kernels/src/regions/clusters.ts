import { DataError, type Mask, type Point, sameGrid, spacing, toWorld, type Volume, voxelVolume } from "@quintet/core";
import { connectedComponents } from "../components/components.ts";
import { clusterCentre } from "./cluster-centre.ts";
import { extentProbability, peakProbability, type Resels } from "./gaussian-field.ts";

export interface Cluster {
  readonly sign: 1 | -1;
  /** Voxels. */
  readonly n: number;
  /** mL. */
  readonly volume: number;
  /** z of the strongest voxel, with its sign. */
  readonly peak: number;
  /** Mean z of the cluster. */
  readonly mean: number;
  /** World mm. */
  readonly peakPosition: Point;
  /** Centre of mass of the cluster's voxels above half of its peak, weighted by what exceeds that, world mm. */
  readonly centre: Point;
  /** Chance that smooth Gaussian noise alone peaks this high anywhere in the mask (peakProbability): corrected for the search. */
  readonly p: number;
  /**
   * Chance of a cluster of this extent anywhere in the mask (extentProbability). It holds for noise of one smoothness only:
   * slow physiological change between two scans makes large clusters with a low peak, so nothing is named by it.
   */
  readonly extentP: number;
}

export interface ClusterOptions {
  /** |z| a voxel must exceed. */
  readonly threshold: number;
  readonly sign: 1 | -1;
  /** mL; smaller clusters are left out. */
  readonly minimumVolume?: number;
  /** Smoothness of the map, mm FWHM along each voxel axis. */
  readonly fwhm: Point;
  readonly resels: Resels;
  /** z is divided by this before chance is computed: above 1 where the map's tails are heavier than Gaussian. */
  readonly inflation?: number;
}

/**
 * Connected clusters (26 neighbours) of sign * z > threshold inside a mask, least likely by chance first.
 *
 * @throws DataError `grid-mismatch`
 * @see peakProbability, extentProbability for the two chances
 */
export function zClusters(z: Volume<"{z}">, mask: Mask, options: ClusterOptions): Cluster[] {
  const { threshold, sign, minimumVolume = 0, fwhm, resels, inflation = 1 } = options;
  if (!sameGrid(z, mask)) throw new DataError("grid-mismatch", "z map and mask must lie on one grid");
  const above = mask.data.map((inside, i) => (inside !== 0 && sign * z.data[i] > threshold ? 1 : 0));
  const { labels, sizes } = connectedComponents(above, z.shape, 26);
  const voxel = voxelVolume(z);
  const [nx, ny] = z.shape;
  const tallies = sizes.map(() => ({ voxels: [] as number[], sum: 0, peak: 0, at: -1 }));
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0) continue;
    const tally = tallies[labels[i] - 1];
    const value = sign * z.data[i];
    tally.sum += value;
    tally.voxels.push(i);
    if (value > tally.peak) [tally.peak, tally.at] = [value, i];
  }
  const size = spacing(z);
  const reselVolume = (fwhm[0] * fwhm[1] * fwhm[2]) / (size[0] * size[1] * size[2]);
  return tallies
    .flatMap((tally, k): Cluster[] => {
      const n = sizes[k];
      if (n * voxel < minimumVolume) return [];
      const byPeak = peakProbability(Math.max(2, tally.peak / inflation), resels);
      const byExtent = extentProbability(n / reselVolume, threshold / inflation, resels);
      const x = tally.at % nx;
      const y = ((tally.at - x) / nx) % ny;
      return [
        {
          sign,
          n,
          volume: n * voxel,
          peak: sign * tally.peak,
          mean: (sign * tally.sum) / n,
          peakPosition: toWorld(z, [x, y, Math.floor(tally.at / (nx * ny))]),
          centre: clusterCentre(z, tally.voxels, tally.at, (fwhm[0] + fwhm[1] + fwhm[2]) / 3),
          p: byPeak,
          extentP: byExtent,
        },
      ];
    })
    .sort((a, b) => a.p - b.p || Math.abs(b.peak) - Math.abs(a.peak));
}
