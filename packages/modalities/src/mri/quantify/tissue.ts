import { DataError, type LabelVolume, type Mask, sameGrid, type Volume } from "@quintet/core";
import { finiteRange, gaussianMixture, histogram, histogramQuantile } from "@quintet/kernels";

export const tissues = ["csf", "grey", "white"] as const;
export type Tissue = (typeof tissues)[number];

export interface TissueSegmentation {
  /** Share of each tissue per voxel; they add to 1 inside the mask. */
  readonly probabilities: Readonly<Record<Tissue, Volume<"{probability}">>>;
  /** 1 csf, 2 grey, 3 white: the largest share. */
  readonly labels: LabelVolume;
  /** Class means (of CSF: where it is pure) and SDs in the image's scale, csf, grey, white. */
  readonly means: readonly number[];
  readonly sds: readonly number[];
}

/** Chance of each tissue per voxel before its brightness is looked at; need not add to 1. */
export type TissuePriors = Readonly<Record<Tissue, Volume<"{probability}">>>;

export interface TissueOptions {
  /** On the image's grid: a template's maps carried onto this head. Without them every tissue is as likely everywhere. */
  readonly priors?: TissuePriors;
  /** Weight of one neighbour's share in the field's energy; 0 = every voxel alone. */
  readonly smoothness?: number;
  readonly iterations?: number;
}

/**
 * Tissue classes of a T1-weighted image without a template: Gaussian mixture by EM, then a Markov random field.
 *
 *   p_k(v) ~ exp(-(I(v) - m_k)^2 / (2 s^2) + beta sum_{n in 6 neighbours} p_k(n)),   s^2 = sum_k w_k s_k^2
 *
 * The mixture (w_k, m_k, s_k) is fitted to the histogram inside the mask; beta = `smoothness`, mean-field iterations.
 * One s for all classes: noise is the same everywhere, and what makes a class wider in the histogram is partial volume,
 * which must not move the border off the middle between two means (Dice of white matter on MNI152 0.96 instead of 0.82
 * with w_k and s_k of each class). A voxel between two means shares its volume as the posterior says (partial volume in
 * a first form: no classes of mixture).
 * With `priors`, ln q_k(v) is added to the energy, q_k the priors kept above 0.05 and made to add to 1. Without them deep
 * grey matter whose T1 contrast is close to white matter's reads as white.
 *
 * @param t1 bias-corrected (correctBias)
 * @param mask brain with its CSF, on the same grid
 * @throws DataError `grid-mismatch`, `empty-region`, `not-finite`, `constant-data`
 * @see Zhang, Brady & Smith, IEEE Trans Med Imaging 2001;20:45-57 (EM with a hidden Markov random field)
 */
export function tissueSegmentation(t1: Volume, mask: Mask, options: TissueOptions = {}): TissueSegmentation {
  const { smoothness = 0.3, iterations = 5, priors } = options;
  if (priors && !tissues.every((name) => sameGrid(t1, priors[name])))
    throw new DataError("grid-mismatch", "image and priors must lie on one grid");
  if (!sameGrid(t1, mask)) throw new DataError("grid-mismatch", "image and mask must lie on one grid");
  const inside = insideVoxels(t1, mask);
  const fitted = classes(t1, inside);
  const fit = withPureCsf(t1, inside, fitted);
  const shares = meanField(t1, inside, fit, smoothness, iterations, priors);
  const n = t1.data.length;
  const maps = tissues.map(() => new Float32Array(n));
  const labels = new Uint8Array(n);
  for (const [at, i] of inside.entries()) {
    let best = 0;
    for (let k = 0; k < 3; k++) {
      const p = shares[3 * at + k] as number;
      (maps[k] as Float32Array)[i] = p;
      if (p > (shares[3 * at + best] as number)) best = k;
    }
    labels[i] = best + 1;
  }
  const { shape, affine, space } = t1;
  const map = (k: number): Volume<"{probability}"> => ({ ...t1, unit: "{probability}", data: maps[k] as Float32Array });
  return {
    probabilities: { csf: map(0), grey: map(1), white: map(2) },
    labels: { shape, affine, space, data: labels, names: new Map(tissues.map((name, k) => [k + 1, name])) },
    means: fit.means,
    sds: fit.variances.map(Math.sqrt),
  };
}

function insideVoxels(t1: Volume, mask: Mask): Int32Array {
  const out: number[] = [];
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i] === 0) continue;
    if (!Number.isFinite(t1.data[i]))
      throw new DataError("not-finite", "a voxel inside the mask is not a number", { found: `${t1.data[i]}` });
    out.push(i);
  }
  if (out.length < 1000)
    throw new DataError("empty-region", "too few voxels inside the mask", {
      expected: ">= 1000",
      found: `${out.length}`,
    });
  return Int32Array.from(out);
}

interface Classes {
  readonly weights: readonly number[];
  readonly means: readonly number[];
  readonly variances: readonly number[];
}

function classes(t1: Volume, inside: Int32Array): Classes {
  const values = Float32Array.from(inside, (i) => t1.data[i] as number);
  const [lowest, highest] = finiteRange(values);
  if (!(highest > lowest)) throw new DataError("constant-data", "the image is constant inside the mask");
  const wide = histogram(values, { bins: 4096, low: lowest, high: highest });
  const [low, high] = [histogramQuantile(wide, 0.001), histogramQuantile(wide, 0.999)];
  const seen = histogram(values, { bins: 512, low, high });
  const centres = Array.from(seen.counts, (_, bin) => low + (bin + 0.5) * seen.width);
  const at = (share: number): number => low + share * (high - low);
  return gaussianMixture(centres, {
    components: 3,
    counts: seen.counts,
    means: [at(0.25), at(0.55), at(0.8)],
    minimumSd: 0.02 * (high - low),
  });
}

/** Fewer voxels of pure CSF than this tell nothing. */
const leastPure = 200;

/**
 * The fit with the mean of CSF taken from voxels all of whose neighbours are nearer to CSF's mean than to grey matter's:
 * most CSF lies in sulci narrower than two voxels, whose partial volume draws the class's mean towards grey matter's.
 */
function withPureCsf({ data, shape: [nx, ny] }: Volume, inside: Int32Array, fit: Classes): Classes {
  const [csf, grey, white] = fit.means as [number, number, number];
  const limit = (csf + grey) / 2;
  const dark = new Uint8Array(data.length);
  for (const i of inside) if ((data[i] as number) < limit) dark[i] = 1;
  const strides = [1, -1, nx, -nx, nx * ny, -nx * ny];
  const pure = inside.filter((i) => dark[i] !== 0 && strides.every((stride) => dark[i + stride] === 1));
  if (pure.length < leastPure) return fit;
  const median = Float32Array.from(pure, (i) => data[i] as number).sort()[pure.length >> 1] as number;
  return { ...fit, means: [Math.min(csf, median), grey, white] };
}

function meanField(
  t1: Volume,
  inside: Int32Array,
  { weights, means, variances }: Classes,
  beta: number,
  rounds: number,
  priors: TissuePriors | undefined,
): Float32Array {
  const [nx, ny] = t1.shape;
  const strides = [1, -1, nx, -nx, nx * ny, -nx * ny];
  const place = new Int32Array(t1.data.length).fill(-1);
  for (const [at, i] of inside.entries()) place[i] = at;
  const noise = variances.reduce((sum, variance, k) => sum + (weights[k] as number) * variance, 0);
  const energy = new Float32Array(3 * inside.length);
  for (const [at, i] of inside.entries())
    for (let k = 0; k < 3; k++)
      energy[3 * at + k] = -(((t1.data[i] as number) - (means[k] as number)) ** 2) / (2 * noise);
  if (priors) addPriors(energy, inside, priors);
  let now: Float32Array = new Float32Array(energy.length);
  let next: Float32Array = new Float32Array(energy.length);
  for (let round = 0; round <= rounds; round++) {
    for (let at = 0; at < inside.length; at++) {
      let [a, b, c] = [0, 0, 0];
      if (round > 0)
        for (const stride of strides) {
          const other = place[(inside[at] as number) + stride] ?? -1;
          if (other < 0) continue;
          a += now[3 * other] as number;
          b += now[3 * other + 1] as number;
          c += now[3 * other + 2] as number;
        }
      a = beta * a + (energy[3 * at] as number);
      b = beta * b + (energy[3 * at + 1] as number);
      c = beta * c + (energy[3 * at + 2] as number);
      const top = Math.max(a, b, c);
      [a, b, c] = [Math.exp(a - top), Math.exp(b - top), Math.exp(c - top)];
      const sum = a + b + c;
      next[3 * at] = a / sum;
      next[3 * at + 1] = b / sum;
      next[3 * at + 2] = c / sum;
    }
    [now, next] = [next, now];
  }
  return now;
}

/** A prior never rules a tissue out: atrophy and lesions are where no template has them. */
const leastPrior = 0.05;

function addPriors(energy: Float32Array, inside: Int32Array, priors: TissuePriors): void {
  const maps = tissues.map((name) => priors[name].data);
  for (const [at, i] of inside.entries()) {
    const shares = maps.map((map) => Math.max(leastPrior, map[i] as number));
    const sum = shares.reduce((a, b) => a + b, 0);
    for (let k = 0; k < 3; k++)
      energy[3 * at + k] = (energy[3 * at + k] as number) + Math.log((shares[k] as number) / sum);
  }
}
