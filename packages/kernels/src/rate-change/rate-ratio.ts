import { DataError } from "@quintet/core";

/** to / from as a fraction p / q in lowest terms. */
export interface RateRatio {
  readonly p: number;
  readonly q: number;
}

/** Largest denominator: at a million samples a second-to-second error of 1e-12 is left. */
const largest = 1_000_000;

/**
 * The ratio of two rates by its continued fraction, to 1e-12 relative.
 *
 * @throws DataError `bad-rate`
 */
export function rateRatio(from: number, to: number): RateRatio {
  if (!(from > 0 && to > 0 && Number.isFinite(from) && Number.isFinite(to)))
    throw new DataError("bad-rate", "sampling rates are positive", { found: `${from} to ${to} Hz` });
  const ratio = to / from;
  let [p0, q0, p1, q1] = [0, 1, 1, 0];
  let rest = ratio;
  for (let step = 0; step < 40; step++) {
    const whole = Math.floor(rest);
    const [p, q] = [whole * p1 + p0, whole * q1 + q0];
    if (q > largest || p > largest) break;
    [p0, q0, p1, q1] = [p1, q1, p, q];
    if (Math.abs(p / q / ratio - 1) < 1e-12) break;
    rest = 1 / (rest - whole);
  }
  if (!(Math.abs(p1 / q1 / ratio - 1) < 1e-9))
    throw new DataError("bad-rate", "the rates stand in no ratio of whole numbers up to a million", {
      found: `${from} to ${to} Hz`,
    });
  return { p: p1, q: q1 };
}

/** Samples at the new rate: n p / q to the nearest, at least one. */
export function resampledLength(n: number, { p, q }: RateRatio): number {
  return Math.max(1, Math.round((n * p) / q));
}
