import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { type Random, seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { bisquareReference } from "./ar-irls.ref.ts";
import { type ArIrlsFit, arDesign, arIrls } from "./ar-irls.ts";
import { arIrlsAll } from "./ar-irls-all.ts";
import { autoregressiveFit, innovations } from "./autoregressive-fit.ts";
import { bisquareFit } from "./bisquare-fit.ts";
import { columnProducts } from "./column-products.ts";
import { lagProducts } from "./lag-products.ts";

const steps = (n: number, length: number): Float64Array =>
  Float64Array.from({ length: n }, (_, t) => (Math.floor(t / length) % 2 === 0 ? 0 : 1));

function columnsOf(n: number, ...more: readonly Float64Array[]): Float64Array {
  const all = [new Float64Array(n).fill(1), ...more];
  return Float64Array.from(
    { length: n * all.length },
    (_, i) => (all[Math.floor(i / n)] as Float64Array)[i % n] as number,
  );
}

function autoregressive(random: Random, n: number, a: readonly number[]): Float64Array {
  const out = new Float64Array(n + 200);
  for (let t = 0; t < out.length; t++)
    out[t] = random.normal() + a.reduce((sum, c, k) => sum + c * (out[t - 1 - k] ?? 0), 0);
  return out.subarray(200);
}

describe("autoregressive model by least squares on the past", () => {
  test("order 1 by hand: a = sum x_t x_{t-1} / sum x_{t-1}^2", () => {
    // Seven products of 3; the past's squares 4 x 1 + 3 x 9 = 31, the present's 4 x 9 + 3 x 1 = 39.
    const { coefficients, variance } = autoregressiveFit(Float64Array.of(1, 3, 1, 3, 1, 3, 1, 3), 1);
    expect(coefficients).toBeAllclose([21 / 31], { atol: 1e-12 });
    expect(variance).toBeCloseTo((39 - 21 ** 2 / 31) / 7, 12);
  });

  test("an oscillation without noise: its recursion of order 2, and nothing is left", () => {
    const x = Float64Array.from({ length: 400 }, (_, t) => Math.sin(0.7 * t));
    const { coefficients, variance } = autoregressiveFit(x, 6);
    // sin is x_t = 2 cos w x_{t-1} - x_{t-2}
    expect(coefficients).toBeAllclose([2 * Math.cos(0.7), -1], { atol: 1e-6 });
    expect(variance).toBeLessThan(1e-12);
  });

  test("lag products are the sums they stand for", () => {
    const random = seededRandom(8);
    const [a, b] = [0, 1].map(() => Float64Array.from({ length: 40 }, () => random.normal())) as [
      Float64Array,
      Float64Array,
    ];
    const out = new Float64Array(36);
    lagProducts(a, b, 5, out);
    const by = (j: number, k: number): number => {
      let sum = 0;
      for (let t = 5; t < 40; t++) sum += (a[t - j] as number) * (b[t - k] as number);
      return sum;
    };
    expect(out).toBeAllclose(
      Array.from({ length: 36 }, (_, i) => by(Math.floor(i / 6), i % 6)),
      { atol: 1e-12 },
    );
  });

  test("made noise of order 3: the order and the coefficients come back", () => {
    const a = [0.6, -0.3, 0.25];
    const { coefficients, variance } = autoregressiveFit(autoregressive(seededRandom(1), 20000, a), 20);
    expect(coefficients.length).toBe(3);
    // Standard error near 1 / sqrt(20000) = 0.007.
    expect(coefficients).toBeAllclose(a, { atol: 0.025 });
    expect(variance).toBeCloseTo(1, 1);
  });

  test("innovations undo the recursion", () => {
    const x = Float64Array.of(1, 2, 4, 8, 16);
    const out = new Float64Array(3);
    innovations(x, Float64Array.of(1, 2), 2, out);
    expect([...out]).toEqual([0, 0, 0]);
  });

  test.each([[-1], [3], [0.5]])("order %s of five samples is refused", (most) => {
    expect(() => autoregressiveFit(new Float64Array(5), most)).toThrow(expect.objectContaining({ code: "bad-order" }));
  });
});

describe("bisquare regression", () => {
  test("is the definition's, outliers and all", () => {
    const random = seededRandom(2);
    const n = 120;
    const x = columnsOf(
      n,
      steps(n, 15),
      Float64Array.from({ length: n }, (_, t) => t / n),
    );
    const y = Float64Array.from(
      { length: n },
      (_, t) => 3 + 2 * (x[n + t] as number) + random.normal() + (t % 17 === 3 ? 40 : 0),
    );
    const fit = bisquareFit(x, y, 3);
    expect(fit.coefficients).toBeAllclose(bisquareReference(x, y, 3), { rtol: 1e-6 });
    expect(fit.weights[3]).toBe(0);
    expect(fit.dof).toBe(117);
  });

  test("invariant: y shifted and scaled shifts and scales what is found", () => {
    const random = seededRandom(3);
    const x = columnsOf(200, steps(200, 20));
    const y = Float64Array.from({ length: 200 }, () => random.normal());
    const [one, two] = [
      bisquareFit(x, y, 2),
      bisquareFit(
        x,
        y.map((v) => 5 + 3 * v),
        2,
      ),
    ];
    expect(two.coefficients).toBeAllclose(
      [5 + 3 * (one.coefficients[0] as number), 3 * (one.coefficients[1] as number)],
      // steps end at 1e-8 of the largest coefficient, which the shift makes 40 times as large
      { atol: 1e-6 },
    );
    expect(two.sigma / one.sigma).toBeCloseTo(3, 6);
  });

  test("Gaussian noise: sigma and the coefficient's error are those of the noise over 300 draws", () => {
    const random = seededRandom(4);
    const x = columnsOf(150, steps(150, 15));
    const found = Array.from({ length: 300 }, () => {
      const y = Float64Array.from({ length: 150 }, () => 2 * random.normal());
      const { coefficients, covariance, sigma } = bisquareFit(x, y, 2);
      return { sigma, z: (coefficients[1] as number) / Math.sqrt(covariance[3] as number) };
    });
    // Of 300: the mean of sigma to 1 %, the variance of z to 8 % (standard error sqrt(2 / 300)); held at 2.5 of them.
    expect(found.reduce((sum, { sigma }) => sum + sigma / 300, 0)).toBeCloseTo(2, 1);
    expect(Math.abs(found.reduce((sum, { z }) => sum + (z * z) / 300, 0) - 1)).toBeLessThan(0.2);
  });

  test("a column that others make up is refused by its name", () => {
    const x = columnsOf(50, steps(50, 5), steps(50, 5));
    expect(() => arDesign(x, 50, 2, ["1", "task", "again"])).toThrow(
      expect.objectContaining({ code: "rank-deficient", found: "again" }),
    );
  });
});

describe("robust regression with autoregressive noise", () => {
  const n = 1200;
  const x = columnsOf(n, steps(n, 60));
  const design = arDesign(x, n, 20);

  test("a response in noise of order 2 with spikes and a step is found within its error", () => {
    const random = seededRandom(5);
    const y = autoregressive(random, n, [0.8, -0.2]);
    for (let t = 0; t < n; t++)
      y[t] = (y[t] as number) + 1.5 * (x[n + t] as number) + (t > 800 ? 20 : 0) + (t % 211 === 7 ? 30 : 0);
    const fit = arIrls(design, y);
    const error = Math.sqrt(fit.covariance[3] as number);
    expect(Math.abs((fit.coefficients[1] as number) - 1.5)).toBeLessThan(3 * error);
    expect(error).toBeLessThan(0.5);
    expect(fit.noise.length).toBeGreaterThan(0);
  });

  test("false positives on noise of order 2 at 5 %: a tenth of those of least squares", () => {
    const random = seededRandom(6);
    let [robust, plain] = [0, 0];
    for (let run = 0; run < 100; run++) {
      const y = autoregressive(random, n, [1.1, -0.2]);
      const fit = arIrls(design, y);
      if (Math.abs(fit.coefficients[1] as number) > 1.96 * Math.sqrt(fit.covariance[3] as number)) robust++;
      const ols = bisquareFit(x, y, 2);
      if (Math.abs(ols.coefficients[1] as number) > 1.96 * Math.sqrt(ols.covariance[3] as number)) plain++;
    }
    // 5 of 100 expected; 12 or more happen once in 200 such series. `npm run study -- fnirs-glm` has the runs.
    expect(robust).toBeLessThan(12);
    expect(plain).toBeGreaterThan(20);
  });

  test.each([
    ["not-finite", () => arIrls(design, new Float64Array(n).fill(Number.NaN))],
    ["shape-mismatch", () => arIrls(design, new Float64Array(7))],
    ["shape-mismatch", () => arDesign(x.subarray(1), n, 20)],
    ["not-finite", () => arDesign(new Float64Array(n).fill(Number.NaN), n, 20)],
    ["bad-order", () => arDesign(x, n, n)],
  ])("refusal: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});

describe("many series at once, compiled", () => {
  const n = 1501;
  const random = seededRandom(11);
  const x = columnsOf(
    n,
    steps(n, 60),
    Float64Array.from({ length: n }, (_, t) => Math.cos((Math.PI * (t + 0.5)) / n)),
  );
  const all = [[0.9], [0.6, -0.3, 0.25], [1.2, -0.3], []].map((a) =>
    autoregressive(random, n, a).map((v, t) => v + 3 * (x[n + t] as number) + (t % 97 === 5 ? 20 : 0)),
  );
  // The plain form, before any kernel is registered.
  const design = arDesign(x, n, 20);
  const plain = all.map((y) => arIrls(design, y));
  const same = (found: readonly Omit<ArIrlsFit, "weights">[]): void => {
    for (const [i, fit] of found.entries()) {
      const own = plain[i] as ArIrlsFit;
      expect([fit.noise.length, fit.rounds, fit.dof]).toEqual([own.noise.length, own.rounds, own.dof]);
      expect(fit.noise).toBeAllclose(own.noise, { atol: 1e-6 });
      // Rounds before the last end at 1e-6 of the largest coefficient: seen are 1e-7 standard errors.
      const error = Math.sqrt(own.covariance[4] as number);
      expect(fit.coefficients).toBeAllclose(own.coefficients, { atol: 1e-5 * error });
      expect(fit.covariance).toBeAllclose(own.covariance, { rtol: 1e-5, atol: 1e-5 * error ** 2 });
      expect(fit.sigma / own.sigma).toBeCloseTo(1, 6);
    }
  };
  beforeAll(() => loadKernels({ threads: 2 }));
  afterAll(() => {
    unregisterKernels();
    unregisterCrew();
  });

  test("each is the plain form's, outliers and all, and one thread gives the same bits as two", async () => {
    const two = arIrlsAll(design, all);
    same(two);
    await loadKernels({ threads: 1 });
    const one = arIrlsAll(design, all);
    for (const [i, fit] of one.entries()) expect(fit.coefficients).toEqual(two[i]?.coefficients);
    await loadKernels({ threads: 2 });
  });

  test("lag products of the columns are the plain form's", () => {
    expect(columnProducts(x, n, 20)).toBeAllclose(design.products, { atol: 1e-9 * n });
  });

  test("a column that the whitening takes away: the series goes the plain way and comes out the same", () => {
    // A random walk's innovations leave nothing of a constant and of a slow cosine.
    const walk = new Float64Array(n);
    for (let t = 1; t < n; t++) walk[t] = (walk[t - 1] as number) + 0.01 * random.normal();
    const [fit] = arIrlsAll(design, [walk]);
    const own = arIrls(design, walk);
    expect(fit?.noise.length).toBe(own.noise.length);
    expect(fit?.coefficients[1]).toBeCloseTo(own.coefficients[1] as number, 6);
  });

  test("refusals are the plain form's", () => {
    expect(() => arIrlsAll(design, [new Float64Array(7)])).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
    expect(() => arIrlsAll(design, [new Float64Array(n).fill(Number.NaN)])).toThrow(
      expect.objectContaining({ code: "not-finite" }),
    );
  });
});
