import { DataError } from "@quintet/core";
import {
  conjugateGradient,
  denoiseTotalVariation,
  type FistaFit,
  fista,
  type LinearOperator,
  seededRandom,
  totalVariation,
  waveletNorm,
  waveletShrink,
} from "@quintet/kernels";

export interface SenseOptions {
  /** lambda, as a share of the largest eigenvalue of A'A for maps of length 1; default 1e-3. */
  readonly damping?: number;
  /** Default 50. */
  readonly iterations?: number;
}

export interface SenseImage {
  /** [set][z][y][x], interleaved re, im. */
  readonly image: Float32Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Iterative SENSE:  x = argmin |A x - y|^2 + lambda |x|^2  with A of `senseModel` or `nonCartesianSenseModel`, by
 * conjugate gradients (Pruessmann et al., Magn Reson Med 2001;46:638-51).
 *
 * @throws DataError as `conjugateGradient`
 */
export function cgSense(model: LinearOperator, y: Float32Array, options: SenseOptions = {}): SenseImage {
  const { damping = 1e-3, iterations = 50 } = options;
  // 1e-4: beyond it only what the damping already decides still moves
  const { x, history, converged } = conjugateGradient(model, y, { damping, iterations, tolerance: 1e-4 });
  return { image: x, iterations: history.length - 1, converged };
}

export interface SparseSenseOptions {
  /** Default `wavelet`: Daubechies-4 details with cycle spinning; `tv`: isotropic total variation. */
  readonly prior?: "wavelet" | "tv";
  /** Weight of the prior as a share of the 99th percentile of |A'y|, default 0.003. */
  readonly weight?: number;
  /** Default 60. */
  readonly iterations?: number;
  /** Largest eigenvalue of A'A; found by power iteration when absent. 1 for maps of length 1 on a grid. */
  readonly lipschitz?: number;
}

export interface SparseSenseImage extends SenseImage {
  readonly weight: number;
  readonly history: FistaFit["history"];
}

/**
 * Compressed sensing with parallel imaging:
 *
 *   x = argmin |A x - y|^2 / 2 + lambda sum_s |W x_s|_1   or   lambda sum_s TV(x_s)
 *
 * by FISTA (Lustig et al., Magn Reson Med 2007;58:1182-95; with ESPIRiT maps: Uecker et al. 2014). The wavelets are
 * shifted at random, seeded, at each iteration (cycle spinning), so they leave no grid.
 *
 * @param shape of one set
 * @throws DataError `no-signal`, `not-positive`, `diverged`
 */
export function sparseSense(
  model: LinearOperator,
  y: Float32Array,
  shape: readonly [number, number, number],
  options: SparseSenseOptions = {},
): SparseSenseImage {
  const { prior = "wavelet", weight: share = 0.003, iterations = 60, lipschitz } = options;
  if (!(share >= 0)) throw new DataError("not-positive", "the weight of the prior", { found: `${share}` });
  const set = 2 * shape[0] * shape[1] * shape[2];
  const sets = model.domain / set;
  const scale = magnitudeQuantile(model.adjoint(y), 0.99);
  if (!(scale > 0)) throw new DataError("no-signal", "k-space is all zero", {});
  const weight = share * scale;
  const spin = seededRandom(1);
  const axes = shape.flatMap((n, axis) => (n >= 4 ? [axis] : []));
  const each = (x: Float32Array, map: (part: Float32Array) => Float32Array): Float32Array => {
    const out = new Float32Array(x.length);
    for (let s = 0; s < sets; s++) out.set(map(x.slice(s * set, (s + 1) * set)), s * set);
    return out;
  };
  const prox = (x: Float32Array, step: number): Float32Array => {
    if (prior === "tv") {
      return each(x, (part) => denoiseTotalVariation(part, shape, weight * step, { iterations: 12 }).image);
    }
    const shift = shape.map((n, axis) => (axes.includes(axis) ? Math.floor(spin.uniform() * Math.min(n, 16)) : 0));
    return each(x, (part) => waveletShrink(part, shape, weight * step, { axes, shift }));
  };
  const penalty = (x: Float32Array): number => {
    let sum = 0;
    for (let s = 0; s < sets; s++) {
      const part = x.slice(s * set, (s + 1) * set);
      sum += prior === "tv" ? totalVariation(part, shape) : waveletNorm(part, shape, { axes });
    }
    return weight * sum;
  };
  const fit = fista(model, y, prox, { iterations, tolerance: 1e-4, penalty, ...(lipschitz ? { lipschitz } : {}) });
  return { image: fit.x, iterations: fit.history.length, converged: fit.converged, weight, history: fit.history };
}

function magnitudeQuantile(x: Float32Array, share: number): number {
  const sizes = new Float32Array(x.length / 2).map((_, i) => Math.hypot(x[2 * i] as number, x[2 * i + 1] as number));
  sizes.sort();
  return sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))] as number;
}
