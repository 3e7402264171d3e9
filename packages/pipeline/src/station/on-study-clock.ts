/** Times of a stream on the study clock, as the Scene tells them. */
import { type Frame, mapTime, type Seconds, type TimeMap, timeSigma } from "@quintet/core";
import type { SceneTimeMap, SceneVolume } from "@quintet/view";

export function sceneMap({ method, pieces, biasBound }: TimeMap): SceneTimeMap {
  return {
    method,
    ...(biasBound === undefined ? {} : { biasBound }),
    pieces: pieces.map(({ until, ...piece }) => ({ ...piece, until: Number.isFinite(until) ? until : null })),
  };
}

/** A span without a map stays on its own clock, its sigma unknown. */
export function sceneFrames(frames: readonly Frame[], map: TimeMap | undefined): SceneVolume["frames"] {
  return frames.map(({ start, duration }) => {
    if (!map) return { start, duration, sigma: null };
    const from = mapTime(map, start);
    return {
      start: from,
      duration: mapTime(map, start + duration) - from,
      sigma: known(timeSigma(map, start + duration / 2)),
    };
  });
}

/** A sigma that is no number is unknown. */
export function known(sigma: Seconds): number | null {
  return Number.isFinite(sigma) ? sigma : null;
}
