/** A recording's own clock and the study's. Without a link its own times are shown, and said to be its own. */
import type { TimeMap, TimeMapPiece } from "@quintet/core";
import { invertTimeMap, mapTime, timeSigma } from "@quintet/core";
import type { SceneRecording } from "@quintet/view";

export function timeMapOf(recording: SceneRecording): TimeMap | undefined {
  const { map } = recording;
  const first = map?.pieces[0];
  if (!map || !first) return undefined;
  const pieces = map.pieces.map((p): TimeMapPiece => ({ ...p, until: p.until ?? Number.POSITIVE_INFINITY }));
  return {
    from: recording.id,
    to: "study",
    method: map.method,
    pieces: pieces as [TimeMapPiece, ...TimeMapPiece[]],
    ...(map.biasBound === undefined ? {} : { biasBound: map.biasBound }),
  };
}

export function toStudy(recording: SceneRecording, own: number): number {
  const map = timeMapOf(recording);
  return map ? mapTime(map, own) : own;
}

export function toOwn(recording: SceneRecording, study: number): number {
  const map = timeMapOf(recording);
  return map ? mapTime(invertTimeMap(map), study) : study;
}

/** s; null where no link, or none with an error, is known. */
export function sigmaAt(recording: SceneRecording, own: number): number | null {
  const map = timeMapOf(recording);
  const sigma = map ? timeSigma(map, own) : Number.NaN;
  return Number.isFinite(sigma) ? sigma : null;
}

/** Left end of traces that show `seconds`: about the cursor while it is inside the recording, else its beginning. */
export function traceStart(recording: SceneRecording, time: number, seconds: number): number {
  const own = toOwn(recording, time);
  if (own < 0 || own > recording.duration) return toStudy(recording, 0);
  return toStudy(recording, Math.max(0, Math.min(own - seconds / 2, recording.duration - seconds)));
}
