import { affineOf, type Mask } from "@quintet/core";
import { expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { digamma, inverseTrigamma, trigamma } from "../statistics/polygamma.ts";
import { moderatedVariance } from "./moderated-variance.ts";

const side = 20;
const mask: Mask = {
  shape: [side, side, side],
  affine: affineOf([4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0]),
  space: "s",
  data: new Uint8Array(side ** 3).fill(1),
};
const seven = new Float32Array(side ** 3).fill(7);

/** Variances of 7 degrees of freedom of independent voxels, their truth scaled inverse chi-squared of d0. */
function drawn(seed: number, d0: number): Float32Array {
  const random = seededRandom(seed);
  const chi = (d: number): number => Array.from({ length: d }, () => random.normal() ** 2).reduce((a, b) => a + b, 0);
  return Float32Array.from({ length: side ** 3 }, () => ((d0 === 0 ? 1 : d0 / chi(d0)) * chi(7)) / 7);
}

test("polygamma by hand: psi(1) = -0.5772.., psi(1/2) = psi(1) - 2 ln 2, psi'(1) = pi^2/6, psi'(1/2) = pi^2/2, and back", () => {
  expect([digamma(1), digamma(0.5)]).toBeAllclose([-0.5772156649015329, -1.9635100260214235], { rtol: 1e-12 });
  expect([trigamma(1), trigamma(0.5)]).toBeAllclose([Math.PI ** 2 / 6, Math.PI ** 2 / 2], { rtol: 1e-12 });
  const places = [0.1, 0.5, 3, 7, 200, 1e5];
  expect(places.map((x) => inverseTrigamma(trigamma(x)))).toBeAllclose(places, { rtol: 1e-9 });
});

test("the prior's degrees of freedom come back, within a tenth for 8000 voxels", () => {
  const { priorDegrees } = moderatedVariance(drawn(1, 12), seven, mask, { fieldFwhm: 1, priorFwhm: 60 });
  expect(Math.abs(priorDegrees / 12 - 1)).toBeLessThan(0.1);
});

test("by hand: s~^2 = (d0 s0^2 + 7 s^2) / (d0 + 7) for a prior that is the same everywhere", () => {
  const s2 = drawn(2, 12);
  const { priorDegrees: d0, variance } = moderatedVariance(s2, seven, mask, { fieldFwhm: 1, priorFwhm: 4000 });
  const shift = digamma(3.5) - Math.log(3.5);
  const mean = s2.reduce((sum, x) => sum + Math.log(x) - shift, 0) / s2.length;
  const prior = Math.exp(mean + digamma(d0 / 2) - Math.log(d0 / 2));
  for (const v of [0, 4321, 7999]) expect(variance[v]).toBeCloseTo((d0 * prior + 7 * (s2[v] as number)) / (d0 + 7), 4);
});

test("one variance everywhere: drawn to it, s~ even; one twice as large in half of the image: each half keeps its own", () => {
  const scatter = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, x) => sum + (x - 1) ** 2, 0) / values.length);
  const even = moderatedVariance(drawn(3, 0), seven, mask, { fieldFwhm: 4, priorFwhm: 30 });
  expect(even.priorDegrees).toBeGreaterThan(200);
  expect(scatter(even.variance)).toBeLessThan(0.1); // sqrt(2/7) = 0.53 before
  const halves = drawn(3, 0).map((x, v) => (v < side ** 3 / 2 ? x : 4 * x));
  const { variance } = moderatedVariance(halves, seven, mask, { fieldFwhm: 4, priorFwhm: 30 });
  const layer = side ** 2;
  const mean = (part: Float32Array): number => part.reduce((a, b) => a + b, 0) / part.length;
  expect(mean(variance.subarray(0, 4 * layer))).toBeCloseTo(1, 0);
  expect(mean(variance.subarray(16 * layer)) / mean(variance.subarray(0, 4 * layer))).toBeCloseTo(4, 0);
});

test.each([
  [
    "empty-region",
    () => moderatedVariance(seven, seven, { ...mask, data: new Uint8Array(8000) }, { fieldFwhm: 8, priorFwhm: 30 }),
  ],
  ["not-positive", () => moderatedVariance(new Float32Array(8000), seven, mask, { fieldFwhm: 8, priorFwhm: 30 })],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
