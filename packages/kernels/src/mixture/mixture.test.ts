import { expect, test } from "vitest";
import { histogram, histogramQuantile } from "../histogram/histogram.ts";
import { seededRandom } from "../random/random.ts";
import { gaussianMixture } from "./gaussian-mixture.ts";

const random = seededRandom(5);
const draws = Float64Array.from({ length: 20_000 }, (_, i) =>
  i % 4 === 0 ? 10 + random.normal() : i % 4 === 1 ? 20 + 2 * random.normal() : 40 + 3 * random.normal(),
);

test("three classes are found: weights 1/4, 1/4, 1/2, means 10, 20, 40, SDs 1, 2, 3", () => {
  const fit = gaussianMixture(draws, { components: 3 });
  expect(fit.converged).toBe(true);
  expect(fit.weights).toBeAllclose([0.25, 0.25, 0.5], { atol: 0.01 }); // 5 standard errors of 20,000 draws are 0.016
  expect(fit.means).toBeAllclose([10, 20, 40], { atol: 0.15 }); // 5 standard errors: 0.07, 0.14, 0.15
  expect(fit.variances.map(Math.sqrt)).toBeAllclose([1, 2, 3], { atol: 0.12 });
});
test("the log-likelihood never falls", () => {
  const { logLikelihood } = gaussianMixture(draws, { components: 4, iterations: 60, tolerance: 0 });
  for (let k = 1; k < logLikelihood.length; k++)
    expect(logLikelihood[k] - logLikelihood[k - 1]).toBeGreaterThan(-1e-9 * Math.abs(logLikelihood[k]));
});
test("counts are repeats: a histogram gives the same fit as its values", () => {
  const values = [1, 2, 10, 11, 12];
  const counts = [3, 1, 2, 5, 1];
  const repeated = values.flatMap((x, i) => Array.from({ length: counts[i] }, () => x));
  const means = [1, 11];
  const a = gaussianMixture(values, { components: 2, counts, means });
  const b = gaussianMixture(repeated, { components: 2, means });
  expect(a.means).toBeAllclose(b.means, { rtol: 1e-9 });
  expect(a.weights).toBeAllclose([4 / 12, 8 / 12], { atol: 1e-6 });
});
test("scaling and shifting the values scales and shifts the fit", () => {
  const one = gaussianMixture(draws, { components: 3 });
  const other = gaussianMixture(
    draws.map((x) => 5 * x - 100),
    { components: 3 },
  );
  expect(other.means).toBeAllclose(
    one.means.map((m) => 5 * m - 100),
    { rtol: 1e-6, atol: 1e-4 },
  );
});
test.each([
  ["constant-data", () => gaussianMixture([2, 2, 2], { components: 2 })],
  ["empty-region", () => gaussianMixture([], { components: 2 })],
  ["not-finite", () => gaussianMixture([1, Number.NaN, 3], { components: 2 })],
  ["grid-mismatch", () => gaussianMixture([1, 2, 3], { components: 2, counts: [1] })],
  ["grid-mismatch", () => gaussianMixture([1, 2, 3], { components: 2, means: [1] })],
  ["empty-range", () => histogram([1], { bins: 4, low: 1, high: 1 })],
  ["empty-region", () => histogramQuantile(histogram([5], { bins: 4, low: 0, high: 1 }), 0.5)],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
test("histogram: the top edge counts, outside and NaN do not; quantiles are linear inside a bin", () => {
  const h = histogram([0, 0.5, 1, 2, Number.NaN], { bins: 2, low: 0, high: 1 });
  expect([...h.counts, h.total]).toEqual([1, 2, 3]);
  const even = histogram(
    Float64Array.from({ length: 1000 }, (_, i) => i / 1000),
    { bins: 10, low: 0, high: 1 },
  );
  expect([0.05, 0.5, 0.98].map((p) => histogramQuantile(even, p))).toBeAllclose([0.05, 0.5, 0.98], { atol: 1e-9 });
});
