import { DataError } from "@quintet/core";
import { fftPlan } from "../fft/fft.ts";

/**
 * Envelope of a signal: the size of its analytic signal,
 *
 *   |x + i H x|,   H by zeroing negative frequencies of the discrete Fourier transform
 *
 * The signal counts as periodic: of what does not begin as it ends the first and last periods are wrong.
 *
 * @throws DataError `too-few-samples`
 * @see Marple, IEEE Trans Signal Process 1999;47:2600-2603
 */
export function envelope(signal: ArrayLike<number>): Float64Array {
  const n = signal.length;
  if (n === 0) throw new DataError("too-few-samples", "an envelope needs samples", { found: "0" });
  const plan = fftPlan(n);
  const [data, out] = [new Float64Array(2 * n), new Float64Array(2 * n)];
  for (let t = 0; t < n; t++) data[2 * t] = signal[t] as number;
  plan.forward(out, data);
  // Twice the positive frequencies, none of the negative ones; 0 and Nyquist once.
  for (let k = 1; k < n; k++) {
    const weight = 2 * k < n ? 2 : 2 * k === n ? 1 : 0;
    out[2 * k] *= weight;
    out[2 * k + 1] *= weight;
  }
  // The inverse is the conjugate of the transform of the conjugate; the size does not see the outer one.
  for (let k = 0; k < n; k++) out[2 * k + 1] = -out[2 * k + 1];
  plan.forward(data, out);
  return Float64Array.from({ length: n }, (_, t) => Math.hypot(data[2 * t], data[2 * t + 1]) / n);
}
