import { DataError, type Point } from "@quintet/core";
import { LuDecomposition, Matrix } from "ml-matrix";

export interface FittedSphere {
  readonly centre: Point;
  readonly radius: number;
  /** Root mean square distance of the points from the sphere. */
  readonly residual: number;
}

/**
 * The sphere nearest to points: Gauss and Newton on sum (|p - c| - r)^2 from the algebraic fit |p|^2 = 2 p.c + (r^2 - |c|^2).
 *
 * @param points at least four, in any unit, not all in one plane
 * @throws DataError `too-few-points`, `flat-points`
 */
export function fitSphere(points: readonly Point[]): FittedSphere {
  if (points.length < 4)
    throw new DataError("too-few-points", "a sphere is fitted to four points at least", { found: `${points.length}` });
  const n = points.length;
  const mean = [0, 1, 2].map((k) => points.reduce((sum, p) => sum + (p[k] as number), 0) / n) as [
    number,
    number,
    number,
  ];
  const about = points.map((p) => p.map((x, k) => x - (mean[k] as number)) as unknown as Point);
  const size = Math.sqrt(about.reduce((sum, p) => sum + p[0] ** 2 + p[1] ** 2 + p[2] ** 2, 0) / n);
  const first = normal(
    about.map((p) => [2 * p[0], 2 * p[1], 2 * p[2], size]),
    about.map((p) => p[0] ** 2 + p[1] ** 2 + p[2] ** 2),
  );
  let [x, y, z] = first as [number, number, number, number];
  let radius = Math.sqrt((first[3] as number) * size + x * x + y * y + z * z);
  for (let step = 0; step < 50; step++) {
    const reach = about.map((p) => Math.hypot(p[0] - x, p[1] - y, p[2] - z));
    const move = normal(
      about.map((p, i) => [
        (p[0] - x) / (reach[i] as number),
        (p[1] - y) / (reach[i] as number),
        (p[2] - z) / (reach[i] as number),
        1,
      ]),
      reach.map((d) => d - radius),
    ) as [number, number, number, number];
    [x, y, z, radius] = [x + move[0], y + move[1], z + move[2], radius + move[3]];
    if (Math.hypot(...move) < 1e-12 * size) break;
  }
  const off = about.map((p) => Math.hypot(p[0] - x, p[1] - y, p[2] - z) - radius);
  return {
    centre: [x + mean[0], y + mean[1], z + mean[2]],
    radius,
    residual: Math.sqrt(off.reduce((sum, d) => sum + d * d, 0) / n),
  };
}

/** Least squares by the normal equations: four unknowns of one size. */
function normal(rows: readonly (readonly number[])[], values: readonly number[]): number[] {
  const a = new Matrix(rows.map((row) => [...row]));
  const at = a.transpose();
  const lu = new LuDecomposition(at.mmul(a));
  const diagonal = [0, 1, 2, 3].map((k) => Math.abs(lu.upperTriangularMatrix.get(k, k)));
  if (!(Math.min(...diagonal) > 1e-12 * Math.max(...diagonal)))
    throw new DataError("flat-points", "points of one plane lie on no one sphere");
  return lu.solve(at.mmul(Matrix.columnVector([...values]))).to1DArray();
}
