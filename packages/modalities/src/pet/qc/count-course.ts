import { DataError, type ListMode, type Seconds } from "@quintet/core";

/** Counts of a list in spans of equal length. */
export interface CountCourse {
  readonly start: Seconds;
  readonly width: Seconds;
  readonly prompts: Float64Array;
  /** Of the delayed window; absent where the list holds none. */
  readonly delayeds?: Float64Array;
}

/**
 * Prompts and delayed coincidences over the time of a list: n_k = number of events with start + k w <= t < start + (k + 1) w,
 * an event at the very end counted in the last span. Events outside the list's time are in no span.
 *
 * @param spans how many
 * @throws DataError `not-positive` (no duration, no spans)
 */
export function countCourse(
  { time, delayed, start, duration }: Pick<ListMode, "time" | "delayed" | "start" | "duration">,
  spans: number,
): CountCourse {
  if (!(duration > 0 && Number.isFinite(duration) && Number.isInteger(spans) && spans > 0)) {
    throw new DataError("not-positive", "counts over time need a duration and a number of spans", {
      expected: "both above 0",
      found: `${duration} s, ${spans} spans`,
    });
  }
  const width = duration / spans;
  const prompts = new Float64Array(spans);
  const late = delayed && new Float64Array(spans);
  for (const [i, t] of time.entries()) {
    const k = t === start + duration ? spans - 1 : Math.floor((t - start) / width);
    if (!(k >= 0 && k < spans)) continue;
    const into = late && delayed[i] === 1 ? late : prompts;
    into[k] = (into[k] as number) + 1;
  }
  return { start, width, prompts, ...(late ? { delayeds: late } : {}) };
}
