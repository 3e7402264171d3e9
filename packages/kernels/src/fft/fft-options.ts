/**
 * How the transform is scaled, per axis of length n: `none` never; `ortho` 1 / sqrt(n) both ways, so that it is
 * unitary and its adjoint is its inverse; `backward` 1 / n in the inverse only, so that the inverse undoes the forward.
 */
export type FftNorm = "none" | "ortho" | "backward";

export interface FftOptions {
  /** The sign of the exponent: minus (false, the default) or plus. */
  readonly inverse?: boolean;
  /** Whether index 0 (false, the default) or floor(n / 2) is the origin, in both domains. */
  readonly centred?: boolean;
  /** Default `backward`. */
  readonly norm?: FftNorm;
}

/** The factor that `norm` gives one axis of n points. */
export function fftScale(n: number, { inverse = false, norm = "backward" }: FftOptions): number {
  if (norm === "ortho") return 1 / Math.sqrt(n);
  return norm === "backward" && inverse ? 1 / n : 1;
}
