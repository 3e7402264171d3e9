/** Weighted least squares with the covariance of what was fitted, and of what follows from it. */
import { DataError } from "@quintet/core";
import { leastSquares } from "../statistics/least-squares.ts";

export interface WeightedFit {
  readonly parameters: Float64Array;
  /** Row-major; from the residuals' own variance, sum w r^2 / (n - p) (X'WX)^-1. */
  readonly covariance: Float64Array;
  readonly fitted: Float64Array;
  /** sum w r^2 */
  readonly weightedSquares: number;
  /** Samples with weight, minus parameters. */
  readonly freedom: number;
  /** Ratio of the largest to the smallest column norm that is left of the design once the columns have length 1: how alike they are. */
  readonly condition: number;
}

/**
 * y = sum_j b_j column_j, samples weighted.
 *
 * @throws DataError `shape-mismatch`, `rank-deficient`, `too-few-samples`
 */
export function weightedLeastSquares(
  columns: readonly Float64Array[],
  y: Float64Array,
  weights: Float64Array,
): WeightedFit {
  const used = Array.from(weights.keys()).filter((i) => weights[i] > 0);
  if (used.length <= columns.length) {
    throw new DataError("too-few-samples", "a fit needs more samples with weight than parameters", {
      expected: `more than ${columns.length}`,
      found: `${used.length}`,
    });
  }
  const roots = used.map((i) => Math.sqrt(weights[i]));
  const norms = columns.map((column) => Math.hypot(...used.map((i, row) => roots[row] * column[i])) || 1);
  const design = used.map((i, row) => columns.map((column, j) => (roots[row] * column[i]) / norms[j]));
  const fit = leastSquares(
    design,
    used.map((i, row) => roots[row] * y[i]),
  );
  const p = columns.length;
  const parameters = fit.coefficients.map((b, j) => b / norms[j]);
  const covariance = fit.spread.map((s, at) => (fit.variance * s) / (norms[Math.floor(at / p)] * norms[at % p]));
  return {
    parameters,
    covariance,
    fitted: y.map((_, i) => columns.reduce((sum, column, j) => sum + parameters[j] * column[i], 0)),
    weightedSquares: fit.variance * fit.dof,
    freedom: fit.dof,
    condition: Math.sqrt(Math.max(...columns.map((_, j) => fit.spread[j * p + j]))),
  };
}

/**
 * Standard error of a function of the parameters to first order, sqrt(d' C d), its slopes d by central differences of
 * 1e-4 of each parameter's own standard error (or 1e-6 of its size, where that is 0).
 */
export function standardErrorOf(
  { parameters, covariance }: Pick<WeightedFit, "parameters" | "covariance">,
  of: (parameters: Float64Array) => number,
): number {
  const p = parameters.length;
  const slopes = parameters.map((value, j) => {
    const own = Math.sqrt(covariance[j * p + j]);
    const step = Math.min(1e-4 * own, 1e-4 * Math.abs(value)) || 1e-6 * Math.abs(value) || 1e-9;
    const shifted = (by: number): number => of(parameters.map((b, k) => (k === j ? b + by : b)));
    return (shifted(step) - shifted(-step)) / (2 * step);
  });
  let variance = 0;
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) variance += slopes[i] * covariance[i * p + j] * slopes[j];
  }
  return variance >= 0 ? Math.sqrt(variance) : Number.NaN;
}
