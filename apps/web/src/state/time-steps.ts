/** How far one key press moves the time cursor. */
import type { Scene, SceneRecording } from "@quintet/view";
import { frameStep } from "@quintet/view";
import { shownVolumes } from "./picture-of.ts";
import { toStudy } from "./study-time.ts";
import type { ViewState } from "./view-state.ts";

const rateOf = (recording: SceneRecording): number => Math.max(...recording.groups.map(({ rate }) => rate));

/**
 * Fine: one sample of the recording that is open, without one a frame of the shown image with the shortest frames.
 * Coarse: the next frame of the shown image with the shortest frames, without one a second.
 */
export function stepTime(scene: Scene, state: ViewState, step: 1 | -1, coarse: boolean): number {
  const recording = scene.recordings.find(({ id }) => id === state.recording);
  if (!coarse && recording) return state.time + step / rateOf(recording);
  const moving = shownVolumes(scene, state).filter(({ frames, onStudyClock }) => frames.length > 1 && onStudyClock);
  const finest = moving.toSorted((a, b) => (a.frames[0]?.duration ?? 0) - (b.frames[0]?.duration ?? 0))[0];
  return finest ? frameStep(finest.frames, state.time, step) : state.time + step;
}

/** First and last instant of everything on the study clock. */
export function studySpan(scene: Scene): { readonly from: number; readonly to: number } {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = (a: number, b: number): void => {
    from = Math.min(from, a);
    to = Math.max(to, b);
  };
  for (const track of scene.clock.tracks) {
    if (!track.onStudyClock) continue;
    for (const { start, duration } of track.blocks) take(start, start + duration);
    for (const { time } of track.instants) take(time, time);
  }
  for (const recording of scene.recordings)
    if (recording.map) take(toStudy(recording, 0), toStudy(recording, recording.duration));
  if (!(to > from)) return { from: Math.min(0, scene.start.time), to: Math.max(60, scene.start.time + 60) };
  const margin = 0.01 * (to - from);
  return { from: from - margin, to: to + margin };
}
