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

export interface HermitianEigen {
  /** Largest first. */
  readonly values: Float64Array;
  /** Row k is the eigenvector of values[k], complex interleaved, of length 1. */
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a Hermitian matrix by cyclic Jacobi rotations (Golub & Van Loan, Matrix
 * Computations, section 8.5): each makes one pair of off-diagonal entries zero; off-diagonal power falls at every one.
 */
export function hermitianEigen({ n, data }: Hermitian, sweeps = 30): HermitianEigen {
  const a = data.slice();
  const v = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) v[2 * (i * n + i)] = 1;
  const power = data.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const size = Math.hypot(a[2 * (p * n + q)] as number, a[2 * (p * n + q) + 1] as number);
        off += size * size;
        // smaller than the rounding of the whole: nothing is gained by turning it away
        if (size * size > 1e-30 * power) rotate(a, v, n, p, q, size);
      }
    }
    if (off <= 1e-24 * power) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => (a[2 * (j * n + j)] as number) - (a[2 * (i * n + i)] as number),
  );
  const vectors = new Float64Array(2 * n * n);
  for (const [k, i] of order.entries()) vectors.set(v.subarray(2 * i * n, 2 * (i + 1) * n), 2 * k * n);
  return { values: Float64Array.from(order, (i) => a[2 * (i * n + i)] as number), vectors };
}

/** Makes a[p][q] zero. Rows of v are the eigenvectors so far. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number, size: number): void {
  const at = 2 * (p * n + q);
  const [ur, ui] = [(a[at] as number) / size, (a[at + 1] as number) / size];
  const theta = ((a[2 * (q * n + q)] as number) - (a[2 * (p * n + p)] as number)) / (2 * size);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  // p' = c p - s conj(u) q, q' = s u p + c q on columns, then the conjugate on rows; u is the phase of a[p][q]
  for (let k = 0; k < n; k++) mix(a, 2 * (k * n + p), 2 * (k * n + q), c, s, ur, -ui);
  for (let k = 0; k < n; k++) mix(a, 2 * (p * n + k), 2 * (q * n + k), c, s, ur, ui);
  for (let k = 0; k < n; k++) mix(v, 2 * (p * n + k), 2 * (q * n + k), c, s, ur, -ui);
  a[at] = a[at + 1] = 0;
  a[2 * (q * n + p)] = a[2 * (q * n + p) + 1] = 0;
}

/** (x, y) <- (c x - s w y, s conj(w) x + c y), w = wr + i wi. */
function mix(m: Float64Array, i: number, j: number, c: number, s: number, wr: number, wi: number): void {
  const [xr, xi, yr, yi] = [m[i] as number, m[i + 1] as number, m[j] as number, m[j + 1] as number];
  m[i] = c * xr - s * (wr * yr - wi * yi);
  m[i + 1] = c * xi - s * (wr * yi + wi * yr);
  m[j] = s * (wr * xr + wi * xi) + c * yr;
  m[j + 1] = s * (wr * xi - wi * xr) + c * yi;
}
