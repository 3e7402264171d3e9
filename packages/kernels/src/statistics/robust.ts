/** Quantiles and robust scale. Empty input gives NaN: there is no middle of nothing. */

import { quantileInPlace } from "./order-statistic.ts";

/** sd = 1.4826 MAD for normal data: 1 / Phi^-1(3/4). */
export const madToSigma = 1.482602218505602;

/** Linear between order statistics: position q (n - 1) (Hyndman & Fan 1996, type 7; NumPy's default). */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileInPlace(Float64Array.from(values), q);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** Median absolute deviation from the median, not scaled. */
export function medianAbsoluteDeviation(values: ArrayLike<number>): number {
  const middle = median(values);
  return median(Float64Array.from(values, (v) => Math.abs(v - middle)));
}

/** (x - median) / (1.4826 MAD) of each value; NaN where the MAD is 0 and x differs from the median. */
export function robustZ(values: ArrayLike<number>): Float64Array {
  const middle = median(values);
  const sigma = madToSigma * medianAbsoluteDeviation(values);
  return Float64Array.from(values, (v) => (v === middle ? 0 : sigma > 0 ? (v - middle) / sigma : Number.NaN));
}

export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** With n - 1; NaN below two values. */
  readonly sd: number;
  /** sd / sqrt(n). */
  readonly standardError: number;
}

export function summarise(values: ArrayLike<number>): Summary {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (values[i] as number) / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += ((values[i] as number) - mean) ** 2;
  const sd = n > 1 ? Math.sqrt(squares / (n - 1)) : Number.NaN;
  return { n, mean: n > 0 ? mean : Number.NaN, sd, standardError: sd / Math.sqrt(n) };
}

/** Pearson's correlation; NaN when one side is constant. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [{ mean: ma }, { mean: mb }] = [summarise(a), summarise(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [(a[i] as number) - ma, (b[i] as number) - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : Number.NaN;
}
