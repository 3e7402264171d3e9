import { DataError, type Seconds, type TimeMap } from "@quintet/core";
import { median } from "@quintet/kernels";

export interface LockCheck {
  readonly locked: boolean;
  /** Largest deviation of an interval from a whole number of ticks, in ticks. */
  readonly worst: number;
  /** Seconds between two sync marks that are missing: where the lock was lost. */
  readonly lost: readonly (readonly [from: Seconds, to: Seconds])[];
}

/**
 * Whether an amplifier ran on the scanner's clock. Locked, every volume trigger lies the same number of its ticks after
 * the one before, to the tick; a mark each second ("Sync On") says so throughout, and a pause in the marks is a loss.
 *
 * @param triggers volume triggers on the amplifier's clock, s @param tick its sampling step, s
 * @param marks sync marks; none when the amplifier writes none
 */
export function hardwareLock(triggers: ArrayLike<Seconds>, tick: Seconds, marks: ArrayLike<Seconds> = []): LockCheck {
  const intervals = Float64Array.from(
    { length: Math.max(0, triggers.length - 1) },
    (_, i) => ((triggers[i + 1] as number) - (triggers[i] as number)) / tick,
  );
  const usual = median(intervals);
  // A missed trigger leaves a whole multiple.
  const worst = intervals.reduce((most, n) => {
    const times = Math.max(1, Math.round(n / usual));
    return Math.max(most, Math.abs(n - times * Math.round(usual)));
  }, 0);
  const lost: (readonly [number, number])[] = [];
  for (let i = 0; i + 1 < marks.length; i++) {
    const [from, to] = [marks[i] as number, marks[i + 1] as number];
    if (to - from > 1.5) lost.push([from, to]);
  }
  return { locked: intervals.length > 0 && worst < 1e-3 && lost.length === 0, worst, lost };
}

/**
 * The map of an amplifier locked to the scanner: one rate, an offset from the first trigger, known to the tick,
 *
 *   sigma = tick / sqrt 12.
 *
 * @throws DataError `not-locked`
 */
export function hardwareLockMap(
  from: string,
  to: string,
  check: LockCheck,
  first: { readonly mine: Seconds; readonly other: Seconds },
  tick: Seconds,
): TimeMap {
  if (!check.locked)
    throw new DataError("not-locked", `${from} did not run on the clock of ${to}`, {
      expected: "every trigger a whole number of ticks after the last",
      found:
        check.lost.length > 0 ? `${check.lost.length} pauses of the sync marks` : `${check.worst.toFixed(2)} ticks off`,
    });
  const covariance = [tick ** 2 / 12, 0, 0] as const;
  const piece = { until: Number.POSITIVE_INFINITY, anchor: first.mine, offset: first.other, rate: 1, covariance };
  return { from, to, method: "hardware-lock", pieces: [piece] };
}
