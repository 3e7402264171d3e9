import { expect, test } from "vitest";
import { dotTest } from "../iterate/linear-operator.ts";
import { seededRandom } from "../random/random.ts";
import { denoiseTotalVariation, gradient, gradientAdjoint, totalVariation } from "./total-variation.ts";

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
function noise(n: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: n }, () => random.normal());
}

test("known answer by hand: a corner of height 1 in 2 x 2 points", () => {
  // differences (1, 1) at the first point: root 2; the others are 0
  expect(totalVariation(Float32Array.of(1, 0, 0, 0), [2, 2], { channels: 1 })).toBeCloseTo(Math.SQRT2, 6);
  expect(totalVariation(new Float32Array(32).fill(3), [4, 4])).toBe(0);
});

test("known answer by hand: two values a, b come nearer by the weight each, then meet", () => {
  const options = { channels: 1, iterations: 200, tolerance: 1e-9 } as const;
  // argmin w |p - q| + ((p - 0)^2 + (q - 4)^2) / 2
  expect(denoiseTotalVariation(Float32Array.of(0, 4), [2], 1, options).image).toBeAllclose([1, 3], { atol: 1e-4 });
  expect(denoiseTotalVariation(Float32Array.of(0, 4), [2], 9, options).image).toBeAllclose([2, 2], { atol: 1e-4 });
});

test.each([
  [[9, 7], [0, 1], 2],
  [[6, 5, 4], [0, 1, 2], 2],
  [[6, 5, 4], [0, 2], 1],
  [[8, 1], [0, 1], 2],
] as const)("gradient and its adjoint on %j along %j: dot test, norm", (shape, axes, channels) => {
  const n = product(shape) * channels;
  const grid = { shape, axes, channels };
  const pair = {
    domain: n,
    range: n * axes.length,
    forward: (x: Float32Array) => Float32Array.from(gradient(x, grid).flatMap((field) => [...field])),
    adjoint: (y: Float32Array) =>
      gradientAdjoint(
        axes.map((_, a) => y.subarray(a * n, (a + 1) * n)),
        grid,
      ),
  };
  expect(dotTest(pair)).toBeLessThan(1e-6);
});

test.each([[[16, 12]], [[8, 7, 6]]] as const)(
  "the minimum: the gap closes and no nearby image costs less (%j)",
  (shape) => {
    const n = 2 * product(shape);
    const [x, weight] = [noise(n), 0.4];
    const before = x.slice();
    const { image, gap } = denoiseTotalVariation(x, shape, weight, { iterations: 500, tolerance: 1e-5 });
    expect(gap).toBeLessThan(1e-5);
    const cost = (z: Float32Array): number =>
      weight * totalVariation(z, shape) + z.reduce((sum, v, i) => sum + (v - (x[i] as number)) ** 2, 0) / 2;
    for (let seed = 2; seed < 12; seed++) {
      const step = noise(n, seed);
      expect(cost(image.map((v, i) => v + 0.02 * (step[i] as number)))).toBeGreaterThan(cost(image));
    }
    expect(x).toEqual(before);
  },
);

test("the mean stays; a turned phase turns the result; a warm start needs fewer steps", () => {
  const x = noise(2 * 144);
  const fit = denoiseTotalVariation(x, [12, 12], 0.5, { iterations: 200 });
  const sum = (a: Float32Array): number => a.reduce((s, v) => s + v, 0);
  expect(sum(fit.image)).toBeCloseTo(sum(x), 3);
  // times i: (re, im) -> (-im, re)
  const turn = (a: Float32Array): Float32Array =>
    a.map((_, i) => (i % 2 ? (a[i - 1] as number) : -(a[i + 1] as number)));
  expect(denoiseTotalVariation(turn(x), [12, 12], 0.5, { iterations: 200 }).image).toBeAllclose(turn(fit.image), {
    atol: 1e-6,
  });
  const again = denoiseTotalVariation(x, [12, 12], 0.5, { iterations: 5, dual: fit.dual });
  expect(again.gap).toBeLessThan(denoiseTotalVariation(x, [12, 12], 0.5, { iterations: 5 }).gap);
});

test("weight 0 is a copy", () => {
  const x = noise(32);
  const { image } = denoiseTotalVariation(x, [4, 4], 0);
  expect(image).toEqual(x);
  expect(image).not.toBe(x);
});

test.each([
  ["shape-mismatch", new Float32Array(30), 1, {}],
  ["shape-mismatch", new Float32Array(32), 1, { dual: [new Float32Array(32)] }],
  ["bad-axis", new Float32Array(32), 1, { axes: [0, 0] }],
  ["not-positive", new Float32Array(32), -1, {}],
  ["not-positive", new Float32Array(32), Number.NaN, {}],
  ["not-finite", new Float32Array(32).fill(Number.NaN), 1, {}],
] as const)("refusal: %s", (code, x, weight, options) => {
  expect(() => denoiseTotalVariation(x, [4, 4], weight, options)).toThrow(expect.objectContaining({ code }));
});
