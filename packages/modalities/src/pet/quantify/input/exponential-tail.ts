import { DataError } from "@quintet/core";
import { type Curve, fitNonlinear } from "@quintet/kernels";

/** A curve whose tail is a sum of exponentials, and how well it fits. */
export interface SmoothTail {
  readonly curve: Curve;
  /** Amplitudes and rates (1 over the unit of the times), from the peak on. */
  readonly terms: readonly (readonly [amplitude: number, rate: number])[];
  /** Root mean square of the residuals over the mean of the tail. */
  readonly relativeResidual: number;
}

/**
 * The samples up to the peak as they are, and after it the sum of three exponentials that fits them best:
 *
 *   C(t) = sum_i A_i exp(-l_i (t - t_peak)),   A_i >= 0,   relative errors alike for all samples
 *
 * Drawn every `step` to the last sample. Feng's model has this tail.
 *
 * @throws DataError `too-few-samples` with fewer than 7 samples from the peak on, `not-positive`, `not-converged`
 * @see Feng et al., Int J Biomed Comput 1993;32:95-110 (from the literature, not re-checked)
 */
export function exponentialTail({ time, value }: Curve, step: number): SmoothTail {
  const peak = value.indexOf(Math.max(...value));
  const [from, top] = [time[peak] as number, value[peak] as number];
  const t = time.slice(peak).map((s) => s - from);
  const y = value.slice(peak);
  if (y.length < 7) {
    throw new DataError("too-few-samples", "three exponentials need samples of the tail", {
      expected: "7 or more from the peak on",
      found: `${y.length}`,
    });
  }
  if (!(top > 0) || y.some((v) => !(v > 0))) {
    throw new DataError("not-positive", "the tail of an input function is positive", { found: `${Math.min(...y)}` });
  }
  const last = t[t.length - 1] as number;
  const sum = (p: Float64Array, s: number): number =>
    [0, 2, 4].reduce((total, j) => total + (p[j] as number) * top * Math.exp(-Math.exp(p[j + 1] as number) * s), 0);
  const [slow, middle, quick] = [Math.log(0.3 / last), Math.log(1.5 / last), Math.log(5 / last)];
  const fast = Math.log(1 / (t[1] as number));
  const fit = fitNonlinear({
    y,
    weights: y.map((v) => 1 / (v * v)),
    model: (p) => t.map((s) => sum(p, s)),
    starts: [
      [0.1, slow, 0.2, quick, 0.7, fast],
      [0.05, slow, 0.1, middle, 0.85, (fast + quick) / 2],
    ],
    lower: [0, slow - 6, 0, slow - 6, 0, slow - 6],
    upper: [2, fast + 3, 2, fast + 3, 2, fast + 3],
  });
  if (!fit.converged) throw new DataError("not-converged", "three exponentials do not fit the tail");
  const p = fit.parameters;
  const count = Math.min(20_000, Math.ceil(last / step));
  const grid = Float64Array.from({ length: count + 1 }, (_, i) => (i * last) / count);
  return {
    curve: {
      time: Float64Array.from([...time.subarray(0, peak), ...grid.map((s) => s + from)]),
      value: Float64Array.from([...value.subarray(0, peak), ...grid.map((s) => sum(p, s))]),
    },
    terms: [0, 2, 4].map((j) => [(p[j] as number) * top, Math.exp(p[j + 1] as number)] as const),
    relativeResidual: Math.sqrt(fit.weightedSquares / y.length),
  };
}
