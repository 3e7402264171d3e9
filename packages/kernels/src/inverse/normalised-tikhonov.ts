import { DataError } from "@quintet/core";
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix";

export interface NormalisedTikhonovOptions {
  /** Share of the largest singular value that noise is taken for. */
  readonly lambda1: number;
  /** Share of the largest column below which sensitivity is not made up for. */
  readonly lambda2: number;
  /** Columns come in so many equal parts of different unit, each normalised apart. Default 1. */
  readonly parts?: number;
}

export interface NormalisedTikhonov {
  /** lambda1^2 x the largest eigenvalue of B B'. */
  readonly penalty: number;
  /** x of one y. @throws DataError `shape-mismatch`, `not-finite` */
  solve(y: ArrayLike<number>): Float64Array;
}

/**
 * Tikhonov's regularisation with spatially variant weights, for fewer rows than columns:
 *
 *   L = diag sqrt(diag(A'A) + lambda2 max diag(A'A)),   B = A L^-1
 *   x = L^-1 B' (B B' + lambda1^2 |B B'| 1)^-1 y
 *
 * which minimises |y - A x|^2 + lambda1^2 |B B'| |L x|^2.
 *
 * @param rows A, [row][column]; not changed
 * @throws DataError `shape-mismatch`, `not-positive` (lambda1, lambda2), `not-finite`, `no-sensitivity` (a part of zeros)
 * @see Culver et al., J Cereb Blood Flow Metab 2003;23:911-924; Eggebrecht et al., Nat Photonics 2014;8:448-454
 */
export function normalisedTikhonov(
  rows: readonly ArrayLike<number>[],
  { lambda1, lambda2, parts = 1 }: NormalisedTikhonovOptions,
): NormalisedTikhonov {
  const [m, columns] = [rows.length, rows[0]?.length ?? 0];
  if (columns === 0 || columns % parts !== 0 || rows.some((row) => row.length !== columns))
    throw new DataError("shape-mismatch", "rows of one length, in equal parts", {
      expected: `${columns} columns in ${parts} parts`,
      found: rows.map((row) => row.length).join(", "),
    });
  if (!(lambda1 > 0 && lambda2 > 0))
    throw new DataError("not-positive", "regularisation is above 0", { found: `${lambda1}, ${lambda2}` });
  const b = rows.map((row) => Float64Array.from(row));
  const scale = columnScales(b, columns, parts, lambda2);
  for (const row of b) for (let c = 0; c < columns; c++) row[c] /= scale[c];
  const gram = Matrix.zeros(m, m);
  for (let i = 0; i < m; i++)
    for (let j = i; j < m; j++) {
      const [p, q] = [b[i], b[j]];
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += p[c] * q[c];
      gram.set(i, j, sum);
      gram.set(j, i, sum);
    }
  const { realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const penalty = lambda1 ** 2 * realEigenvalues.reduce((most, v) => Math.max(most, v), 0);
  const regular = Matrix.add(gram, Matrix.eye(m, m).mul(penalty));
  const factor = new CholeskyDecomposition(regular);
  return {
    penalty,
    solve(y) {
      if (y.length !== m)
        throw new DataError("shape-mismatch", "one number for each row", { expected: `${m}`, found: `${y.length}` });
      const given = Array.from(y);
      if (!given.every(Number.isFinite)) throw new DataError("not-finite", "measurements are numbers");
      const z = factor.solve(Matrix.columnVector(given)).to1DArray();
      const x = new Float64Array(columns);
      for (const [i, row] of b.entries()) for (let c = 0; c < columns; c++) x[c] += z[i] * row[c];
      for (let c = 0; c < columns; c++) x[c] /= scale[c];
      return x;
    },
  };
}

function columnScales(b: readonly Float64Array[], columns: number, parts: number, lambda2: number): Float64Array {
  const squares = new Float64Array(columns);
  for (const row of b) for (let c = 0; c < columns; c++) squares[c] += row[c] ** 2;
  if (!squares.every(Number.isFinite)) throw new DataError("not-finite", "a forward model holds numbers");
  const size = columns / parts;
  for (let part = 0; part < parts; part++) {
    const own = squares.subarray(part * size, (part + 1) * size);
    const most = own.reduce((top, v) => Math.max(top, v), 0);
    if (!(most > 0)) throw new DataError("no-sensitivity", "no measurement sees any of these columns");
    for (let c = 0; c < size; c++) own[c] = Math.sqrt(own[c] + lambda2 * most);
  }
  return squares;
}
