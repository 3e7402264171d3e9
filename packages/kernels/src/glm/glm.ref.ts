/** The general linear model of one voxel with a known AR(1) coefficient, by dense float64 algebra: the truth of this folder. */

export interface VoxelFit {
  readonly coefficients: Float64Array;
  /** Residual variance of the whitened data. */
  readonly variance: number;
  /** (X' V^-1 X)^-1, row-major. */
  readonly spread: Float64Array;
  readonly dof: number;
}

/**
 * Generalised least squares, y = X b + e, cov e = s^2 V, V_ij = rho^|i - j| / (1 - rho^2):
 *
 *   b = (X' V^-1 X)^-1 X' V^-1 y,   s^2 = r' V^-1 r / (n - p)
 *
 * @param design rows of X
 */
export function voxelFitRef(design: readonly ArrayLike<number>[], y: ArrayLike<number>, rho: number): VoxelFit {
  const [n, p] = [design.length, design[0]?.length ?? 0];
  const covariance = Float64Array.from(
    { length: n * n },
    (_, i) => rho ** Math.abs(Math.floor(i / n) - (i % n)) / (1 - rho * rho),
  );
  const precision = inverse(covariance, n);
  const x = (i: number, j: number): number => (design[i] as ArrayLike<number>)[j] as number;
  const normal = new Float64Array(p * p);
  const right = new Float64Array(p);
  for (let a = 0; a < p; a++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const w = x(i, a) * (precision[i * n + j] as number);
        right[a] = (right[a] as number) + w * (y[j] as number);
        for (let b = 0; b < p; b++) normal[a * p + b] = (normal[a * p + b] as number) + w * x(j, b);
      }
    }
  }
  const spread = inverse(normal, p);
  const coefficients = Float64Array.from({ length: p }, (_, a) =>
    right.reduce((sum, r, b) => sum + (spread[a * p + b] as number) * r, 0),
  );
  const rest = Float64Array.from(
    { length: n },
    (_, i) => (y[i] as number) - coefficients.reduce((sum, b, a) => sum + b * x(i, a), 0),
  );
  let squares = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) squares += (rest[i] as number) * (precision[i * n + j] as number) * (rest[j] as number);
  }
  return { coefficients, variance: squares / (n - p), spread, dof: n - p };
}

/** Gauss-Jordan with row pivots. */
function inverse(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice();
  const out = Float64Array.from({ length: n * n }, (_, i) => (Math.floor(i / n) === i % n ? 1 : 0));
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column; row < n; row++) {
      if (Math.abs(a[row * n + column] as number) > Math.abs(a[pivot * n + column] as number)) pivot = row;
    }
    for (const m of [a, out]) {
      for (let k = 0; k < n; k++) {
        const held = m[column * n + k] as number;
        m[column * n + k] = m[pivot * n + k] as number;
        m[pivot * n + k] = held;
      }
    }
    const scale = a[column * n + column] as number;
    for (let k = 0; k < n; k++) {
      a[column * n + k] = (a[column * n + k] as number) / scale;
      out[column * n + k] = (out[column * n + k] as number) / scale;
    }
    for (let row = 0; row < n; row++) {
      const factor = a[row * n + column] as number;
      if (row === column || factor === 0) continue;
      for (let k = 0; k < n; k++) {
        a[row * n + k] = (a[row * n + k] as number) - factor * (a[column * n + k] as number);
        out[row * n + k] = (out[row * n + k] as number) - factor * (out[column * n + k] as number);
      }
    }
  }
  return out;
}
