/**
 * Separable least squares: y(t) = sum_j c_j phi_j(t; rates), linear in c, so that the search is over the rates alone.
 *
 * For given rates the best c is a linear fit (variable projection). The rates are sought on a logarithmic grid, which
 * no local minimum escapes that is wider than its step, and each of the best few points is carried to the minimum
 * in all parameters at once by Levenberg-Marquardt with exact slopes, until a step is below 1e-11 of the rates.
 *
 * @see Golub & Pereyra, Inverse Problems 2003;19:R1-26 (from the literature, not re-checked)
 */
import { DataError } from "@quintet/core";
import { Matrix, solve } from "ml-matrix";
import { type WeightedFit, weightedLeastSquares } from "./weighted-fit.ts";

/** One column, and its slope against the rate it depends on. */
export interface RateColumn {
  readonly value: Float64Array;
  /** Which rate; absent for a column that depends on none. */
  readonly rate?: number;
  readonly slope?: Float64Array;
}

export interface SeparableProblem {
  readonly y: Float64Array;
  readonly weights: Float64Array;
  /** The columns at these rates, in a fixed order. */
  readonly columns: (rates: readonly number[]) => readonly RateColumn[];
  /** 1 or 2; two rates rise. */
  readonly rates: 1 | 2;
  readonly low: number;
  readonly high: number;
  /** Points of the grid. Default 96 for one rate, 24 each for two. */
  readonly grid?: number;
  /** What c must fulfil at the start of a search; the minimum itself is free. */
  readonly admissible?: (coefficients: Float64Array) => boolean;
}

export interface SeparableFit extends Omit<WeightedFit, "parameters"> {
  /** c then rates. */
  readonly parameters: Float64Array;
  readonly converged: boolean;
  /** A rate ended at the border of the search. */
  readonly atBorder: boolean;
}

/** @throws DataError `too-few-samples`, `rank-deficient` (at every rate of the grid) */
export function fitSeparable(problem: SeparableProblem): SeparableFit {
  const starts = startsOf(problem);
  const [first] = starts;
  if (!first) throw new DataError("rank-deficient", "no rate of the search gives columns that can be told apart");
  const ends = starts.map((start) => descend(problem, start));
  return ends.reduce((best, one) => (one.weightedSquares < best.weightedSquares * (1 - 1e-12) ? one : best));
}

interface Start {
  readonly rates: readonly number[];
  readonly squares: number;
}

function startsOf(problem: SeparableProblem): readonly Start[] {
  const { rates, low, high, grid = rates === 1 ? 96 : 24 } = problem;
  const at = (i: number): number => low * (high / low) ** (i / (grid - 1));
  const scores = new Map<string, Start>();
  const points: number[][] = [];
  for (let i = 0; i < grid; i++) {
    if (rates === 1) points.push([i]);
    else for (let j = i + 1; j < grid; j++) points.push([i, j]);
  }
  const squared = (point: readonly number[]): number => scores.get(point.join())?.squares ?? Number.POSITIVE_INFINITY;
  let [admitted, lost] = [0, 0];
  for (const point of points) {
    const own = point.map(at);
    try {
      const columns = problem.columns(own).map(({ value }) => value);
      const fit = weightedLeastSquares(columns, problem.y, problem.weights);
      const admissible = problem.admissible?.(fit.parameters) ?? true;
      if (admissible) admitted++;
      scores.set(point.join(), { rates: own, squares: fit.weightedSquares * (admissible ? 1 : 1e6) });
    } catch (error) {
      if (!(error instanceof DataError) || error.code !== "rank-deficient") throw error;
      lost++;
    }
  }
  if (lost === points.length) return [];
  const lowest = points.filter((point) => {
    const own = squared(point);
    const near = [-1, 0, 1].flatMap((a) => (rates === 1 ? [[a]] : [-1, 0, 1].map((b) => [a, b])));
    return near.every((step) => own <= squared(point.map((i, axis) => i + (step[axis] ?? 0))));
  });
  return lowest
    .flatMap((point) => scores.get(point.join()) ?? [])
    .sort((a, b) => a.squares - b.squares)
    .slice(0, admitted === 0 ? 1 : 3);
}

/** Levenberg-Marquardt in (c, ln rates). */
function descend(problem: SeparableProblem, { rates: from }: Start): SeparableFit {
  const { y, weights, low, high } = problem;
  let rates = [...from];
  let state = stateAt(problem, rates);
  let [damping, converged] = [1e-3, false];
  for (let round = 0; round < 200 && !converged; round++) {
    const { jacobian, residual, count } = weightedSystem(problem, state, rates);
    const step = dampedStep(jacobian, residual, count, damping);
    if (!step) break;
    const logs = rates.map((_, k) => step[count + k]);
    const next = rates.map((rate, k) => Math.min(high, Math.max(low, rate * Math.exp(clamp(logs[k], 1)))));
    if (next.some((rate, k) => k > 0 && !(rate > next[k - 1] * (1 + 1e-9)))) {
      damping *= 10;
      if (damping > 1e12) break;
      continue;
    }
    // For the new rates the best c is known exactly: the step moves the rates, the projection the rest.
    const tried = stateAt(problem, next);
    const still = Math.max(...next.map((rate, k) => Math.abs(Math.log(rate / rates[k])))) < 1e-11;
    if (tried.squares <= state.squares * (1 + 1e-14) || still) {
      converged = still;
      rates = next;
      state = tried;
      damping = Math.max(damping / 10, 1e-15);
    } else {
      damping *= 10;
      if (damping > 1e12) break;
    }
  }
  const columns = problem.columns(rates);
  const full = [...columns.map(({ value }) => value), ...rates.map((_, k) => slopeOf(columns, state.c, k))];
  const about = secondOrder(full, y, weights, state);
  return {
    parameters: Float64Array.from([...state.c, ...rates]),
    fitted: state.fitted,
    weightedSquares: state.squares,
    converged,
    atBorder: rates.some((rate) => rate <= low * (1 + 1e-9) || rate >= high * (1 - 1e-9)),
    ...about,
  };
}

interface State {
  readonly c: Float64Array;
  readonly fitted: Float64Array;
  readonly squares: number;
}

function stateAt(problem: SeparableProblem, rates: readonly number[]): State {
  const columns = problem.columns(rates).map(({ value }) => value);
  try {
    const fit = weightedLeastSquares(columns, problem.y, problem.weights);
    return { c: fit.parameters, fitted: fit.fitted, squares: fit.weightedSquares };
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "rank-deficient") throw error;
    return {
      c: new Float64Array(columns.length),
      fitted: new Float64Array(problem.y.length),
      squares: Number.MAX_VALUE,
    };
  }
}

function slopeOf(columns: readonly RateColumn[], c: Float64Array, k: number): Float64Array {
  const out = new Float64Array(columns[0]?.value.length ?? 0);
  columns.forEach(({ rate, slope }, j) => {
    if (rate !== k || !slope) return;
    for (let i = 0; i < out.length; i++) out[i] += c[j] * slope[i];
  });
  return out;
}

function weightedSystem(
  problem: SeparableProblem,
  { c, fitted }: State,
  rates: readonly number[],
): { readonly jacobian: readonly Float64Array[]; readonly residual: Float64Array; readonly count: number } {
  const columns = problem.columns(rates);
  const root = problem.weights.map((w) => Math.sqrt(Math.max(0, w)));
  const weigh = (v: Float64Array): Float64Array => v.map((x, i) => x * root[i]);
  const jacobian = [
    ...columns.map(({ value }) => weigh(value)),
    ...rates.map((rate, k) => weigh(slopeOf(columns, c, k).map((s) => s * rate))),
  ];
  return { jacobian, residual: weigh(problem.y.map((v, i) => v - fitted[i])), count: columns.length };
}

function dampedStep(
  jacobian: readonly Float64Array[],
  residual: Float64Array,
  linear: number,
  damping: number,
): readonly number[] | undefined {
  const p = jacobian.length;
  const norms = jacobian.map((column) => Math.hypot(...column));
  if (norms.some((norm) => !(norm > 0))) return undefined;
  const normal = new Matrix(p, p);
  const right = new Matrix(p, 1);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) normal.set(i, j, product(jacobian[i], jacobian[j]) / (norms[i] * norms[j]));
    // c is free to follow the rates: only the rates are held back.
    if (i >= linear) normal.set(i, i, normal.get(i, i) + damping);
    right.set(i, 0, product(jacobian[i], residual) / norms[i]);
  }
  try {
    return solve(normal, right)
      .to1DArray()
      .map((v, i) => v / norms[i]);
  } catch {
    return undefined;
  }
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Covariance and condition of the design that holds the slopes against the rates too; unknown where they cannot be told apart. */
function secondOrder(
  full: readonly Float64Array[],
  y: Float64Array,
  weights: Float64Array,
  state: State,
): Pick<WeightedFit, "covariance" | "freedom" | "condition"> {
  const p = full.length;
  const unknown = { covariance: new Float64Array(p * p).fill(Number.NaN), condition: Number.POSITIVE_INFINITY };
  const used = weights.reduce((n, w) => n + (w > 0 ? 1 : 0), 0);
  try {
    const fit = weightedLeastSquares(full, y, weights);
    const scale = fit.weightedSquares > 0 ? state.squares / fit.weightedSquares : 1;
    return { covariance: fit.covariance.map((v) => v * scale), freedom: fit.freedom, condition: fit.condition };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { ...unknown, freedom: used - p };
  }
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}
