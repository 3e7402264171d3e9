import { affineOf, type Mask, type Volume } from "@quintet/core";
import { fwhmPerSigma, seededRandom, smoothGaussian } from "@quintet/kernels";
import { expect, test } from "vitest";
import { noiseNormalised, type TestRetestNorms, testRetestNorms } from "./noise-normalised.ts";

const side = 24;
const edge = 4;
const grid = {
  shape: [side, side, side] as const,
  affine: affineOf([edge, 0, 0, 0, 0, edge, 0, 0, 0, 0, edge, 0]),
  space: "template",
};
const mask: Mask = { ...grid, data: new Uint8Array(side ** 3).fill(1) };

/** Noise of 10 mm FWHM, twice as strong in the upper half (z). */
function difference(seed: number, focus = 0): Volume<"1"> {
  const random = seededRandom(seed);
  const sigma = 10 / fwhmPerSigma / edge;
  const white = Float32Array.from({ length: side ** 3 }, () => random.normal());
  const smooth = smoothGaussian(white, grid.shape, [sigma, sigma, sigma]);
  const size = Math.sqrt(smooth.reduce((s, x) => s + x * x, 0) / smooth.length);
  const data = smooth.map((x, v) => {
    const [i, j, k] = [v % side, Math.floor(v / side) % side, Math.floor(v / side ** 2)];
    const near = Math.hypot(i - 12, j - 12, k - 6) * edge;
    return (0.05 * (k < side / 2 ? 1 : 2) * x) / size + focus * Math.exp(-((near / 8) ** 2));
  });
  return { ...grid, unit: "1", clock: "none", frames: [{ start: 0, duration: 0 }], data };
}
const pairs = Array.from({ length: 15 }, (_, k) => difference(k + 1));
const norms = testRetestNorms(pairs, mask);

test("by hand: without smoothing or pooling t = (D - m) / (s sqrt(1 + 1/n)) with 0.8 n - 1 degrees of freedom", () => {
  const plain = testRetestNorms(pairs, mask, { smoothingFwhm: 0, poolingFwhm: 0 });
  const patient = difference(99);
  const { t } = noiseNormalised(patient, plain);
  expect(plain.degrees).toBe(11);
  for (const v of [0, 777, 5000, 13_823]) {
    const values = pairs.map(({ data }) => data[v] as number);
    const m = values.reduce((a, b) => a + b, 0) / 15;
    const s = Math.sqrt(values.reduce((a, b) => a + (b - m) ** 2, 0) / 14);
    expect(t[v]).toBeCloseTo(((patient.data[v] as number) - m) / (s * Math.sqrt(16 / 15)), 4);
  }
});

test("degrees of freedom by hand: 11 (1 + 2 (20 / hypot(10, 12))^2)^1.5", () => {
  expect(norms.degrees).toBeCloseTo(11 * (1 + 800 / 244) ** 1.5, 6);
});

test("the standard deviation follows the noise: twice as large above; the null's z has SD 1 in both halves", () => {
  const half = side ** 3 / 2;
  const middle = (from: number): number => {
    const part = norms.sd.slice(from, from + half - 6 * side ** 2);
    return part.reduce((a, b) => a + b, 0) / part.length;
  };
  expect(middle(half + 6 * side ** 2) / middle(0)).toBeGreaterThan(1.8);
  const nulls = Array.from({ length: 10 }, (_, k) => noiseNormalised(difference(200 + k), norms).z.data);
  for (const from of [0, half]) {
    const values = nulls.flatMap((z) => [...z.subarray(from, from + half)]);
    const sd = Math.sqrt(values.reduce((s, x) => s + x * x, 0) / values.length);
    expect(Math.abs(sd - 1)).toBeLessThan(0.15); // 10 maps of about 100 resels each, and 15 pairs behind the variance
  }
});

test("a focus in the quiet half is found first, at its place; scaling all differences changes nothing", () => {
  const patient = difference(300, 0.4);
  const { search, z } = noiseNormalised(patient, norms);
  expect(
    Math.hypot(...(search.above[0]?.centre ?? [0, 0, 0]).map((x, k) => x - ([48, 48, 24][k] as number))),
  ).toBeLessThan(8);
  const times = (one: Volume<"1">): Volume<"1"> => ({ ...one, data: one.data.map((x) => 3 * x) });
  const scaled = noiseNormalised(times(patient), testRetestNorms(pairs.map(times), mask));
  expect(scaled.z.data).toBeAllclose(z.data, { atol: 1e-3 });
});

test("a voxel that 12 of 15 pairs show is compared with those 12; one that 11 show is not", () => {
  const cut = pairs.map((pair, k) => ({
    ...pair,
    data: pair.data.map((x, v) => ((v === 100 && k < 3) || (v === 200 && k < 4) ? 0 : x)),
  }));
  const some = testRetestNorms(cut, mask, { smoothingFwhm: 0, poolingFwhm: 0 });
  expect([some.mask.data[100], some.mask.data[200]]).toEqual([1, 0]);
  const values = pairs.slice(3).map(({ data }) => data[100] as number);
  expect(some.mean[100]).toBeCloseTo(values.reduce((a, b) => a + b, 0) / 12, 6);
});

const refuse: readonly (readonly [string, () => TestRetestNorms | object])[] = [
  ["too-few-normals", () => testRetestNorms(pairs.slice(0, 9), mask)],
  ["grid-mismatch", () => testRetestNorms([...pairs.slice(1), { ...difference(1), space: "other" }], mask)],
  [
    "constant-data",
    () =>
      testRetestNorms(
        pairs.map(() => difference(1)),
        mask,
      ),
  ],
  ["not-finite", () => noiseNormalised({ ...difference(1), data: difference(1).data.fill(Number.NaN) }, norms)],
  ["grid-mismatch", () => noiseNormalised({ ...difference(1), space: "other" }, norms)],
];
test.each(refuse)("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
