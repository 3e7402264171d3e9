/** The part that all linear models share: t*, the weighted fit, and its words. */
import { DataError } from "@quintet/core";
import { type WeightedFit, weightedLeastSquares } from "@quintet/kernels";
import { correctedAkaike, estimatesOf, type KineticFit, type LinePlotPoints, type Wanted } from "./estimate.ts";
import type { KineticData } from "./kinetic-data.ts";

/** t* in minutes, or the earliest that the data allow. */
export type StartTime = number | "auto";

/** Largest deviation from the line that still counts as straight, and the fewest frames of a line. Chosen here. */
export const straight = { deviation: 0.1, frames: 5 } as const;

export interface LinearModel {
  readonly model: string;
  readonly data: KineticData;
  readonly y: Float64Array;
  readonly columns: readonly Float64Array[];
  readonly start: StartTime;
  readonly wanted: readonly Wanted[];
  /** The curve that the fitted parameters stand for. */
  readonly curve: (parameters: Float64Array) => Float64Array;
  /** How the plot is drawn: y and the first column over `divisor`, which is the second column, or 1. */
  readonly line?: Pick<LinePlotPoints, "xLabel" | "yLabel"> & { readonly divisor?: Float64Array };
  readonly refuse?: (parameters: Float64Array) => string | undefined;
  readonly flags?: readonly string[];
}

/**
 * Fits y = sum_j b_j column_j over the frames whose middle lies at t* or later. Frames without a finite y or column
 * carry no weight. "auto" takes the earliest t* after which no point lies further than 10 % from the fit.
 */
export function fitLinear(spec: LinearModel): KineticFit {
  const { model, data, y, columns, wanted, line, flags = [] } = spec;
  const finite = y.map((value, i) => Number([value, ...columns.map((c) => c[i] as number)].every(Number.isFinite)));
  const clean = (v: Float64Array): Float64Array => v.map((x, i) => (finite[i] === 1 ? x : 0));
  const [tidyY, tidy] = [clean(y), columns.map(clean)];
  const about = { model, region: data.region, time: data.time, measured: data.values };
  const weightsFrom = (first: number): Float64Array =>
    data.weights.map((w, i) => (i >= first && finite[i] === 1 ? w : 0));
  const from = (first: number): WeightedFit | undefined => {
    try {
      return weightedLeastSquares(tidy, tidyY, weightsFrom(first));
    } catch (error) {
      if (error instanceof DataError) return undefined;
      throw error;
    }
  };
  const first =
    spec.start === "auto"
      ? earliestStraight(tidyY, weightsFrom(0), from)
      : data.time.findIndex((t) => t >= (spec.start as number) - 1e-9);
  const fit = first === undefined || first < 0 ? undefined : from(first);
  if (!fit || first === undefined) {
    const why =
      spec.start === "auto"
        ? `no straight part of ${straight.frames} frames or more was found`
        : "too few frames that differ from each other lie after t*";
    return {
      ...about,
      estimates: estimatesOf({ parameters: new Float64Array(), covariance: new Float64Array() }, wanted, why),
      fitted: new Float64Array(y.length).fill(Number.NaN),
      weights: new Float64Array(y.length),
      converged: false,
      condition: Number.POSITIVE_INFINITY,
      aicc: Number.NaN,
      flags: [...flags, why],
    };
  }
  const refused = spec.refuse?.(fit.parameters);
  const curve = spec.curve(fit.parameters);
  const weights = weightsFrom(first);
  return {
    ...about,
    estimates: estimatesOf(fit, wanted, refused),
    fitted: curve.map((value, i) => ((weights[i] as number) > 0 ? value : Number.NaN)),
    weights,
    start: data.time[first] as number,
    ...(line ? { line: pointsOf(line, tidy, tidyY, fit) } : {}),
    converged: true,
    condition: fit.condition,
    aicc: correctedAkaike(fit.weightedSquares, fit.freedom + fit.parameters.length, fit.parameters.length),
    flags: refused === undefined ? flags : [...flags, refused],
  };
}

/** A graphical model has two parameters: slope and intercept. */
function pointsOf(
  { xLabel, yLabel, divisor }: NonNullable<LinearModel["line"]>,
  columns: readonly Float64Array[],
  y: Float64Array,
  { parameters }: WeightedFit,
): LinePlotPoints {
  const over = (v: Float64Array): Float64Array => (divisor ? v.map((x, i) => x / (divisor[i] as number)) : v);
  const [slope = Number.NaN, intercept = Number.NaN] = parameters;
  return { x: over(columns[0] ?? new Float64Array()), y: over(y), xLabel, yLabel, slope, intercept };
}

function earliestStraight(
  y: Float64Array,
  weights: Float64Array,
  from: (first: number) => WeightedFit | undefined,
): number | undefined {
  for (let first = 0; first + straight.frames <= y.length; first++) {
    const used = weights.reduce((n, w, i) => n + (i >= first && w > 0 ? 1 : 0), 0);
    if (used < straight.frames) return undefined;
    const fit = from(first);
    if (!fit) continue;
    const within = y.every((value, i) => {
      if (i < first || !((weights[i] as number) > 0)) return true;
      return Math.abs((fit.fitted[i] as number) - value) <= straight.deviation * Math.abs(value);
    });
    if (within) return first;
  }
  return undefined;
}

/** 1 in every frame: the intercept's column. */
export function ones({ values }: KineticData): Float64Array {
  return new Float64Array(values.length).fill(1);
}

/** The data without a fixed share of blood. */
export function withoutBlood(data: KineticData, values: Float64Array): KineticData {
  const time = [0, ...data.time];
  const curve = { time: Float64Array.from(time), value: Float64Array.from([0, ...values]) };
  return { ...data, values, curve: data.time[0] === 0 ? data.curve : curve };
}
