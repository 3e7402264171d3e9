import { apply, DataError, invert, type Point, type Volume } from "@quintet/core";
import { type NoiseCovariance, quantile, sourceEvidence } from "@quintet/kernels";
import { type EstimateOptions, estimateSources, type SourceEstimate, sourceVariance } from "./estimate-sources.ts";
import type { SourceData } from "./source-data.ts";

export interface MapWeightOptions {
  /** Where a source is likely: high values (perfusion, BOLD, HbO) or low ones (FDG hypometabolism). Default high. */
  readonly towards?: "high" | "low";
  /** In the map's unit: likely at it and beyond; without it the weight grows from the median to the 99th percentile of the places. */
  readonly threshold?: number;
  /** Weight of the least likely place; default 0.1, the "90 % weighting" of Liu et al. */
  readonly floor?: number;
}

/**
 * Prior variances of sources from a map of PET, SPECT, BOLD or DOT in the same space:
 *
 *   w = floor + (1 - floor) s,   s = 1 beyond the threshold and 0 before it, or (v - q50) / (q99 - q50) cut to 0 .. 1
 *
 * with v the map's nearest voxel; outside the map s = 0.
 *
 * @throws DataError `bad-option`, `flat-map` (no place is likelier than another)
 * @see Liu, Belliveau & Dale, PNAS 1998;95:8945-50; Dale et al., Neuron 2000;26:55-67
 */
export function mapWeights(
  map: Volume,
  places: readonly Point[],
  { towards = "high", threshold, floor = 0.1 }: MapWeightOptions = {},
): Float64Array {
  if (!(floor > 0 && floor < 1))
    throw new DataError("bad-option", "the floor lies between 0 and 1", { found: `${floor}` });
  const sign = towards === "high" ? 1 : -1;
  const toIndex = invert(map.affine);
  const [nx, ny] = map.shape;
  const values = places.map((p) => {
    const at = apply(toIndex, p).map(Math.round) as [number, number, number];
    const within = at.every((v, k) => v >= 0 && v < (map.shape[k] as number));
    return within ? sign * (map.data[at[0] + nx * (at[1] + ny * at[2])] as number) : Number.NaN;
  });
  const known = values.filter(Number.isFinite);
  const [low, high] =
    threshold === undefined ? [quantile(known, 0.5), quantile(known, 0.99)] : [sign * threshold, sign * threshold];
  const share = (v: number): number => {
    if (!Number.isFinite(v)) return 0;
    if (threshold !== undefined) return v >= high ? 1 : 0;
    return Math.min(1, Math.max(0, (v - low) / (high - low)));
  };
  const weights = Float64Array.from(values, (v) => floor + (1 - floor) * share(v));
  if (known.length === 0 || !weights.some((w) => w !== weights[0]))
    throw new DataError("flat-map", "the map makes no place likelier than another", {
      found: `${known.length} of ${places.length} places in it`,
    });
  return weights;
}

export interface WeighedSources {
  /** Sources alike but for their depth. */
  readonly without: SourceEstimate;
  /** Sources likelier where the map says so, by as much as the data bear out. */
  readonly with: SourceEstimate;
  /** Natural logarithm of the evidence of the model with the map against the one without (Bayes factor): above 3 strong for it. */
  readonly logBayesFactor: number;
  readonly logEvidence: { readonly without: number; readonly with: number };
  /** Mean variance over channels that noise, all sources and the map's sources bring, as shares of the whole, in the model with. */
  readonly shares: { readonly noise: number; readonly everywhere: number; readonly map: number };
  /** Modes of the data in time that were taken as samples. */
  readonly modes: number;
}

/**
 * Source estimates with and without a map, and the evidence for it. In the space whitened by the noise (W), with A = W G, depth
 * variances d and the map's weights w, the covariance of the data's modes in time is
 *
 *   without   S = e^l0 I + e^l1 A diag(d) A'
 *   with      S = e^l0 I + e^l1 A diag(d) A' + e^l2 A diag(d (w - w_min)) A'
 *
 * with l at their most probable (`covarianceEvidence`); the estimates use the prior variances and the noise so found. A map that the
 * data do not bear out gets a small e^l2 and lowers the evidence. Modes are the singular vectors of the whitened data above what noise
 * alone would give, (sqrt(channels) + sqrt(samples))^2, one at least.
 *
 * @param weights per place, `mapWeights`
 * @throws DataError `shape-mismatch`, `flat-map`, `not-supported` (eLORETA, LCMV), and those of `estimateSources`
 * @see Phillips et al., NeuroImage 2005;24:997-1011; Henson et al., Hum Brain Mapp 2010;31:1512-31; Friston et al., Hum Brain Mapp
 *   2006;27:722-35 (modes in time)
 */
export function weighSources(
  data: SourceData,
  places: readonly Point[],
  noise: NoiseCovariance,
  weights: ArrayLike<number>,
  options: Pick<EstimateOptions, "method" | "depth"> = {},
): WeighedSources {
  const { method = "dspm", depth = 0.8 } = options;
  if (method === "eloreta" || method === "lcmv")
    throw new DataError("not-supported", `${method} takes no prior variances`, {
      expected: "minimum-norm, dspm or sloreta",
    });
  if (weights.length !== places.length)
    throw new DataError("shape-mismatch", "one weight per place", {
      expected: `${places.length}`,
      found: `${weights.length}`,
    });
  const least = Array.from(weights).reduce((a, b) => Math.min(a, b));
  const above = Float64Array.from(weights, (w) => w - least);
  if (!above.some((v) => v > 0)) throw new DataError("flat-map", "the map makes no place likelier than another");
  const rows = data.leadField(places);
  const weighted = method === "sloreta" ? 0 : depth;
  const own = sourceVariance({ leadField: rows, orientations: 3, noise: noise.covariance }, weighted);
  const model = { leadField: rows, noise: noise.covariance, variance: own, above };
  const { modes, without, found, sizes } = sourceEvidence(model, data.rows);
  const estimates = [without, found].map(({ variances }) => {
    const [v0, v1, v2 = 0] = variances as unknown as readonly [number, number, number?];
    const scale = v2 / (sizes[2] as number) / (v1 / (sizes[1] as number));
    return estimateSources(data, places, noise, {
      method,
      depth,
      snr: Math.sqrt((v1 + v2) / v0),
      weights: above.map((w) => 1 + scale * w),
    });
  });
  const total = found.variances.reduce((a, b) => a + b, 0);
  const share = (k: number): number => (found.variances[k] as number) / total;
  return {
    without: estimates[0] as SourceEstimate,
    with: estimates[1] as SourceEstimate,
    logBayesFactor: found.logEvidence - without.logEvidence,
    logEvidence: { without: without.logEvidence, with: found.logEvidence },
    shares: { noise: share(0), everywhere: share(1), map: share(2) },
    modes,
  };
}
