import { DataError } from "@quintet/core";

/** A Hermitian matrix, n x n row by row, interleaved re, im. */
export interface Hermitian {
  readonly n: number;
  readonly data: Float64Array;
}

/**
 * Cholesky factor of a positive definite Hermitian matrix, A = L L'. Below the diagonal and on it; the rest is 0.
 * @throws DataError `not-positive` when A is singular or not positive definite
 */
export function cholesky({ n, data }: Hermitian): Float64Array {
  const l = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let [re, im] = [data[2 * (i * n + j)] as number, data[2 * (i * n + j) + 1] as number];
      for (let k = 0; k < j; k++) {
        const [p, q] = [2 * (i * n + k), 2 * (j * n + k)];
        const [a, b, c, d] = [l[p] as number, l[p + 1] as number, l[q] as number, l[q + 1] as number];
        re -= a * c + b * d;
        im -= b * c - a * d;
      }
      const at = 2 * (i * n + j);
      if (i === j) {
        if (!(re > 0)) {
          throw new DataError("not-positive", "the matrix must be positive definite", {
            found: `pivot ${re} at row ${i}`,
          });
        }
        l[at] = Math.sqrt(re);
      } else {
        const pivot = l[2 * (j * n + j)] as number;
        l[at] = re / pivot;
        l[at + 1] = im / pivot;
      }
    }
  }
  return l;
}

/** L^-1 b, or with `adjoint` L'^-1 b; b is complex interleaved and untouched. */
export function solveTriangular(l: Float64Array, n: number, b: Float64Array, adjoint = false): Float64Array {
  const x = b.slice();
  for (let step = 0; step < n; step++) {
    const i = adjoint ? n - 1 - step : step;
    let [re, im] = [x[2 * i] as number, x[2 * i + 1] as number];
    const [first, last] = adjoint ? [i + 1, n] : [0, i];
    for (let k = first; k < last; k++) {
      const at = 2 * (adjoint ? k * n + i : i * n + k);
      const [a, bb] = [l[at] as number, (adjoint ? -1 : 1) * (l[at + 1] as number)];
      const [c, d] = [x[2 * k] as number, x[2 * k + 1] as number];
      re -= a * c - bb * d;
      im -= a * d + bb * c;
    }
    const pivot = l[2 * (i * n + i)] as number;
    x[2 * i] = re / pivot;
    x[2 * i + 1] = im / pivot;
  }
  return x;
}
