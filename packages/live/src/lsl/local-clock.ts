import type { Seconds } from "@quintet/core";

/**
 * Seconds of the machine's monotonic clock: on Linux CLOCK_MONOTONIC, the same that liblsl stamps with. On other systems
 * the two may differ by a constant, which the clock exchange measures like any other.
 */
export function localClock(): Seconds {
  return Number(process.hrtime.bigint()) * 1e-9;
}
