/** Hypotheses, mixed effects and canonical correlation against what can be worked out by hand. */
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { canonicalCorrelation } from "./canonical-correlation.ts";
import { studentTwoSided } from "./distribution.ts";
import { testHypothesis } from "./hypothesis.ts";
import { mixedEffects } from "./mixed-effects.ts";

describe("tests of coefficients", () => {
  const b = [2, -1, 0.5];
  const v = [4, 1, 0, 1, 9, 0, 0, 0, 1];
  test("t by hand: (b1 - b2) / sqrt(4 + 9 - 2), and F of one row is its square", () => {
    const t = testHypothesis(b, v, [[1, -1, 0]], 20);
    expect(t).toMatchObject({ kind: "t", dof: [1, 20], value: 3 });
    expect(t.statistic).toBeCloseTo(3 / Math.sqrt(11), 12);
    expect(t.p).toBeCloseTo(studentTwoSided(3 / Math.sqrt(11), 20), 12);
  });
  test("F by hand of two rows: b' V^-1 b / 2 with V = [4 1; 1 9]", () => {
    // V^-1 = [9 -1; -1 4] / 35; (2, -1): (36 + 4 + 4) / 35.
    const f = testHypothesis(
      b,
      v,
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      20,
    );
    expect(f).toMatchObject({ kind: "F", dof: [2, 20] });
    expect(f.statistic).toBeCloseTo(44 / 35 / 2, 12);
    // Rows mixed with each other are the same hypothesis.
    expect(
      testHypothesis(
        b,
        v,
        [
          [1, 1, 0],
          [1, -2, 0],
        ],
        20,
      ).statistic,
    ).toBeCloseTo(f.statistic, 12);
  });
  test.each([
    ["shape-mismatch", [[1, 0]]],
    ["bad-contrast", []],
    ["bad-contrast", [[0, 0, 0]]],
    [
      "bad-contrast",
      [
        [1, 0, 0],
        [2, 0, 0],
      ],
    ],
  ])("refusal: %s", (code, rows) => {
    expect(() => testHypothesis(b, v, rows, 20)).toThrow(expect.objectContaining({ code }));
  });
});

describe("random intercepts by restricted maximum likelihood", () => {
  test("one-way balanced: the analysis of variance", () => {
    // Group means 2, 4, 9, grand 5: MSB = 2 (9 + 1 + 16) / 2 = 26; within (1 + 1) * 3 / 3 = 2.
    const y = [1, 3, 3, 5, 8, 10];
    const fit = mixedEffects(
      y,
      y.map(() => [1]),
      ["a", "a", "b", "b", "c", "c"],
    );
    expect(fit.coefficients[0]).toBeCloseTo(5, 9);
    expect(fit.within).toBeCloseTo(2, 6);
    expect(fit.between).toBeCloseTo((26 - 2) / 2, 5);
    expect(Math.sqrt(fit.covariance[0] as number)).toBeCloseTo(Math.sqrt(26 / 6), 6);
    expect(fit.dof).toEqual([2]);
  });
  test("two conditions in each subject: the paired t test", () => {
    const [first, second] = [
      [1, 2, 4, 3],
      [2, 5, 5, 5],
    ];
    const y = first.flatMap((v, i) => [v, second[i] as number]);
    const fit = mixedEffects(
      y,
      y.map((_, i) => [1, i % 2]),
      y.map((_, i) => `s${i >> 1}`),
    );
    // Differences 1, 3, 1, 2: mean 1.75, sd sqrt(2.75 / 3), error sqrt(2.75 / 12).
    expect(fit.coefficients[1]).toBeCloseTo(1.75, 9);
    expect(Math.sqrt(fit.covariance[3] as number)).toBeCloseTo(Math.sqrt(2.75 / 12), 6);
    expect(fit.dof).toEqual([3, 3]);
  });
  test("groups that differ less than chance: no variance between, plain least squares", () => {
    const y = [1, 5, 5, 1];
    const fit = mixedEffects(
      y,
      y.map(() => [1]),
      ["a", "a", "b", "b"],
    );
    expect(fit.between).toBe(0);
    expect(fit.covariance[0]).toBeCloseTo(16 / 3 / 4, 9);
  });
  test("invariants: scaled values, scaled variances, another order", () => {
    const random = seededRandom(3);
    const groups = Array.from({ length: 30 }, (_, i) => `s${i % 6}`);
    const own = new Map([...new Set(groups)].map((g) => [g, random.normal()]));
    const y = groups.map((g) => 2 + (own.get(g) as number) + random.normal());
    const x = groups.map((_, i) => [1, i % 5]);
    const v = groups.map(() => 0.5 + random.uniform());
    const one = mixedEffects(y, x, groups, v);
    const ten = mixedEffects(
      y.map((u) => 10 * u),
      x,
      groups,
      v.map((u) => 4 * u),
    );
    expect(ten.coefficients).toBeAllclose(
      Array.from(one.coefficients, (u) => 10 * u),
      { rtol: 1e-7 },
    );
    expect(ten.between).toBeCloseTo(100 * one.between, 3);
    expect(ten.within).toBeCloseTo(25 * one.within, 3);
    const turned = mixedEffects(y.toReversed(), x.toReversed(), groups.toReversed(), v.toReversed());
    expect(turned.coefficients).toBeAllclose(one.coefficients, { rtol: 1e-7 });
  });
  test.each([
    ["shape-mismatch", () => mixedEffects([1, 2], [[1]], ["a", "b"])],
    ["too-few-groups", () => mixedEffects([1, 2], [[1], [1]], ["a", "a"])],
    ["constant", () => mixedEffects([2, 2, 2], [[1], [1], [1]], ["a", "b", "c"])],
    ["not-positive", () => mixedEffects([1, 2, 3], [[1], [1], [1]], ["a", "b", "c"], [1, 0, 1])],
    [
      "rank-deficient",
      () =>
        mixedEffects(
          [1, 2, 3, 4, 5, 6],
          [1, 2, 3, 4, 5, 6].map((v) => [v, 2 * v]),
          ["a", "a", "b", "b", "c", "c"],
        ),
    ],
  ])("refusal: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});

describe("canonical correlation", () => {
  const random = seededRandom(7);
  const course = (): Float64Array => Float64Array.from({ length: 500 }, () => random.normal());
  const [shared, a, b, c] = [course(), course(), course(), course()];
  const plus = (x: Float64Array, y: Float64Array, w: number): Float64Array => x.map((v, t) => v + w * (y[t] as number));
  test("a course that both sides hold is found whole, whatever it is mixed with", () => {
    const found = canonicalCorrelation([plus(shared, a, 3), a], [plus(shared, b, -2), b, c]);
    expect(found.correlations[0]).toBeCloseTo(1, 9);
    expect(found.correlations[1]).toBeLessThan(0.3);
    const r = found.left[0]!.reduce((sum, v, t) => sum + v * (found.right[0]![t] as number), 0) / 500;
    expect(Math.abs(r)).toBeCloseTo(1, 9);
  });
  test("one course a side: the correlation; units do not matter, a copy does no harm", () => {
    const y = plus(shared, a, 0.7);
    const centred = (x: Float64Array): Float64Array => x.map((v) => v - x.reduce((s, u) => s + u, 0) / 500);
    const [p, q] = [centred(shared), centred(y)];
    const of = (u: Float64Array, w: Float64Array): number => u.reduce((sum, v, t) => sum + v * (w[t] as number), 0);
    const r = of(p, q) / Math.sqrt(of(p, p) * of(q, q));
    expect(canonicalCorrelation([shared], [y]).correlations[0]).toBeCloseTo(r, 12);
    expect(canonicalCorrelation([shared.map((v) => 1e-6 * v + 5)], [y, y.slice()]).correlations[0]).toBeCloseTo(r, 9);
  });
  test.each([
    ["no-courses", () => canonicalCorrelation([], [a])],
    ["shape-mismatch", () => canonicalCorrelation([a], [b.subarray(1)])],
    ["not-finite", () => canonicalCorrelation([a], [new Float64Array(500).fill(Number.NaN)])],
    ["constant", () => canonicalCorrelation([a], [new Float64Array(500).fill(2)])],
  ])("refusal: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});
