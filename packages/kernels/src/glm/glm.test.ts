import { affineOf, type Grid } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { normalTwoSided } from "../statistics/distribution.ts";
import { rhoOfResiduals } from "./autocorrelation.ts";
import { voxelFitRef } from "./glm.ref.ts";
import { glm } from "./glm.ts";
import { falseDiscoveryThreshold, fisherTail, normalUpperQuantile, zOfFisher, zOfStudent } from "./tails.ts";
import { thinQr } from "./thin-qr.ts";

const line = (n: number): Grid => ({
  shape: [n, 1, 1],
  affine: affineOf([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]),
  space: "scanner:mri",
});
const all = (n: number): Uint8Array => new Uint8Array(n).fill(1);
/** Voxels' courses -> [t][voxel]. */
const frames = (courses: readonly ArrayLike<number>[]): Float32Array =>
  Float32Array.from(
    { length: courses.length * courses[0].length },
    (_, i) => courses[i % courses.length][Math.floor(i / courses.length)],
  );

function ar1(n: number, rho: number, random: { normal(): number }): Float64Array {
  const out = new Float64Array(n);
  out[0] = random.normal() / Math.sqrt(1 - rho * rho);
  for (let t = 1; t < n; t++) out[t] = rho * out[t - 1] + random.normal();
  return out;
}

describe("glm", () => {
  test("by hand: the line through (0,1) (1,3) (2,4), slope 1.5, t = 1.5 / sqrt(1/6 * 1/2)", () => {
    const fit = glm(
      frames([[1, 3, 4]]),
      line(1),
      all(1),
      [
        [1, 0],
        [1, 1],
        [1, 2],
      ],
      [{ name: "slope", rows: [[0, 1]] }],
      { noise: "ols" },
    );
    expect(fit.coefficients.map(([b]) => b)).toBeAllclose([7 / 6, 1.5], { rtol: 1e-6 });
    expect(fit.variance[0]).toBeCloseTo(1 / 6, 6);
    expect(fit.contrasts[0].statistic[0]).toBeCloseTo(1.5 / Math.sqrt(1 / 12), 5);
    expect(fit.contrasts[0].standardError[0]).toBeCloseTo(Math.sqrt(1 / 12), 6);
    expect(fit.dof).toBe(1);
  });

  const random = seededRandom(21);
  const n = 60;
  const design = Array.from({ length: n }, (_, t) => [1, Math.sin(t / 4), (t / n) ** 2, random.normal()]);
  const courses = Array.from({ length: 5 }, () => ar1(n, 0.4, random).map((e, t) => 100 + 2 * design[t][1] + e));
  const contrasts = [
    { name: "sine", rows: [[0, 1, 0, 0]] },
    { name: "difference", rows: [[0, 1, 0, -2]] },
    {
      name: "any",
      rows: [
        [0, 1, 0, 0],
        [0, 1, 1, 0],
      ],
    },
  ];
  test.each(["ols", "ar1-pooled", "ar1"] as const)("%s equals the dense reference at its own rho", (noise) => {
    const fit = glm(frames(courses), line(5), all(5), design, contrasts, { noise, rhoFwhm: 0 });
    for (let i = 0; i < 5; i++) {
      const rho = Math.round(500 * fit.rho[i]) / 500;
      const y = Float32Array.from(courses[i]);
      const ref = voxelFitRef(design, y, rho);
      // The maps are float32.
      expect(fit.coefficients.map((map) => map[i])).toBeAllclose(ref.coefficients, { rtol: 1e-6, atol: 1e-6 });
      // The reference's V has unit innovations: its variance is that of the whitened residuals.
      expect([fit.variance[i]]).toBeAllclose([ref.variance], { rtol: 1e-6 });
      for (const [c, { rows }] of contrasts.entries()) {
        const spread = (a: readonly number[], b: readonly number[]): number =>
          a.reduce((s, x, j) => s + x * b.reduce((u, w, k) => u + w * ref.spread[4 * j + k], 0), 0);
        const effect = rows.map((row) => row.reduce((s, w, j) => s + w * ref.coefficients[j], 0));
        const map = fit.contrasts[c];
        if (rows.length === 1) {
          const se = Math.sqrt(ref.variance * spread(rows[0], rows[0]));
          expect([map.effect[i], map.standardError[i], map.statistic[i]]).toBeAllclose(
            [effect[0], se, effect[0] / se],
            { rtol: 1e-5, atol: 1e-6 },
          );
        } else {
          const [a, b, d] = [spread(rows[0], rows[0]), spread(rows[0], rows[1]), spread(rows[1], rows[1])];
          const [e, g] = effect;
          const quadratic = (d * e * e - 2 * b * e * g + a * g * g) / (a * d - b * b);
          expect([map.statistic[i]]).toBeAllclose([quadratic / (2 * ref.variance)], { rtol: 1e-5 });
        }
      }
    }
  });
  test("what lies outside the mask stays 0; the input stays", () => {
    const data = frames(courses);
    const kept = data.slice();
    const fit = glm(data, line(5), Uint8Array.of(1, 0, 1, 1, 0), design, contrasts);
    expect([1, 4].map((i) => fit.contrasts[0].statistic[i])).toEqual([0, 0]);
    expect(data).toEqual(kept);
  });
  test("invariant: scaling the data scales effects and leaves t", () => {
    const one = glm(frames(courses), line(5), all(5), design, contrasts, { noise: "ar1-pooled" });
    const ten = glm(frames(courses.map((y) => y.map((v) => 16 * v))), line(5), all(5), design, contrasts, {
      noise: "ar1-pooled",
    });
    expect(ten.contrasts[0].effect).toBeAllclose(
      one.contrasts[0].effect.map((e) => 16 * e),
      { rtol: 1e-5 },
    );
    expect(ten.contrasts[0].statistic).toBeAllclose(one.contrasts[0].statistic, { rtol: 1e-4 });
  });
  test("the AR(1) coefficient behind the residuals is found without the fit's own bias", () => {
    const seeds = seededRandom(5);
    const wide = Array.from({ length: 120 }, (_, t) =>
      Array.from({ length: 12 }, (_, k) => Math.cos((Math.PI * k * (t + 0.5)) / 120)),
    );
    for (const truth of [0, 0.3, 0.6]) {
      const many = Array.from({ length: 300 }, () => ar1(120, truth, seeds));
      const fit = glm(
        frames(many),
        line(300),
        all(300),
        wide,
        [{ name: "c", rows: [wide[0].map((_, j) => (j === 3 ? 1 : 0))] }],
        { noise: "ar1-pooled" },
      );
      // SE of the mean of 300 estimates is 0.09 / sqrt(300) = 0.005; the naive ratio would be 0.1 lower.
      expect(Math.abs(fit.rho[0] - truth)).toBeLessThan(0.025);
    }
  });
  test("t values of noise alone exceed their 5 % point in 5 % of voxels (AR(1), 0.4)", () => {
    const seeds = seededRandom(6);
    const many = Array.from({ length: 2000 }, () => ar1(n, 0.4, seeds));
    const fit = glm(frames(many), line(2000), all(2000), design, [contrasts[0]], { noise: "ar1-pooled" });
    const hits = fit.contrasts[0].p.filter((p) => p < 0.05).length;
    // Binomial SE of 100 is 9.7.
    expect(Math.abs(hits - 100)).toBeLessThan(4 * 9.7);
    const naive = glm(frames(many), line(2000), all(2000), design, [contrasts[0]], { noise: "ols" });
    expect(naive.contrasts[0].p.filter((p) => p < 0.05).length).toBeGreaterThan(200);
  });
  test.each([
    ["shape-mismatch", () => glm(new Float32Array(10), line(5), all(5), design, [])],
    [
      "no-dof",
      () =>
        glm(
          new Float32Array(10),
          line(5),
          all(5),
          [
            [1, 2],
            [3, 4],
          ],
          [],
        ),
    ],
    ["bad-contrast", () => glm(frames(courses), line(5), all(5), design, [{ name: "c", rows: [[0, 0, 0, 0]] }])],
    ["bad-contrast", () => glm(frames(courses), line(5), all(5), design, [{ name: "c", rows: [[1, 0]] }])],
    [
      "bad-contrast",
      () =>
        glm(frames(courses), line(5), all(5), design, [
          {
            name: "c",
            rows: [
              [0, 1, 0, 0],
              [0, 2, 0, 0],
            ],
          },
        ]),
    ],
    [
      "rank-deficient",
      () =>
        glm(
          frames(courses),
          line(5),
          all(5),
          design.map((r) => [...r, r[0] + r[1]]),
          [],
        ),
    ],
    ["empty-region", () => glm(frames(courses), line(5), new Uint8Array(5), design, [])],
    [
      "not-finite",
      () =>
        glm(
          frames(courses).map((v, i) => (i === 7 ? Number.NaN : v)),
          line(5),
          all(5),
          design,
          [],
        ),
    ],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
  test("a dependent column is named", () => {
    const names = ["constant", "sine", "trend", "noise", "sum"];
    const wide = design.map((r) => [...r, r[0] + r[1]]);
    expect(() => glm(frames(courses), line(5), all(5), wide, [], { names })).toThrow(/sum/);
  });
});

describe("rhoOfResiduals", () => {
  test("expects of a constant what a dense computation gives (and the ratio's bias), and turns it round", () => {
    const n = 30;
    const qr = thinQr(new Float64Array(n).fill(1), n, 1);
    for (const rho of [-0.3, 0, 0.5]) {
      let [a, b] = [0, 0];
      const r = (i: number, j: number): number => (i === j ? 1 : 0) - 1 / n;
      const v = (i: number, j: number): number => rho ** Math.abs(i - j);
      const rvr = (i: number, j: number): number => {
        let sum = 0;
        for (let k = 0; k < n; k++) for (let l = 0; l < n; l++) sum += r(i, k) * v(k, l) * r(l, j);
        return sum;
      };
      for (let i = 0; i < n; i++) {
        a += rvr(i, i);
        if (i + 1 < n) b += rvr(i, i + 1);
      }
      expect(rhoOfResiduals(qr)(b / a - (2 * rho) / (n - 1))).toBeCloseTo(rho, 4);
    }
  });
});

describe("tails", () => {
  test.each([
    [0.5, 0],
    [0.025, 1.959963984540054],
    [0.975, -1.959963984540054],
    [0.0005, 3.290526731491894],
    [1e-20, 9.26234008979841],
    [1e-300, 37.0471],
  ])("normal upper quantile of %d: %d (SciPy)", (p, z) => {
    expect([normalUpperQuantile(p)]).toBeAllclose([z], { rtol: 1e-6, atol: 1e-12 });
  });
  test("it turns the normal tail round", () => {
    for (const z of [0.1, 1, 2.5, 6]) expect(normalUpperQuantile(normalTwoSided(z) / 2)).toBeCloseTo(z, 8);
  });
  test.each([
    [4.102821015130386, 2, 10, 0.05],
    [7.209456, 3, 8, 0.011579],
    [0, 3, 8, 1],
  ])("P(F > %d) with %d and %d: %d (tables)", (f, n, d, p) => {
    expect([fisherTail(f, n, d)]).toBeAllclose([p], { rtol: 3e-3 });
  });
  test("z of t is odd, close to t at many degrees of freedom; z of F with one is that of t", () => {
    expect(zOfStudent(3, 1e6)).toBeCloseTo(3, 4);
    expect(zOfStudent(-2.2, 8)).toBeCloseTo(-zOfStudent(2.2, 8), 12);
    expect(zOfFisher(9, 1, 1e6)).toBeCloseTo(normalUpperQuantile(normalTwoSided(3)), 4);
  });
  test("Benjamini and Hochberg's own example: 15 tests at q = 0.05, four are significant", () => {
    const p = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
    ];
    expect(falseDiscoveryThreshold(p, 0.05)).toBe(0.0095);
    expect(falseDiscoveryThreshold([0.4, 0.9], 0.05)).toBe(0);
  });
});
