/** When an image was measured, from what its instrument tells: counters, slice tables, rotations. */
import { DataError, type KSpace, type Seconds } from "@quintet/core";
import { unwrapCounter } from "./clock-findings.ts";

/**
 * Times of raw MRI readouts on the scanner's clock: stamp times tick, a counter that began again counted on.
 *
 * @throws DataError `no-tick` when the file does not tell how long a tick is
 */
export function readoutTimes({ readouts, tick }: Pick<KSpace, "readouts" | "tick">): Float64Array {
  if (tick === undefined || !(tick > 0))
    throw new DataError("no-tick", "the file does not tell how long a tick of its stamps is", { expected: "seconds" });
  return unwrapCounter(
    readouts.map(({ stamp }) => stamp),
    tick,
  ).ticks.map((n) => n * tick);
}

/**
 * The instant of each slice of each volume, [volume][slice]: start of the volume plus the slice's own time.
 *
 * @param sliceTimes in the order of the voxel index, as BIDS has it
 * @throws DataError `bad-slice-times` (negative, or beyond the volume)
 */
export function sliceInstants(
  volumeStarts: ArrayLike<Seconds>,
  sliceTimes: readonly Seconds[],
  repetition: Seconds,
): Float64Array {
  const bad = sliceTimes.find((t) => !(t >= 0 && t < repetition));
  if (bad !== undefined)
    throw new DataError("bad-slice-times", "a slice is measured within its volume", {
      expected: `0 to ${repetition} s`,
      found: `${bad}`,
    });
  return Float64Array.from(
    { length: volumeStarts.length * sliceTimes.length },
    (_, i) =>
      (volumeStarts[Math.floor(i / sliceTimes.length)] as number) + (sliceTimes[i % sliceTimes.length] as number),
  );
}

/** One stop of a camera: a block of time, and which views its heads took then. */
export interface ProjectionStop {
  readonly start: Seconds;
  readonly duration: Seconds;
  /** Index of the view that each head took. */
  readonly views: readonly number[];
}

/**
 * When each projection of a step-and-shoot SPECT was taken: all heads at once, then a turn.
 *
 * @param views in all @param heads that share them, evenly @param dwell at one stop, s @param turn between two stops, s
 * @throws DataError `bad-rotation`
 */
export function projectionTimes(
  views: number,
  {
    heads = 1,
    dwell,
    turn = 0,
    start = 0,
  }: {
    readonly heads?: number;
    readonly dwell: Seconds;
    readonly turn?: Seconds;
    readonly start?: Seconds;
  },
): readonly ProjectionStop[] {
  if (
    !(Number.isInteger(views) && views > 0 && Number.isInteger(heads) && views % heads === 0 && dwell > 0 && turn >= 0)
  )
    throw new DataError("bad-rotation", "the heads share the views evenly and each stop takes time", {
      expected: "views a multiple of heads, dwell above 0",
      found: `${views} views, ${heads} heads, ${dwell} s`,
    });
  const stops = views / heads;
  return Array.from({ length: stops }, (_, k) => ({
    start: start + k * (dwell + turn),
    duration: dwell,
    views: Array.from({ length: heads }, (_, head) => head * stops + k),
  }));
}
