/**
 * A curve x convolved with a decaying exponential, and the slope against its rate:
 *
 *   f(t) = int_0^t exp(-k (t - s)) x(s) ds,   df/dk = -g,   g(t) = int_0^t (t - s) exp(-k (t - s)) x(s) ds
 *
 * Exact for a curve that is linear between its points: from knot to knot, a step h on which x goes from x0 to x1,
 *
 *   f1 = e f0 + h [x1 a0 + (x0 - x1) a1],   g1 = e (g0 + h f0) + h^2 [x1 a1 + (x0 - x1) a2],
 *   e = exp(-k h),   a_n = int_0^1 v^n exp(-k h v) dv.
 *
 * Means over frames come from f' = x - k f: int f = (X - f) / k, int g = (int f - g) / k.
 *
 * Tolerance against the reference (adaptive quadrature): 1e-9 of the largest value; this form itself is good to rounding.
 */
import { DataError } from "@quintet/core";
import { type Curve, curveAt, isInstant, meanOver, type Samples } from "./curve.ts";

export interface Response {
  readonly value: Float64Array;
  /** d value / d rate */
  readonly slope: Float64Array;
}

/** @param rate k > 0, in 1 over the unit of the times. @throws DataError `not-positive` */
export function convolveExponential(curve: Curve, rate: number, samples: Samples): Response {
  if (!(rate > 0 && Number.isFinite(rate))) {
    throw new DataError("not-positive", "the rate of a decaying exponential", { expected: "> 0", found: `${rate}` });
  }
  const ends = walk(curve, rate, samples.end);
  if (isInstant(samples)) return { value: ends.f, slope: ends.g.map((g) => -g) };
  const starts = walk(curve, rate, samples.start);
  const [from, to] = [curveAt(curve, samples.start).integral, curveAt(curve, samples.end).integral];
  const area = (X: Float64Array, f: Float64Array): Float64Array => X.map((x, i) => (x - f[i]) / rate);
  const [areaFrom, areaTo] = [area(from, starts.f), area(to, ends.f)];
  return {
    value: meanOver(samples, areaFrom, areaTo),
    slope: meanOver(samples, area(areaFrom, starts.g), area(areaTo, ends.g)).map((g) => -g),
  };
}

function walk({ time, value }: Curve, k: number, at: Float64Array): { f: Float64Array; g: Float64Array } {
  const out = { f: new Float64Array(at.length), g: new Float64Array(at.length) };
  let [knot, t, x, f, g] = [-1, time[0], 0, 0, 0];
  const step = { f: 0, g: 0 };
  for (let i = 0; i < at.length; i++) {
    while (knot + 1 < time.length && time[knot + 1] <= at[i]) {
      const next = value[knot + 1];
      if (knot >= 0) {
        advance(step, k, time[knot + 1] - t, f, g, x, next);
        f = step.f;
        g = step.g;
      }
      knot++;
      t = time[knot];
      x = next;
    }
    if (knot < 0) continue;
    const h = at[i] - t;
    const now = knot + 1 === time.length ? x : x + ((value[knot + 1] - x) * h) / (time[knot + 1] - time[knot]);
    advance(step, k, h, f, g, x, now);
    out.f[i] = step.f;
    out.g[i] = step.g;
  }
  return out;
}

function advance(
  out: { f: number; g: number },
  k: number,
  h: number,
  f: number,
  g: number,
  x0: number,
  x1: number,
): void {
  const z = k * h;
  const e = Math.exp(-z);
  const a2 = secondMoment(z, e);
  const a1 = (z * a2 + e) / 2;
  const a0 = z * a1 + e;
  out.f = e * f + h * (x1 * a0 + (x0 - x1) * a1);
  out.g = e * (g + h * f) + h * h * (x1 * a1 + (x0 - x1) * a2);
}

/** a_2(z) = int_0^1 v^2 exp(-z v) dv; the lower ones follow from a_(n-1) = (z a_n + exp(-z)) / n without cancellation. */
function secondMoment(z: number, e: number): number {
  if (z > 2) return (2 * ((1 - e) / z - e)) / (z * z) - e / z;
  let [term, sum] = [1, 1 / 3];
  for (let j = 1; j < 40; j++) {
    term *= -z / j;
    const next = term / (3 + j);
    sum += next;
    if (Math.abs(next) < 1e-17 * sum) break;
  }
  return sum;
}
