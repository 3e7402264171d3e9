import type { Event, Hertz, Seconds } from "@quintet/core";

/**
 * Events of a trigger line: each change to a new value that is not zero. The value at the very first sample is the
 * state in which recording began, not an event.
 */
export function triggerEvents(values: ArrayLike<number>, start: Seconds, rate: Hertz, channel: string): Event[] {
  const events: Event[] = [];
  for (let i = 1; i < values.length; i++) {
    const stored = values[i] as number;
    if (stored === values[i - 1] || stored === 0) continue;
    const value = Number(stored.toPrecision(9));
    events.push({ onset: start + i / rate, duration: 0, type: `trigger/${value}`, value, channels: [channel] });
  }
  return events;
}
