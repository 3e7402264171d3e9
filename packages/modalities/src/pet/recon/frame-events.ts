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
    const chosen: number[] = [];
    for (let i = 0; i < events.time.length; i++) {
      const t = events.time[i] as number;
      if (t >= frame.start && t < frame.start + frame.duration) chosen.push(i);
    }
    if (chosen.length === 0) {
      throw new DataError("no-events", "a frame without any event", {
        found: `${frame.start} to ${frame.start + frame.duration} s`,
      });
    }
    return eventsAt(events, chosen, frame);
  });
}

/** Some of the events, with the span they were measured in. */
export function eventsAt(events: ListMode, chosen: readonly number[], frame: Frame): ListMode {
  const { scanner, clock, time, a, b, timeDifference, delayed } = events;
  return {
    scanner,
    clock,
    time: Float64Array.from(chosen, (i) => time[i] as number),
    a: Uint32Array.from(chosen, (i) => a[i] as number),
    b: Uint32Array.from(chosen, (i) => b[i] as number),
    ...(timeDifference ? { timeDifference: Float32Array.from(chosen, (i) => timeDifference[i] as number) } : {}),
    ...(delayed ? { delayed: Uint8Array.from(chosen, (i) => delayed[i] as number) } : {}),
    start: frame.start,
    duration: frame.duration,
  };
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
