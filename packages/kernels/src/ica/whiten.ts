import { DataError } from "@quintet/core";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** Signals turned to uncorrelated ones of variance 1. */
export interface Whitened {
  /** [component][sample], largest variance first. */
  readonly data: readonly Float64Array[];
  /** [component][signal]: data = whitening (x - mean). */
  readonly whitening: readonly Float64Array[];
  /** [signal][component]: x - mean = colouring data, on the components kept. */
  readonly colouring: readonly Float64Array[];
  readonly mean: Float64Array;
  /** Share of the variance that the components hold. */
  readonly explained: number;
  /** Components of the data above rounding: an average reference leaves one less than there are channels. */
  readonly rank: number;
}

/** Eigenvalues below this share of the largest are rounding (float32 data: 1e-7 squared, times some samples). */
const rounding = 1e-11;

/**
 * Principal components of variance 1, z = D^(-1/2) V' (x - mean), of the covariance V D V' = (x - mean)(x - mean)' / T.
 *
 * @param signals [signal][sample], all finite
 * @param components at most; default and largest the rank of the data
 * @throws DataError `no-channels`, `shape-mismatch`, `not-finite`, `rank-deficient` (more components asked for than the data
 *   have, or fewer than 2), `segment-too-short` (fewer samples than 20 per component)
 */
export function whiten(signals: readonly ArrayLike<number>[], components?: number): Whitened {
  const n = signals.length;
  const samples = signals[0]?.length ?? 0;
  if (n < 2) throw new DataError("no-channels", "independent components need two signals and more", { found: `${n}` });
  if (signals.some((signal) => signal.length !== samples))
    throw new DataError("shape-mismatch", "signals differ in length");
  const mean = Float64Array.from(signals, (signal) => {
    let sum = 0;
    for (let t = 0; t < samples; t++) sum += signal[t];
    return sum / samples;
  });
  if (!mean.every(Number.isFinite)) throw new DataError("not-finite", "a signal holds what is no number");
  const centred = signals.map((signal, c) => Float64Array.from(signal, (x) => x - mean[c]));
  const covariance = new Matrix(n, n);
  for (let a = 0; a < n; a++)
    for (let b = a; b < n; b++) {
      const [x, y] = [centred[a], centred[b]];
      let sum = 0;
      for (let t = 0; t < samples; t++) sum += x[t] * y[t];
      covariance.set(a, b, sum / samples);
      covariance.set(b, a, sum / samples);
    }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const largest = realEigenvalues[order[0]];
  const rank = order.filter((k) => realEigenvalues[k] > rounding * largest).length;
  const kept = Math.min(components ?? rank, n);
  if (kept > rank || kept < 2)
    throw new DataError("rank-deficient", "the signals hold too few independent directions", {
      expected: `2 to ${rank} components`,
      found: `${kept}`,
    });
  if (samples < 20 * kept)
    throw new DataError("segment-too-short", "components are learnt from samples", {
      expected: `${20 * kept} samples for ${kept} components`,
      found: `${samples}`,
    });
  const chosen = order.slice(0, kept);
  const whitening = chosen.map((k) =>
    // The sign is fixed by the largest weight: the same data give the same components on every machine.
    turned(Float64Array.from({ length: n }, (_, c) => eigenvectorMatrix.get(c, k) / Math.sqrt(realEigenvalues[k]))),
  );
  const colouring = signals.map((_, c) => Float64Array.from(chosen, (k, j) => whitening[j][c] * realEigenvalues[k]));
  const data = whitening.map((row) => {
    const out = new Float64Array(samples);
    for (let c = 0; c < n; c++) {
      const [w, x] = [row[c], centred[c]];
      for (let t = 0; t < samples; t++) out[t] += w * x[t];
    }
    return out;
  });
  const total = order.reduce((sum, k) => sum + Math.max(0, realEigenvalues[k]), 0);
  const explained = chosen.reduce((sum, k) => sum + realEigenvalues[k], 0) / total;
  return { data, whitening, colouring, mean, explained, rank };
}

function turned(row: Float64Array): Float64Array {
  const top = row.reduce((best, value, i) => (Math.abs(value) > Math.abs(row[best]) ? i : best), 0);
  return row[top] < 0 ? row.map((value) => -value) : row;
}
