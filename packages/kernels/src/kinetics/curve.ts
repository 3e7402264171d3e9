/**
 * A curve known at points, linear between them, 0 before the first and held at its last value after the last.
 * Everything here is exact for such a curve: no grid, no step.
 */
import { DataError } from "@quintet/core";

export interface Curve {
  /** Rising. */
  readonly time: Float64Array;
  readonly value: Float64Array;
}

/** When a model is compared with data: at an instant (start = end) or as the mean over a frame. In rising order. */
export interface Samples {
  readonly start: Float64Array;
  readonly end: Float64Array;
}

/**
 * The curve through the points, from (0, 0) when the first lies later.
 *
 * @throws DataError `shape-mismatch`, `not-finite`, `time-not-increasing`
 */
export function curveThrough(time: ArrayLike<number>, value: ArrayLike<number>): Curve {
  if (time.length !== value.length || time.length === 0) {
    throw new DataError("shape-mismatch", "a curve has one value a time", {
      expected: `${time.length} values, at least one`,
      found: `${value.length}`,
    });
  }
  for (let i = 0; i < time.length; i++) {
    if (!Number.isFinite(time[i]) || !Number.isFinite(value[i])) {
      throw new DataError("not-finite", "a curve's times and values are numbers", {
        found: `${value[i]} at ${time[i]}`,
      });
    }
    if (i > 0 && !(time[i] > time[i - 1])) {
      throw new DataError("time-not-increasing", "a curve's times rise", {
        expected: `more than ${time[i - 1]}`,
        found: `${time[i]}`,
      });
    }
  }
  const early = time[0] > 0 ? [0] : [];
  return {
    time: Float64Array.from([...early, ...Array.from(time)]),
    value: Float64Array.from([...early, ...Array.from(value)]),
  };
}

/** x, its integral X from 0, and the integral of X, at each of the rising times. */
export interface CurveState {
  readonly value: Float64Array;
  readonly integral: Float64Array;
  readonly second: Float64Array;
}

export function curveAt({ time, value }: Curve, at: Float64Array): CurveState {
  const out = {
    value: new Float64Array(at.length),
    integral: new Float64Array(at.length),
    second: new Float64Array(at.length),
  };
  let [knot, t, x, area, areas] = [-1, time[0], 0, 0, 0];
  for (let i = 0; i < at.length; i++) {
    while (knot + 1 < time.length && time[knot + 1] <= at[i]) {
      const h = time[knot + 1] - t;
      const next = value[knot + 1];
      if (knot >= 0) {
        areas += h * area + (h * h * (2 * x + next)) / 6;
        area += (h * (x + next)) / 2;
      }
      knot++;
      [t, x] = [time[knot], next];
    }
    if (knot < 0) continue;
    const h = at[i] - t;
    const last = knot + 1 === time.length;
    const now = last ? x : x + ((value[knot + 1] - x) * h) / (time[knot + 1] - time[knot]);
    out.value[i] = now;
    out.integral[i] = area + (h * (x + now)) / 2;
    out.second[i] = areas + h * area + (h * h * (2 * x + now)) / 6;
  }
  return out;
}

export function isInstant({ start, end }: Samples): boolean {
  return start.every((t, i) => t === end[i]);
}

/** (b - a) / (end - start) of every sample. */
export function meanOver({ start, end }: Samples, a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from(start, (s, i) => (b[i] - a[i]) / (end[i] - s));
}

/** x(t), or its mean over the frame. */
export function sampleCurve(curve: Curve, samples: Samples): Float64Array {
  const ends = curveAt(curve, samples.end);
  if (isInstant(samples)) return ends.value;
  return meanOver(samples, curveAt(curve, samples.start).integral, ends.integral);
}

/** The integral of x from 0 to t, or its mean over the frame. */
export function sampleIntegral(curve: Curve, samples: Samples): Float64Array {
  const ends = curveAt(curve, samples.end);
  if (isInstant(samples)) return ends.integral;
  return meanOver(samples, curveAt(curve, samples.start).second, ends.second);
}
