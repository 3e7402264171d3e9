import type { Hertz, Seconds } from "@quintet/core";
import { differences, type Range, ranges } from "./clock-resets.ts";

/** A stretch of evenly spaced samples: stamp(i) = start + (i - first) * step. */
export interface EvenRun extends Range {
  readonly start: Seconds;
  readonly step: Seconds;
}

export interface Dejittered {
  readonly runs: readonly EvenRun[];
  /** Samples per second over all runs of at least two samples; 0 when there is none. */
  readonly effectiveRate: Hertz;
}

export interface BreakLimits {
  /** A step above both is a gap: so many seconds, so many nominal steps. */
  readonly seconds?: Seconds;
  readonly samples?: number;
}

/**
 * Stamps of a regular stream freed of their jitter: in each stretch without a gap the least-squares line through
 * (index, stamp) takes the stamps' place. Gaps are steps of more than max(1 s, 500 samples), as pyxdf has it.
 *
 *   stamp_i = a + b i,   effective rate = sum (count - 1) / sum (last - first)
 *
 * @param stamps seconds, as received or synchronised
 * @param rate nominal, Hz, above 0
 */
export function dejitter(
  stamps: ArrayLike<Seconds>,
  rate: Hertz,
  { seconds = 1, samples = 500 }: BreakLimits = {},
): Dejittered {
  const limit = Math.max(seconds, samples / rate);
  const steps = differences(stamps);
  const runs =
    stamps.length === 0
      ? []
      : ranges(stamps.length, (i) => Math.abs(steps[i] as number) > limit).map((range) => lineOf(stamps, range));
  let [steppings, spanned] = [0, 0];
  for (const { first, last, step } of runs) {
    if (last === first) continue;
    steppings += last - first;
    spanned += (last - first) * step;
  }
  return { runs, effectiveRate: spanned > 0 ? steppings / spanned : 0 };
}

/** The stamps that the runs stand for. */
export function evenStamps(runs: readonly EvenRun[]): Float64Array {
  const out = new Float64Array((runs.at(-1)?.last ?? -1) + 1);
  for (const { first, last, start, step } of runs) {
    for (let i = first; i <= last; i++) out[i] = start + (i - first) * step;
  }
  return out;
}

/** Least squares about the middle of the run, where index and stamp are both exact. */
function lineOf(stamps: ArrayLike<Seconds>, { first, last }: Range): EvenRun {
  const count = last - first + 1;
  const origin = stamps[first] as number;
  const middle = (count - 1) / 2;
  let [mean, slope] = [0, 0];
  for (let i = 0; i < count; i++) {
    const y = (stamps[first + i] as number) - origin;
    mean += y / count;
    slope += (i - middle) * y;
  }
  const step = count > 1 ? slope / ((count * (count * count - 1)) / 12) : 0;
  return { first, last, start: origin + mean - step * middle, step };
}
