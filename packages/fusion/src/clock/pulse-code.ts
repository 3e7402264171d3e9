import { DataError, type Seconds } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";

/**
 * Pulse times that fit themselves in one way only: intervals drawn from [shortest, longest] in whole ticks, so that any
 * few of them in a row are found nowhere else. A device that sends them ties all that hear them (`matchPulses`).
 *
 * @param tick step in which the sender can time, s
 * @throws DataError `bad-interval`
 */
export function pulseCode(
  count: number,
  {
    shortest = 0.5,
    longest = 2,
    tick = 0.001,
    seed = 1,
  }: {
    readonly shortest?: Seconds;
    readonly longest?: Seconds;
    readonly tick?: Seconds;
    readonly seed?: number;
  } = {},
): Float64Array {
  if (!(shortest > 0 && longest > shortest && tick > 0 && tick <= longest - shortest))
    throw new DataError("bad-interval", "a pulse code needs intervals of several lengths", {
      expected: "0 < shortest < longest, tick within their difference",
      found: `${shortest}, ${longest}, ${tick} s`,
    });
  const random = seededRandom(seed);
  const steps = Math.floor((longest - shortest) / tick + 1e-9) + 1;
  const times = new Float64Array(Math.max(0, count));
  for (let i = 1; i < count; i++) times[i] = (times[i - 1] as number) + shortest + tick * random.integer(steps);
  return times;
}
