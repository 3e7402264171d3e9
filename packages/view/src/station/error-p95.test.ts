import { expect, test } from "vitest";
import { errorP95 } from "./error-p95.ts";

test("19 of 20 of made errors lie within it", () => {
  // Normal numbers from equally likely ones (Box and Muller), a generator of one line with a fixed start.
  let state = 1;
  const uniform = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const sizes = Array.from({ length: 40_000 }, () => Math.hypot(normal(), normal(), normal()));
  const rms = Math.sqrt(sizes.reduce((sum, v) => sum + v * v, 0) / sizes.length);
  const within = sizes.filter((v) => v <= errorP95(rms)).length / sizes.length;
  // The standard error of a share of 0.95 of 40 000 is 0.0011.
  expect(Math.abs(within - 0.95)).toBeLessThan(0.004);
});

test("twice the error, twice the distance; unknown stays unknown", () => {
  expect(errorP95(2)).toBeCloseTo(2 * errorP95(1), 12);
  expect(errorP95(Number.NaN)).toBeNaN();
});
