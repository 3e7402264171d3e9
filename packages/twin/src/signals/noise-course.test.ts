import { seededRandom, welchSpectrum } from "@quintet/kernels";
import { expect, test } from "vitest";
import { envelope, pinkNoise, rhythm } from "./noise-course.ts";

test("pinkNoise: variance 1, power falls near 1/f over four octaves", () => {
  const noise = pinkNoise(seededRandom(4), 2 ** 16, 256, 0.5);
  const variance = noise.reduce((sum, v) => sum + v * v, 0) / noise.length;
  expect(variance).toBeCloseTo(1, 6);
  const power = bandMean(noise, 256);
  const slope = Math.log2(power(16, 32) / power(1, 2)) / 4;
  expect(slope).toBeGreaterThan(-1.3);
  expect(slope).toBeLessThan(-0.7);
});

test("rhythm: its power lies round its frequency", () => {
  const power = bandMean(rhythm(seededRandom(5), 2 ** 15, 256, 10, 1), 256);
  expect(power(9, 11)).toBeGreaterThan(30 * power(20, 30));
});

test("envelope: 1 inside, 0 outside, half way up in the middle of the ramp", () => {
  const e = envelope(100, 10, [[2, 5]], 1);
  expect([e[10], e[25], e[40], e[80]]).toEqual([0, 0.5000000000000001, 1, 0].map((v) => expect.closeTo(v, 6)));
});

function bandMean(x: Float64Array, rate: number): (low: number, high: number) => number {
  const spectrum = welchSpectrum(x, rate, { length: 1024 });
  return (low, high) => {
    let [sum, n] = [0, 0];
    spectrum.frequencies.forEach((f, i) => {
      if (f < low || f >= high) return;
      sum += spectrum.density[i] as number;
      n++;
    });
    return sum / n;
  };
}
