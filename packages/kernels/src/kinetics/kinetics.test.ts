import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { curveAt, curveThrough, sampleCurve, sampleIntegral } from "./curve.ts";
import { convolveExponentialReference } from "./exponential.ref.ts";
import { convolveExponential } from "./exponential.ts";
import { fitSeparable } from "./separable.ts";
import { standardErrorOf, weightedLeastSquares } from "./weighted-fit.ts";

const at = (...t: number[]): { start: Float64Array; end: Float64Array } => {
  const times = Float64Array.from(t);
  return { start: times, end: times };
};

describe("a curve of straight lines", () => {
  // A triangle: 0 at 0, 4 at 2, 0 at 4, then held at 0.
  const triangle = curveThrough([2, 4], [4, 0]);
  test("values, integrals and integrals of those by hand", () => {
    const { value, integral, second } = curveAt(triangle, Float64Array.of(0, 1, 2, 3, 4, 6));
    expect(value).toBeAllclose([0, 2, 4, 2, 0, 0], { atol: 1e-15 });
    expect(integral).toBeAllclose([0, 1, 4, 7, 8, 8], { rtol: 1e-15 });
    // int t^2 = t^3 / 3 up to 2; int_2^4 (8 - (4 - t)^2) = 16 - 8 / 3; then 8 a unit.
    expect(second).toBeAllclose([0, 1 / 3, 8 / 3, 8 / 3 + 8 - 7 / 3, 16, 32], { rtol: 1e-14 });
  });
  test("means over frames", () => {
    const frames = { start: Float64Array.of(0, 2), end: Float64Array.of(2, 4) };
    expect(sampleCurve(triangle, frames)).toBeAllclose([2, 2], { rtol: 1e-14 });
    expect(sampleIntegral(triangle, frames)).toBeAllclose([4 / 3, 20 / 3], { rtol: 1e-14 });
  });
  test("nothing before the first point, the last value after the last", () => {
    expect(sampleCurve({ time: Float64Array.of(1, 2), value: Float64Array.of(3, 5) }, at(0.5, 1, 9))).toEqual(
      Float64Array.of(0, 3, 5),
    );
  });
  test.each([
    ["shape-mismatch", [1, 2], [1]],
    ["shape-mismatch", [], []],
    ["time-not-increasing", [1, 1], [1, 2]],
    ["not-finite", [1, 2], [1, Number.NaN]],
  ])("refused: %s", (code, time, value) => {
    expect(() => curveThrough(time, value)).toThrow(expect.objectContaining({ code }));
  });
});

describe("convolution with an exponential", () => {
  test("a constant by hand: c (1 - exp(-k t)) / k", () => {
    const { value, slope } = convolveExponential(
      { time: Float64Array.of(0, 1), value: Float64Array.of(3, 3) },
      0.5,
      at(0, 2, 10),
    );
    expect(value).toBeAllclose([0, 6 * (1 - Math.exp(-1)), 6 * (1 - Math.exp(-5))], { rtol: 1e-14 });
    // d/dk: 3 [t exp(-k t) / k - (1 - exp(-k t)) / k^2]
    const by = (t: number): number => 3 * ((t * Math.exp(-0.5 * t)) / 0.5 - (1 - Math.exp(-0.5 * t)) / 0.25);
    expect(slope).toBeAllclose([0, by(2), by(10)], { rtol: 1e-13 });
  });
  test.each([1e-7, 1e-3, 0.05, 0.7, 3, 40])("agrees with quadrature at rate %d", (rate) => {
    const random = seededRandom(7);
    const time = Float64Array.from({ length: 9 }, (_, i) => i * i * 0.7 + (i === 0 ? 0 : 0.2 * random.uniform()));
    const value = time.map(() => 100 * random.uniform());
    const times = [0.3, 2, 17, 44.8, 80];
    const fast = convolveExponential({ time, value }, rate, at(...times));
    const slow = times.map((t) => convolveExponentialReference(time, value, rate, t));
    const most = (v: number[]): number => Math.max(...v.map(Math.abs));
    const [f, g] = [slow.map((s) => s.f), slow.map((s) => -s.g)];
    // Simpson's rule with k h below 1/400 is good to 1e-10.
    expect(fast.value).toBeAllclose(f, { atol: 1e-9 * most(f) });
    expect(fast.slope).toBeAllclose(g, { atol: 1e-9 * most(g) });
  });
  test("means over frames are the means of many instants", () => {
    const curve = curveThrough([1, 3, 20], [50, 10, 4]);
    const frames = { start: Float64Array.of(0.5, 6), end: Float64Array.of(4, 20) };
    const mean = convolveExponential(curve, 0.2, frames);
    const n = 4000;
    const instants = (a: number, b: number): Float64Array =>
      Float64Array.from({ length: n }, (_, i) => a + ((i + 0.5) * (b - a)) / n);
    for (const [i, [a, b]] of [
      [0.5, 4],
      [6, 20],
    ].entries()) {
      const many = convolveExponential(curve, 0.2, at(...instants(a, b)));
      // The midpoint rule with 4000 points: 1e-7.
      expect([mean.value[i], mean.slope[i]]).toBeAllclose(
        [many.value.reduce((s, v) => s + v / n, 0), many.slope.reduce((s, v) => s + v / n, 0)],
        { rtol: 1e-6 },
      );
    }
  });
  test.each([0, -1, Number.NaN])("a rate of %d is refused", (rate) => {
    expect(() => convolveExponential(curveThrough([1], [1]), rate, at(1))).toThrow(
      expect.objectContaining({ code: "not-positive" }),
    );
  });
});

describe("weighted least squares", () => {
  test("by hand: a weighted mean has variance s^2 / sum w", () => {
    const fit = weightedLeastSquares([Float64Array.of(1, 1, 1)], Float64Array.of(1, 2, 6), Float64Array.of(1, 2, 0));
    // (1 + 4) / 3; sum w r^2 = 4/9 + 2/9; freedom 1.
    expect(fit.parameters[0]).toBeCloseTo(5 / 3, 14);
    expect([fit.weightedSquares, fit.freedom, fit.covariance[0]]).toBeAllclose([2 / 3, 1, 2 / 9], { rtol: 1e-13 });
  });
  test("the error of a ratio by hand", () => {
    const fit = { parameters: Float64Array.of(6, 2), covariance: Float64Array.of(0.09, 0.01, 0.01, 0.04) };
    // d = (1/2, -6/4): 0.09/4 - 2 * 0.75 * 0.01 + 2.25 * 0.04
    expect(standardErrorOf(fit, ([a, b]) => a / b)).toBeCloseTo(Math.sqrt(0.0225 - 0.015 + 0.09), 8);
  });
  test("too few samples", () => {
    expect(() => weightedLeastSquares([Float64Array.of(1, 1)], Float64Array.of(1, 2), Float64Array.of(1, 0))).toThrow(
      expect.objectContaining({ code: "too-few-samples" }),
    );
  });
});

describe("separable fits", () => {
  const t = Float64Array.from({ length: 40 }, (_, i) => i / 4);
  const decay = (rate: number, index: number) => ({
    value: t.map((s) => Math.exp(-rate * s)),
    slope: t.map((s) => -s * Math.exp(-rate * s)),
    rate: index,
  });
  const flat = new Float64Array(40).fill(1);
  test("3 + 5 exp(-0.7 t)", () => {
    const fit = fitSeparable({
      y: t.map((s) => 3 + 5 * Math.exp(-0.7 * s)),
      weights: flat,
      columns: ([k]) => [{ value: flat }, decay(k, 0)],
      rates: 1,
      low: 1e-3,
      high: 10,
    });
    expect(fit.parameters).toBeAllclose([3, 5, 0.7], { rtol: 1e-9 });
    expect([fit.converged, fit.atBorder]).toEqual([true, false]);
  });
  test("two exponentials; with noise the slope of the sum of squares is 0 at the end", () => {
    const random = seededRandom(5);
    const y = t.map((s) => 2 * Math.exp(-0.2 * s) + 5 * Math.exp(-2 * s) + 0.05 * random.normal());
    const columns = ([a, b]: readonly number[]) => [decay(a, 0), decay(b, 1)];
    const fit = fitSeparable({ y, weights: flat, columns, rates: 2, low: 1e-3, high: 50 });
    const residual = y.map((v, i) => v - fit.fitted[i]);
    const [c1, c2, a, b] = fit.parameters;
    for (const slope of [decay(a, 0).slope.map((v) => c1 * v), decay(b, 1).slope.map((v) => c2 * v)]) {
      const along = slope.reduce((sum, v, i) => sum + v * residual[i], 0);
      expect(Math.abs(along)).toBeLessThan(1e-7 * Math.hypot(...slope) * Math.hypot(...residual));
    }
    expect(fit.parameters).toBeAllclose([2, 5, 0.2, 2], { rtol: 0.1 });
  });
  test("a rate at the border is said to be there", () => {
    const fit = fitSeparable({
      y: t.map((s) => Math.exp(-20 * s)),
      weights: flat,
      columns: ([k]) => [decay(k, 0)],
      rates: 1,
      low: 0.01,
      high: 1,
    });
    expect(fit.atBorder).toBe(true);
  });
  test("columns that never differ are refused", () => {
    const problem = {
      y: t,
      weights: flat,
      columns: () => [{ value: flat }, { value: flat }],
      rates: 1,
      low: 1,
      high: 2,
    } as const;
    expect(() => fitSeparable(problem)).toThrow(expect.objectContaining({ code: "rank-deficient" }));
  });
});
