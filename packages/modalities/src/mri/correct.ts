/** Intensity non-uniformity of a T1-weighted image: the smooth gain of coils and transmit field. */
import { DataError, type Mask, type QcFinding, sameGrid, type Volume } from "@quintet/core";
import { finiteRange, gaussianMixture, histogram, histogramQuantile, responsibilities } from "@quintet/kernels";
import { Legendre, solveWeighted } from "./smooth-field.ts";

export interface BiasCorrection<V extends Volume = Volume> {
  readonly corrected: V;
  /** Gain, 1 on average inside the mask: image = corrected * field. */
  readonly field: Volume<"1">;
  readonly qc: readonly QcFinding[];
}

export interface BiasOptions {
  /** Highest total degree of the polynomial; by default 3, and 4 where the field found so is strong (range above 1.6). */
  readonly degree?: number;
  readonly iterations?: number;
}

/** Voxels used for the fit; more change the field by less than its noise. */
const samples = 60_000;

/**
 * Removes a smooth multiplicative bias field.
 *
 *   I(v) = J(v) exp(b(v)),   b(v) = sum_k c_k L_k(v),   L_k: products of Legendre polynomials, total degree 1..degree
 *
 * Expectation maximisation in turn: three Gaussian classes of J inside the mask; then c by weighted least squares on
 * log I - log J^, J^ the classes' mean weighted by r_k / s_k^2, weight the sum of these. The field has mean 0 in the
 * logarithm inside the mask; outside the mask's box it continues with the value at the box. A strong field, as at 7 T, is
 * fitted again with one degree more: the weaker ones of 1.5 and 3 T gain nothing from it.
 *
 * @param mask brain on the same grid
 * @throws DataError `grid-mismatch`, `empty-region`, `not-positive`, `not-finite`, `constant-data`
 * @see Wells et al., IEEE Trans Med Imaging 1996;15:429-42 (EM bias field); Van Leemput et al., ibid. 1999;18:885-96
 */
export function correctBias<V extends Volume>(t1: V, mask: Mask, options: BiasOptions = {}): BiasCorrection<V> {
  const { degree = 3, iterations = 12 } = options;
  if (!sameGrid(t1, mask)) throw new DataError("grid-mismatch", "image and mask must lie on one grid");
  if (t1.frames.length !== 1)
    throw new DataError("grid-mismatch", "one image is corrected", { found: `${t1.frames.length} frames` });
  const chosen = sampleVoxels(t1, mask);
  const first = fittedGain(t1, mask, chosen, degree, iterations);
  const strong = options.degree === undefined && rangeOf(first, mask) > doubted;
  const gain = strong ? fittedGain(t1, mask, chosen, degree + 1, iterations) : first;
  const corrected = { ...t1, data: t1.data.map((value, i) => value / (gain[i] as number)) };
  return { corrected, field: { ...t1, unit: "1", data: gain }, qc: [biasFinding(rangeOf(gain, mask))] };
}

/** exp(b - mean of b inside the mask). */
function fittedGain(
  t1: Volume,
  mask: Mask,
  chosen: readonly number[],
  degree: number,
  iterations: number,
): Float32Array {
  const logs = Float64Array.from(chosen, (i) => Math.log(t1.data[i] as number));
  const basis = new Legendre(mask, degree);
  const rows = chosen.map((i) => basis.at(i));
  let coefficients = new Float64Array(basis.size);
  for (let round = 0; round < iterations; round++) {
    const flat = logs.map((log, n) => Math.exp(log - dot(coefficients, rows[n] as Float64Array)));
    const { residual, weight } = classResiduals(logs, flat);
    coefficients = solveWeighted(rows, residual, weight);
  }
  const field = new Float32Array(t1.data.length);
  let [sum, inside] = [0, 0];
  basis.fill(coefficients, (i, value) => {
    field[i] = value;
    if (mask.data[i] === 0) return;
    sum += value;
    inside++;
  });
  const middle = sum / inside;
  return field.map((b) => Math.exp(b - middle));
}

function sampleVoxels(t1: Volume, mask: Mask): number[] {
  const inside: number[] = [];
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i] === 0) continue;
    const value = t1.data[i] as number;
    if (!Number.isFinite(value))
      throw new DataError("not-finite", "a voxel inside the mask is not a number", { found: `${value}` });
    if (value > 0) inside.push(i);
  }
  if (inside.length < 1000)
    throw new DataError("empty-region", "too few positive voxels inside the mask", {
      expected: ">= 1000",
      found: `${inside.length}`,
    });
  const stride = Math.max(1, inside.length / samples);
  return Array.from({ length: Math.floor(inside.length / stride) }, (_, n) => inside[Math.floor(n * stride)] as number);
}

function classResiduals(logs: Float64Array, flat: Float64Array): { residual: Float64Array; weight: Float64Array } {
  const [low, high] = finiteRange(flat);
  if (!(high > low)) throw new DataError("constant-data", "the image is constant inside the mask");
  const seen = histogram(flat, { bins: 400, low, high });
  const centres = Array.from(seen.counts, (_, bin) => seen.low + (bin + 0.5) * seen.width);
  const minimumSd = 0.01 * (histogramQuantile(seen, 0.98) - histogramQuantile(seen, 0.02));
  const { weights, means, variances } = gaussianMixture(centres, {
    components: 3,
    counts: seen.counts,
    iterations: 60,
    minimumSd,
  });
  const r = new Float64Array(3);
  const residual = new Float64Array(logs.length);
  const weight = new Float64Array(logs.length);
  for (let n = 0; n < logs.length; n++) {
    responsibilities(flat[n] as number, weights, means, variances, r);
    let [precision, pull] = [0, 0];
    for (let k = 0; k < 3; k++) {
      const share = (r[k] as number) / (variances[k] as number);
      precision += share;
      pull += share * (means[k] as number);
    }
    const expected = pull / precision;
    residual[n] = expected > 0 ? (logs[n] as number) - Math.log(expected) : 0;
    weight[n] = precision * expected * expected; // variance of the logarithm is variance / mean^2
  }
  return { residual, weight };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

/** Range of a field that is doubted, and of one that is bad. */
const [doubted, bad] = [1.6, 3];

/** 98 % over 2 % quantile of the gain inside the mask. */
function rangeOf(gain: Float32Array, mask: Mask): number {
  const seen = histogram(gain, { bins: 1000, low: 0, high: 10, mask: mask.data });
  return histogramQuantile(seen, 0.98) / histogramQuantile(seen, 0.02);
}

function biasFinding(range: number): QcFinding {
  return {
    modality: "mri",
    name: "bias-range",
    value: range,
    unit: "1",
    verdict: range > bad ? "bad" : range > doubted ? "warn" : "ok",
    note: `98 % over 2 % quantile of the bias field inside the brain; ${doubted} and ${bad} chosen here`,
  };
}
