import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { referenceConvolveFir } from "./convolve-fir.ref.ts";
import { convolveFir } from "./convolve-fir.ts";
import { firDesign } from "./fir-design.ts";

const noise = (n: number, seed: number): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};

test("known answer by hand: [1/4 1/2 1/4] on 1 2 4 8, odd reflection at the ends", () => {
  // Left of 1 stands 2*1 - 2 = 0, right of 8 stands 2*8 - 4 = 12.
  expect(convolveFir([[1, 2, 4, 8]], Float64Array.of(0.25, 0.5, 0.25))[0]).toBeAllclose([1, 2.25, 4.5, 8], {
    atol: 1e-14,
  });
});

test("edges: one tap scales, no signals give none, a straight line passes any low-pass", () => {
  expect(convolveFir([[1, 2, 3]], Float64Array.of(2))[0]).toBeAllclose([2, 4, 6], { atol: 1e-14 });
  expect(convolveFir([], Float64Array.of(1))).toEqual([]);
  const line = Float64Array.from({ length: 500 }, (_, t) => 3 + 0.01 * t);
  expect(convolveFir([line], firDesign(250, { high: 40 }))[0]).toBeAllclose(line, { atol: 1e-11 });
});

describe.each([1, 2, 3])("%d signals", (count) => {
  test.each([
    [83, 100],
    [83, 83],
    [825, 5000],
    [825, 900],
    [413, 30011],
  ])("%d taps on %d samples equal the direct sum", (length, n) => {
    const taps = noise(length, 3).map((x) => x / Math.sqrt(length));
    const signals = Array.from({ length: count }, (_, i) => noise(n, i + 10));
    const fast = convolveFir(signals, taps);
    signals.slice(0, n > 10000 ? 1 : count).forEach((signal, i) => {
      // Rounding of a transform of 2^13 points on samples of size 1..5.
      expect(fast[i]).toBeAllclose(referenceConvolveFir(signal, taps), { atol: 1e-12 });
    });
  });
});

test("zero phase: a sine in the pass band keeps its place; linear in the signal", () => {
  const [rate, n] = [250, 5000];
  const sine = Float64Array.from({ length: n }, (_, t) => Math.sin((2 * Math.PI * 10 * t) / rate));
  const taps = firDesign(rate, { low: 1, high: 40 });
  const [once, twice] = convolveFir([sine, sine.map((x) => 2 * x)], taps);
  expect(once.subarray(1000, 4000)).toBeAllclose(sine.subarray(1000, 4000), { atol: 2e-3 });
  expect(twice).toBeAllclose(
    once.map((x) => 2 * x),
    { atol: 1e-12 },
  );
});

test.each([
  ["an even number of taps", [new Float64Array(9)], new Float64Array(4), "bad-taps"],
  ["a short signal", [new Float64Array(4)], new Float64Array(5), "segment-too-short"],
  ["unequal signals", [new Float64Array(9), new Float64Array(8)], new Float64Array(3), "shape-mismatch"],
] as const)("refuses %s", (_, signals, taps, code) => {
  expect(() => convolveFir(signals, taps)).toThrow(expect.objectContaining({ code }));
});
