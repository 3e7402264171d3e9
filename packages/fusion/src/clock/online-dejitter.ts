import type { Hertz, Seconds } from "@quintet/core";

/** Smooths the stamps of a live stream one by one. */
export interface OnlineDejitter {
  readonly next: (stamp: Seconds) => Seconds;
  /** Estimated offset above the first stamp's whole second, and seconds per sample. */
  readonly state: () => { readonly offset: Seconds; readonly step: Seconds };
}

/**
 * Recursive least squares with forgetting, as liblsl smooths live stamps: stamp_n = w0 + w1 n above the floor of the
 * first stamp,
 *
 *   lambda = 2^(-1 / (rate halftime)),  k = P u / (lambda + u' P u),  w += k (y - w' u),  P = (P - k u' P) / lambda
 *
 * with u = (1, n), w = (0, 1 / rate), P = 1e10 I at first. The two unknowns are forgotten with a half-time of 90 s.
 *
 * @param rate nominal, Hz
 * @see Haykin, Adaptive Filter Theory, the RLS algorithm; behaviour of liblsl 1.17
 */
export function onlineDejitter(rate: Hertz, halftime: Seconds = 90): OnlineDejitter {
  const lambda = 2 ** (-1 / (rate * halftime));
  let [w0, w1] = [0, 1 / rate];
  let [p00, p01, p11] = [1e10, 0, 1e10];
  let n = 0;
  let floor: number | undefined;
  return {
    next(stamp) {
      floor ??= Math.floor(stamp);
      const y = stamp - floor;
      const [pi0, pi1] = [p00 + n * p01, p01 + n * p11];
      const gamma = lambda + pi0 + n * pi1;
      const [k0, k1] = [pi0 / gamma, pi1 / gamma];
      const error = y - (w0 + n * w1);
      w0 += k0 * error;
      w1 += k1 * error;
      [p00, p01, p11] = [(p00 - k0 * pi0) / lambda, (p01 - k0 * pi1) / lambda, (p11 - k1 * pi1) / lambda];
      const smooth = floor + w0 + n * w1;
      n++;
      return smooth;
    },
    state: () => ({ offset: w0, step: w1 }),
  };
}
