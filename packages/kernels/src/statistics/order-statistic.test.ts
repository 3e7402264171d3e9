import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { orderStatistic, quantileInPlace } from "./order-statistic.ts";

describe("the k-th smallest value", () => {
  test("by hand", () => {
    const values = [5, 1, 4, 1, 3];
    expect([0, 1, 2, 3, 4].map((k) => orderStatistic(Float64Array.from(values), k))).toEqual([1, 1, 3, 4, 5]);
    expect(quantileInPlace(Float64Array.of(4, 1, 3, 2), 0.5)).toBe(2.5);
    expect(quantileInPlace(Float64Array.of(40, 10, 30, 20), 0.1)).toBeCloseTo(13, 12);
  });

  test.each([
    ["drawn", (random: () => number) => random() - 0.5],
    ["of seven kinds", (random: () => number) => Math.floor(7 * random())],
    ["all the same", () => 3],
    ["rising", (_: () => number, i: number) => i],
    ["falling", (_: () => number, i: number) => -i],
    ["a tenth NaN", (random: () => number) => (random() < 0.1 ? Number.NaN : random())],
  ])("values %s: what a sort puts there, smaller ones before it", (_, draw) => {
    const random = seededRandom(3);
    const next = (): number => random.uniform();
    for (const n of [1, 2, 3, 10, 1001]) {
      const values = Float64Array.from({ length: n }, (_, i) => draw(next, i));
      const sorted = values.slice().sort();
      for (const k of new Set([0, 1, n >> 2, n >> 1, n - 2, n - 1].filter((k) => k >= 0 && k < n))) {
        const given = values.slice();
        expect(orderStatistic(given, k)).toBe(sorted[k]);
        expect(given.subarray(0, k).every((x) => !(x > sorted[k]))).toBe(true);
        expect(given.slice().sort()).toEqual(sorted);
      }
    }
  });

  test("no such place gives NaN", () => {
    expect(orderStatistic(new Float64Array(0), 0)).toBeNaN();
    expect(orderStatistic(Float64Array.of(1, 2), 2)).toBeNaN();
    expect(orderStatistic(Float64Array.of(1, 2), Number.NaN)).toBeNaN();
    expect(quantileInPlace(new Float64Array(0), 0.5)).toBeNaN();
  });
});
