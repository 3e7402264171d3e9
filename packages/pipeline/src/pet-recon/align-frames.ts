/** Motion between frames: found from the images, put right in the images or in a second reconstruction. */
import { type Affine, type Point, type Volume, voxelCount } from "@quintet/core";
import { realignFrames } from "@quintet/modalities/pet";

/** What was found of a frame. */
export interface FrameMotion {
  readonly degrees: Point;
  readonly shift: Point;
  /** False where too little is known of the frame: it keeps its place. */
  readonly used: boolean;
}

export interface AlignedFrames {
  readonly image: Volume;
  readonly motion: readonly FrameMotion[];
  /** The place of the anchor -> where the head was in each frame; the identity of frames that keep their place. */
  readonly maps: readonly Affine[];
  /** The frame that the others are brought to. */
  readonly anchor: number;
}

/**
 * Each frame registered to the mean of the late ones, as activity a second: frames of all lengths then weigh by their durations.
 *
 * @param from seconds on the image's clock from which frames are late; default 300 s after the first
 * @throws DataError those of realignFrames
 */
export function alignFrames(image: Volume, from?: number): AlignedFrames {
  const n = voxelCount(image);
  const scaled = (by: (duration: number) => number, volume: Volume): Volume => ({
    ...volume,
    data: volume.data.map((value, i) => value * by(volume.frames[Math.floor(i / n)]?.duration || 1)),
  });
  const aligned = realignFrames(
    scaled((duration) => 1 / duration, image),
    from === undefined ? {} : { from },
  );
  const kept = new Set(aligned.kept);
  return {
    image: scaled((duration) => duration, aligned.image),
    motion: aligned.maps.map((map, t) => ({ ...anglesAndShift(map), used: !kept.has(t) })),
    maps: aligned.maps,
    anchor: aligned.anchor,
  };
}

/** Of core's `rigid` about the scanner's centre: turned about x, then y, then z, then shifted. */
export function anglesAndShift(m: Affine): { readonly degrees: Point; readonly shift: Point } {
  const at = (row: number, column: number): number => m[4 * row + column] as number;
  const degree = 180 / Math.PI;
  return {
    degrees: [
      degree * Math.atan2(at(2, 1), at(2, 2)),
      degree * Math.asin(Math.max(-1, Math.min(1, -at(2, 0)))),
      degree * Math.atan2(at(1, 0), at(0, 0)),
    ],
    shift: [at(0, 3), at(1, 3), at(2, 3)],
  };
}
