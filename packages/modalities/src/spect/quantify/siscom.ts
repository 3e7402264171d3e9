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
  /**
   * What each image is divided by: its mean in the brain that both show (as in the paper), its median there, which a
   * large focus moves less, or its mean in a region that takes no part in the seizure (cerebellum, white matter).
   */
  readonly normalisation?: "mean" | "median" | Mask;
}

/** The paper's D and z: no motion taken out, mean and SD over the brain, no smoothing (O'Brien et al. 1998). */
export const plainSiscom: SiscomOptions = {
  spread: "sd",
  removeMotion: false,
  normalisation: "mean",
  smoothingFwhm: 0,
};

/** The difference and what it is made of, before a threshold. */
export interface SiscomMap {
  /** I_ictal / mean - I_interictal / mean, 0 outside the brain. */
  readonly difference: Volume<"1">;
  readonly z: Volume<"{z}">;
  /** SD of the difference inside the brain. */
  readonly sd: number;
  /** What ictal and interictal were divided by, in their own units. */
  readonly levels: readonly [ictal: number, interictal: number];
  /** The part of the brain that both images show; difference and z are 0 elsewhere. */
  readonly compared: Mask;
  /** RMS displacement between the two images that was taken out, mm; 0 when not asked for. */
  readonly residualMotion: Millimetres;
}

export interface Siscom extends SiscomMap {
  /** Smoothness of the z map, mm. */
  readonly fwhm: readonly [number, number, number];
  /** Hyper- and hypoperfusion clusters, least likely by chance first; `p` is corrected for the whole brain. */
  readonly clusters: readonly Cluster[];
  readonly search: ClusterSearch;
}

/**
 * A cluster whose corrected p is above this is not a finding. 0.001, because the answer is read for a single person and
 * two scans of one person also differ by physiology, which is no noise (docs/science/spect.md).
 */
export const siscomAlpha = 0.001;

/** @throws DataError `bad-threshold` */
export function checkSiscomOptions({ z = 2, smoothingFwhm = 0 }: SiscomOptions): void {
  if (z >= 1 && z <= 10 && smoothingFwhm >= 0) return;
  throw new DataError("bad-threshold", "z must lie in 1 to 10 and smoothing must not be negative", {
    found: `z ${z}, ${smoothingFwhm} mm`,
  });
}

/**
 * Subtraction ictal SPECT (the SISCOM difference and z map), both images on one grid.
 *
 *   D(v) = I_ictal(v) / <I_ictal> - I_inter(v) / <I_inter>,   z(v) = (D(v) - <D>) / SD(D),   <.> over the brain
 * that both images show
 *
 * With a region as `normalisation` the means are taken there and z is D / SD(D): a rise of the whole brain against the region
 * stays visible.
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
  return searchedSiscom(siscomMap(ictal, interictal, brain, options), options);
}

/** The maps alone, which do not know the threshold. @throws DataError those of siscom */
export function siscomMap(ictal: Volume, interictal: Volume, brain: Mask, options: SiscomOptions): SiscomMap {
  const { smoothingFwhm = 0, spread = "sd", removeMotion = true, normalisation = "mean" } = options;
  if (!sameGrid(ictal, interictal) || !sameGrid(ictal, brain))
    throw new DataError("grid-mismatch", "ictal, interictal and brain must lie on one grid", {
      expected: `${ictal.shape} in ${ictal.space}`,
      found: `${interictal.shape} in ${interictal.space}, brain ${brain.shape} in ${brain.space}`,
    });
  checkSiscomOptions(options);
  const compared = comparable(ictal, interictal, brain);
  const levels = [levelOf(ictal, compared, normalisation), levelOf(interictal, compared, normalisation)] as const;
  const [a, b] = [ictal.data.map((x) => x / levels[0]), interictal.data.map((x) => x / levels[1])];
  const raw = a.map((x, i) => (compared.data[i] === 0 ? 0 : x - (b[i] as number)));
  const still = removeMotion
    ? removeResidualMotion(
        raw,
        a.map((x, i) => (x + (b[i] as number)) / 2),
        compared,
      )
    : { data: raw, displacement: 0 };
  const data = smoothInside(still.data, compared.data, compared, smoothingFwhm);
  const { centre: middle, sd } = spreadInside(data, compared.data, spread);
  const centre = typeof normalisation === "string" ? middle : 0;
  const difference: Volume<"1"> = { ...ictal, unit: "1", data };
  const z: Volume<"{z}"> = {
    ...difference,
    unit: "{z}",
    data: data.map((x, i) => (compared.data[i] === 0 ? 0 : (x - centre) / sd)),
  };
  return { difference, z, sd, levels, residualMotion: still.displacement, compared };
}

/** The clusters of maps above a threshold. @throws DataError `bad-threshold`, those of searchClusters */
export function searchedSiscom(map: SiscomMap, { z: threshold = 2, minimumVolume = 0 }: SiscomOptions): Siscom {
  checkSiscomOptions({ z: threshold });
  const search = searchClusters(map.z, map.compared, { threshold, minimumVolume });
  const clusters = [...search.above, ...search.below].sort(
    (one, other) => one.p - other.p || Math.abs(other.peak) - Math.abs(one.peak),
  );
  return { ...map, fwhm: search.fwhm, clusters, search };
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

/** Below this share of mean uptake a voxel holds no perfused tissue (CSF, bone); chosen here. */
const leastUptake = 0.3;

/**
 * Where the two can be compared: inside the brain, both images seen (above 0, as are the six neighbours: beyond a field of
 * view they are 0, and the step at its edge would pass for the strongest focus), mean of the two at least 0.3 of the brain's.
 */
function comparable(ictal: Volume, interictal: Volume, brain: Mask): Mask {
  const [a, b] = [perMean(ictal, brain), perMean(interictal, brain)];
  const [nx, ny, nz] = brain.shape;
  const seen = a.map((x, i) => (x > 0 && (b[i] as number) > 0 ? 1 : 0));
  const data = brain.data.map((inside, i) => {
    if (inside === 0 || (a[i] as number) + (b[i] as number) < 2 * leastUptake) return 0;
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    const all =
      seen[i] &&
      (x === 0 || seen[i - 1]) &&
      (x === nx - 1 || seen[i + 1]) &&
      (y === 0 || seen[i - nx]) &&
      (y === ny - 1 || seen[i + nx]) &&
      (z === 0 || seen[i - nx * ny]) &&
      (z === nz - 1 || seen[i + nx * ny]);
    return all ? 1 : 0;
  });
  return { ...brain, data };
}

function perMean(image: Volume, mask: Mask): Float32Array {
  const level = levelOf(image, mask, "mean");
  return image.data.map((x) => x / level);
}

function levelOf(image: Volume, compared: Mask, how: NonNullable<SiscomOptions["normalisation"]>): number {
  if (image.frames.length !== 1)
    throw new DataError("grid-mismatch", "SISCOM takes one static frame each", {
      found: `${image.frames.length} frames`,
    });
  if (typeof how !== "string" && !sameGrid(how, compared))
    throw new DataError("grid-mismatch", "the region of reference lies on the images' grid", {
      expected: `${compared.shape} in ${compared.space}`,
      found: `${how.shape} in ${how.space}`,
    });
  const where = typeof how === "string" ? compared.data : how.data.map((m, i) => m && (compared.data[i] as number));
  const { centre } = spreadInside(image.data, where, how === "median" ? "mad" : "sd");
  if (!(centre > 0))
    throw new DataError("not-positive", "mean uptake inside the brain must be positive", { found: `${centre}` });
  return centre;
}
