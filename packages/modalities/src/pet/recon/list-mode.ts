import {
  type Affine,
  type AttenuationMap,
  apply,
  DataError,
  type Grid,
  invert,
  type ListMode,
  type Seconds,
  type Sinogram,
  type SinogramLayout,
  type Volume,
  voxelCount,
} from "@quintet/core";
import { type EmissionSubset, type LineList, listProjector, resample } from "@quintet/kernels";
import { attenuationFactors } from "../correct/attenuation-factors.ts";
import { withoutTof } from "../forward/acquisition-model.ts";
import { eventLines } from "../forward/lines-of-response.ts";
import { imageGrid, sinogramProjector } from "../forward/sinogram-projector.ts";
import { eventsAt } from "./frame-events.ts";

/** Where the head was: from each time on the map that takes its reference place to the one it then had, world mm. */
export interface MotionTrack {
  /** Rising, on the events' clock. */
  readonly time: Float64Array;
  /** Reference world -> scanner world, rigid; maps[i] holds from time[i] to the next. */
  readonly maps: readonly Affine[];
}

/** What the events of one map share: the map and the part of the measured time. */
interface Pose {
  readonly map: Affine;
  readonly share: number;
}

/** @throws DataError `bad-track` */
export function checkTrack({ time, maps }: MotionTrack): void {
  const rising = time.every((t, i) => Number.isFinite(t) && (i === 0 || t > (time[i - 1] as number)));
  if (time.length > 0 && time.length === maps.length && rising) return;
  throw new DataError("bad-track", "a motion track has one map a time, and its times rise", {
    expected: "as many maps as times",
    found: `${maps.length} maps, ${time.length} times`,
  });
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
    for (const at of [6 * i, 6 * i + 3]) {
      ends.set(apply(map, [lines.ends[at], lines.ends[at + 1], lines.ends[at + 2]] as [number, number, number]), at);
    }
  }
  return { ...lines, ends };
}

export interface ListModeTerms {
  /** n of each pair's bin, without time of flight, span 1; "none": all alike. */
  readonly normalisation: Sinogram | "none";
  /** In the head's reference place, or "none". */
  readonly attenuation: AttenuationMap | "none";
  /** Absent: the head did not move. */
  readonly track?: MotionTrack;
}

/**
 * The sensitivity of a head that moved: over each pose's share of the time, what its scanner sees of the reference place,
 *
 *   sens(x) = sum_p share_p (A' n a_p)(M_p x)
 *
 * with a_p the attenuation of the head in that pose (Carson et al., IEEE Nucl Sci Symp 2003: 3281-5; from the literature,
 * not re-checked).
 *
 * @param layout which pairs of detectors count; every one of them once: span 1
 */
export function timeAveragedSensitivity(
  layout: SinogramLayout,
  grid: Grid,
  { normalisation, attenuation, track }: ListModeTerms,
  { start, duration }: Pick<ListMode, "start" | "duration">,
): Float32Array {
  const plain = withoutTof(layout);
  if (plain.span !== 1) {
    throw new DataError("bad-layout", "list mode has one line a pair of detectors", {
      expected: "span 1",
      found: `span ${plain.span}`,
    });
  }
  const projector = sinogramProjector(plain, grid);
  const out = new Float32Array(voxelCount(grid));
  for (const { map, share } of posesOf(track, start, duration)) {
    const there = attenuation === "none" ? undefined : resample(attenuation, grid, invert(map));
    const factors = projector.newData();
    if (there) factors.set(attenuationFactors(there, plain).data);
    else factors.fill(1);
    if (normalisation !== "none") {
      for (let i = 0; i < factors.length; i++) factors[i] = (factors[i] as number) * (normalisation.data[i] as number);
    }
    const seen = {
      ...grid,
      unit: "1",
      frames: [{ start, duration }],
      clock: "scanner",
      data: projector.adjoint(factors).slice(),
    };
    const moved = track ? resample(seen as Volume<"1">, grid, map).data : seen.data;
    for (let j = 0; j < out.length; j++) out[j] = (out[j] as number) + share * (moved[j] as number);
  }
  projector.close();
  return out;
}

function posesOf(track: MotionTrack | undefined, start: Seconds, duration: Seconds): readonly Pose[] {
  if (!track) return [{ map: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1) as Affine, share: 1 }];
  checkTrack(track);
  return track.maps
    .map((map, i) => {
      const from = i === 0 ? start : Math.max(start, track.time[i] as number);
      const to = Math.min(start + duration, track.time[i + 1] ?? Number.POSITIVE_INFINITY);
      return { map, share: Math.max(0, to - from) / duration };
    })
    .filter(({ share }) => share > 0);
}

/**
 * List-mode events as subsets for a reconstruction: event i belongs to subset i mod `count`. Each event carries its factor
 * n a and its expected background, counts of its line as a whole.
 *
 * @param sensitivity of timeAveragedSensitivity
 * @param background randoms plus scatter expected in each prompt's line, or "none"
 * @throws DataError `no-events`, `bad-subsets`, `shape-mismatch`, those of eventLines
 */
export function listModeSubsets(
  events: ListMode,
  grid: Grid,
  { attenuation, track }: Omit<ListModeTerms, "normalisation">,
  about: {
    readonly sensitivity: Float32Array;
    /** n of each prompt's line. */
    readonly efficiencies: Float32Array | "none";
    readonly background: Float32Array | "none";
    readonly count: number;
  },
): readonly EmissionSubset[] {
  const { sensitivity, efficiencies, background, count } = about;
  const prompts: number[] = [];
  for (let i = 0; i < events.time.length; i++) if (events.delayed?.[i] !== 1) prompts.push(i);
  if (prompts.length === 0) throw new DataError("no-events", "the list holds no prompts");
  if (!(Number.isInteger(count) && count > 0 && count <= prompts.length)) {
    throw new DataError("bad-subsets", "subsets of events", { expected: `1 to ${prompts.length}`, found: `${count}` });
  }
  for (const values of [efficiencies, background]) {
    if (values !== "none" && values.length !== prompts.length) {
      throw new DataError("shape-mismatch", "one value for each prompt", {
        expected: `${prompts.length}`,
        found: `${values.length}`,
      });
    }
  }
  const frame = { start: events.start, duration: events.duration };
  return Array.from({ length: count }, (_, s) => {
    const own = Array.from({ length: Math.ceil((prompts.length - s) / count) }, (_v, i) => s + i * count);
    const part = eventsAt(
      events,
      own.map((i) => prompts[i] as number),
      frame,
    );
    const still = eventLines(part);
    const lines = track ? movedLines(still, part.time, track) : still;
    const factor = new Float32Array(own.length).fill(1);
    if (efficiencies !== "none") for (const [i, at] of own.entries()) factor[i] = efficiencies[at] as number;
    if (attenuation !== "none") {
      const through = listProjector({ ends: lines.ends }, imageGrid(attenuation)).forward(attenuation.data);
      // mm times 1/cm
      for (let i = 0; i < factor.length; i++)
        factor[i] = (factor[i] as number) * Math.exp(-(through[i] as number) / 10);
    }
    return {
      parts: [
        {
          operator: listProjector(lines, imageGrid(grid)),
          counts: [new Float32Array(own.length).fill(1)],
          factor: [factor],
          ...(background === "none" ? {} : { background: [Float32Array.from(own, (i) => background[i] as number)] }),
        },
      ],
      sensitivity: sensitivity.map((value) => value / count),
    };
  });
}
