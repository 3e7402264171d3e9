import { affineOf, DataError, frameData, type Mask, type Millimetres, sameGrid, type Volume } from "@quintet/core";
import {
  type Cluster,
  type ClusterSearch,
  resample,
  searchClusters,
  smoothInside,
  spreadInside,
} from "@quintet/kernels";

export interface HypometabolismOptions {
  /** A voxel counts when its z is below this; -2 by default. */
  readonly z?: number;
  /** Smoothing inside the brain before left and right are compared, mm; 12 by default. */
  readonly smoothingFwhm?: Millimetres;
  /** mL; smaller clusters are not listed. */
  readonly minimumVolume?: number;
}

export interface Hypometabolism {
  /** (C - mirrored C) / ((C + mirrored C) / 2), 0 outside the brain both sides share. */
  readonly asymmetry: Volume<"1">;
  readonly z: Volume<"{z}">;
  /** The brain and its mirror image both cover these voxels; the strip around the mid-plane is left out. */
  readonly compared: Mask;
  /** Voxels lower than their homologues, least likely by chance first; `p` is corrected for the whole brain. */
  readonly clusters: readonly Cluster[];
  readonly search: ClusterSearch;
}

/** Voxels this close to the mid-plane are compared with (nearly) themselves. */
const midlineStrip: Millimetres = 4;

/**
 * Clusters of lower uptake than on the other side (research use: one subject, no norms).
 *
 *   a(v) = 2 (S(v) - S(v')) / (S(v) + S(v')),   v' = v mirrored at world x = 0,   S smoothed inside the brain
 *   z(v) = (a(v) - median) / (1.4826 MAD)
 *
 * z below `options.z` in connected voxels makes a cluster. Multiple testing: each cluster's p is corrected for the
 * search of the whole brain (random field theory on the map's own smoothness; searchClusters); a cluster with p above
 * 0.05 is not a finding. Healthy brains are not symmetric: the spread of this brain's own asymmetry is the yardstick, so
 * what differs in every healthy brain can still come out, and bilateral hypometabolism cannot.
 *
 * @param uptake one frame, in a template space whose x = 0 plane is the mid-sagittal plane
 * @param brain on the same grid
 * @throws DataError `grid-mismatch`, `bad-threshold`, `empty-region`, `not-finite`, `constant-data`
 */
export function hypometabolicClusters(
  uptake: Volume<"Bq/mL" | "g/mL" | "1">,
  brain: Mask,
  options: HypometabolismOptions = {},
): Hypometabolism {
  const { z: threshold = -2, smoothingFwhm = 12, minimumVolume = 0 } = options;
  if (!sameGrid(uptake, brain)) throw new DataError("grid-mismatch", "PET and brain must lie on one grid");
  if (!(threshold <= -1 && threshold >= -10) || !(smoothingFwhm >= 0))
    throw new DataError("bad-threshold", "z must lie in -10 to -1 and smoothing must not be negative", {
      found: `z ${threshold}, ${smoothingFwhm} mm`,
    });
  if (uptake.frames.length !== 1)
    throw new DataError("grid-mismatch", "one static frame is compared", { found: `${uptake.frames.length} frames` });
  const mirror = affineOf([-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
  const raw = frameData(uptake, 0);
  // Beyond the scanner's field of view an image is 0; that is no uptake to compare.
  const seen = brain.data.map((inside, i) => (inside !== 0 && raw[i] !== 0 ? 1 : 0));
  const smooth = { ...uptake, data: smoothInside(raw, seen, uptake, smoothingFwhm) };
  const asImage: Volume<"1"> = {
    ...uptake,
    unit: "1",
    data: new Float32Array(seen.length).map((_, i) => (seen[i] === 0 ? 0 : 1)),
  };
  const other = resample(smooth, uptake, mirror).data;
  const covered = resample(asImage, uptake, mirror).data;

  const [nx, ny] = uptake.shape;
  const at = (k: number): number => uptake.affine[k] as number;
  const [xx, xy, xz, x0] = [at(0), at(1), at(2), at(3)];
  const data = new Float32Array(smooth.data.length);
  const compared = seen.map((inside, i) => {
    const x = i % nx;
    const y = ((i - x) / nx) % ny;
    const world = xx * x + xy * y + xz * Math.floor(i / (nx * ny)) + x0;
    const [here, there] = [smooth.data[i] as number, other[i] as number];
    if (inside === 0 || (covered[i] as number) < 0.999 || Math.abs(world) < midlineStrip || !(here + there > 0))
      return 0;
    data[i] = (2 * (here - there)) / (here + there);
    return 1;
  });
  const { centre, sd } = spreadInside(data, compared, "mad");
  const asymmetry: Volume<"1"> = { ...uptake, unit: "1", data };
  const mask: Mask = { shape: brain.shape, affine: brain.affine, space: brain.space, data: compared };
  const z: Volume<"{z}"> = {
    ...uptake,
    unit: "{z}",
    data: data.map((a, i) => (compared[i] === 0 ? 0 : (a - centre) / sd)),
  };
  const search = searchClusters(z, mask, { threshold: -threshold, minimumVolume });
  return { asymmetry, z, compared: mask, clusters: search.below, search };
}
