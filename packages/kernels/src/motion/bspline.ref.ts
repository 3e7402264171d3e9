/** Cubic B-spline interpolation in float64 without cleverness: the truth of this folder. */

type Shape = readonly [nx: number, ny: number, nz: number];

/** beta_3(x): 2/3 - x^2 + |x|^3 / 2 for |x| < 1, (2 - |x|)^3 / 6 for |x| < 2, else 0. */
export function cubicSpline(x: number): number {
  const a = Math.abs(x);
  if (a < 1) return 2 / 3 - a * a + (a * a * a) / 2;
  return a < 2 ? (2 - a) ** 3 / 6 : 0;
}

/** Index mirrored about the middle of the edge voxels: d c b | a b c d | c b a. */
export function mirror(i: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * n - 2;
  const folded = ((i % period) + period) % period;
  return folded < n ? folded : period - folded;
}

/**
 * Coefficients whose spline passes through the samples, by solving (c[i-1] + 4 c[i] + c[i+1]) / 6 = f[i] with mirrored
 * ends along each axis (Thomas' elimination).
 */
export function splineCoefficientsRef(data: ArrayLike<number>, shape: Shape): Float64Array {
  const out = Float64Array.from(data);
  const strides = [1, shape[0], shape[0] * shape[1]];
  for (let axis = 0; axis < 3; axis++) {
    const [n, stride] = [shape[axis] as number, strides[axis] as number];
    if (n === 1) continue;
    for (let start = 0; start < out.length; start++) {
      if (Math.floor(start / stride) % n !== 0) continue;
      const line = Float64Array.from({ length: n }, (_, i) => 6 * (out[start + i * stride] as number));
      const upper = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        const below = i === 0 ? 0 : i === n - 1 ? 2 : 1;
        const above = i === 0 ? 2 : i === n - 1 ? 0 : 1;
        const pivot = 4 - below * (i > 0 ? (upper[i - 1] as number) : 0);
        upper[i] = above / pivot;
        line[i] = ((line[i] as number) - below * (i > 0 ? (line[i - 1] as number) : 0)) / pivot;
      }
      for (let i = n - 2; i >= 0; i--) line[i] = (line[i] as number) - (upper[i] as number) * (line[i + 1] as number);
      for (let i = 0; i < n; i++) out[start + i * stride] = line[i] as number;
    }
  }
  return out;
}

/** sum_k c[k] beta(x - kx) beta(y - ky) beta(z - kz) at a fractional voxel index. */
export function splineValueRef(coefficients: ArrayLike<number>, shape: Shape, x: number, y: number, z: number): number {
  const [nx, ny, nz] = shape;
  let sum = 0;
  for (let k = Math.floor(z) - 1; k <= Math.floor(z) + 2; k++) {
    for (let j = Math.floor(y) - 1; j <= Math.floor(y) + 2; j++) {
      for (let i = Math.floor(x) - 1; i <= Math.floor(x) + 2; i++) {
        const at = mirror(i, nx) + nx * (mirror(j, ny) + ny * mirror(k, nz));
        sum += (coefficients[at] as number) * cubicSpline(x - i) * cubicSpline(y - j) * cubicSpline(z - k);
      }
    }
  }
  return sum;
}
