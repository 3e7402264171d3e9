import { DataError } from "@quintet/core";

/**
 * Adaptive noise cancelling by least mean squares: what of a signal a reference can tell,
 *
 *   y(t) = sum_k w_k r(t - k),   e = x - y,   w_k += 2 mu e r(t - k),   mu = 0.05 / (N var r)
 *
 * the reference first scaled to the signal (a = sum x r / sum r r), N weights from 0 on.
 *
 * @param signal high-passed; untouched
 * @param reference the artefact that was subtracted
 * @param order N, as long as the artefact's shortest period
 * @returns [sample] what to subtract; 0 when the reference is empty or the weights ran away
 * @throws DataError `shape-mismatch`, `bad-order`
 * @see Widrow et al., Proc IEEE 1975;63:1692-1716; Niazy et al., NeuroImage 2005;28:720-737
 */
export function adaptiveNoise(signal: ArrayLike<number>, reference: ArrayLike<number>, order: number): Float64Array {
  const n = signal.length;
  if (reference.length !== n) throw new DataError("shape-mismatch", "signal and reference are of one length");
  if (!(Number.isInteger(order) && order >= 1))
    throw new DataError("bad-order", "the canceller has a whole number of weights", { found: `${order}` });
  const out = new Float64Array(n);
  let [xr, rr, mean] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    xr += signal[i] * reference[i];
    rr += reference[i] ** 2;
    mean += reference[i] / n;
  }
  if (!(rr > 0) || xr === 0) return out;
  const scale = xr / rr;
  const variance = scale * scale * (rr / n - mean * mean);
  const mu = 0.05 / (order * variance);
  const weights = new Float64Array(order + 1);
  const scaled = Float64Array.from(reference, (value) => scale * value);
  for (let t = order; t < n; t++) {
    let y = 0;
    for (let k = 0; k <= order; k++) y += weights[k] * scaled[t - k];
    if (!Number.isFinite(y)) return new Float64Array(n);
    out[t] = y;
    const step = 2 * mu * (signal[t] - y);
    for (let k = 0; k <= order; k++) weights[k] += step * scaled[t - k];
  }
  return out;
}
