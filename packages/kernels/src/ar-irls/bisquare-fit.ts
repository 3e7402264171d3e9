import { DataError } from "@quintet/core";
import { thinQr } from "../glm/thin-qr.ts";
import { dot } from "../statistics/dot.ts";
import { quantileInPlace } from "../statistics/order-statistic.ts";

/** 95 % efficient for Gaussian noise. */
export const bisquareTune = 4.685;
const mostRounds = 50;

export interface RobustFit {
  readonly coefficients: Float64Array;
  /** Covariance of the coefficients, row-major. */
  readonly covariance: Float64Array;
  /** Robust standard deviation of the noise. */
  readonly sigma: number;
  readonly dof: number;
  /** Weight of each row, 0 to 1. */
  readonly weights: Float64Array;
}

/**
 * Linear regression by iteratively reweighted least squares with Tukey's bisquare:
 *
 *   w(u) = (1 - u^2)^2 for |u| < 1, else 0,   u = r / (4.685 s sqrt(1 - h)),   s = MAD / 0.6745
 *
 * h the leverages; the MAD leaves out the p smallest residuals, which the fit made small. Errors by the robust sigma of
 * DuMouchel and O'Brien,
 *
 *   sigma = K st sqrt(m2) / m1,   st = 4.685 s,   m1 = mean psi'(u),   m2 = sum (1 - h) psi(u)^2 / (n - p),
 *   K = 1 + (p / n) (1 - m1) / m1,   psi(u) = u w(u),   psi'(u) = (1 - u^2)(1 - 5 u^2),
 *
 * and, as MATLAB's robustfit does, not below the mixture of it with the least-squares value; covariance sigma^2 (X'X)^-1.
 *
 * @param x [column][row]
 * @param start weights to begin with; else least squares
 * @param tolerance the rounds end when no coefficient moves by more than this share of the largest
 * @throws DataError `shape-mismatch`, `rank-deficient`
 * @see Holland & Welsch, Commun Stat A 1977;6:813-27; DuMouchel & O'Brien, Comput Sci Stat 1989;21:297-302
 */
export function bisquareFit(
  x: Float64Array,
  y: Float64Array,
  columns: number,
  start?: Float64Array,
  tolerance = 1e-8,
): RobustFit {
  const rows = y.length;
  if (x.length !== rows * columns || rows <= columns + 1 || (start !== undefined && start.length !== rows)) {
    throw new DataError(
      "shape-mismatch",
      "regression needs one value and one weight per row and more rows than columns",
      {
        found: `${x.length / rows} columns for ${rows} values`,
      },
    );
  }
  const { q, inverseR } = thinQr(x, rows, columns);
  const leverage = new Float64Array(rows);
  for (let j = 0; j < columns; j++) for (let t = 0; t < rows; t++) leverage[t] += q[j * rows + t] ** 2;
  const adjust = leverage.map((h) => 1 / Math.sqrt(1 - Math.min(0.9999, h)));
  const [residuals, weights] = [new Float64Array(rows), new Float64Array(rows).fill(1)];
  const plain = new Float64Array(columns);
  for (let j = 0; j < columns; j++) plain[j] = dot(q.subarray(j * rows, (j + 1) * rows), y);
  residualsOf(q, y, plain, residuals);
  let squares = 0;
  for (let t = 0; t < rows; t++) squares += residuals[t] ** 2;
  const plainVariance = squares / (rows - columns);
  const scale = (): number => {
    const away = new Float64Array(rows);
    for (let t = 0; t < rows; t++) away[t] = Math.abs(residuals[t] * adjust[t]);
    return upperMedian(away, columns) / 0.6745;
  };
  // An exact fit leaves rounding alone, whose spread says nothing.
  const tiny = 1e-6 * Math.sqrt(varianceOf(y)) || 1;
  const weigh = (s: number): void => {
    const unit = 1 / (bisquareTune * Math.max(tiny, s));
    for (let t = 0; t < rows; t++) {
      const u = residuals[t] * adjust[t] * unit;
      const inside = 1 - u * u;
      weights[t] = inside > 0 ? inside * inside : 0;
    }
  };
  let held: Float64Array = plain.slice();
  if (start) weights.set(start);
  else weigh(scale());
  const normal = new Float64Array(columns * columns);
  const weighted = new Float64Array(rows);
  for (let round = 0; round < mostRounds; round++) {
    const next = weightedLeastSquares(q, y, weights, columns, normal, weighted);
    let [change, size] = [0, 0];
    for (let j = 0; j < columns; j++) {
      change = Math.max(change, Math.abs(next[j] - held[j]));
      size = Math.max(size, Math.abs(next[j]));
    }
    held = next;
    residualsOf(q, y, held, residuals);
    weigh(scale());
    if (change <= tolerance * size) break;
  }
  const sigma = robustSigma(residuals, adjust, leverage, columns, Math.max(tiny, scale()), plainVariance);
  const [coefficients, covariance] = [new Float64Array(columns), new Float64Array(columns * columns)];
  for (let i = 0; i < columns; i++) {
    for (let j = i; j < columns; j++) coefficients[i] += inverseR[i * columns + j] * held[j];
    for (let k = 0; k < columns; k++) {
      let sum = 0;
      for (let j = Math.max(i, k); j < columns; j++) sum += inverseR[i * columns + j] * inverseR[k * columns + j];
      covariance[i * columns + k] = sigma * sigma * sum;
    }
  }
  return { coefficients, covariance, sigma, dof: rows - columns, weights };
}

function robustSigma(
  residuals: Float64Array,
  adjust: Float64Array,
  leverage: Float64Array,
  columns: number,
  s: number,
  plainVariance: number,
): number {
  const rows = residuals.length;
  const st = bisquareTune * s;
  let [m1, m2] = [0, 0];
  for (let t = 0; t < rows; t++) {
    const u2 = ((residuals[t] * adjust[t]) / st) ** 2;
    if (u2 >= 1) continue;
    m1 += ((1 - u2) * (1 - 5 * u2)) / rows;
    m2 += ((1 - leverage[t]) * u2 * (1 - u2) ** 4) / (rows - columns);
  }
  const k = 1 + ((columns / rows) * (1 - m1)) / m1;
  const robust = m1 > 0 ? (k * Math.sqrt(m2) * st) / m1 : Number.POSITIVE_INFINITY;
  const mixed = Math.sqrt((plainVariance * columns ** 2 + robust ** 2 * rows) / (columns ** 2 + rows));
  return Math.max(robust, mixed);
}

/** Median of the values that are left without the `skip` smallest. */
function upperMedian(values: Float64Array, skip: number): number {
  return quantileInPlace(values, (skip + (values.length - 1 - skip) / 2) / (values.length - 1));
}

function weightedLeastSquares(
  q: Float64Array,
  y: Float64Array,
  weights: Float64Array,
  columns: number,
  normal: Float64Array,
  weighted: Float64Array,
): Float64Array {
  const rows = y.length;
  const right = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    const own = q.subarray(j * rows, (j + 1) * rows);
    for (let t = 0; t < rows; t++) weighted[t] = weights[t] * own[t];
    right[j] = dot(weighted, y);
    for (let k = j; k < columns; k++) {
      const sum = dot(weighted, q.subarray(k * rows, (k + 1) * rows));
      normal[j * columns + k] = sum;
      normal[k * columns + j] = sum;
    }
  }
  return solvePositive(normal, right, columns);
}

/** Cholesky in place; the columns are orthonormal but for the weights, so the matrix is near a multiple of one. */
function solvePositive(a: Float64Array, b: Float64Array, n: number): Float64Array {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (i > j) a[i * n + j] = sum / a[j * n + j];
      else if (sum > 1e-12) a[j * n + j] = Math.sqrt(sum);
      else throw new DataError("rank-deficient", "the rows that are left have no weight to tell the columns apart");
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

function residualsOf(q: Float64Array, y: Float64Array, coefficients: Float64Array, out: Float64Array): void {
  const rows = y.length;
  out.set(y);
  for (let j = 0; j < coefficients.length; j++) {
    const [own, c] = [q.subarray(j * rows, (j + 1) * rows), coefficients[j]];
    for (let t = 0; t < rows; t++) out[t] -= c * own[t];
  }
}

function varianceOf(y: Float64Array): number {
  let [mean, sum] = [0, 0];
  for (let t = 0; t < y.length; t++) mean += y[t] / y.length;
  for (let t = 0; t < y.length; t++) sum += (y[t] - mean) ** 2 / y.length;
  return sum;
}
