import type { Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { beforeAll, expect, test } from "vitest";
import { linearResponse } from "../forward/collimators.ts";
import { spectGrid } from "../forward/spect-projector.ts";
import { reconstruct, type SpectTerms } from "./reconstruct.ts";
import { countDispersion, expectedCounts, replicateCounts } from "./replicates.ts";

// images this small are done before a second thread has heard of them
beforeAll(async () => void (await loadKernels({ threads: 1 })));

const [n, rows, views] = [24, 2, 12];
const geometry = {
  columns: n,
  rows,
  size: [8, 8] as const,
  angles: Float64Array.from({ length: views }, (_, v) => (2 * Math.PI * v) / views),
  radii: new Float64Array(views).fill(130),
};
const grid = spectGrid(geometry);
const inside = (v: number, x: number, y: number, r: number): boolean =>
  Math.hypot((v % n) - x, (Math.floor(v / n) % n) - y) < r;
const all = Array.from({ length: n * n * rows }, (_, v) => v);
const body = all.filter((v) => inside(v, 11.5, 11.5, 9));
const attenuation = {
  ...grid,
  unit: "1/cm",
  energy: 140.5,
  clock: "none",
  frames: [{ start: 0, duration: 0 }],
  data: Float32Array.from(all, (v) => (inside(v, 11.5, 11.5, 9) ? 0.15 : 0)),
} as const satisfies Volume & { readonly energy: number };
/** A disc with a hot spot left of its middle, seen with attenuation, response and scatter. */
const truth = Float32Array.from(all, (v) => (inside(v, 8, 12, 2.2) ? 0.8 : inside(v, 11.5, 11.5, 9) ? 0.2 : 0));
const terms: SpectTerms = {
  response: linearResponse(0.03, 2),
  attenuation,
  scatter: new Float32Array(n * rows * views).fill(0.8),
  factor: Float32Array.from({ length: n * rows * views }, (_, i) => (i < (n * rows * views) / 2 ? 1 : 0.9)),
};
const image = (data: Float32Array): Float32Array => {
  const steps = reconstruct({ ...geometry, data }, grid, terms, { algorithm: "osem", iterations: 3, subsets: 3 });
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value.image.data;
  }
};
const spot = all.filter((v) => inside(v, 8, 12, 2.2));
const far = body.filter((v) => !inside(v, 8, 12, 5));
const mean = (x: Float32Array, where: readonly number[]): number =>
  where.reduce((sum, v) => sum + (x[v] as number), 0) / where.length;
const ratio = (x: Float32Array): number => mean(x, spot) / mean(x, far) - 1;
const sd = (values: readonly number[]): number => {
  const middle = values.reduce((sum, x) => sum + x, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (values.length - 1));
};

test("replicates of one scan spread as repeated scans do, with attenuation, response, scatter and decay", () => {
  const at = (scan: string, k: number) => seededRandom(k + 1).fork(scan);
  const expected = expectedCounts(geometry, grid, terms, truth);
  const scans = Array.from({ length: 40 }, (_, k) => image(replicateCounts(expected, at("scan", k))));
  const told = scans.slice(0, 3).map((x, scan) => {
    const model = expectedCounts(geometry, grid, terms, x);
    return sd(Array.from({ length: 13 }, (_, k) => ratio(image(replicateCounts(model, at(`again ${scan}`, k))))));
  });
  const error = Math.sqrt(told.reduce((sum, se) => sum + (se * se) / told.length, 0));
  // 39 and 36 degrees of freedom: each known to 11 %, their quotient to 16 %; two of that
  expect(Math.abs(error / sd(scans.map(ratio)) - 1)).toBeLessThan(0.32);
});

test("expected counts by hand: the factor times the line integral, and scatter; nothing in the image leaves scatter", () => {
  const nothing = expectedCounts(geometry, grid, terms, new Float32Array(truth.length));
  expect(nothing).toBeAllclose(new Float32Array(nothing.length).fill(0.8), { rtol: 1e-6 });
  const plain = expectedCounts(geometry, grid, { ...terms, scatter: "none", factor: "none" }, truth);
  const both = expectedCounts(geometry, grid, terms, truth);
  const [first, last] = [n * rows * 2 + 12, n * rows * 10 + 12];
  expect([both[first], both[last]]).toBeAllclose(
    [(plain[first] as number) + 0.8, 0.9 * (plain[last] as number) + 0.8],
    {
      rtol: 1e-6,
    },
  );
});

test("Poisson counts scatter by 1, counts times 4 by 4; by hand a half", () => {
  const expected = new Float32Array(20_000).fill(3);
  const y = replicateCounts(expected, seededRandom(5));
  // variance of (y - e)^2 / e is 2 + 1 / e: 0.011 of 20,000 bins
  expect(Math.abs(countDispersion(y, expected) - 1)).toBeLessThan(0.04);
  const scaled = [y.map((c) => 4 * c), expected.map((e) => 4 * e)] as const;
  expect(countDispersion(...scaled) / countDispersion(y, expected)).toBeCloseTo(4, 5);
  expect(countDispersion(Float32Array.of(1, 3), Float32Array.of(2, 2))).toBe(0.5); // (1 + 1) / 4
});

test.each([
  ["bad-counts", () => replicateCounts(Float32Array.of(1, -1), seededRandom(1))],
  ["bad-counts", () => replicateCounts(Float32Array.of(Number.NaN), seededRandom(1))],
  ["no-counts", () => countDispersion(Float32Array.of(0), Float32Array.of(0))],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
