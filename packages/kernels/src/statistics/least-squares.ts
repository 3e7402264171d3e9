import { DataError } from "@quintet/core";
import { Matrix, QrDecomposition } from "ml-matrix";

export interface LeastSquares {
  readonly coefficients: Float64Array;
  /** (X'X)^-1, row-major: times `variance` the covariance of the coefficients, x' spread x the leverage of a new row x. */
  readonly spread: Float64Array;
  /** Residual variance, sum r^2 / dof; zero degrees of freedom give NaN. */
  readonly variance: number;
  readonly dof: number;
  readonly residuals: Float64Array;
}

/**
 * Ordinary least squares, y = X b + e, by QR: b = R^-1 Q'y, (X'X)^-1 = R^-1 R^-T.
 *
 * @param design rows of X, all equally long, at least as many as columns
 * @throws DataError `shape-mismatch`, `rank-deficient`
 */
export function leastSquares(design: readonly ArrayLike<number>[], y: ArrayLike<number>): LeastSquares {
  const [rows, columns] = [design.length, design[0]?.length ?? 0];
  if (rows !== y.length || columns === 0 || rows < columns || design.some((row) => row.length !== columns)) {
    throw new DataError("shape-mismatch", "least squares needs one value per row and no more columns than rows", {
      found: `${rows} x ${columns} and ${y.length} values`,
    });
  }
  const x = new Matrix(design.map((row) => Array.from(row)));
  const qr = new QrDecomposition(x);
  const r = qr.upperTriangularMatrix;
  const diagonal = Array.from({ length: columns }, (_, i) => Math.abs(r.get(i, i)));
  if (!(Math.min(...diagonal) > 1e-12 * Math.max(...diagonal))) {
    throw new DataError("rank-deficient", "the columns of the design are linearly dependent");
  }
  const solution = qr.solve(Matrix.columnVector(Array.from(y)));
  const coefficients = Float64Array.from({ length: columns }, (_, i) => solution.get(i, 0));
  const residuals = Float64Array.from({ length: rows }, (_, i) => {
    let fit = 0;
    for (let j = 0; j < columns; j++) fit += x.get(i, j) * (coefficients[j] as number);
    return (y[i] as number) - fit;
  });
  const dof = rows - columns;
  const variance = dof > 0 ? residuals.reduce((sum, e) => sum + e * e, 0) / dof : Number.NaN;
  const inverse = upperInverse(r, columns);
  const spread = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += inverse.get(i, k) * inverse.get(j, k);
      spread[i * columns + j] = sum;
    }
  }
  return { coefficients, spread, variance, dof, residuals };
}

function upperInverse(r: Matrix, n: number): Matrix {
  const inverse = Matrix.zeros(n, n);
  for (let column = 0; column < n; column++) {
    for (let row = column; row >= 0; row--) {
      let sum = row === column ? 1 : 0;
      for (let k = row + 1; k <= column; k++) sum -= r.get(row, k) * inverse.get(k, column);
      inverse.set(row, column, sum / r.get(row, row));
    }
  }
  return inverse;
}
