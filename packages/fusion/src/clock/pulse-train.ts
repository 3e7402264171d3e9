import { DataError, type Seconds } from "@quintet/core";
import { median } from "@quintet/kernels";

/** Pulses as one device saw them. */
export interface PulseTrain {
  /** The device's clock. */
  readonly clock: string;
  /** Rising. */
  readonly times: ArrayLike<Seconds>;
  /** The step in which the device can tell time, s; 0 when it is far finer than anything here. */
  readonly tick?: Seconds;
  /** A stamp is the last tick before the pulse ("down", a sampled trigger line: the next) or the nearest one. */
  readonly rounding?: "nearest" | "down" | "up";
}

export interface Refused {
  /** Index into the train. */
  readonly index: number;
  readonly time: Seconds;
  readonly why: "bounced" | "unmatched" | "outlying";
}

/** Pulses closer than this to the one before are the same contact bouncing, s. */
const longestBounce: Seconds = 0.02;

/**
 * Pulse times without the half tick that rounding down or up adds on average, and without bounces: pulses that follow
 * another within 20 ms or a fifth of the train's usual interval, whichever is less.
 *
 * @throws DataError `not-finite`, `not-ascending` (a clock that was set back: give its stretches one by one)
 */
export function cleanTrain(train: PulseTrain): {
  readonly times: Float64Array;
  readonly index: Int32Array;
  readonly refused: readonly Refused[];
} {
  const { clock, tick = 0, rounding = "nearest" } = train;
  const shift = rounding === "down" ? tick / 2 : rounding === "up" ? -tick / 2 : 0;
  const steps: number[] = [];
  for (let i = 0; i < train.times.length; i++) {
    const time = train.times[i] as number;
    if (!Number.isFinite(time))
      throw new DataError("not-finite", `a pulse on ${clock} has no time`, { found: `${time}` });
    if (i === 0) continue;
    const step = time - (train.times[i - 1] as number);
    if (step < 0)
      throw new DataError("not-ascending", `the pulses on ${clock} go back in time: its clock was set back`, {
        found: `${step} s at pulse ${i}`,
      });
    if (step > longestBounce / 4) steps.push(step);
  }
  const bounce = Math.min(longestBounce, steps.length > 0 ? median(steps) / 5 : longestBounce);
  const [times, index, refused]: [number[], number[], Refused[]] = [[], [], []];
  for (let i = 0; i < train.times.length; i++) {
    const time = (train.times[i] as number) + shift;
    if (times.length > 0 && time - (times.at(-1) as number) < bounce) refused.push({ index: i, time, why: "bounced" });
    else {
      times.push(time);
      index.push(i);
    }
  }
  return { times: Float64Array.from(times), index: Int32Array.from(index), refused };
}
