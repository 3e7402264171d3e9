import { DataError, type Mask, type Millimetres, sameGrid, type Volume } from "@quintet/core";
import {
  type Cluster,
  type ClusterSearch,
  removeResidualMotion,
  searchClusters,
  smoothInside,
  spreadInside,
} from "@quintet/kernels";

export interface SiscomOptions {
  /** |z| of a cluster's voxels; 2 as in the paper, 1.5 to 2.5 in use. */
  readonly z?: number;
  /** Smoothing of the difference inside the brain, mm; 0 by default. */
  readonly smoothingFwhm?: Millimetres;
  /** mL; smaller clusters are not listed. */
  readonly minimumVolume?: number;
  /** "sd" as in the paper; "mad" so that the focus itself does not widen the spread. */
  readonly spread?: "sd" | "mad";
  /** Take out what a rigid motion left over by registration explains (removeResidualMotion); true by default. */
  readonly removeMotion?: boolean;
}

export interface Siscom {
  /** I_ictal / mean - I_interictal / mean, 0 outside the brain. */
  readonly difference: Volume<"1">;
  readonly z: Volume<"{z}">;
  /** SD of the difference inside the brain. */
  readonly sd: number;
  /** Smoothness of the z map, mm. */
  readonly fwhm: readonly [number, number, number];
  /** RMS displacement between the two images that was taken out, mm; 0 when not asked for. */
  readonly residualMotion: Millimetres;
  /** Hyper- and hypoperfusion clusters, least likely by chance first; `p` is corrected for the whole brain. */
  readonly clusters: readonly Cluster[];
  readonly search: ClusterSearch;
}

/**
 * A cluster whose corrected p is above this is not a finding. 0.005, one healthy pair in 200, because the answer is read
 * for a single person; foci of 2 mL and +30 % are far below it unless noise hides them (docs/science/spect.md).
 */
export const siscomAlpha = 0.005;

/**
 * Subtraction ictal SPECT (the SISCOM difference and z map), both images on one grid.
 *
 *   D(v) = I_ictal(v) / <I_ictal> - I_inter(v) / <I_inter>,   z(v) = (D(v) - <D>) / SD(D),   <.> over the brain
 *
 * Voxels above +z (hyperperfusion) and below -z (hypoperfusion) form clusters. A z of 2 alone is met by noise many
 * times in every brain, so each cluster carries a corrected p (searchClusters); `siscomFocus` gives the one that stands
 * out, or none. Beyond the paper: what a small rigid motion explains is taken out of D first (1.7 mm left over by
 * registration otherwise names a rim of the brain in most pairs).
 *
 * @param ictal any linear unit, one frame; registered to `interictal`
 * @param brain on the same grid
 * @throws DataError `grid-mismatch`, `bad-threshold`, `not-positive`, `empty-region`, `not-finite`, `constant-data`
 * @see O'Brien et al., Neurology 1998;50:445-54; De Coster et al., EJNMMI Res 2018;8 (z = 2)
 */
export function siscom(ictal: Volume, interictal: Volume, brain: Mask, options: SiscomOptions = {}): Siscom {
  const { z: threshold = 2, smoothingFwhm = 0, minimumVolume = 0, spread = "sd", removeMotion = true } = options;
  if (!sameGrid(ictal, interictal) || !sameGrid(ictal, brain))
    throw new DataError("grid-mismatch", "ictal, interictal and brain must lie on one grid", {
      expected: `${ictal.shape} in ${ictal.space}`,
      found: `${interictal.shape} in ${interictal.space}, brain ${brain.shape} in ${brain.space}`,
    });
  if (!(threshold >= 1 && threshold <= 10) || !(smoothingFwhm >= 0))
    throw new DataError("bad-threshold", "z must lie in 1 to 10 and smoothing must not be negative", {
      found: `z ${threshold}, ${smoothingFwhm} mm`,
    });
  const [a, b] = [perBrainMean(ictal, brain), perBrainMean(interictal, brain)];
  const raw = a.map((x, i) => (brain.data[i] === 0 ? 0 : x - (b[i] as number)));
  const still = removeMotion
    ? removeResidualMotion(
        raw,
        a.map((x, i) => (x + (b[i] as number)) / 2),
        brain,
      )
    : { data: raw, displacement: 0 };
  const data = smoothInside(still.data, brain.data, brain, smoothingFwhm);
  const { centre, sd } = spreadInside(data, brain.data, spread);
  const difference: Volume<"1"> = { ...ictal, unit: "1", data };
  const z: Volume<"{z}"> = {
    ...difference,
    unit: "{z}",
    data: data.map((x, i) => (brain.data[i] === 0 ? 0 : (x - centre) / sd)),
  };
  const search = searchClusters(z, brain, { threshold, minimumVolume });
  const clusters = [...search.above, ...search.below].sort(
    (one, other) => one.p - other.p || Math.abs(other.peak) - Math.abs(one.peak),
  );
  return { difference, z, sd, fwhm: search.fwhm, residualMotion: still.displacement, clusters, search };
}

/**
 * The hyperperfusion cluster that names the focus: the least likely by chance of those with p <= alpha.
 *
 * @returns undefined when no cluster stands out: "no finding" is an answer
 */
export function siscomFocus({ search }: Siscom, alpha: number = siscomAlpha): Cluster | undefined {
  const [first] = search.above;
  return first && first.p <= alpha ? first : undefined;
}

function perBrainMean(image: Volume, brain: Mask): Float32Array {
  if (image.frames.length !== 1)
    throw new DataError("grid-mismatch", "SISCOM takes one static frame each", {
      found: `${image.frames.length} frames`,
    });
  const { centre: mean } = spreadInside(image.data, brain.data, "sd");
  if (!(mean > 0))
    throw new DataError("not-positive", "mean uptake inside the brain must be positive", { found: `${mean}` });
  return image.data.map((x) => x / mean);
}
