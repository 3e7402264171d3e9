import type { Affine } from "./affine.ts";
import { invert, multiply } from "./affine.ts";
import type { Millimetres } from "./units.ts";
import type { Grid, Space } from "./volume.ts";

/** Moves **points** from one space to another, world mm to world mm. */
export interface Transform<From extends Space = Space, To extends Space = Space> {
  readonly from: From;
  readonly to: To;
  /** Row-major 4x4. */
  readonly matrix: Affine;
  /** Expected target registration error. */
  readonly error?: Millimetres;
}

/**
 * A non-rigid map of points: p' = matrix p, then p'' = p' + displacement(p'), sampled on `grid`
 * (which lies in the `to` space of the affine part). `displacement` is [component][z][y][x] in mm.
 */
export interface Warp<From extends Space = Space, To extends Space = Space> extends Transform<From, To> {
  readonly grid: Grid;
  readonly displacement: Float32Array;
}

/** First `a`, then `b`; errors add in quadrature. */
export function compose<A extends Space, B extends Space, C extends Space>(
  a: Transform<A, B>,
  b: Transform<NoInfer<B>, C>,
): Transform<A, C> {
  const matrix = multiply(b.matrix, a.matrix);
  const known = a.error !== undefined && b.error !== undefined;
  return known
    ? { from: a.from, to: b.to, matrix, error: Math.hypot(a.error ?? 0, b.error ?? 0) }
    : { from: a.from, to: b.to, matrix };
}

/** @throws DataError `singular-affine` */
export function inverse<A extends Space, B extends Space>(t: Transform<A, B>): Transform<B, A> {
  const turned = { from: t.to, to: t.from, matrix: invert(t.matrix) };
  return t.error === undefined ? turned : { ...turned, error: t.error };
}
