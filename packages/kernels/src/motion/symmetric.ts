/**
 * Solves G b = r for a symmetric positive semi-definite 8 x 8 matrix by Cholesky's method, its columns first scaled to
 * unit diagonal (mm and radians differ by orders of magnitude). A direction the data say nothing about gets 0.
 *
 * @param gram upper triangle by rows, 36 numbers
 */
export function solveSymmetric(gram: Float64Array, right: ArrayLike<number>): Float64Array {
  const n = 8;
  const full = new Float64Array(n * n);
  let from = 0;
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) full[i * n + j] = full[j * n + i] = gram[from++] as number;
  const scale = Float64Array.from({ length: n }, (_, i) => {
    const d = full[i * n + i] as number;
    return d > 0 ? 1 / Math.sqrt(d) : 0;
  });
  const lower = new Float64Array(n * n);
  const dead = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = full[i * n + j] * scale[i] * scale[j];
      for (let k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k];
      if (i === j) {
        if (!(sum > 1e-10)) dead[i] = 1;
        lower[i * n + i] = dead[i] ? 1 : Math.sqrt(sum);
      } else lower[i * n + j] = dead[j] ? 0 : sum / lower[j * n + j];
    }
  }
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = (right[i] as number) * scale[i];
    for (let k = 0; k < i; k++) sum -= lower[i * n + k] * out[k];
    out[i] = dead[i] ? 0 : sum / lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = out[i];
    for (let k = i + 1; k < n; k++) sum -= lower[k * n + i] * out[k];
    out[i] = dead[i] ? 0 : sum / lower[i * n + i];
  }
  return out.map((value, i) => value * scale[i]);
}
