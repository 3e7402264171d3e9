/** Products of a few long rows and of small square matrices (row-major), as independent components need them. */
import { LuDecomposition, Matrix } from "ml-matrix";

/** Samples at a time: rows of as many stay in the nearest cache. */
const chunk = 512;

/** A B' / T: [row of a][row of b], of rows of T samples; four products at a time. */
export function productRows(a: readonly Float64Array[], b: readonly Float64Array[]): Float64Array {
  const [n, m] = [a.length, b.length];
  const samples = a[0].length;
  const out = new Float64Array(n * m);
  for (let from = 0; from < samples; from += chunk) {
    const to = Math.min(samples, from + chunk);
    for (let i = 0; i < n; i++) {
      const x = a[i];
      let j = 0;
      for (; j + 4 <= m; j += 4) {
        const [p, q, r, s] = [b[j], b[j + 1], b[j + 2], b[j + 3]];
        let [sp, sq, sr, ss] = [0, 0, 0, 0];
        for (let t = from; t < to; t++) {
          const v = x[t];
          sp += v * p[t];
          sq += v * q[t];
          sr += v * r[t];
          ss += v * s[t];
        }
        out[i * m + j] += sp;
        out[i * m + j + 1] += sq;
        out[i * m + j + 2] += sr;
        out[i * m + j + 3] += ss;
      }
      for (; j < m; j++) {
        const p = b[j];
        let sum = 0;
        for (let t = from; t < to; t++) sum += x[t] * p[t];
        out[i * m + j] += sum;
      }
    }
  }
  for (let k = 0; k < out.length; k++) out[k] /= samples;
  return out;
}

/** M Y: rows mixed by a square matrix. */
export function transformRows(matrix: Float64Array, rows: readonly Float64Array[]): Float64Array[] {
  const n = rows.length;
  const samples = rows[0].length;
  const out = rows.map(() => new Float64Array(samples));
  for (let from = 0; from < samples; from += chunk) {
    const to = Math.min(samples, from + chunk);
    for (let i = 0; i < n; i++) {
      const y = out[i];
      let j = 0;
      for (; j + 4 <= n; j += 4) {
        const at = i * n + j;
        const [a, b, c, d] = [matrix[at], matrix[at + 1], matrix[at + 2], matrix[at + 3]];
        const [p, q, r, s] = [rows[j], rows[j + 1], rows[j + 2], rows[j + 3]];
        for (let t = from; t < to; t++) y[t] += a * p[t] + b * q[t] + c * r[t] + d * s[t];
      }
      for (; j < n; j++) {
        const [a, p] = [matrix[i * n + j], rows[j]];
        for (let t = from; t < to; t++) y[t] += a * p[t];
      }
    }
  }
  return out;
}

export function unit(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
}

/** A B of two square matrices. */
export function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const v = a[i * n + k];
      for (let j = 0; j < n; j++) out[i * n + j] += v * b[k * n + j];
    }
  return out;
}

/** ln |det M|. */
export function logDeterminant(matrix: Float64Array, n: number): number {
  const rows = Array.from({ length: n }, (_, i) => Array.from(matrix.subarray(i * n, (i + 1) * n)));
  const upper = new LuDecomposition(new Matrix(rows)).upperTriangularMatrix;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(Math.abs(upper.get(i, i)));
  return sum;
}
