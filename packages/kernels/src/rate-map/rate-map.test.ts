import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { curveThrough } from "../kinetics/curve.ts";
import { convolveExponential } from "../kinetics/exponential.ts";
import { unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { chebyshevDerivative, chebyshevNodes, chebyshevSeries, chebyshevValue } from "./chebyshev.ts";
import { rateMapReference } from "./rate-map.ref.ts";
import { planRateMap, type RateModel, rateMap, rateMapErrors } from "./rate-map.ts";

test("a Chebyshev series of exp and of its derivative", () => {
  const c = chebyshevSeries(chebyshevNodes(20).map(Math.exp));
  expect(chebyshevValue(c, 0.3)).toBeCloseTo(Math.exp(0.3), 13);
  expect(chebyshevValue(chebyshevDerivative(c), 0.3)).toBeCloseTo(Math.exp(0.3), 12);
});

const t = Float64Array.from({ length: 38 }, (_, i) => (i < 12 ? (i + 0.5) / 6 : 2 + (i - 11.5) * 3.3));
const at = { start: t, end: t };
const reference = curveThrough(
  t,
  t.map((s) => 60 * (1 - Math.exp(-3 * s)) * Math.exp(-s / 25)),
);
const own = t.map((_, i) => reference.value[i + 1]);
const weights = t.map((_, i) => 0.5 + i / 38);
const model: RateModel = {
  fixed: [own],
  column: (rate) => convolveExponential(reference, rate, at).value,
  weights,
  low: 1e-3,
  high: 3,
};
const voxels = 41;
const random = seededRandom(3);
/** Curves of many rates and both signs, with noise. */
const data = (() => {
  const out = new Float32Array(38 * voxels);
  for (let v = 0; v < voxels; v++) {
    const [r1, rate, c] = [0.6 + random.uniform(), 0.02 * 10 ** random.uniform(), 0.15 * (random.uniform() - 0.2)];
    const phi = model.column(rate);
    for (let i = 0; i < 38; i++) out[i * voxels + v] = r1 * own[i] + c * phi[i] + 0.4 * random.normal();
  }
  return out;
})();
const curve = (v: number): Float64Array => t.map((_, i) => data[i * voxels + v]);

describe.each(["plain", "compiled"])("%s", (device) => {
  beforeAll(async () => {
    if (device === "compiled") expect(await loadKernels()).toContain("rate-map");
    else unregisterKernels();
  });
  afterAll(() => unregisterKernels());
  const plan = planRateMap(model);
  test("the rate and coefficients of the reference's own search", () => {
    const found = rateMap(plan, data, voxels);
    let compared = 0;
    for (let v = 0; v < voxels; v++) {
      const slow = rateMapReference(curve(v), weights, (rate) => [own, model.column(rate)], model.low, model.high);
      const border = slow.rate < model.low * 1.01 || slow.rate > model.high * 0.99;
      if (border) {
        expect(found.rate[v]).toBeNaN();
        continue;
      }
      compared++;
      // What is left is |y|^2 less the explained part, up to 1e5 times as large: 1e-12 of the one is 1e-7 of the other.
      expect([found.weightedSquares[v]]).toBeAllclose([slow.weightedSquares], { rtol: 1e-7 });
      // The sum of squares is flat at its lowest: the reference's own search is good to 1e-7 of the rate.
      expect([found.rate[v], found.coefficients[0][v], found.coefficients[1][v]]).toBeAllclose(
        [slow.rate, ...slow.coefficients],
        { rtol: 2e-6 },
      );
    }
    expect(compared).toBeGreaterThan(30);
  });
  test("without noise the truth", () => {
    const phi = model.column(0.05);
    const clean = Float32Array.from(t, (_, i) => 1.1 * own[i] - 0.02 * phi[i]);
    const found = rateMap(plan, clean, 1);
    // float32 data: 6e-8 of the values.
    expect([found.rate[0], found.coefficients[0][0], found.coefficients[1][0]]).toBeAllclose([0.05, 1.1, -0.02], {
      rtol: 2e-5,
    });
  });
  test("an error against repeated noise: 400 curves of one truth", () => {
    const n = 400;
    const phi = model.column(0.05);
    const noise = seededRandom(9);
    const many = new Float32Array(38 * n);
    for (let i = 0; i < 38; i++)
      for (let v = 0; v < n; v++)
        many[i * n + v] = own[i] + 0.04 * phi[i] + (0.5 * noise.normal()) / Math.sqrt(weights[i]);
    const found = rateMap(plan, many, n);
    const value = Float64Array.from(
      found.rate,
      (rate, v) => found.coefficients[0][v] + found.coefficients[1][v] / rate,
    );
    const errors = rateMapErrors(found, (v, out) => {
      out[0] = 1;
      out[1] = 1 / found.rate[v];
      out[2] = -found.coefficients[1][v] / found.rate[v];
    });
    const mean = value.reduce((a, b) => a + b / n, 0);
    const spread = Math.sqrt(value.reduce((a, b) => a + (b - mean) ** 2 / n, 0));
    const stated = errors.reduce((a, b) => a + b / n, 0);
    // The spread of 400 has an error of 3.5 %.
    expect(spread / stated).toBeGreaterThan(0.88);
    expect(spread / stated).toBeLessThan(1.12);
  });
  test("nothing has no rate", () => {
    expect(rateMap(plan, new Float32Array(38), 1).rate[0]).toBeNaN();
  });
});

test.each([
  ["rank-deficient", { fixed: [own, own] }],
  ["too-few-samples", { weights: weights.map((w, i) => (i < 3 ? w : 0)) }],
] as const)("refused: %s", (code, change) => {
  expect(() => planRateMap({ ...model, ...change })).toThrow(expect.objectContaining({ code }));
});
test("an image of other frames is refused", () => {
  expect(() => rateMap(planRateMap(model), data, 40)).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
});

test("two threads give the bits of one, over many chunks", async () => {
  const many = 2600;
  const wide = Float32Array.from(
    { length: 38 * many },
    (_, i) => data[Math.floor(i / many) * voxels + ((i % many) % voxels)],
  );
  const plan = planRateMap(model);
  const found = [];
  for (const threads of [1, 2]) {
    await loadKernels({ threads });
    found.push(rateMap(plan, wide, many));
  }
  unregisterKernels();
  unregisterCrew();
  const [one, two] = found;
  expect(two.rate).toEqual(one.rate);
  expect(two.coefficients).toEqual(one.coefficients);
  expect(two.weightedSquares).toEqual(one.weightedSquares);
});
