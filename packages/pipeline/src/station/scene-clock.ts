/** The study clock and its tracks: as a run stored them, or from the files' own times when none was made. */
import { join } from "node:path";
import { mapTime, type StudyFile, type TimeMap, timeSigma } from "@quintet/core";
import type { SceneClock, SceneRecording, SceneVolume } from "@quintet/view";
import { clockStep, timedFile, type VisitClock } from "../recipes/five/clock-step.ts";
import { known } from "./on-study-clock.ts";
import type { StoredTrack } from "./stored-scene.ts";
import { type Problem, problemOf } from "./stored-subject.ts";

/** What links the files of a study that no run has seen: wall clocks and shared events; volume pulses are not looked for. */
export async function clockOfFiles(
  root: string,
  used: Readonly<Record<string, StudyFile>>,
  problems: Problem[],
): Promise<VisitClock | undefined> {
  const files = Object.entries(used).filter(([id]) => id !== "t1");
  const timed = files.map(([id, file]) => timedFile(id, file));
  const inputs = files.flatMap(([id, file], k) =>
    timed[k]?.events === undefined ? [] : [[id, join(root, file.path)] as const],
  );
  try {
    return await clockStep.run(Object.fromEntries(inputs), { files: timed }, { progress: () => undefined });
  } catch (error) {
    problems.push(problemOf("clock", error));
    return undefined;
  }
}

/** The span of a stream on its own clock, from its track. */
export function spansOf(tracks: readonly StoredTrack[]): Readonly<Record<string, { start: number; duration: number }>> {
  return Object.fromEntries(
    tracks.flatMap(({ id, blocks }) => {
      const start = Math.min(...blocks.map((block) => block.start));
      const end = Math.max(...blocks.map((block) => block.start + block.duration));
      return blocks.length > 0 ? [[id, { start, duration: end - start }] as const] : [];
    }),
  );
}

export interface ClockInputs {
  readonly visit?: VisitClock;
  readonly stored: readonly StoredTrack[];
  readonly volumes: readonly SceneVolume[];
  readonly recordings: readonly SceneRecording[];
  /** Stream id by raw path. */
  readonly streams: ReadonlyMap<string, string>;
}

/** One track a stream. What the run told of comes first, with injections and events; what it left alone follows. */
export function sceneClock({ visit, stored, volumes, recordings, streams }: ClockInputs): SceneClock {
  const maps: Readonly<Record<string, TimeMap>> = visit?.maps ?? {};
  const idOf = (source: string): string | undefined =>
    volumes.find((one) => one.source === source)?.id ?? recordings.find((one) => one.source === source)?.id;
  const tracks: SceneClock["tracks"][number][] = stored.map((track) => {
    const map = track.map ?? maps[track.id];
    const of = idOf(track.source);
    return onClock(track, map, of);
  });
  const told = new Set(stored.map(({ source }) => source));
  for (const { source, modality, name, frames, id, role, onStudyClock } of volumes) {
    const timed = frames.length > 1 || (frames[0]?.duration ?? 0) > 0;
    if (told.has(source) || role === "anatomy" || !streams.has(source) || !timed) continue;
    // Frames are on the study clock already where it is known.
    const middle = frames[Math.floor(frames.length / 2)]?.sigma ?? null;
    tracks.push({ modality, name, of: id, onStudyClock, blocks: joined(frames), instants: [], sigma: middle });
  }
  for (const { source, modality, name, groups, id } of recordings) {
    if (told.has(source)) continue;
    const stream = streams.get(source);
    const map = stream === undefined ? undefined : maps[stream];
    const blocks = (groups[0]?.segments ?? []).map(({ start, samples }) => ({
      start,
      duration: samples / (groups[0]?.rate ?? 1),
    }));
    tracks.push(onClock({ modality, name, blocks, instants: [] }, map, id));
  }
  return { name: "study", ...(visit?.startedAt === undefined ? {} : { startedAt: visit.startedAt }), tracks };
}

function onClock(
  { modality, name, blocks, instants }: Pick<StoredTrack, "modality" | "name" | "blocks" | "instants">,
  map: TimeMap | undefined,
  of: string | undefined,
): SceneClock["tracks"][number] {
  const at = (t: number): number => (map ? mapTime(map, t) : t);
  const [first, last] = [blocks[0], blocks.at(-1)];
  const middle = first && last ? (first.start + last.start + last.duration) / 2 : 0;
  return {
    modality,
    name,
    ...(of === undefined ? {} : { of }),
    onStudyClock: map !== undefined,
    blocks: blocks.map(({ start, duration, label }) => ({
      start: at(start),
      duration: at(start + duration) - at(start),
      ...(label === undefined ? {} : { label }),
    })),
    instants: instants.map(({ time, label }) => ({ time: at(time), label })),
    sigma: map ? known(timeSigma(map, middle)) : null,
  };
}

/** Frames that follow one another at equal length are one block: a BOLD run is no hedge of three hundred. */
function joined(frames: SceneVolume["frames"]): SceneClock["tracks"][number]["blocks"] {
  const blocks: { start: number; duration: number }[] = [];
  const even = frames.length > 40;
  for (const { start, duration } of frames) {
    const last = blocks.at(-1);
    if (even && last && Math.abs(last.start + last.duration - start) < 1e-3 * duration) last.duration += duration;
    else blocks.push({ start, duration });
  }
  return blocks;
}
