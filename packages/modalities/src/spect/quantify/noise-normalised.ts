import { DataError, type Mask, type Millimetres, sameGrid, type Volume, voxelCount } from "@quintet/core";
import { type ClusterSearch, searchClusters, smoothInside, zOfStudent } from "@quintet/kernels";

/** Fewer pairs give a standard deviation that is itself uncertain by more than 24 %, 1 / sqrt(2 (n - 1)). */
export const fewestPairs = 10;

/** Share of the pairs that must show a voxel: the rim of the brain, where foci lie, is not the same in everybody. */
const leastShare = 0.8;

export interface TestRetestNorms {
  readonly n: number;
  /** Where at least four fifths of the pairs were compared. */
  readonly mask: Mask;
  /** Mean of the pairs' differences. */
  readonly mean: Float32Array;
  /** Their standard deviation in each voxel, variances pooled over the neighbourhood. */
  readonly sd: Float32Array;
  /** Degrees of freedom of the pooled variance. */
  readonly degrees: number;
  readonly smoothingFwhm: Millimetres;
}

export interface TestRetestOptions {
  /** Smoothing of every difference, the patient's too, mm; 12 by default: near a focus of some mL seen at 10 mm. */
  readonly smoothingFwhm?: Millimetres;
  /** Over which variances are pooled, mm FWHM; 20 by default. */
  readonly poolingFwhm?: Millimetres;
  /** Smoothness of the differences before smoothing, mm FWHM: for the degrees of freedom; 10 by default. */
  readonly imageFwhm?: Millimetres;
}

export interface NoiseNormalised {
  /** The statistic as the z that has the same tail. */
  readonly z: Volume<"{z}">;
  /** t of `norms.degrees` degrees of freedom. */
  readonly t: Float32Array;
  readonly search: ClusterSearch;
  readonly n: number;
  readonly degrees: number;
}

/**
 * What two scans of one healthy person differ by: mean and standard deviation of the differences of test-retest pairs.
 *
 *   m(v) = sum_i D_i(v) / n,   s^2(v) = G * [ sum_i (D_i - m)^2 / (n - 1) ]
 *
 * D_i the normalised difference (siscom's `difference`) of pair i in the template, all smoothed alike, G a Gaussian inside the
 * mask: neighbours share camera and physiology, and n alone gives a variance that is off by tens of per cent. Pooling over
 * w mm a field of f mm raises the degrees of freedom to
 *
 *   nu = (n - 1) (1 + 2 (w / f)^2)^(3/2)
 *
 * (the squares of a Gaussian field are correlated over f / sqrt 2). A voxel counts where at least 0.8 n pairs show it, and nu is
 * that of so many.
 *
 * @param differences of one template grid, one frame each, 0 where they were not compared
 * @throws DataError `too-few-normals` (below 10), `grid-mismatch`, `not-finite`, `constant-data`, `empty-region`
 * @see McNally et al., J Nucl Med 2005;46:1450-8 (ISAS); Kazemi et al., Neurology 2010;74:70-6 (STATISCOM); pooled variance:
 *   Worsley et al., NeuroImage 2002;15:1-15, eq. 10 (from the literature, not re-checked)
 */
export function testRetestNorms(
  differences: readonly Volume<"1">[],
  mask: Mask,
  { smoothingFwhm = 12, poolingFwhm = 20, imageFwhm = 10 }: TestRetestOptions = {},
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
  const smooth = differences.map(({ data }) => {
    const own = all.data.map((m, v) => (m && data[v] !== 0 ? 1 : 0));
    return { own, data: smoothInside(data, own, all, smoothingFwhm) };
  });
  const mean = new Float32Array(all.data.length);
  const variance = new Float32Array(mean.length);
  for (const { own, data } of smooth)
    for (let v = 0; v < mean.length; v++)
      if (own[v]) mean[v] = (mean[v] as number) + (data[v] as number) / (seen[v] as number);
  for (const { own, data } of smooth)
    for (let v = 0; v < mean.length; v++)
      if (own[v])
        variance[v] =
          (variance[v] as number) + ((data[v] as number) - (mean[v] as number)) ** 2 / ((seen[v] as number) - 1);
  const pooled = smoothInside(variance, all.data, all, poolingFwhm);
  const flat = all.data.findIndex((m, v) => m !== 0 && !((pooled[v] as number) > 1e-12 * (mean[v] as number) ** 2)); // float32 leaves 1e-14
  if (flat >= 0) throw new DataError("constant-data", "the pairs of normals do not differ from each other");
  const field = Math.hypot(imageFwhm, smoothingFwhm);
  return {
    n,
    mask: all,
    mean,
    sd: pooled.map(Math.sqrt),
    degrees: (least - 1) * (1 + 2 * (poolingFwhm / field) ** 2) ** 1.5,
    smoothingFwhm,
  };
}

/**
 * A patient's ictal-interictal difference against test-retest normals.
 *
 *   t(v) = (D(v) - m(v)) / ( s(v) sqrt(1 + 1/n) )   with norms.degrees degrees of freedom,   z = Phi^-1(T_nu(t))
 *
 * Clusters of z above the threshold get their chance as everywhere (searchClusters).
 *
 * @param difference as those of the normals, in the same template, not smoothed
 * @throws DataError `grid-mismatch`, `not-finite`, `empty-region`, `constant-data`
 */
export function noiseNormalised(
  difference: Volume<"1">,
  norms: TestRetestNorms,
  { threshold = 2, minimumVolume = 0 }: { readonly threshold?: number; readonly minimumVolume?: number } = {},
): NoiseNormalised {
  checkDifference(difference, norms.mask);
  const mask: Mask = {
    ...norms.mask,
    data: norms.mask.data.map((m, v) => (m && difference.data[v] !== 0 ? 1 : 0)),
  };
  const data = smoothInside(difference.data, mask.data, mask, norms.smoothingFwhm);
  const spread = Math.sqrt(1 + 1 / norms.n);
  const t = data.map((d, v) =>
    mask.data[v] === 0 ? 0 : (d - (norms.mean[v] as number)) / ((norms.sd[v] as number) * spread),
  );
  const z: Volume<"{z}"> = {
    ...difference,
    unit: "{z}",
    data: t.map((value) => (value === 0 ? 0 : zOfStudent(value, norms.degrees))),
  };
  const search = searchClusters(z, mask, { threshold, minimumVolume });
  return { z, t, search, n: norms.n, degrees: norms.degrees };
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
