/** The frame measured at a time: [start, start + duration). */

export interface Span {
  readonly start: number;
  readonly duration: number;
}

export interface FrameAt {
  readonly index: number;
  /** False before the first, after the last and in gaps: the nearest frame is then shown, and said to be. */
  readonly inside: boolean;
}

/** Of frames that share the time the last begun; outside all of them the nearest. A frame without duration holds its instant. */
export function frameAt(frames: readonly Span[], time: number): FrameAt {
  let [index, nearest] = [0, Number.POSITIVE_INFINITY];
  for (const [i, { start, duration }] of frames.entries()) {
    const inside = time === start || (time > start && time < start + duration);
    const away = inside ? 0 : Math.max(Number.MIN_VALUE, time < start ? start - time : time - start - duration);
    if (away < nearest || inside) [index, nearest] = [i, away];
  }
  return { index, inside: nearest === 0 };
}

/** The start of the frame `step` on from the one at `time`; stays at the ends. */
export function frameStep(frames: readonly Span[], time: number, step: number): number {
  const to = Math.min(frames.length - 1, Math.max(0, frameAt(frames, time).index + step));
  return frames[to]?.start ?? time;
}
