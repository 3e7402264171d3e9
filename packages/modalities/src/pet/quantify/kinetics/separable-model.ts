/** The part that all models with rates share: the fit, what of it is believed, and its words. */
import { DataError } from "@quintet/core";
import { fitSeparable, type SeparableFit, type SeparableProblem } from "@quintet/kernels";
import { correctedAkaike, estimatesOf, type KineticFit, type Wanted } from "./estimate.ts";
import type { KineticData } from "./kinetic-data.ts";

/** Rates are sought between these, 1/min: a half-time of two days, and one of two seconds. Chosen here. */
export const rateLimits = { low: 2e-4, high: 20 } as const;

export interface SeparableModel {
  readonly model: string;
  readonly data: KineticData;
  readonly columns: SeparableProblem["columns"];
  readonly rates: 1 | 2;
  readonly low?: number;
  readonly high?: number;
  readonly admissible?: SeparableProblem["admissible"];
  readonly wanted: readonly Wanted[];
  /** Added to the model and taken off the data before the fit. */
  readonly offset?: Float64Array;
  /** The model's curve is multiplied by this: 1 - vB. */
  readonly share?: number;
  readonly flags?: readonly string[];
  /** Why the outcome is no estimate, from the fitted parameters. */
  readonly refuse?: (parameters: Float64Array) => string | undefined;
}

export function fitModel(spec: SeparableModel): KineticFit {
  const { model, data, wanted, offset, share = 1, flags = [] } = spec;
  const y = data.values.map((value, i) => (value - (offset?.[i] ?? 0)) / share);
  const about = { model, region: data.region, time: data.time, measured: data.values, weights: data.weights };
  const { low = rateLimits.low, high = rateLimits.high, admissible } = spec;
  let fit: SeparableFit;
  try {
    fit = fitSeparable({
      y,
      weights: data.weights,
      columns: spec.columns,
      rates: spec.rates,
      low,
      high,
      ...(admissible ? { admissible } : {}),
    });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return {
      ...about,
      estimates: estimatesOf({ parameters: new Float64Array(), covariance: new Float64Array() }, wanted, error.message),
      fitted: new Float64Array(y.length).fill(Number.NaN),
      converged: false,
      condition: Number.POSITIVE_INFINITY,
      aicc: Number.NaN,
      flags: [...flags, `no fit: ${error.message}`],
    };
  }
  const refused = !fit.converged
    ? "the search did not converge"
    : fit.atBorder
      ? "a rate ran to the border of the search"
      : spec.refuse?.(fit.parameters);
  const estimates = estimatesOf(fit, wanted, refused);
  const withheld = estimates.filter((estimate) => estimate.value === undefined);
  return {
    ...about,
    estimates,
    fitted: fit.fitted.map((value, i) => value * share + (offset?.[i] ?? 0)),
    converged: fit.converged && !fit.atBorder,
    condition: fit.condition,
    aicc: correctedAkaike(fit.weightedSquares, fit.freedom + fit.parameters.length, fit.parameters.length),
    flags: [
      ...flags,
      ...(refused === undefined ? [] : [refused]),
      ...(refused === undefined && withheld.length > 0
        ? [`not determined by these data: ${withheld.map(({ name }) => name).join(", ")}`]
        : []),
    ],
  };
}
