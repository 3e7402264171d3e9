import { DataError, type Hertz, type Seconds, type TimeMap } from "@quintet/core";
import { robustLine } from "./robust-line.ts";

/** A signal that two devices recorded, e.g. the heart's beat in EEG and light. */
export interface CommonSignal {
  readonly clock: string;
  /** Of the first sample. */
  readonly start: Seconds;
  readonly rate: Hertz;
  readonly data: ArrayLike<number>;
}

export interface Lag {
  /** b lags a by so much: b(t) = a(t - lag), s. */
  readonly lag: Seconds;
  /** Normalised correlation at the peak, at most 1. */
  readonly correlation: number;
}

/**
 * Lag of two stretches of equal rate by the peak of their normalised cross-correlation,
 *
 *   r(k) = sum (a_i - a)(b_(i+k) - b) / sqrt(sum (a_i - a)^2 sum (b_(i+k) - b)^2)
 *
 * over the samples that overlap, the peak refined between samples by the parabola through it and its neighbours.
 *
 * @param most largest lag looked for, samples
 * @throws DataError `no-lag` (a peak at the edge, or no signal)
 */
export function crossCorrelationLag(a: ArrayLike<number>, b: ArrayLike<number>, rate: Hertz, most: number): Lag {
  const values = Float64Array.from({ length: 2 * most + 1 }, (_, k) => correlationAt(a, b, k - most));
  let peak = 0;
  for (let k = 1; k < values.length; k++) if (!((values[k] as number) <= (values[peak] as number))) peak = k;
  const [left, top, right] = [values[peak - 1], values[peak], values[peak + 1]];
  if (left === undefined || right === undefined || top === undefined || !(top > 0))
    throw new DataError("no-lag", "the two signals have no peak of correlation within the lags looked for", {
      expected: `a peak within ${(most / rate).toFixed(3)} s`,
      found: `${top}`,
    });
  const bend = left - 2 * top + right;
  const between = bend < 0 ? (left - right) / (2 * bend) : 0;
  return { lag: (peak - most + between) / rate, correlation: top - ((left - right) * between) / 4 };
}

function correlationAt(a: ArrayLike<number>, b: ArrayLike<number>, lag: number): number {
  const [first, end] = [Math.max(0, -lag), Math.min(a.length, b.length - lag)];
  const n = end - first;
  if (n < 3) return Number.NaN;
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  for (let i = first; i < end; i++) {
    const [x, y] = [a[i] as number, b[i + lag] as number];
    sa += x;
    sb += y;
    saa += x * x;
    sbb += y * y;
    sab += x * y;
  }
  const spread = Math.sqrt((saa - (sa * sa) / n) * (sbb - (sb * sb) / n));
  return spread > 0 ? (sab - (sa * sb) / n) / spread : Number.NaN;
}

/**
 * One device's clock on another's by a signal that both recorded: the lag of each stretch of `window` seconds, and the
 * robust line through them. How much the lags scatter about it is the error; stretches whose correlation stays below
 * `least` are left out.
 *
 * @param prior other - mine, s, known to within `reach`
 * @throws DataError `rate-mismatch`, `no-lag` (fewer than three stretches correlate), those of `robustLine`
 */
export function correlationMap(
  mine: CommonSignal,
  other: CommonSignal,
  {
    prior,
    reach,
    window = 30,
    least = 0.5,
  }: {
    readonly prior: Seconds;
    readonly reach: Seconds;
    readonly window?: Seconds;
    readonly least?: number;
  },
): TimeMap {
  if (Math.abs(mine.rate - other.rate) > 1e-9 * mine.rate)
    throw new DataError("rate-mismatch", "bring both signals to one rate first", {
      expected: `${mine.rate} Hz`,
      found: `${other.rate} Hz`,
    });
  const { rate } = mine;
  const length = Math.round(window * rate);
  const most = Math.ceil(reach * rate) + 1;
  const [x, y]: [number[], number[]] = [[], []];
  for (let first = 0; first + length <= mine.data.length; first += length) {
    const middle = mine.start + (first + (length - 1) / 2) / rate;
    const from = Math.round((mine.start + first / rate + prior - other.start) * rate);
    if (from - most < 0 || from + length + most > other.data.length) continue;
    const a = Array.prototype.slice.call(mine.data, first, first + length) as number[];
    const b = Array.prototype.slice.call(other.data, from - most, from + length + most) as number[];
    try {
      const { lag, correlation } = crossCorrelationLag(padded(a, most), b, rate, most);
      if (correlation < least) continue;
      x.push(middle);
      // Sample i of the stretch lies at from + i of the other's, and lags it by `lag`.
      y.push(other.start + (from + (length - 1) / 2) / rate + lag);
    } catch {
      // A stretch without a peak says nothing.
    }
  }
  if (x.length < 3)
    throw new DataError("no-lag", "too few stretches of the two signals correlate", {
      expected: `three of ${window} s with a correlation of ${least}`,
      found: `${x.length}`,
    });
  const { piece } = robustLine({ x, y });
  const pieces = [{ ...piece, until: Number.POSITIVE_INFINITY }] as const;
  return { from: mine.clock, to: other.clock, method: "cross-correlation", pieces };
}

/** The stretch in the middle of a frame of its own mean, so that all lags compare it whole. */
function padded(values: readonly number[], by: number): readonly number[] {
  const mean = values.reduce((sum, v) => sum + v / values.length, 0);
  const edge = new Array<number>(by).fill(mean);
  return [...edge, ...values, ...edge];
}
