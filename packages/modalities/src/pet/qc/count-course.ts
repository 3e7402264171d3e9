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
 * Prompts and delayed coincidences over the time of a list: n_k = number of events with start + k w <= t < start + (k + 1) w.
 * Whole spans only: what is left at the end is in none, unless the list is shorter than one, which then is as long as the list.
 *
 * @param span of seconds: a multiple of what the scanner writes as one block, so that no span holds a block more than the next
 * @throws DataError `not-positive` (no duration, no span)
 */
export function countCourse(
  { time, delayed, start, duration }: Pick<ListMode, "time" | "delayed" | "start" | "duration">,
  span: Seconds,
): CountCourse {
  if (!(duration > 0 && Number.isFinite(duration) && span > 0)) {
    throw new DataError("not-positive", "counts over time need a duration and the length of a span", {
      expected: "both above 0 s",
      found: `${duration} s and ${span} s`,
    });
  }
  const width = Math.min(span, duration);
  // A duration that is a multiple but for rounding.
  const spans = Math.floor(duration / width + 1e-9);
  const prompts = new Float64Array(spans);
  const late = delayed && new Float64Array(spans);
  for (const [i, t] of time.entries()) {
    const k = Math.floor((t - start) / width);
    if (!(k >= 0 && k < spans)) continue;
    const into = late && delayed[i] === 1 ? late : prompts;
    into[k] = (into[k] as number) + 1;
  }
  return { start, width, prompts, ...(late ? { delayeds: late } : {}) };
}
