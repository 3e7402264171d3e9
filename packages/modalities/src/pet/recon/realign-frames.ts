import {
  type Affine,
  DataError,
  frameData,
  identityAffine,
  invert,
  type Mask,
  multiply,
  type Seconds,
  type Volume,
  voxelCount,
} from "@quintet/core";
import { type RealignedFrame, type Realignment, realign, resample } from "@quintet/kernels";
import { displacement } from "./motion-track.ts";

export interface RealignedFrames<U extends Volume = Volume> {
  readonly image: U;
  readonly motion: Realignment;
  /** Of each frame: the place of `anchor` -> where the head was in it, world mm; the identity for frames that are kept. */
  readonly maps: readonly Affine[];
  /** The frame whose place all others are brought to: the one that the rest lie nearest to. */
  readonly anchor: number;
  /** Frames left where they are, because too little is known of them. */
  readonly kept: readonly number[];
}

/**
 * Frame-to-frame motion correction of a dynamic image: each frame is registered rigidly to the mean of late frames, then again to
 * the mean of them as aligned, and resampled once. Frames that begin before `from` keep their place: early tracer looks unlike
 * the reference, and what a registration finds there is not motion.
 *
 * @param from seconds on the image's clock; frames of the reference begin at or after it. Default 5 min after the first frame
 * @throws DataError `no-frames`, those of realign
 */
export function realignFrames<U extends Volume>(
  pet: U,
  { from, mask }: { readonly from?: Seconds; readonly mask?: Mask } = {},
): RealignedFrames<U> {
  const limit = from ?? (pet.frames[0]?.start ?? 0) + 300;
  const late = pet.frames.flatMap(({ start }, t) => (start >= limit ? [t] : []));
  if (late.length === 0) {
    throw new DataError("no-frames", "no frame begins late enough to be a reference", {
      expected: `a frame from ${limit} s`,
      found: `the last begins at ${pet.frames.at(-1)?.start} s`,
    });
  }
  const about = mask ? { mask: mask.data } : {};
  const first = realign(pet, meanOf(pet, late), about);
  const roughly = moved(
    pet,
    first.frames.map(({ map }) => map),
    late,
  );
  const motion = realign(pet, meanOf(roughly, late), { ...about, start: first.frames.map(({ map }) => map) });
  const known = late.filter((t) => motion.frames[t]?.converged === true);
  const mapOf = (t: number): Affine => (motion.frames[t] as RealignedFrame).map;
  const weight = (t: number): number => pet.frames[t]?.duration || 1;
  const away = (anchor: number): number =>
    known.reduce((sum, t) => sum + weight(t) * displacement(mapOf(t), mapOf(anchor)), 0);
  const anchor = known.reduce((best, t) => (away(t) < away(best) ? t : best), known[0] ?? 0);
  const back = known.length > 0 ? invert(mapOf(anchor)) : identityAffine();
  const maps = pet.frames.map((_, t) =>
    known.includes(t) && t !== anchor ? multiply(mapOf(t), back) : identityAffine(),
  );
  const others = known.filter((t) => t !== anchor);
  const kept = [...pet.frames.keys()].filter((t) => !known.includes(t));
  return { image: moved(pet, maps, others), motion, maps, anchor, kept };
}

function meanOf(pet: Volume, chosen: readonly number[]): Float32Array {
  const reference = new Float32Array(voxelCount(pet));
  const total = chosen.reduce((sum, t) => sum + (pet.frames[t]?.duration || 1), 0);
  for (const t of chosen) {
    const share = (pet.frames[t]?.duration || 1) / total;
    const frame = frameData(pet, t);
    for (let j = 0; j < reference.length; j++) reference[j] = (reference[j] as number) + share * (frame[j] as number);
  }
  return reference;
}

/** The chosen frames taken back by their maps, all others as they are. */
function moved<U extends Volume>(pet: U, maps: readonly Affine[], chosen: readonly number[]): U {
  const data = pet.data.slice();
  for (const t of chosen) {
    const frame = { ...pet, frames: [pet.frames[t] as U["frames"][number]], data: frameData(pet, t) };
    data.set(resample(frame, pet, maps[t] as Affine, { interpolation: "cubic" }).data, t * voxelCount(pet));
  }
  return { ...pet, data };
}
