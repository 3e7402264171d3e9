import { DataError, type Mask, type Millimetres, sameGrid, spacing, type Volume, voxelCount } from "@quintet/core";
import {
  type ClusterSearch,
  fieldSmoothness,
  fwhmPerSigma,
  moderatedVariance,
  searchClusters,
  smoothGaussian,
  spreadInside,
  zOfStudent,
} from "@quintet/kernels";

/** Fewer pairs give a standard deviation that is itself uncertain by more than 24 %, 1 / sqrt(2 (n - 1)). */
export const fewestPairs = 10;

/** Share of the pairs that must show a voxel: the rim of the brain, where foci lie, is not the same in everybody. */
const leastShare = 0.8;

/** Smoothing of every difference, mm: near a focus of some mL seen at 10 mm. */
const usualSmoothing = 12;

/** z of a cluster's voxels: p < 0.001, above which the theory of extents holds and smooth noise makes few and small clusters. */
const usualHeight = 3.09;

export interface TestRetestNorms {
  readonly n: number;
  /** Where at least four fifths of the pairs were compared. */
  readonly mask: Mask;
  /** How many pairs show each voxel. */
  readonly seen: Uint8Array;
  /** B m: mean of the pairs' differences in units of each pair's own noise, as far as it is believed. */
  readonly mean: Float32Array;
  /** B, 0 to 1: how much of the pairs' mean is believed. */
  readonly meanKept: number;
  /** s~ in the same units. */
  readonly sd: Float32Array;
  /** d0: degrees of freedom that a voxel's variance has from its neighbourhood. */
  readonly priorDegrees: number;
  /** Smoothness of the differences, mm. */
  readonly fwhm: Millimetres;
}

export interface NoiseNormalised {
  /** The statistic as the z that has the same tail. */
  readonly z: Volume<"{z}">;
  /** t of `norms.priorDegrees` + pairs in the voxel - 1 degrees of freedom. */
  readonly t: Float32Array;
  readonly search: ClusterSearch;
  readonly n: number;
  /** Where all pairs show the brain. */
  readonly degrees: number;
  readonly priorDegrees: number;
  readonly meanKept: number;
  /** g: the patient's own noise. */
  readonly noise: number;
  /** z of the clusters' voxels. */
  readonly threshold: number;
}

/**
 * A person's difference as it is compared: smoothed inside the compared part of the brain, then carried to the template.
 *
 *   D = W[G (c D)] / W[G c],   c the mask of what was compared, G a Gaussian, W the interpolation; 0 where W[c] < 1/2
 *
 * Smoothed first, since interpolation of a rough map smooths it unevenly; numerator and denominator apart, since interpolation
 * across the edge of the mask would mix in zeros where foci lie.
 *
 * @param difference siscom's, on the person's own grid
 * @param carry interpolates a map of that grid in the template
 */
export function comparedInTemplate(
  difference: Volume<"1">,
  compared: Mask,
  carry: (map: Volume<"1">) => Volume<"1">,
  smoothingFwhm: Millimetres = usualSmoothing,
): Volume<"1"> {
  checkDifference(difference, compared);
  const sigma = spacing(difference).map((mm) => smoothingFwhm / fwhmPerSigma / mm) as [number, number, number];
  const inside = Float32Array.from(compared.data, (m) => (m === 0 ? 0 : 1));
  const carried = (data: Float32Array, smooth: boolean): Volume<"1"> =>
    carry({ ...difference, data: smooth ? smoothGaussian(data, difference.shape, sigma) : data });
  const above = carried(
    difference.data.map((x, v) => x * (inside[v] as number)),
    true,
  );
  const [below, shown] = [carried(inside, true).data, carried(inside, false).data];
  return { ...above, data: above.data.map((x, v) => ((shown[v] as number) < 0.5 ? 0 : x / (below[v] as number))) };
}

/**
 * What two scans of one healthy person differ by: mean and standard deviation of the differences of test-retest pairs, each in
 * units of its own noise.
 *
 *   E_i = (D_i - c_i) / g_i,   c_i, g_i median and 1.4826 MAD of D_i over the brain
 *   m(v) = sum_i E_i / k,   s^2(v) = sum_i (E_i - m)^2 / (k - 1)      (k pairs show v)
 *   s~^2(v) = (d0 s0^2(v) + (k - 1) s^2(v)) / (d0 + k - 1)
 *   B = max(0, 1 - 1/R),   R = < (k m^2 / s^2) (k - 3) / (k - 1) >
 *
 * c and g because scans differ in counts, so in noise, and in level, which is not where they differ; n pairs would have to average
 * that out. s0 and d0 (moderatedVariance): a variance of k pairs alone is off by tens of per cent, which makes peaks of its own;
 * where the noise is alike everywhere d0 is large and t becomes the difference over its noise, where it is not the pairs speak.
 * B: m of n pairs is itself noise of s / sqrt(n), and two scans at rest have no reason to differ one way; R is 1 when the mean is
 * nothing but that noise (then k m^2 / s^2 is F of 1 and k - 1), and m is believed as far as R is above it.
 *
 * @param differences of comparedInTemplate, one template grid, one frame each, 0 where they were not compared
 * @param priorFwhm over which variances are held alike, mm
 * @param names whose the pairs are, for what is refused
 * @throws DataError `too-few-normals` (below 10), `grid-mismatch`, `not-finite`, `constant-data`, `repeated-pair`, `empty-region`
 * @see McNally et al., J Nucl Med 2005;46:1450-8 (ISAS); Kazemi et al., Neurology 2010;74:70-6 (STATISCOM); B: James & Stein 1961 in
 *   the form of Efron & Morris, J Am Stat Assoc 1973;68:117-30 (from the literature, not re-checked)
 */
export function testRetestNorms(
  differences: readonly Volume<"1">[],
  mask: Mask,
  { priorFwhm = 30, names }: { readonly priorFwhm?: Millimetres; readonly names?: readonly string[] } = {},
): TestRetestNorms {
  const n = differences.length;
  if (n < fewestPairs)
    throw new DataError("too-few-normals", "test-retest pairs of healthy people", {
      expected: `${fewestPairs} or more`,
      found: `${n}`,
    });
  for (const difference of differences) checkDifference(difference, mask);
  const least = Math.ceil(leastShare * n);
  const seen = mask.data.map((m, v) =>
    m ? differences.reduce((sum, { data }) => sum + (data[v] === 0 ? 0 : 1), 0) : 0,
  );
  const all: Mask = { ...mask, data: seen.map((k) => (k >= least ? 1 : 0)) };
  if (!all.data.includes(1)) throw new DataError("empty-region", "no voxel is inside the brain of the normals");
  const scaled = differences.map(({ data }) => {
    const own = shownOf(data, all);
    const { centre, sd } = spreadInside(data, own, "mad");
    return { own, data: data.map((x, v) => (own[v] ? (x - centre) / sd : 0)) };
  });
  const { mean, variance } = momentsOf(scaled, seen);
  if (all.data.some((m, v) => m !== 0 && !((variance[v] as number) > 1e-9)))
    throw new DataError("constant-data", "the pairs of normals do not differ from each other");
  refuseTwins(
    scaled.map(({ data }) => data),
    names ?? scaled.map((_, k) => `pair ${k + 1}`),
  );
  const smoothness = scaled.map(({ own, data }) => fieldSmoothness(data, own, mask));
  const fwhm = smoothness.flat().reduce((sum, f) => sum + f, 0) / (3 * n);
  const degrees = seen.map((k) => Math.max(0, k - 1));
  const moderated = moderatedVariance(variance, degrees, all, { fieldFwhm: fwhm, priorFwhm });
  const meanKept = beliefIn(mean, variance, seen, all);
  return {
    n,
    mask: all,
    seen,
    mean: mean.map((m) => meanKept * m),
    meanKept,
    sd: moderated.variance.map(Math.sqrt),
    priorDegrees: moderated.priorDegrees,
    fwhm,
  };
}

/**
 * A patient's ictal-interictal difference against test-retest normals.
 *
 *   t(v) = ((D(v) - c) / g - B m(v)) / ( s~(v) sqrt(1 + B/k) )   with d0 + k - 1 degrees of freedom,   z = Phi^-1(T(t))
 *
 * c the median of D over the brain, g 1.4826 MAD of (D - c - g B m) / s~: z has the spread of the patient's own noise, its pattern is that of
 * the normals. Clusters of z above the threshold get their chance as everywhere (searchClusters).
 *
 * @param difference as those of the normals, in the same template
 * @throws DataError `grid-mismatch`, `not-finite`, `empty-region`, `constant-data`
 */
export function noiseNormalised(
  difference: Volume<"1">,
  norms: TestRetestNorms,
  { threshold = usualHeight, minimumVolume = 0 }: { readonly threshold?: number; readonly minimumVolume?: number } = {},
): NoiseNormalised {
  const { n, seen, mean, meanKept, sd, priorDegrees } = norms;
  checkDifference(difference, norms.mask);
  const mask: Mask = { ...norms.mask, data: shownOf(difference.data, norms.mask) };
  const { centre } = spreadInside(difference.data, mask.data, "mad");
  const inside = (value: (x: number, v: number) => number): Float32Array =>
    difference.data.map((x, v) => (mask.data[v] === 0 ? 0 : value(x, v)));
  let noise = 0;
  for (let round = 0; round < rounds; round++) {
    const rest = inside((x, v) => (x - centre - noise * (mean[v] as number)) / (sd[v] as number));
    noise = spreadInside(rest, mask.data, "mad").sd;
  }
  const t = inside((x, v) => {
    const spread = (sd[v] as number) * Math.sqrt(1 + meanKept / (seen[v] as number));
    return ((x - centre) / noise - (mean[v] as number)) / spread;
  });
  const z: Volume<"{z}"> = {
    ...difference,
    unit: "{z}",
    data: t.map((value, v) => (value === 0 ? 0 : zOfStudent(value, priorDegrees + (seen[v] as number) - 1))),
  };
  const search = searchClusters(z, mask, { threshold, minimumVolume });
  return { z, t, search, n, degrees: priorDegrees + n - 1, priorDegrees, meanKept, noise, threshold };
}

/** In which g settles: what is left of its error is the share of the spread that B m has, to this power. */
const rounds = 4;

/** Correlation over the brain above which two pairs are one: a few hundred cells of noise leave 0.1 or 0.2. */
const sameNoise = 0.9;

/** @throws DataError `repeated-pair`: the noise of one pair would count for that of several people */
function refuseTwins(maps: readonly Float32Array[], names: readonly string[]): void {
  const product = (a: Float32Array, b: Float32Array): number => {
    let sum = 0;
    for (let v = 0; v < a.length; v++) sum += (a[v] as number) * (b[v] as number);
    return sum;
  };
  const sizes = maps.map((map) => Math.sqrt(product(map, map)));
  for (const [i, a] of maps.entries())
    for (const [j, b] of maps.slice(0, i).entries()) {
      const r = product(a, b) / ((sizes[i] as number) * (sizes[j] as number));
      if (r > sameNoise)
        throw new DataError("repeated-pair", `${names[j]} and ${names[i]} of the normals are the same scans`, {
          expected: `${maps.length} different pairs`,
          found: `differences correlated by ${r.toFixed(3)}`,
        });
    }
}

/** Inside the mask and compared. */
function shownOf(data: Float32Array, mask: Mask): Uint8Array {
  return mask.data.map((m, v) => (m && data[v] !== 0 ? 1 : 0));
}

/** Mean and variance (k - 1) over the pairs that show a voxel. */
function momentsOf(
  pairs: readonly { readonly own: Uint8Array; readonly data: Float32Array }[],
  seen: Uint8Array,
): { readonly mean: Float32Array; readonly variance: Float32Array } {
  const [mean, variance] = [new Float32Array(seen.length), new Float32Array(seen.length)];
  for (const { own, data } of pairs)
    for (let v = 0; v < mean.length; v++)
      if (own[v]) mean[v] = (mean[v] as number) + (data[v] as number) / (seen[v] as number);
  for (const { own, data } of pairs)
    for (let v = 0; v < mean.length; v++)
      if (own[v])
        variance[v] =
          (variance[v] as number) + ((data[v] as number) - (mean[v] as number)) ** 2 / ((seen[v] as number) - 1);
  return { mean, variance };
}

function beliefIn(mean: Float32Array, variance: Float32Array, seen: Uint8Array, { data }: Mask): number {
  let [sum, size] = [0, 0];
  for (let v = 0; v < data.length; v++) {
    if (data[v] === 0) continue;
    const k = seen[v] as number;
    sum += ((k * (mean[v] as number) ** 2) / (variance[v] as number)) * ((k - 3) / (k - 1));
    size++;
  }
  return Math.max(0, 1 - size / sum);
}

function checkDifference(difference: Volume, mask: Mask): void {
  if (!sameGrid(difference, mask) || difference.data.length !== voxelCount(mask))
    throw new DataError("grid-mismatch", "differences lie in one template, one frame each", {
      expected: `${mask.shape} in ${mask.space}`,
      found: `${difference.shape} in ${difference.space}, ${difference.frames.length} frames`,
    });
  const bad = difference.data.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw new DataError("not-finite", "a voxel of a difference is not a number", { found: `voxel ${bad}` });
}
