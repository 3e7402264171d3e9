/** The weakest link between two clocks: what each device's own wall clock said when it started. */
import { DataError, type Seconds, type TimeMap } from "@quintet/core";

/**
 * How far apart two wall clocks in one hospital may stand when nothing ties them together, one sigma in seconds.
 * A judgement, not a measurement: devices set by network time agree to well under a second, hand-set ones drift by
 * minutes. It is printed with every map made from it.
 */
export const unsynchronisedSigma: Seconds = 2;

/**
 * A stream on the study clock by wall clock alone.
 *
 *   t_study = (start - origin) + t_stream,   sigma^2 = sigma_device^2 + resolution^2 / 12
 *
 * The start is written in steps of `resolution`, which is uniform and so has variance resolution^2 / 12.
 *
 * @param start ISO 8601 date and time at which the stream's clock showed 0
 * @param origin ISO 8601 date and time of second 0 of the study clock
 * @throws DataError `bad-date`
 */
export function wallClockMap(
  stream: string,
  start: string,
  origin: string,
  { resolution = 1, sigma = unsynchronisedSigma }: { readonly resolution?: Seconds; readonly sigma?: Seconds } = {},
): TimeMap<string, "study"> {
  const offset = (instant(start) - instant(origin)) / 1000;
  const variance = sigma ** 2 + resolution ** 2 / 12;
  return {
    from: stream,
    to: "study",
    method: "wall-clock",
    pieces: [{ until: Number.POSITIVE_INFINITY, anchor: 0, offset, rate: 1, covariance: [variance, 0, 0] }],
  };
}

/** Milliseconds since 1970, read as UTC: only differences are used. */
export function instant(text: string): number {
  const value = Date.parse(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(value)) throw new DataError("bad-date", "a start time is ISO 8601", { found: text });
  return value;
}
