/** What a kinetic model says of one region: numbers with errors, or why there is none. */
import { standardErrorOf, type WeightedFit } from "@quintet/kernels";

export interface Estimate {
  /** K1, k2, VT, BPND, R1 ... (Innis et al., J Cereb Blood Flow Metab 2007;27:1533-9). */
  readonly name: string;
  readonly unit: "mL/cm3/min" | "1/min" | "mL/cm3" | "1" | "s";
  /** Absent where the data do not justify a number. */
  readonly value?: number;
  readonly standardError?: number;
  /** Why there is no value. */
  readonly absent?: string;
}

/** A straight line through transformed data, as Logan's and Patlak's plots show it. */
export interface LinePlotPoints {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly slope: number;
  readonly intercept: number;
}

export interface KineticFit {
  readonly model: string;
  readonly region: string;
  readonly estimates: readonly Estimate[];
  /** Middle of the frames, minutes. */
  readonly time: Float64Array;
  readonly measured: Float64Array;
  /** The model's curve in the unit of the data; NaN in frames before t*. */
  readonly fitted: Float64Array;
  readonly weights: Float64Array;
  /** t*, minutes: the middle of the first frame that was fitted. */
  readonly start?: number;
  readonly line?: LinePlotPoints;
  readonly converged: boolean;
  /** How alike the columns of the design are: 1 at best; the standard errors grow with it. */
  readonly condition: number;
  /** Akaike's criterion with the correction for few samples; comparable between models of the same data and weights only. */
  readonly aicc: number;
  /** What a reader must know, one sentence each. */
  readonly flags: readonly string[];
}

export interface Wanted {
  readonly name: string;
  readonly unit: Estimate["unit"];
  readonly of: (parameters: Float64Array) => number;
  /**
   * What the standard error is held against: a number no larger than its own error says nothing. BPND is held against
   * BPND + 1 (the distribution volume ratio), since a binding of 0.0 +- 0.1 is a result.
   */
  readonly against?: (value: number) => number;
}

/**
 * Values with standard errors to first order; one whose error exceeds it is withheld, and all are when `refused` says
 * why the fit as a whole is none.
 */
export function estimatesOf(
  fit: Pick<WeightedFit, "parameters" | "covariance">,
  wanted: readonly Wanted[],
  refused?: string,
): readonly Estimate[] {
  return wanted.map(({ name, unit, of, against = (value) => value }) => {
    if (refused !== undefined) return { name, unit, absent: refused };
    const value = of(fit.parameters);
    const standardError = standardErrorOf(fit, of);
    if (!Number.isFinite(value)) return { name, unit, absent: "the fit gives no finite value" };
    if (!Number.isFinite(standardError)) return { name, unit, absent: "the data do not determine it" };
    if (standardError > Math.abs(against(value)))
      return { name, unit, absent: `not determined: its standard error is ${standardError.toPrecision(2)}` };
    return { name, unit, value, standardError };
  });
}

/** n ln(RSS / n) + 2 p + 2 p (p + 1) / (n - p - 1), with p counting the variance. */
export function correctedAkaike(weightedSquares: number, samples: number, parameters: number): number {
  const p = parameters + 1;
  if (!(samples - p - 1 > 0)) return Number.NaN;
  return samples * Math.log(weightedSquares / samples) + 2 * p + (2 * p * (p + 1)) / (samples - p - 1);
}

/** The value of an estimate; undefined where it is withheld. */
export function estimated({ estimates }: KineticFit, name: string): number | undefined {
  return estimates.find((estimate) => estimate.name === name)?.value;
}
