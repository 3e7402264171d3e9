import { DataError, type Frame, type ListMode } from "@quintet/core";

/**
 * List mode cut into frames: each frame's events, in their order. An event at a frame's end belongs to the next.
 *
 * @param frames on the events' clock, in order, not overlapping, inside the acquisition
 * @throws DataError `bad-frames`, `no-events`
 */
export function frameEvents(events: ListMode, frames: readonly Frame[]): readonly ListMode[] {
  checkFrames(events, frames);
  return frames.map((frame) => {
    const inside = (t: number): boolean => t >= frame.start && t < frame.start + frame.duration;
    let count = 0;
    for (const t of events.time) if (inside(t)) count++;
    const chosen = new Uint32Array(count);
    for (let i = 0, at = 0; i < events.time.length; i++) if (inside(events.time[i] as number)) chosen[at++] = i;
    if (count === 0) {
      throw new DataError("no-events", "a frame without any event", {
        found: `${frame.start} to ${frame.start + frame.duration} s`,
      });
    }
    return eventsAt(events, chosen, frame);
  });
}

/** Some of the events, with the span they were measured in. */
export function eventsAt(events: ListMode, chosen: Uint32Array, { start, duration }: Frame): ListMode {
  const { scanner, clock, time, a, b, timeDifference, delayed } = events;
  return {
    scanner,
    clock,
    time: picked(time, chosen, new Float64Array(chosen.length)),
    a: picked(a, chosen, new Uint32Array(chosen.length)),
    b: picked(b, chosen, new Uint32Array(chosen.length)),
    ...(timeDifference ? { timeDifference: picked(timeDifference, chosen, new Float32Array(chosen.length)) } : {}),
    ...(delayed ? { delayed: picked(delayed, chosen, new Uint8Array(chosen.length)) } : {}),
    start,
    duration,
  };
}

type Column = Float64Array | Float32Array | Uint32Array | Uint8Array;

function picked<T extends Column>(from: T, chosen: Uint32Array, out: T): T {
  for (let i = 0; i < chosen.length; i++) out[i] = from[chosen[i] as number] as number;
  return out;
}

function checkFrames({ start, duration }: ListMode, frames: readonly Frame[]): void {
  const end = start + duration;
  let before = start;
  for (const [i, frame] of frames.entries()) {
    const fits = frame.duration > 0 && frame.start >= before - 1e-6 && frame.start + frame.duration <= end + 1e-6;
    if (!fits) {
      throw new DataError("bad-frames", `frame ${i + 1} does not follow the one before within the acquisition`, {
        expected: `a positive duration between ${before} and ${end} s`,
        found: `${frame.start} s for ${frame.duration} s`,
      });
    }
    before = frame.start + frame.duration;
  }
  if (frames.length === 0) throw new DataError("bad-frames", "at least one frame");
}
