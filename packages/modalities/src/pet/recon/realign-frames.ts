import { type Affine, DataError, frameData, type Mask, type Seconds, type Volume, voxelCount } from "@quintet/core";
import { type Realignment, realign, resample } from "@quintet/kernels";

export interface RealignedFrames<U extends Volume = Volume> {
  readonly image: U;
  readonly motion: Realignment;
  /** Frames left where they are, because too little is known of them. */
  readonly kept: readonly number[];
}

/**
 * Frame-to-frame motion correction of a dynamic image: each frame is registered rigidly to the mean of late frames and
 * resampled once. Frames that begin before `from` keep their place: early tracer looks unlike the reference, and what a
 * registration finds there is not motion.
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
  const n = voxelCount(pet);
  const reference = new Float32Array(n);
  const total = late.reduce((sum, t) => sum + (pet.frames[t]?.duration || 1), 0);
  for (const t of late) {
    const share = (pet.frames[t]?.duration || 1) / total;
    const frame = frameData(pet, t);
    for (let j = 0; j < n; j++) reference[j] = (reference[j] as number) + share * (frame[j] as number);
  }
  const motion = realign(pet, reference, mask ? { mask: mask.data } : {});
  const data = new Float32Array(pet.data.length);
  const kept: number[] = [];
  for (const t of pet.frames.keys()) {
    const found = motion.frames[t];
    const frame = { ...pet, frames: [pet.frames[t] as U["frames"][number]], data: frameData(pet, t) };
    const known = late.includes(t) && found?.converged === true;
    if (!known) kept.push(t);
    data.set(
      known ? resample(frame, pet, (found as { map: Affine }).map, { interpolation: "cubic" }).data : frame.data,
      t * n,
    );
  }
  return { image: { ...pet, data }, motion, kept };
}
