import { type Affine, DataError, frameData, type Mask, type Point, type Volume } from "@quintet/core";
import { dilate, type Realignment, realign, resampleSpline } from "@quintet/kernels";
import { boldMask, meanFrame } from "./bold-mask.ts";

export interface MotionOptions {
  /** "mean" (default): the middle volume first, then the mean of what that gives; or the number of a volume. */
  readonly reference?: "mean" | "middle" | number;
  readonly progress?: (fraction: number) => void;
}

/** How the head lay in each volume, relative to the reference. */
export interface HeadMotion {
  /** Index of the volume whose frame of reference is kept. */
  readonly referenceIndex: number;
  /** What was aligned to: that volume, or the mean of all in its frame of reference. */
  readonly reference: Volume;
  readonly mask: Mask;
  /** Reference world mm -> world mm of the volume, one per volume. */
  readonly maps: readonly Affine[];
  /** About x, y and z through `centre`. */
  readonly degrees: readonly Point[];
  /** mm. */
  readonly shift: readonly Point[];
  readonly centre: Point;
  /** Volumes whose search did not settle. */
  readonly unsettled: readonly number[];
  /** Share of the variance in the mask that each volume has in common with the reference. */
  readonly explained: readonly number[];
}

/**
 * Head motion of a BOLD series: six rigid parameters per volume (see `realign` of the kernels for the equations).
 *
 * @throws DataError `too-short` (one volume), `bad-reference`, `not-finite`, and those of boldMask and realign
 */
export function estimateMotion(bold: Volume, { reference = "mean", progress }: MotionOptions = {}): HeadMotion {
  const frames = bold.frames.length;
  if (frames < 2) throw new DataError("too-short", "a single volume does not move", { expected: ">= 2 volumes" });
  const index = typeof reference === "number" ? reference : frames >> 1;
  if (!(Number.isInteger(index) && index >= 0 && index < frames)) {
    throw new DataError("bad-reference", "no volume has this number", {
      expected: `0 to ${frames - 1}`,
      found: `${index}`,
    });
  }
  const own: Volume = { ...bold, frames: bold.frames.slice(index, index + 1), data: frameData(bold, index).slice() };
  const mask = boldMask(own);
  // The rim of the head says most about its place.
  const wide = dilate(mask.data, mask.shape, 2);
  const twice = reference === "mean" && frames > 2;
  const share = twice ? 0.6 : 1;
  const first = realign(bold, own.data, { mask: wide, progress: (done) => progress?.(share * done) });
  if (!twice) return motionOf(first, index, own, mask);
  const start = first.frames.map(({ map }) => map);
  const mean = meanFrame(resampleSpline(bold, bold, start));
  const second = realign(bold, mean.data, { mask: wide, start, progress: (done) => progress?.(0.65 + 0.35 * done) });
  return motionOf(second, index, { ...mean, space: bold.space }, boldMask(mean));
}

function motionOf({ centre, frames }: Realignment, referenceIndex: number, reference: Volume, mask: Mask): HeadMotion {
  return {
    referenceIndex,
    reference,
    mask,
    centre,
    maps: frames.map(({ map }) => map),
    degrees: frames.map(({ degrees }) => degrees),
    shift: frames.map(({ shift }) => shift),
    unsettled: frames.flatMap(({ converged }, t) => (converged ? [] : [t])),
    explained: frames.map(({ explained }) => explained),
  };
}
