import { Matrix, solve } from "ml-matrix";
import { type WeightedFit, weightedLeastSquares } from "./weighted-fit.ts";

export interface NonlinearProblem {
  readonly y: Float64Array;
  readonly weights: Float64Array;
  readonly model: (parameters: Float64Array) => Float64Array;
  /** Where the search begins; the best end of all is taken. */
  readonly starts: readonly ArrayLike<number>[];
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

export interface NonlinearFit extends WeightedFit {
  readonly converged: boolean;
}

/**
 * Weighted nonlinear least squares within bounds: Levenberg-Marquardt with slopes by central differences, for curves of
 * few parameters (parent fraction, tail of an input function). A parameter at its bound stays there for a step.
 *
 * @throws DataError `too-few-samples`, `rank-deficient` when the end point determines no covariance
 */
export function fitNonlinear(problem: NonlinearProblem): NonlinearFit {
  const ends = problem.starts.map((start) => search(problem, Float64Array.from(start)));
  const best = ends.reduce((a, b) => (b.squares < a.squares ? b : a));
  const { y, weights, model } = problem;
  const fitted = model(best.parameters);
  const about = weightedLeastSquares(
    slopes(problem, best.parameters),
    y.map((v, i) => v - fitted[i]),
    weights,
  );
  const variance = best.squares / about.freedom;
  const own = about.weightedSquares / about.freedom;
  return {
    ...about,
    parameters: best.parameters,
    covariance: about.covariance.map((c) => (own > 0 ? (c * variance) / own : c)),
    fitted,
    weightedSquares: best.squares,
    converged: best.converged,
  };
}

interface End {
  readonly parameters: Float64Array;
  readonly squares: number;
  readonly converged: boolean;
}

function search(problem: NonlinearProblem, start: Float64Array): End {
  const { lower, upper } = problem;
  const within = (p: Float64Array): Float64Array => p.map((v, j) => Math.min(upper[j], Math.max(lower[j], v)));
  let parameters = within(start);
  let squares = squaresOf(problem, parameters);
  let damping = 1e-2;
  for (let round = 0; round < 300; round++) {
    const step = stepFrom(problem, parameters, damping);
    if (!step) return { parameters, squares, converged: false };
    const next = within(parameters.map((v, j) => v + step[j]));
    const moved = Math.max(...next.map((v, j) => Math.abs(v - parameters[j]) / (Math.abs(v) + 1e-9)));
    const tried = squaresOf(problem, next);
    if (moved < 1e-10) return { parameters, squares, converged: true };
    if (tried < squares) {
      parameters = next;
      squares = tried;
      damping = Math.max(damping / 5, 1e-12);
    } else {
      damping *= 5;
      if (damping > 1e14) return { parameters, squares, converged: true };
    }
  }
  return { parameters, squares, converged: false };
}

function squaresOf({ y, weights, model }: NonlinearProblem, parameters: Float64Array): number {
  const fitted = model(parameters);
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += weights[i] * (y[i] - fitted[i]) ** 2;
  return Number.isFinite(sum) ? sum : Number.MAX_VALUE;
}

function slopes({ model, lower, upper }: NonlinearProblem, parameters: Float64Array): Float64Array[] {
  return Array.from(parameters, (value, j) => {
    const step = 1e-6 * Math.max(Math.abs(value), 1e-3 * Math.min(1, Math.abs(upper[j] - lower[j])));
    const [up, down] = [step, -step].map((by) => model(parameters.map((v, k) => (k === j ? v + by : v))));
    return up.map((v, i) => (v - down[i]) / (2 * step));
  });
}

function stepFrom(problem: NonlinearProblem, parameters: Float64Array, damping: number): Float64Array | undefined {
  const { y, weights, model } = problem;
  const columns = slopes(problem, parameters);
  const fitted = model(parameters);
  const p = columns.length;
  const normal = new Matrix(p, p);
  const right = new Matrix(p, 1);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      let sum = 0;
      for (let t = 0; t < y.length; t++) sum += weights[t] * columns[i][t] * columns[j][t];
      normal.set(i, j, sum);
    }
    let sum = 0;
    for (let t = 0; t < y.length; t++) sum += weights[t] * columns[i][t] * (y[t] - fitted[t]);
    right.set(i, 0, sum);
  }
  for (let i = 0; i < p; i++) normal.set(i, i, normal.get(i, i) * (1 + damping) + 1e-300);
  try {
    return Float64Array.from(solve(normal, right).to1DArray());
  } catch {
    return undefined;
  }
}
