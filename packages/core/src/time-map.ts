import type { Seconds } from "./units.ts";

/**
 * One affine piece: to = offset + rate * (from - anchor), for from < until (last piece: no end).
 * `anchor` lies near the middle of the fitted points so that Unix-epoch stamps stay exact.
 */
export interface TimeMapPiece {
  readonly until: Seconds;
  readonly anchor: Seconds;
  readonly offset: Seconds;
  readonly rate: number;
  /** Var(offset), Cov(offset, rate), Var(rate) at the anchor. */
  readonly covariance: readonly [number, number, number];
}

/** From one device's clock to another, with its uncertainty. A synchronisation without its error is none. */
export interface TimeMap<From extends string = string, To extends string = string> {
  readonly from: From;
  readonly to: To;
  /** How it was found: "wall-clock", "shared-triggers", ... */
  readonly method: string;
  /** In order of `until`; more than one after a clock reset. Never empty. */
  readonly pieces: readonly [TimeMapPiece, ...TimeMapPiece[]];
  /** A bias that no data can show (network asymmetry): |bias| <= bound seconds. Not part of sigma. */
  readonly biasBound?: Seconds;
}

function pieceAt(map: TimeMap, t: Seconds): TimeMapPiece {
  return map.pieces.find((piece) => t < piece.until) ?? (map.pieces.at(-1) as TimeMapPiece);
}

export function mapTime(map: TimeMap, t: Seconds): Seconds {
  const piece = pieceAt(map, t);
  return piece.offset + piece.rate * (t - piece.anchor);
}

/** Standard deviation of the mapped time at `t`: sqrt([1 d] C [1 d]') with d = t - anchor. */
export function timeSigma(map: TimeMap, t: Seconds): Seconds {
  const piece = pieceAt(map, t);
  const d = t - piece.anchor;
  const [voo, vor, vrr] = piece.covariance;
  return Math.sqrt(Math.max(0, voo + 2 * d * vor + d * d * vrr));
}

/** Two names for one clock. */
export function identityTimeMap<F extends string, T extends string>(from: F, to: T, sigma: Seconds = 0): TimeMap<F, T> {
  const piece = {
    until: Number.POSITIVE_INFINITY,
    anchor: 0,
    offset: 0,
    rate: 1,
    covariance: [sigma * sigma, 0, 0],
  } as const;
  return { from, to, method: "identity", pieces: [piece] };
}
