import { DataError, type Frame, halfLives, type Radionuclide, type Seconds } from "@quintet/core";

/** Decay constant lambda = ln 2 / T_half, 1/s. Half-lives: NuDat 3 / ENSDF, in core's table. @throws DataError `unknown-radionuclide` */
export function decayConstant(radionuclide: Radionuclide): number {
  const halfLife = halfLives[radionuclide];
  if (!(halfLife > 0))
    throw new DataError("unknown-radionuclide", "no half-life is known for this nuclide", {
      expected: Object.keys(halfLives).join(", "),
      found: String(radionuclide),
    });
  return Math.LN2 / halfLife;
}

/**
 * Factor that brings activity measured at `from` to the time `to`.
 *
 *   A(to) = A(from) exp(-lambda (to - from))
 */
export function decayFactor(lambda: number, from: Seconds, to: Seconds): number {
  return Math.exp(-lambda * (to - from));
}

/**
 * Factor from the mean activity during a frame to the activity at the frame's start.
 *
 *   A(start) / mean = x / (1 - exp(-x)),   x = lambda * duration;   1 for a frame of no length
 */
export function frameMeanFactor(lambda: number, { duration }: Frame): number {
  const x = lambda * duration;
  if (!(x >= 0))
    throw new DataError("not-positive", "a frame cannot have a negative duration", { found: `${duration} s` });
  return x === 0 ? 1 : x / -Math.expm1(-x);
}
