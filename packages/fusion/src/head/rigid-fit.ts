import { type Affine, affineOf, apply, DataError, type Point } from "@quintet/core";
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { distance } from "./plane-cut.ts";

export interface RigidFit {
  /** Moves `from` onto `to`. */
  readonly matrix: Affine;
  /** 1 without scaling. */
  readonly scale: number;
  /** Root mean square distance after the fit, mm. */
  readonly residual: number;
}

/**
 * The rotation, shift and (when asked for) scale that bring paired points together in the least-squares sense.
 *
 *   minimise sum |s R a_i + t - b_i|^2
 *
 * @throws DataError `too-few-points` below 3, `collinear` when they fix no rotation
 * @see Umeyama, IEEE Trans Pattern Anal Mach Intell 1991;13:376-80
 */
export function rigidFit(
  from: readonly Point[],
  to: readonly Point[],
  { scaled = false }: { readonly scaled?: boolean } = {},
): RigidFit {
  const n = from.length;
  if (n < 3 || to.length !== n)
    throw new DataError("too-few-points", "a rigid fit needs three or more pairs of points", {
      found: `${n} and ${to.length}`,
    });
  const mean = (points: readonly Point[]): Point => {
    const sum = points.reduce<[number, number, number]>((s, p) => [s[0] + p[0], s[1] + p[1], s[2] + p[2]], [0, 0, 0]);
    return [sum[0] / n, sum[1] / n, sum[2] / n];
  };
  const [ca, cb] = [mean(from), mean(to)];
  const centred = (points: readonly Point[], c: Point): Matrix =>
    new Matrix(points.map((p) => [p[0] - c[0], p[1] - c[1], p[2] - c[2]]));
  const [a, b] = [centred(from, ca), centred(to, cb)];
  const svd = new SingularValueDecomposition(b.transpose().mmul(a), { autoTranspose: true });
  const [u, v, s] = [svd.leftSingularVectors, svd.rightSingularVectors, svd.diagonal];
  if (!((s[1] as number) > 1e-9 * (s[0] as number)))
    throw new DataError("collinear", "points on one line fix no rotation");
  const sign = Math.sign(determinant3(u) * determinant3(v)) || 1;
  const flip = Matrix.diag([1, 1, sign]);
  const rotation = u.mmul(flip).mmul(v.transpose());
  const spread = a.to1DArray().reduce((sum, x) => sum + x * x, 0);
  const scale = scaled ? ((s[0] as number) + (s[1] as number) + sign * (s[2] as number)) / spread : 1;
  const r = (i: number, j: number): number => scale * rotation.get(i, j);
  const shift = [0, 1, 2].map((i) => (cb[i] as number) - r(i, 0) * ca[0] - r(i, 1) * ca[1] - r(i, 2) * ca[2]);
  const matrix = affineOf([0, 1, 2].flatMap((i) => [r(i, 0), r(i, 1), r(i, 2), shift[i] as number]));
  const squares = from.reduce((sum, p, i) => sum + distance(apply(matrix, p), to[i] as Point) ** 2, 0);
  return { matrix, scale, residual: Math.sqrt(squares / n) };
}

function determinant3(m: Matrix): number {
  const at = (i: number, j: number): number => m.get(i, j);
  return (
    at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
    at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
    at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0))
  );
}
