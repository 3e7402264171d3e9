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
  const l = cholesky(covariance);
  const scale = Math.sqrt(2 / bandwidthRatio);
  const points = pointsOf(shape);
  const out = new Float32Array(data.length);
  const one = new Float64Array(2 * coils);
  for (let i = 0; i < points; i++) {
    for (let c = 0; c < coils; c++) {
      one[2 * c] = data[2 * (c * points + i)] as number;
      one[2 * c + 1] = data[2 * (c * points + i) + 1] as number;
    }
    const white = solveTriangular(l, coils, one);
    for (let c = 0; c < coils; c++) {
      out[2 * (c * points + i)] = scale * (white[2 * c] as number);
      out[2 * (c * points + i) + 1] = scale * (white[2 * c + 1] as number);
    }
  }
  return { ...kspace, data: out };
}
