import { DataError } from "@quintet/core";
import { dot } from "../statistics/dot.ts";

/** X = Q R: Q' as rows of length n (orthonormal), and R^-1 (upper triangular), row-major p x p. */
export interface ThinQr {
  readonly rows: number;
  readonly columns: number;
  /** [column][row] */
  readonly q: Float64Array;
  readonly inverseR: Float64Array;
}

/**
 * Gram-Schmidt, each column cleared of those before it, twice where the first time took more than half of its
 * length, which is as orthogonal as Householder's form.
 *
 * @param x [column][row]
 * @throws DataError `rank-deficient` naming the column that the ones before it make up
 * @see Giraud et al., Numer Math 2005;101:87-100
 */
export function thinQr(x: Float64Array, rows: number, columns: number, names?: readonly string[]): ThinQr {
  const q = x.slice();
  const r = new Float64Array(columns * columns);
  for (let j = 0; j < columns; j++) {
    const own = q.subarray(j * rows, (j + 1) * rows);
    const length = norm(own);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < j; i++) {
        const other = q.subarray(i * rows, (i + 1) * rows);
        const share = dot(own, other);
        for (let t = 0; t < rows; t++) own[t] -= share * other[t];
        r[i * columns + j] += share;
      }
      // What lost less than half of its length kept its digits: the second round would change nothing.
      if (norm(own) > length / 2) break;
    }
    const left = norm(own);
    if (!(left > 1e-8 * length)) {
      throw new DataError("rank-deficient", "a column of the design is a combination of the ones before it", {
        found: names?.[j] ?? `column ${j + 1}`,
      });
    }
    for (let t = 0; t < rows; t++) own[t] /= left;
    r[j * columns + j] = left;
  }
  return { rows, columns, q, inverseR: upperInverse(r, columns) };
}

function norm(v: Float64Array): number {
  return Math.sqrt(dot(v, v));
}

function upperInverse(r: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    for (let row = column; row >= 0; row--) {
      let sum = row === column ? 1 : 0;
      for (let k = row + 1; k <= column; k++) sum -= r[row * n + k] * out[k * n + column];
      out[row * n + column] = sum / r[row * n + row];
    }
  }
  return out;
}
