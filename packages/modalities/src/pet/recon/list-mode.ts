import {
  type AttenuationMap,
  DataError,
  type Grid,
  identityAffine,
  invert,
  type ListMode,
  type Sinogram,
  type SinogramLayout,
  type Volume,
  voxelCount,
} from "@quintet/core";
import { type EmissionSubset, imageGrid, type LineList, listProjector, resample } from "@quintet/kernels";
import { attenuationFactors } from "../correct/attenuation-factors.ts";
import { withoutTof } from "../forward/acquisition-model.ts";
import { eventLines } from "../forward/lines-of-response.ts";
import { sinogramProjector } from "../forward/sinogram-projector.ts";
import { eventsAt } from "./frame-events.ts";
import { type MotionTrack, movedLines, type Pose, posesOf } from "./motion-track.ts";

export interface ListModeTerms {
  /** n of each pair's bin, without time of flight, span 1; "none": all alike. */
  readonly normalisation: Sinogram | "none";
  /** In the head's reference place, or "none". */
  readonly attenuation: AttenuationMap | "none";
  /** Absent: the head did not move. */
  readonly track?: MotionTrack;
}

export interface SeenByPairs {
  /** sens(x), what all pairs together see of each voxel of the reference place. */
  readonly sensitivity: Float32Array;
  /** a of each bin, averaged over the poses; "none" where attenuation is. */
  readonly attenuation: Sinogram | "none";
  readonly poses: number;
  /** Poses closer than this count as one, mm; 0 without motion. */
  readonly tolerance: number;
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
 * @throws DataError `bad-layout`, `bad-track`, those of attenuationFactors and sinogramProjector
 */
export function seenByPairs(
  layout: SinogramLayout,
  grid: Grid,
  { normalisation, attenuation, track }: ListModeTerms,
  { start, duration }: Pick<ListMode, "start" | "duration">,
): SeenByPairs {
  const plain = withoutTof(layout);
  if (plain.span !== 1) {
    throw new DataError("bad-layout", "list mode has one line a pair of detectors", {
      expected: "span 1",
      found: `span ${plain.span}`,
    });
  }
  const still: readonly Pose[] = [{ map: identityAffine(), share: 1 }];
  const { poses, tolerance } = track ? posesOf(track, { start, duration }) : { poses: still, tolerance: 0 };
  const projector = sinogramProjector(plain, grid);
  const sensitivity = new Float32Array(voxelCount(grid));
  const factors = projector.newData();
  let mean: Float32Array | undefined;
  for (const { map, share } of poses) {
    if (attenuation === "none") factors.fill(1);
    else {
      const there = track ? resample(attenuation, attenuation, invert(map)) : attenuation;
      const { data } = attenuationFactors({ ...there, unit: "1/cm", energy: attenuation.energy }, plain);
      factors.set(data);
      mean ??= new Float32Array(data.length);
      for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + share * (data[i] as number);
    }
    if (normalisation !== "none") {
      for (let i = 0; i < factors.length; i++) factors[i] = (factors[i] as number) * (normalisation.data[i] as number);
    }
    const frames = [{ start, duration }];
    const seen: Volume<"1"> = {
      ...grid,
      unit: "1",
      frames,
      clock: "scanner",
      data: projector.adjoint(factors).slice(),
    };
    const moved = track ? resample(seen, grid, map).data : seen.data;
    for (let j = 0; j < sensitivity.length; j++) {
      sensitivity[j] = (sensitivity[j] as number) + share * (moved[j] as number);
    }
  }
  projector.close();
  return {
    sensitivity,
    attenuation: mean ? { layout: plain, data: mean } : "none",
    poses: poses.length,
    tolerance,
  };
}

export interface ListModeModel {
  readonly subsets: readonly EmissionSubset[];
  readonly kernel: string;
  /** Prompts that take part. */
  readonly events: number;
  close(): void;
}

/**
 * List-mode events as subsets for a reconstruction: prompt i belongs to subset i mod `count`. Each event carries its factor
 * n a and its expected background, counts of its line (and time-of-flight bin) as a whole.
 *
 * An event of factor 0, between detectors that are dead or never in coincidence, is one that no image explains.
 *
 * @param sensitivity of seenByPairs
 * @throws DataError `no-events`, `bad-subsets`, `shape-mismatch`, those of eventLines
 */
export function listModeModel(
  events: ListMode,
  grid: Grid,
  { attenuation, track }: Omit<ListModeTerms, "normalisation">,
  about: {
    readonly sensitivity: Float32Array;
    /** n of each prompt's line; n a where `attenuation` is "none" because it is in here. */
    readonly efficiencies: Float32Array | "none";
    /** Randoms plus scatter expected in each prompt's line. */
    readonly background: Float32Array | "none";
    readonly count: number;
  },
): ListModeModel {
  const { sensitivity, efficiencies, background, count } = about;
  const prompts = promptsOf(events);
  const n = prompts.time.length;
  if (n === 0) throw new DataError("no-events", "the list holds no prompts");
  if (!(Number.isInteger(count) && count > 0 && count <= n)) {
    throw new DataError("bad-subsets", "subsets of events", { expected: `1 to ${n}`, found: `${count}` });
  }
  for (const values of [efficiencies, background]) {
    if (values !== "none" && values.length !== n) {
      throw new DataError("shape-mismatch", "one value for each prompt", {
        expected: `${n}`,
        found: `${values.length}`,
      });
    }
  }
  // Subset after subset, so that each is a run of the projector's lines.
  const order = new Uint32Array(n);
  const begins: number[] = [];
  for (let s = 0, at = 0; s < count; s++) {
    begins.push(at);
    for (let i = s; i < n; i += count) order[at++] = i;
  }
  const sorted = eventsAt(prompts, order, prompts);
  const lines = linesOf(sorted, track);
  const factor = efficiencies === "none" ? new Float32Array(n).fill(1) : sortedBy(efficiencies, order);
  if (attenuation !== "none") {
    const through = listProjector({ ends: lines.ends }, imageGrid(attenuation));
    const lengths = through.forward(attenuation.data);
    through.close();
    // mm times 1/cm
    for (let i = 0; i < n; i++) factor[i] = (factor[i] as number) * Math.exp(-(lengths[i] as number) / 10);
  }
  const extra = background === "none" ? undefined : sortedBy(background, order);
  const projector = listProjector(lines, imageGrid(grid));
  const share = sensitivity.map((value) => value / count);
  const subsets = begins.map((from, s): EmissionSubset => {
    const to = begins[s + 1] ?? n;
    return {
      parts: [
        {
          operator: projector.part(from, to - from),
          counts: [new Float32Array(to - from).fill(1)],
          factor: [factor.subarray(from, to)],
          ...(extra ? { background: [extra.subarray(from, to)] } : {}),
        },
      ],
      sensitivity: share,
    };
  });
  return { subsets, kernel: projector.kernel, events: n, close: () => projector.close() };
}

/** The prompts of a list, delayed events left out. */
export function promptsOf(events: ListMode): ListMode {
  const { delayed } = events;
  if (!delayed) return events;
  const chosen = new Uint32Array(delayed.reduce((sum, flag) => sum + (flag === 1 ? 0 : 1), 0));
  for (let i = 0, at = 0; i < delayed.length; i++) if (delayed[i] !== 1) chosen[at++] = i;
  const { delayed: _, ...prompts } = eventsAt(events, chosen, events);
  return prompts;
}

/** Lines as the head saw them. */
export function linesOf(events: ListMode, track: MotionTrack | undefined): LineList {
  const still = eventLines(events);
  return track ? movedLines(still, events.time, track) : still;
}

function sortedBy(values: Float32Array, order: Uint32Array): Float32Array {
  const out = new Float32Array(order.length);
  for (let i = 0; i < out.length; i++) out[i] = values[order[i] as number] as number;
  return out;
}
