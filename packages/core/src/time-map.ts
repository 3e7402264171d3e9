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

/**
 * First `a`, then `b`; which one is from which clock is in the types. Errors of the two are independent: with
 * t_b = o_b + r_b (t_a - anchor_b) a piece of a becomes offset t_b(o_a), rate r_b r_a, and
 *
 *   Var(o) = r_b^2 Var(o_a) + [1 d] C_b [1 d]',   Cov(o, r) = r_b^2 Cov(o_a, r_a) + r_a (C_b01 + d C_b11),
 *   Var(r) = r_b^2 Var(r_a) + r_a^2 Var(r_b),   d = o_a - anchor_b
 */
export function composeTimeMaps<A extends string, B extends string, C extends string>(
  a: TimeMap<A, B>,
  b: TimeMap<B, C>,
): TimeMap<A, C> {
  const pieces: TimeMapPiece[] = [];
  for (const first of a.pieces) {
    for (const [i, second] of b.pieces.entries()) {
      const before = i === 0 ? Number.NEGATIVE_INFINITY : (b.pieces[i - 1] as TimeMapPiece).until;
      const from = Math.max(pieces.at(-1)?.until ?? Number.NEGATIVE_INFINITY, reach(first, before));
      const until = Math.min(first.until, reach(first, second.until));
      if (!(from < until)) continue;
      const d = first.offset - second.anchor;
      const [foo, forr, frr] = first.covariance;
      const [soo, sor, srr] = second.covariance;
      const [ra, rb] = [first.rate, second.rate];
      pieces.push({
        until,
        anchor: first.anchor,
        offset: second.offset + rb * d,
        rate: ra * rb,
        covariance: [
          rb * rb * foo + soo + 2 * d * sor + d * d * srr,
          rb * rb * forr + ra * (sor + d * srr),
          rb * rb * frr + ra * ra * srr,
        ],
      });
    }
  }
  const biasBound = (a.biasBound ?? 0) * Math.max(...b.pieces.map(({ rate }) => rate)) + (b.biasBound ?? 0);
  return {
    from: a.from,
    to: b.to,
    method: `${a.method}, ${b.method}`,
    pieces: pieces as [TimeMapPiece, ...TimeMapPiece[]],
    ...(biasBound > 0 ? { biasBound } : {}),
  };
}

/** Where a piece's own clock stands when the other shows `to`. */
const reach = (piece: TimeMapPiece, to: Seconds): Seconds => piece.anchor + (to - piece.offset) / piece.rate;

/** The same link read the other way; a piece that never ends stays so. */
export function invertTimeMap<A extends string, B extends string>(map: TimeMap<A, B>): TimeMap<B, A> {
  const pieces = map.pieces.map(
    ({ until, anchor, offset, rate, covariance: [voo, vor, vrr] }): TimeMapPiece => ({
      until: until === Number.POSITIVE_INFINITY ? until : offset + rate * (until - anchor),
      anchor: offset,
      offset: anchor,
      rate: 1 / rate,
      covariance: [voo / rate ** 2, vor / rate ** 3, vrr / rate ** 4],
    }),
  );
  const least = Math.min(...map.pieces.map(({ rate }) => rate));
  return {
    from: map.to,
    to: map.from,
    method: map.method,
    pieces: pieces as [TimeMapPiece, ...TimeMapPiece[]],
    ...(map.biasBound === undefined ? {} : { biasBound: map.biasBound / least }),
  };
}
