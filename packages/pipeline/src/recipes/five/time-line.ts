/** Streams as tracks of the session's time line, each on its own clock until the clock step maps it. */
import {
  type Events,
  type Metadata,
  type Modality,
  type Recording,
  type Seconds,
  sampleCount,
  type Volume,
} from "@quintet/core";
import type { ClockTrack, SessionClock } from "@quintet/view";
import type { VisitClock } from "./clock-step.ts";

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

/** Volumes of a series as blocks, each until the next; the last as long as the one before. */
export function seriesTrack(modality: Modality, name: string, clock: string, starts: readonly Seconds[]): ClockTrack {
  const length = (k: number): Seconds => (starts[k + 1] as Seconds) - (starts[k] as Seconds);
  const blocks = starts.map((start, k) => ({
    start,
    duration: starts.length < 2 ? 0 : length(Math.min(k, starts.length - 2)),
  }));
  return { modality, name, clock, blocks, instants: [] };
}

/**
 * All tracks on the visit's clock, with what ties them. A stream that nothing ties stays unknown.
 *
 * @param tracks by the id that the clock step knows their file under
 */
export function sessionClock(
  tracks: readonly { readonly track: ClockTrack; readonly id: string }[],
  visit: VisitClock | undefined,
): SessionClock | undefined {
  if (tracks.length === 0) return undefined;
  const placed = tracks.map(({ track, id }) => {
    const map = visit?.maps[id];
    return map === undefined ? track : { ...track, map };
  });
  const tied = (visit?.ties ?? []).filter(({ why }) => why === undefined);
  const linked = placed.filter(({ map }) => map !== undefined).length;
  const how =
    visit?.reference === undefined
      ? "by the wall clock of their files; no shared trigger was used, so each may be off by its sigma"
      : `, ${tied.length} pair${tied.length === 1 ? "" : "s"} of them tied by pulses that both recorded; second 0 and rate are those of ${visit.reference}`;
  return {
    name: "study",
    ...(visit?.startedAt === undefined ? {} : { startedAt: visit.startedAt }),
    tracks: placed,
    note: `${linked} of ${placed.length} streams placed ${how}.`.replace(" ,", ","),
    ties: visit?.ties ?? [],
    findings: (visit?.findings ?? []).map(({ stream, time, text }) => `${stream}, at ${time.toFixed(1)} s: ${text}`),
  };
}
