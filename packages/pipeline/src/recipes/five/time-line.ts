/** Streams as tracks of the session's time line, each on its own clock until the clock step maps it. */
import {
  type Events,
  type Metadata,
  type Modality,
  type Recording,
  type StudyFile,
  sampleCount,
  type Volume,
} from "@quintet/core";
import { instant, wallClockMap } from "@quintet/fusion/clock";
import type { ClockTrack, SessionClock } from "@quintet/view";

/** More instants than this would be a hedge, not marks. */
const mostInstants = 60;

export function recordingTrack(modality: Modality, name: string, recording: Recording, events: Events): ClockTrack {
  const blocks = recording.groups
    .slice(0, 1)
    .flatMap((group) =>
      group.segments.map((segment) => ({ start: segment.start, duration: sampleCount(group, segment) / group.rate })),
    );
  const marks = events.clock === recording.clock ? events.list : [];
  return {
    modality,
    name,
    clock: recording.clock,
    blocks,
    instants: marks.slice(0, mostInstants).map(({ onset, type }) => ({ time: onset, label: type })),
  };
}

/** Frames as blocks; injection as an instant where the sidecar tells it. */
export function imageTrack(modality: Modality, name: string, volume: Volume, metadata: Metadata): ClockTrack {
  const injection = metadata.InjectionStart;
  return {
    modality,
    name,
    clock: volume.clock,
    blocks: volume.frames.map(({ start, duration }) => ({ start, duration })),
    instants: typeof injection === "number" ? [{ time: injection, label: "injection" }] : [],
  };
}

/**
 * All tracks on one clock: seconds since the first acquisition of the visit. Streams whose files tell when they
 * were acquired are placed by wall clock with its honest sigma; the others stay unknown.
 */
export function sessionClock(
  tracks: readonly { readonly track: ClockTrack; readonly file: StudyFile }[],
): SessionClock | undefined {
  if (tracks.length === 0) return undefined;
  const starts = tracks.flatMap(({ file }) => (file.acquiredAt === undefined ? [] : [file.acquiredAt]));
  const origin = starts.toSorted((a, b) => instant(a) - instant(b))[0];
  const placed = tracks.map(({ track, file }) =>
    origin !== undefined && file.acquiredAt !== undefined
      ? { ...track, map: wallClockMap(track.clock, file.acquiredAt, origin) }
      : track,
  );
  const linked = placed.filter(({ map }) => map !== undefined).length;
  return {
    name: "study",
    ...(origin === undefined ? {} : { startedAt: origin }),
    tracks: placed,
    note: `${linked} of ${placed.length} streams placed by the wall clock of their files; no shared trigger was used, so each may be off by its sigma.`,
  };
}
