import { DataError } from "@quintet/core";
import { type CoilData, pointsOf } from "../../forward/coil-data.ts";
import { cholesky, type Hermitian, solveTriangular } from "../../recon/hermitian.ts";

export interface NoiseCovariance extends Hermitian {
  /** Noise samples behind it, of each coil. */
  readonly samples: number;
  /** Largest correlation between two coils. */
  readonly correlation: number;
}

/**
 * Covariance of the receivers' noise, Psi = sum n n' / N, from readouts without a signal.
 *
 * @param noise [coil][sample], interleaved re, im
 * @throws DataError `too-little-noise` (fewer samples than twice the coils), `dead-coil`, `shape-mismatch`
 */
export function noiseCovariance(noise: Float32Array, coils: number): NoiseCovariance {
  const samples = noise.length / (2 * coils);
  if (!Number.isInteger(samples)) {
    throw new DataError("shape-mismatch", "noise has as many samples of each coil", {
      found: `${noise.length} values, ${coils} coils`,
    });
  }
  if (samples < 2 * coils) {
    throw new DataError("too-little-noise", "a covariance needs more samples than coils", {
      expected: `at least ${2 * coils}`,
      found: `${samples}`,
    });
  }
  const data = new Float64Array(2 * coils * coils);
  for (let c = 0; c < coils; c++) {
    for (let d = 0; d < coils; d++) {
      let [re, im] = [0, 0];
      for (let i = 0; i < samples; i++) {
        const [p, q] = [2 * (c * samples + i), 2 * (d * samples + i)];
        const [a, b, u, v] = [noise[p], noise[p + 1], noise[q], noise[q + 1]] as [number, number, number, number];
        re += a * u + b * v;
        im += b * u - a * v;
      }
      data[2 * (c * coils + d)] = re / samples;
      data[2 * (c * coils + d) + 1] = im / samples;
    }
  }
  const power = (c: number): number => data[2 * (c * coils + c)] as number;
  let correlation = 0;
  for (let c = 0; c < coils; c++) {
    if (!(power(c) > 0))
      throw new DataError("dead-coil", "a coil without noise is not connected", { found: `coil ${c}` });
    for (let d = 0; d < c; d++) {
      const at = 2 * (c * coils + d);
      const size = Math.hypot(data[at] as number, data[at + 1] as number);
      correlation = Math.max(correlation, size / Math.sqrt(power(c) * power(d)));
    }
  }
  return { n: coils, data, samples, correlation };
}

/**
 * Data whose noise is white and of the variance 2 (1 in each part): x -> sqrt(2) L^-1 x / sqrt(b), Psi = L L'
 * (Pruessmann et al. 2001, appendix B; Kellman & McVeigh, Magn Reson Med 2005;54:1439-47).
 *
 * @param bandwidthRatio b, the noise power of the data over that of the noise readouts: their dwell time over the
 *   data's, times the receiver's noise bandwidth; 1 when both were sampled alike
 * @throws DataError `not-positive`, `shape-mismatch`
 */
export function prewhiten<C extends CoilData>(kspace: C, covariance: NoiseCovariance, bandwidthRatio = 1): C {
  const { coils, shape, data } = kspace;
  if (covariance.n !== coils) {
    throw new DataError("shape-mismatch", "noise and data come from the same coils", {
      expected: `${coils}`,
      found: `${covariance.n}`,
    });
  }
  if (!(bandwidthRatio > 0)) {
    throw new DataError("not-positive", "the ratio of noise bandwidths", { found: `${bandwidthRatio}` });
  }
  const inverse = inverseFactor(covariance);
  const scale = Math.sqrt(2 / bandwidthRatio);
  const points = pointsOf(shape);
  const out = new Float32Array(data.length);
  for (let c = 0; c < coils; c++) {
    for (let d = 0; d <= c; d++) {
      const at = 2 * (c * coils + d);
      const [re, im] = [scale * (inverse[at] as number), scale * (inverse[at + 1] as number)];
      if (re === 0 && im === 0) continue;
      for (let i = 0; i < 2 * points; i += 2) {
        const [from, to] = [2 * d * points + i, 2 * c * points + i];
        const [a, b] = [data[from] as number, data[from + 1] as number];
        out[to] = (out[to] as number) + re * a - im * b;
        out[to + 1] = (out[to + 1] as number) + re * b + im * a;
      }
    }
  }
  return { ...kspace, data: out };
}

const factors = new WeakMap<NoiseCovariance, Float64Array>();

/** L^-1, row by row, found once for each covariance: a measurement is whitened readout by readout. */
function inverseFactor(covariance: NoiseCovariance): Float64Array {
  const known = factors.get(covariance);
  if (known !== undefined) return known;
  const { n } = covariance;
  const l = cholesky(covariance);
  const inverse = new Float64Array(2 * n * n);
  for (let d = 0; d < n; d++) {
    const unit = new Float64Array(2 * n);
    unit[2 * d] = 1;
    const column = solveTriangular(l, n, unit);
    for (let c = 0; c < n; c++) {
      inverse[2 * (c * n + d)] = column[2 * c] as number;
      inverse[2 * (c * n + d) + 1] = column[2 * c + 1] as number;
    }
  }
  factors.set(covariance, inverse);
  return inverse;
}
