import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { normalTwoSided, studentTwoSided } from "./distribution.ts";
import { leastSquares } from "./least-squares.ts";
import { correlation, madToSigma, median, medianAbsoluteDeviation, quantile, robustZ, summarise } from "./robust.ts";

describe("order statistics", () => {
  test("by hand", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect([quantile([7], 0), quantile([7], 1)]).toEqual([7, 7]);
    expect(medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9])).toBe(1);
    expect(robustZ([1, 1, 2, 2, 4, 6, 9])[6]).toBeCloseTo(7 / madToSigma, 12);
  });
  test("nothing has no middle; a constant has no outlier", () => {
    expect(median([])).toBeNaN();
    expect([...robustZ([2, 2, 2])]).toEqual([0, 0, 0]);
    expect(robustZ([2, 2, 2, 5])[3]).toBeNaN();
  });
  test("the MAD of normal data is its sigma", () => {
    const random = seededRandom(4);
    const x = Float64Array.from({ length: 40000 }, () => 3 * random.normal());
    // Relative SE of the MAD at n = 4e4 is 0.006.
    expect((madToSigma * medianAbsoluteDeviation(x)) / 3).toBeCloseTo(1, 1.5);
  });
  test("summary and correlation by hand; the input stays in order", () => {
    const x = [3, 1, 2];
    expect(summarise(x)).toEqual({ n: 3, mean: 2, sd: 1, standardError: 1 / Math.sqrt(3) });
    median(x);
    expect(x).toEqual([3, 1, 2]);
    expect(correlation([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 14);
    expect(correlation([1, 2, 3], [1, 1, 1])).toBeNaN();
    expect(summarise([5]).sd).toBeNaN();
  });
});

describe("tails", () => {
  test.each([
    [0, 1],
    [1, 0.31731050786291],
    [1.959963984540054, 0.05],
    [3.290526731491895, 0.001],
    [5, 5.733031437583878e-7],
  ])("normal |z| >= %d: %d (tables)", (z, p) => {
    expect([normalTwoSided(z)]).toBeAllclose([p], { rtol: 1e-8 });
  });
  test.each([
    [2.228138851964939, 10, 0.05],
    [12.706204736432095, 1, 0.05],
    [3.290526731491895, 1e7, 0.001],
    [0, 4, 1],
  ])("Student |t| >= %d with %d degrees of freedom: %d (tables)", (t, dof, p) => {
    expect([studentTwoSided(t, dof)]).toBeAllclose([p], { rtol: 1e-5 });
  });
});

describe("leastSquares", () => {
  test("by hand: the line through (0,1) (1,3) (2,4)", () => {
    const fit = leastSquares(
      [
        [1, 0],
        [1, 1],
        [1, 2],
      ],
      [1, 3, 4],
    );
    expect(fit.coefficients).toBeAllclose([7 / 6, 1.5], { atol: 1e-12 });
    // Residuals -1/6, 1/3, -1/6: variance 1/6; (X'X)^-1 = [[5, -3], [-3, 3]] / 6.
    expect(fit.variance).toBeCloseTo(1 / 6, 12);
    expect(fit.spread).toBeAllclose([5 / 6, -3 / 6, -3 / 6, 3 / 6], { atol: 1e-12 });
    expect(fit.dof).toBe(1);
  });
  test("coverage: the true slope lies within 2 SE in 95 % of 400 seeded fits", () => {
    const random = seededRandom(11);
    const design = Array.from({ length: 30 }, (_, i) => [1, i / 30]);
    let inside = 0;
    for (let round = 0; round < 400; round++) {
      const fit = leastSquares(
        design,
        design.map(([, x]) => 2 + 5 * x + random.normal()),
      );
      // t(28) at 0.975.
      if (Math.abs(fit.coefficients[1] - 5) < 2.048 * Math.sqrt(fit.variance * fit.spread[3])) inside++;
    }
    // Binomial SE of 380 is 4.4.
    expect(Math.abs(inside - 380)).toBeLessThan(4 * 4.4);
  });
  test.each([
    ["fewer rows than columns", [[1, 2]], [1], "shape-mismatch"],
    ["a missing value", [[1], [2]], [1], "shape-mismatch"],
    [
      "dependent columns",
      [
        [1, 2],
        [2, 4],
        [3, 6],
      ],
      [1, 2, 3],
      "rank-deficient",
    ],
    ["nothing", [], [], "shape-mismatch"],
  ] as const)("refuses %s", (_, design, y, code) => {
    expect(() => leastSquares(design, y)).toThrow(expect.objectContaining({ code }));
  });
});
