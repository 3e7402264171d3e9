import { DataError } from "@quintet/core";
import type { Curve } from "@quintet/kernels";

/**
 * What entered the tubing, from what its end measured:
 *
 *   g(t) = f(t) (x) exp(-t / tau) / tau,   hence   f(t) = g(t) + tau dg/dt
 *
 * dg/dt by the slope between the neighbours of each sample. Noise grows with tau over the distance of samples: a smoothed
 * curve is wanted.
 *
 * @param tau dispersion constant in the unit of the times
 * @throws DataError `out-of-range`
 * @see Meyer, J Nucl Med 1989;30:1767 (from the literature, not re-checked)
 */
export function withoutDispersion({ time, value }: Curve, tau: number): Curve {
  if (!(tau >= 0 && Number.isFinite(tau))) {
    throw new DataError("out-of-range", "a dispersion constant is 0 or more", { found: `${tau}` });
  }
  const last = time.length - 1;
  return {
    time,
    value: value.map((g, i) => {
      const [a, b] = [Math.max(0, i - 1), Math.min(last, i + 1)];
      const span = (time[b] as number) - (time[a] as number);
      return span > 0 ? g + (tau * ((value[b] as number) - (value[a] as number))) / span : g;
    }),
  };
}

/** The curve as it comes `delay` later; what would lie before 0 is left out. */
export function delayed({ time, value }: Curve, delay: number): Curve {
  const moved = time.map((t) => t + delay);
  const kept = Array.from(moved.keys()).filter((i) => (moved[i] as number) > 0);
  // Where 0 falls inside a line, the line is cut there.
  const first = kept[0] ?? 0;
  const [t0, t1] = [moved[first - 1], moved[first] as number];
  const atZero =
    t0 === undefined
      ? 0
      : (value[first - 1] as number) + (((value[first] as number) - (value[first - 1] as number)) * -t0) / (t1 - t0);
  return {
    time: Float64Array.from([0, ...kept.map((i) => moved[i] as number)]),
    value: Float64Array.from([atZero, ...kept.map((i) => value[i] as number)]),
  };
}
