import { describe, expect, test } from "vitest";
import { taper } from "../fir/window.ts";
import { seededRandom } from "../random/random.ts";
import { referencePeriodogram } from "./periodogram.ref.ts";
import { periodograms, welchSpectrum } from "./welch.ts";

const rate = 250;
const noise = (n: number, seed: number): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};

test("known answer: a 10 uV sine of 10 Hz peaks at 7.337695e-11 V2/Hz and holds A^2/2 (MNE)", () => {
  const sine = Float64Array.from({ length: 10 * rate }, (_, t) => 1e-5 * Math.sin((2 * Math.PI * 10 * t) / rate));
  const { frequencies, density, windows } = welchSpectrum(sine, rate, { length: 500 });
  const peak = density.indexOf(Math.max(...density));
  expect(frequencies[peak]).toBe(10);
  expect(windows).toBe(5);
  expect([density[peak]]).toBeAllclose([7.337695017614491e-11], { rtol: 1e-12 });
  expect([density.reduce((sum, p) => sum + p * 0.5, 0)]).toBeAllclose([5e-11], { rtol: 1e-12 });
});

describe.each([2, 3, 64, 101, 250])("window of %d samples", (length) => {
  test.each(["hamming", "hann", "rectangular"] as const)("%s: equals the sum itself", (window) => {
    const x = noise(3 * length + 1, length);
    const { densities } = periodograms(x, rate, { length, window });
    expect(densities.length).toBe(3);
    densities.forEach((density, i) => {
      const part = x.subarray(i * length, (i + 1) * length);
      const reference = referencePeriodogram(part, rate, taper(window, length, "periodic"));
      expect(density).toBeAllclose(reference, { rtol: 1e-9, atol: 1e-15 });
    });
  });
});

test("overlap: half-overlapping windows of 4 in 11 samples are 4; an offset changes nothing", () => {
  const x = noise(11, 1);
  expect(periodograms(x, 1, { length: 4, overlap: 2 }).densities.length).toBe(4);
  const shifted = welchSpectrum(
    x.map((v) => v + 100),
    1,
    { length: 4, overlap: 2 },
  );
  expect(shifted.density).toBeAllclose(welchSpectrum(x, 1, { length: 4, overlap: 2 }).density, { atol: 1e-10 });
});

test("white noise is flat at 2 variance / rate", () => {
  const { density } = welchSpectrum(noise(250 * 400, 9), rate, { length: 250 });
  const mean = density.subarray(2, 124).reduce((a, b) => a + b, 0) / 122;
  // 400 windows x 122 bins: relative SE about 0.006.
  expect(mean / (2 / rate)).toBeCloseTo(1, 1.3);
});

test.each([
  ["a short signal", 10, { length: 11 }, "segment-too-short"],
  ["an empty window", 10, { length: 0 }, "bad-window"],
  ["a broken length", 10, { length: 2.5 }, "bad-window"],
  ["a full overlap", 10, { length: 4, overlap: 4 }, "bad-window"],
] as const)("refuses %s", (_, n, options, code) => {
  expect(() => periodograms(new Float64Array(n), 1, options)).toThrow(expect.objectContaining({ code }));
});
