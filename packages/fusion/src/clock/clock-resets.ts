import type { Seconds } from "@quintet/core";
import { median, medianAbsoluteDeviation } from "@quintet/kernels";

/** Indices from `first` to `last`, both included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

export interface ResetLimits {
  /** Median absolute deviations a step of time must stand out by, and seconds. */
  readonly time: readonly [deviations: number, seconds: Seconds];
  /** The same of the offset's step. */
  readonly value: readonly [deviations: number, seconds: Seconds];
}

/** Those of pyxdf. */
export const resetLimits: ResetLimits = { time: [5, 5], value: [10, 1] };

/**
 * Where the sender's clock was reset (a restarted computer): between two offsets whose time goes back, or whose step in
 * time and whose step in offset both stand out by many median absolute deviations and by seconds.
 *
 * @returns the stretches between resets
 */
export function clockRanges(
  times: ArrayLike<Seconds>,
  values: ArrayLike<Seconds>,
  limits: ResetLimits = resetLimits,
): readonly Range[] {
  const [dt, dv] = [differences(times), differences(values)];
  const [timeJumps, valueJumps] = [standsOut(dt, limits.time), standsOut(dv, limits.value)];
  return ranges(times.length, (i) => (dt[i] as number) < 0 || (timeJumps(i) && valueJumps(i)));
}

/** Cuts 0 .. count - 1 behind each index `i` for which `breaks(i)`. */
export function ranges(count: number, breaks: (i: number) => boolean): readonly Range[] {
  const found: Range[] = [];
  let first = 0;
  for (let i = 0; i < count; i++) {
    if (i < count - 1 && !breaks(i)) continue;
    found.push({ first, last: i });
    first = i + 1;
  }
  return found;
}

/** x[i + 1] - x[i]. */
export function differences(x: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: Math.max(0, x.length - 1) }, (_, i) => (x[i + 1] as number) - (x[i] as number));
}

function standsOut(steps: Float64Array, [deviations, seconds]: readonly [number, Seconds]): (i: number) => boolean {
  const middle = median(steps);
  const spread = medianAbsoluteDeviation(steps) + Number.EPSILON;
  return (i) => {
    const off = Math.abs((steps[i] as number) - middle);
    return off / spread > deviations && off > seconds;
  };
}
