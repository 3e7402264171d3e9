import { DataError, frameData, type Seconds, type Volume, voxelCount } from "@quintet/core";

/** A span on the image's clock. */
export interface Window {
  readonly start: Seconds;
  readonly end: Seconds;
}

/** Times of frames are rounded by their writers; a frame may stick out of a window by this much. */
const slack: Seconds = 1e-3;

/**
 * Duration-weighted mean of the frames that lie wholly inside `window`.
 *
 *   C(v) = sum_t d_t A_t(v) / sum_t d_t
 *
 * One static frame needs no duration; several do.
 *
 * @param pet decay-corrected to one common time, shape [t][z][y][x]
 * @param window all frames without it
 * @returns one frame spanning the frames used
 * @throws DataError `no-frames-in-window`, `unknown-duration`
 */
export function meanOverWindow<V extends Volume>(pet: V, window?: Window): V {
  const inside = pet.frames
    .map((frame, index) => ({ ...frame, index }))
    .filter(
      ({ start, duration }) =>
        window === undefined || (start >= window.start - slack && start + duration <= window.end + slack),
    );
  const [first] = inside;
  if (!first)
    throw new DataError("no-frames-in-window", "no frame lies wholly inside the window", {
      expected: `frames within ${window?.start}..${window?.end} s`,
      found: pet.frames.map(({ start, duration }) => `${start}..${start + duration}`).join(", "),
    });
  const total = inside.reduce((sum, { duration }) => sum + duration, 0);
  if (inside.length > 1 && !inside.every(({ duration }) => duration > 0))
    throw new DataError("unknown-duration", "frames without a duration cannot be averaged");
  const sums = new Float64Array(voxelCount(pet));
  for (const { index, duration } of inside) {
    const weight = inside.length === 1 ? 1 : duration / total;
    const frame = frameData(pet, index);
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + weight * (frame[i] as number);
  }
  const end = Math.max(...inside.map(({ start, duration }) => start + duration));
  const start = Math.min(...inside.map((frame) => frame.start));
  return { ...pet, frames: [{ start, duration: end - start }], data: Float32Array.from(sums) };
}
