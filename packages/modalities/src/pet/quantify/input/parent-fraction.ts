/** The share of the activity in plasma that is still the injected tracer. */
import { type BloodCurve, DataError } from "@quintet/core";
import { fitNonlinear, type NonlinearFit } from "@quintet/kernels";

export type ParentModel = "interpolation" | "hill" | "exponential";
export const parentModels: readonly ParentModel[] = ["interpolation", "hill", "exponential"];

export interface ParentFraction {
  readonly model: ParentModel;
  /** At a time in seconds on the blood's clock. */
  readonly at: (time: number) => number;
  readonly parameters: Readonly<Record<string, number>>;
  /** Root mean square of the residuals; 0 for an interpolation. */
  readonly residual: number;
}

/**
 * Parent fraction over the time t from the injection:
 *
 *   interpolation   straight lines between the samples, 1 at the injection, the last value held
 *   hill            1 - (1 - a) t^b / (c^b + t^b)
 *   exponential     a + (1 - a) exp(-b t)
 *
 * @param injection seconds on the blood's clock
 * @throws DataError `missing-parent-fraction`, `too-few-samples`, `not-converged`
 * @see Gunn et al., Eur J Nucl Med 1998;25:1313 (Hill) (from the literature, not re-checked)
 */
export function parentFraction(samples: BloodCurve | undefined, model: ParentModel, injection = 0): ParentFraction {
  if (!samples || samples.time.length === 0) {
    throw new DataError("missing-parent-fraction", "the plasma input needs the parent fraction of the tracer");
  }
  const t = samples.time.map((time) => time - injection);
  if (model === "interpolation") {
    const before = (t[0] as number) > 0;
    const times = [...(before ? [0] : []), ...t];
    const values = [...(before ? [1] : []), ...samples.value];
    return { model, at: (time) => between(times, values, time - injection), parameters: {}, residual: 0 };
  }
  const hill = (p: Float64Array, s: number): number => {
    const [a = 0, b = 1, c = 1] = p;
    if (!(s > 0)) return 1;
    const ratio = (s / c) ** b;
    return 1 - ((1 - a) * ratio) / (1 + ratio);
  };
  const exponential = ([a = 0, b = 0]: Float64Array, s: number): number => a + (1 - a) * Math.exp(-b * Math.max(0, s));
  const form = model === "hill" ? hill : exponential;
  const fit: NonlinearFit = fitNonlinear({
    y: samples.value,
    weights: new Float64Array(t.length).fill(1),
    model: (p) => t.map((s) => form(p, s)),
    starts:
      model === "hill"
        ? [
            [0.1, 1, 600],
            [0.3, 2, 1500],
          ]
        : [
            [0.1, 1e-3],
            [0.4, 3e-4],
          ],
    lower: model === "hill" ? [0, 0.1, 1] : [0, 1e-7],
    upper: model === "hill" ? [1, 10, 1e5] : [1, 1],
  });
  if (!fit.converged) throw new DataError("not-converged", `the ${model} model does not fit the parent fractions`);
  const [a = 0, b = 0, c = 0] = fit.parameters;
  return {
    model,
    at: (time) => form(fit.parameters, time - injection),
    parameters: model === "hill" ? { a, b, c } : { a, b },
    residual: Math.sqrt(fit.weightedSquares / t.length),
  };
}

/** Linear between points, held outside them. */
export function between(times: readonly number[], values: readonly number[], at: number): number {
  const i = times.findIndex((time) => time > at);
  if (i === 0) return values[0] as number;
  if (i < 0) return values[values.length - 1] as number;
  const [a, b] = [times[i - 1] as number, times[i] as number];
  const [from, to] = [values[i - 1] as number, values[i] as number];
  return from + ((to - from) * (at - a)) / (b - a);
}
