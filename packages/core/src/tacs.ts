import type { Seconds, VoxelUnit } from "./units.ts";
import type { Frame } from "./volume.ts";

/** Mean activity of one region in every frame. */
export interface Tac {
  readonly name: string;
  /** One value a frame, in the unit of its `Tacs`. */
  readonly values: Float64Array;
  /** Size of the region in mL, where known. */
  readonly volume?: number;
}

/** Time-activity curves of regions measured in the same frames. */
export interface Tacs {
  /** The named clock `frames` are on; second 0 is the PET image's time zero. */
  readonly clock: string;
  readonly unit: VoxelUnit;
  /** In rising order. A sample whose frame is not known has its time as start and duration 0. */
  readonly frames: readonly Frame[];
  readonly regions: readonly Tac[];
  /** Of each frame, where the file gives them. */
  readonly weights?: Float64Array;
}

/** One measured curve of blood or plasma; its times are those of the samples that have a value. */
export interface BloodCurve {
  readonly time: Float64Array;
  readonly value: Float64Array;
  readonly unit: "Bq/mL" | "1";
}

/** Blood of one scan: activity, and how much of it in plasma is still the tracer. */
export interface Blood {
  /** Second 0 is the PET image's time zero. */
  readonly clock: string;
  readonly wholeBlood?: BloodCurve;
  readonly plasma?: BloodCurve;
  /** Fraction of the activity in plasma that is still the injected tracer, 0 to 1. */
  readonly parentFraction?: BloodCurve;
}

/** Middle of every frame, seconds. */
export function midTimes({ frames }: Pick<Tacs, "frames">): Float64Array {
  return Float64Array.from(frames, ({ start, duration }): Seconds => start + duration / 2);
}
