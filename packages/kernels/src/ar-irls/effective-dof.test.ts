import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { arDesign, arIrls } from "./ar-irls.ts";
import { effectiveDof } from "./effective-dof.ts";

describe("degrees of freedom where the noise was estimated", () => {
  const n = 300;
  const random = seededRandom(3);
  const steps = Float64Array.from({ length: n }, (_, t) => (Math.floor(t / 30) % 2 === 0 ? -1 : 1));
  const course = Float64Array.from({ length: n }, () => random.normal());
  const one = Float64Array.of(1);

  test("order 1 by hand: one column, var(a) = (1 - a^2) / n", () => {
    const design = arDesign(steps, n, 1);
    const a = 0.8;
    let [past, white] = [0, 0];
    for (let t = 1; t < n; t++) {
      const e = (steps[t] as number) - a * (steps[t - 1] as number);
      past += (steps[t - 1] as number) * e;
      white += e * e;
    }
    const spread = (((2 * past) / white) ** 2 * (1 - a * a)) / n + 2 / 299;
    expect(effectiveDof(design, one, Float64Array.of(a), 299, one)).toBeCloseTo(2 / spread, 9);
  });

  test("order 2 of a contrast of two columns, by the 2 x 2 covariance of Lütkepohl and the course itself", () => {
    const x = new Float64Array(2 * n);
    x.set(steps);
    x.set(course, n);
    const design = arDesign(x, n, 2);
    const covariance = Float64Array.of(2, -0.5, -0.5, 1);
    const contrast = Float64Array.of(1, -1);
    const noise = [1.2, -0.4] as const;
    const w = Float64Array.from({ length: n }, (_, t) => 2.5 * (steps[t] as number) - 1.5 * (course[t] as number));
    const g = [0, 0];
    let white = 0;
    for (let t = 2; t < n; t++) {
      const e = (w[t] as number) - noise[0] * (w[t - 1] as number) - noise[1] * (w[t - 2] as number);
      white += e * e;
      for (const k of [0, 1]) g[k] = (g[k] as number) + 2 * (w[t - 1 - k] as number) * e;
    }
    // n V = [1 - a2^2, -a1 (1 + a2); -a1 (1 + a2), 1 - a2^2]
    const [own, cross] = [1 - noise[1] ** 2, -noise[0] * (1 + noise[1])];
    const [g1, g2] = g.map((v) => v / white) as [number, number];
    const spread = (own * (g1 * g1 + g2 * g2) + 2 * cross * g1 * g2) / n + 2 / 298;
    expect(effectiveDof(design, covariance, Float64Array.of(...noise), 298, contrast)).toBeCloseTo(2 / spread, 9);
  });

  test("scales of covariance and contrast change nothing; white noise keeps n - p, noise that was estimated has fewer", () => {
    const design = arDesign(steps, n, 2);
    const noise = Float64Array.of(0.9);
    const dof = effectiveDof(design, one, noise, 299, one);
    expect(effectiveDof(design, Float64Array.of(7e-12), noise, 299, Float64Array.of(-3))).toBeCloseTo(dof, 9);
    expect(effectiveDof(design, one, new Float64Array(0), 299, one)).toBe(299);
    expect(dof).toBeGreaterThan(1);
    expect(dof).toBeLessThan(299);
  });

  test("they are twice the inverse of the spread of ln v over draws of the noise", () => {
    const design = arDesign(steps, n, 6);
    let [sum, squares, dofs] = [0, 0, 0];
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      const y = new Float64Array(n);
      for (let t = 1; t < n; t++) y[t] = 0.7 * (y[t - 1] as number) + random.normal();
      const fit = arIrls(design, y);
      const v = Math.log(fit.covariance[0] as number);
      sum += v;
      squares += v * v;
      dofs += effectiveDof(design, fit.covariance, fit.noise, fit.dof, one) / runs;
    }
    const spread = squares / runs - (sum / runs) ** 2;
    // A variance of 400 draws has a relative error of 0.07; the order's choice and the robust sigma add spread of their own.
    expect(2 / spread / dofs).toBeGreaterThan(0.6);
    expect(2 / spread / dofs).toBeLessThan(1.2);
  });
});
