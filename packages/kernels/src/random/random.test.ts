import { describe, expect, test } from "vitest";
import { seededRandom } from "./random.ts";

function moments(draw: () => number, n: number): [mean: number, variance: number] {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < n; i++) {
    const x = draw();
    sum += x;
    squares += x * x;
  }
  return [sum / n, squares / n - (sum / n) ** 2];
}

describe("seededRandom", () => {
  test("the same seed repeats, another seed differs", () => {
    const [a, b, c] = [seededRandom(7), seededRandom(7), seededRandom(8)];
    const first = Array.from({ length: 5 }, () => a.uniform());
    expect(Array.from({ length: 5 }, () => b.uniform())).toEqual(first);
    expect(Array.from({ length: 5 }, () => c.uniform())).not.toEqual(first);
  });

  test("uniform: mean 1/2, variance 1/12 within 5 standard errors of 1e5 draws", () => {
    const random = seededRandom(1);
    const [mean, variance] = moments(() => random.uniform(), 1e5);
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / 1e5));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.002);
  });

  test("normal: mean 0, variance 1", () => {
    const random = seededRandom(2);
    const [mean, variance] = moments(() => random.normal(), 1e5);
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(1e5));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 1e5));
  });

  test.each([0.3, 5, 29, 31, 200, 1e4])("poisson: mean and variance are both %d", (lambda) => {
    const random = seededRandom(3);
    const [mean, variance] = moments(() => random.poisson(lambda), 4e4);
    expect(Math.abs(mean - lambda)).toBeLessThan(5 * Math.sqrt(lambda / 4e4));
    expect(Math.abs(variance / lambda - 1)).toBeLessThan(5 * Math.sqrt((2 + 1 / lambda) / 4e4));
  });
});
