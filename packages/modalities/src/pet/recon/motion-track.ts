import { type Affine, apply, DataError, invert, type Millimetres, type Point, type Seconds } from "@quintet/core";
import type { LineList } from "@quintet/kernels";

/** Where the head was: from each time on the map that takes its reference place to the one it then had, world mm. */
export interface MotionTrack {
  /** Rising, on the events' clock. */
  readonly time: Float64Array;
  /** Reference world -> scanner world, rigid; maps[i] holds from time[i] to the next. */
  readonly maps: readonly Affine[];
}

/** A place of the head and the part of the measured time it was held. */
export interface Pose {
  readonly map: Affine;
  readonly share: number;
}

/** Where points of a head are asked how far they moved: its middle and six points at 80 mm, a brain's half length. */
const probes: readonly Point[] = [
  [0, 0, 0],
  ...[-80, 80].flatMap((mm): Point[] => [
    [mm, 0, 0],
    [0, mm, 0],
    [0, 0, mm],
  ]),
];

/** @throws DataError `bad-track` */
export function checkTrack({ time, maps }: MotionTrack): void {
  const rising = time.every((t, i) => Number.isFinite(t) && (i === 0 || t > (time[i - 1] as number)));
  if (!(time.length > 0 && time.length === maps.length && rising)) {
    throw new DataError("bad-track", "a motion track has one map a time, and its times rise", {
      expected: "as many maps as times",
      found: `${maps.length} maps, ${time.length} times`,
    });
  }
  for (const [i, map] of maps.entries()) {
    const length = (c: number): number => Math.hypot(...[0, 4, 8].map((row) => map[row + c] as number));
    if ([0, 1, 2].every((c) => Math.abs(length(c) - 1) < 1e-3)) continue;
    throw new DataError("bad-track", `the map at ${time[i]} s is not rigid`, {
      expected: "columns of length 1",
      found: [0, 1, 2].map((c) => length(c).toPrecision(6)).join(", "),
    });
  }
}

/** Which map holds at a time; the first one before the track begins. */
function poseAt({ time }: MotionTrack, t: Seconds): number {
  let [low, high] = [0, time.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((time[middle] as number) <= t) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Lines of response as the head saw them: both ends of each event's line taken back by its pose, M^-1. Time of flight stays,
 * because a rigid map keeps lengths (Rahmim et al., IEEE Trans Med Imaging 2004;23:1116-29).
 */
export function movedLines(lines: LineList, times: Float64Array, track: MotionTrack): LineList {
  checkTrack(track);
  const back = track.maps.map((map) => invert(map));
  const ends = new Float32Array(lines.ends.length);
  for (let i = 0; i < times.length; i++) {
    const map = back[poseAt(track, times[i] as number)] as Affine;
    for (let at = 6 * i; at < 6 * i + 6; at += 3) {
      const [x, y, z] = [lines.ends[at] as number, lines.ends[at + 1] as number, lines.ends[at + 2] as number];
      for (let row = 0; row < 3; row++) {
        const m = 4 * row;
        ends[at + row] =
          (map[m] as number) * x + (map[m + 1] as number) * y + (map[m + 2] as number) * z + (map[m + 3] as number);
      }
    }
  }
  return { ...lines, ends };
}

/** Largest way that a point of the head goes from one pose to the other, mm: at the middle and 80 mm around it. */
export function displacement(a: Affine, b: Affine): Millimetres {
  return Math.max(
    ...probes.map((point) => {
      const [p, q] = [apply(a, point), apply(b, point)];
      return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
    }),
  );
}

/**
 * The poses of a span with the part of it that each was held. Poses within `tolerance` of one that came before count with it, so
 * that a tracker's thousands of samples become the few that differ; where they are still more than `most`, the tolerance doubles.
 */
export function posesOf(
  track: MotionTrack,
  { start, duration }: { readonly start: Seconds; readonly duration: Seconds },
  { tolerance = 0.5, most = 64 }: { readonly tolerance?: Millimetres; readonly most?: number } = {},
): { readonly poses: readonly Pose[]; readonly tolerance: Millimetres } {
  checkTrack(track);
  const held = track.maps.flatMap((map, i) => {
    const from = i === 0 ? start : Math.max(start, track.time[i] as number);
    const to = Math.min(start + duration, track.time[i + 1] ?? Number.POSITIVE_INFINITY);
    return to > from ? [{ map, share: (to - from) / duration }] : [];
  });
  const poses: { map: Affine; share: number }[] = [];
  for (const { map, share } of held) {
    const like = poses.find((pose) => displacement(pose.map, map) <= tolerance);
    if (like) like.share += share;
    else poses.push({ map, share });
    if (poses.length > most)
      return posesOf(track, { start, duration }, { tolerance: 2 * Math.max(tolerance, 1e-3), most });
  }
  return { poses, tolerance };
}
