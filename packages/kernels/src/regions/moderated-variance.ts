import { DataError, type Grid, type Mask } from "@quintet/core";
import { digamma, inverseTrigamma, trigamma } from "../statistics/polygamma.ts";
import { smoothInside } from "./z-map.ts";

export interface ModeratedVariance {
  /** s~^2, 0 outside the mask. */
  readonly variance: Float32Array;
  /** d0: how many degrees of freedom the neighbourhood's variance is worth in each voxel. */
  readonly priorDegrees: number;
}

/**
 * Variances of few samples, each drawn towards that of its neighbourhood as far as the variances of all voxels tell that they are
 * alike (empirical Bayes).
 *
 *   s~^2 = (d0 s0^2 + d s^2) / (d0 + d)
 *   e = ln s^2 - psi(d/2) + ln(d/2),   ln s0^2 = G_w e + psi(d0/2) - ln(d0/2)
 *   psi'(d0/2) = < (e - G_w e)^2 - psi'(d/2) (1 - 2a + b) >
 *   a = (f^2 / (f^2 + w^2))^(3/2),   b = (f^2 / (f^2 + 2 w^2))^(3/2)
 *
 * Smyth's estimate from the logarithms, whose prior is the same for all, with a prior that varies smoothly over the image instead:
 * the mean over a Gaussian G_w of w mm inside the mask. That mean holds the voxel itself and others that share its noise; what this
 * takes out of the scatter is 2a - b, since the squares of a Gaussian field of f mm FWHM are correlated as exp(-4 ln 2 r^2 / f^2).
 * d0 is at most what the neighbourhood holds itself, <d> (1 + 2 (w/f)^2)^(3/2). s~^2 has d0 + d degrees of freedom.
 *
 * @param variance of each voxel, above 0 inside the mask
 * @param degrees d of each voxel
 * @param fieldFwhm f, smoothness of the samples, mm
 * @param priorFwhm w, mm
 * @throws DataError `empty-region`, `not-positive`
 * @see Smyth, Stat Appl Genet Mol Biol 2004;3:3, sections 3 and 6.2; a smoothed variance under t: Nichols & Holmes, Hum Brain Mapp
 *   2002;15:1-25 (both from the literature, not re-checked)
 */
export function moderatedVariance(
  variance: Float32Array,
  degrees: ArrayLike<number>,
  mask: Mask,
  { fieldFwhm, priorFwhm }: { readonly fieldFwhm: number; readonly priorFwhm: number },
): ModeratedVariance {
  const inside = mask.data;
  const size = inside.reduce((n, m) => n + (m === 0 ? 0 : 1), 0);
  if (size < 100)
    throw new DataError("empty-region", "too few voxels to tell how alike variances are", {
      expected: ">= 100",
      found: `${size}`,
    });
  const shifts = byDegrees((d) => digamma(d / 2) - Math.log(d / 2));
  const scatters = byDegrees((d) => trigamma(d / 2));
  const log = variance.map((s2, v) => {
    if (inside[v] === 0) return 0;
    if (!(s2 > 0) || !((degrees[v] as number) > 0))
      throw new DataError("not-positive", "variances and their degrees of freedom are above 0", {
        found: `${s2} with ${degrees[v]}, voxel ${v}`,
      });
    return Math.log(s2) - shifts(degrees[v] as number);
  });
  const local = smoothInside(log, inside, mask as Grid, priorFwhm);
  const [f2, w2] = [fieldFwhm ** 2, priorFwhm ** 2];
  const shared = 2 * (f2 / (f2 + w2)) ** 1.5 - (f2 / (f2 + 2 * w2)) ** 1.5;
  let [excess, sum] = [0, 0];
  for (let v = 0; v < inside.length; v++) {
    if (inside[v] === 0) continue;
    const d = degrees[v] as number;
    excess += ((log[v] as number) - (local[v] as number)) ** 2 - scatters(d) * (1 - shared);
    sum += d;
  }
  const most = (sum / size) * (1 + (2 * w2) / f2) ** 1.5;
  const priorDegrees = excess > 0 ? Math.min(most, 2 * inverseTrigamma(excess / size)) : most;
  const back = digamma(priorDegrees / 2) - Math.log(priorDegrees / 2);
  return {
    priorDegrees,
    variance: variance.map((s2, v) => {
      if (inside[v] === 0) return 0;
      const d = degrees[v] as number;
      return (priorDegrees * Math.exp((local[v] as number) + back) + d * s2) / (priorDegrees + d);
    }),
  };
}

/** A function of the degrees of freedom, each value computed once. */
function byDegrees(of: (d: number) => number): (d: number) => number {
  const known = new Map<number, number>();
  return (d) => {
    const value = known.get(d) ?? of(d);
    known.set(d, value);
    return value;
  };
}
