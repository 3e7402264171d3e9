import { affineOf, identityAffine, type Mask, type Volume } from "@quintet/core";
import { fwhmPerSigma, resample, seededRandom, smoothGaussian } from "@quintet/kernels";
import { expect, test } from "vitest";
import { comparedInTemplate, noiseNormalised, type TestRetestNorms, testRetestNorms } from "./noise-normalised.ts";

const side = 24;
const edge = 4;
const grid = {
  shape: [side, side, side] as const,
  affine: affineOf([edge, 0, 0, 0, 0, edge, 0, 0, 0, 0, edge, 0]),
  space: "template",
};
const mask: Mask = { ...grid, data: new Uint8Array(side ** 3).fill(1) };

/** Noise of 10 mm FWHM, in the upper half (z) `ratio` times as strong. */
function difference(seed: number, focus = 0, ratio = 2): Volume<"1"> {
  const random = seededRandom(seed);
  const sigma = 10 / fwhmPerSigma / edge;
  const white = Float32Array.from({ length: side ** 3 }, () => random.normal());
  const smooth = smoothGaussian(white, grid.shape, [sigma, sigma, sigma]);
  const size = Math.sqrt(smooth.reduce((s, x) => s + x * x, 0) / smooth.length);
  const data = smooth.map((x, v) => {
    const [i, j, k] = [v % side, Math.floor(v / side) % side, Math.floor(v / side ** 2)];
    const near = Math.hypot(i - 12, j - 12, k - 6) * edge;
    return (0.05 * (k < side / 2 ? 1 : ratio) * x) / size + focus * Math.exp(-((near / 8) ** 2));
  });
  return { ...grid, unit: "1", clock: "none", frames: [{ start: 0, duration: 0 }], data };
}
/** As the statistic takes them: smoothed by 12 mm. */
const smoothed = (one: Volume<"1">): Volume<"1"> => comparedInTemplate(one, mask, (map) => map);
const pairs = Array.from({ length: 15 }, (_, k) => smoothed(difference(k + 1)));
const norms = testRetestNorms(pairs, mask);

test("by hand: t = ((D - c) / g - B m) / (s~ sqrt(1 + B/15)) with d0 + 14 degrees of freedom; sd is drawn between s and its neighbours", () => {
  const patient = smoothed(difference(99));
  const { t, noise, degrees } = noiseNormalised(patient, norms);
  const middle = (values: ArrayLike<number>): number =>
    (Float64Array.from(values).sort()[(values.length - 1) >> 1] as number) / 2 +
    (Float64Array.from(values).sort()[values.length >> 1] as number) / 2;
  const level = (data: Float32Array): [number, number] => {
    const c = middle(data);
    return [c, 1.4826 * middle(data.map((x) => Math.abs(x - c)))];
  };
  expect(degrees).toBeCloseTo(norms.priorDegrees + 14, 9);
  const levels = pairs.map(({ data }) => level(data));
  const c = middle(patient.data);
  const own = patient.data.map((x, v) => (x - c) / (norms.sd[v] as number));
  expect(noise).toBeCloseTo(level(own)[1], 4);
  const { meanKept: kept, priorDegrees: d0 } = norms;
  for (const v of [0, 777, 5000, 13_823]) {
    const values = pairs.map(({ data }, k) => ((data[v] as number) - (levels[k]?.[0] ?? 0)) / (levels[k]?.[1] ?? 1));
    const m = values.reduce((a, b) => a + b, 0) / 15;
    const s2 = values.reduce((a, b) => a + (b - m) ** 2, 0) / 14;
    expect(norms.mean[v]).toBeCloseTo(kept * m, 4);
    const s = norms.sd[v] as number;
    const neighbours = ((d0 + 14) * s ** 2 - 14 * s2) / d0; // what s0^2 must have been
    expect(Math.abs(Math.log(neighbours / s ** 2))).toBeLessThan(Math.abs(Math.log(s2 / s ** 2)) + 1e-9);
    expect(t[v]).toBeCloseTo(
      (((patient.data[v] as number) - c) / noise - kept * m) / (s * Math.sqrt(1 + kept / 15)),
      3,
    );
  }
});

/** Noise of 16 mm FWHM that knows no edge: cut out of a larger grid. */
function edgeless(seed: number): Volume<"1"> {
  const random = seededRandom(seed);
  const [all, margin] = [side + 12, 6];
  const sigma = 16 / fwhmPerSigma / edge;
  const white = Float32Array.from({ length: all ** 3 }, () => random.normal());
  const smooth = smoothGaussian(white, [all, all, all], [sigma, sigma, sigma]);
  const data = Float32Array.from({ length: side ** 3 }, (_, v) => {
    const [i, j, k] = [v % side, Math.floor(v / side) % side, Math.floor(v / side ** 2)];
    return smooth[((k + margin) * all + j + margin) * all + i + margin] as number;
  });
  return { ...difference(1), data };
}

test("noise alike everywhere: many degrees of freedom, an even sd, z of SD 1; the mean of such pairs is not believed", () => {
  const alike = testRetestNorms(
    Array.from({ length: 15 }, (_, k) => edgeless(k + 1)),
    mask,
  );
  expect(alike.priorDegrees).toBeGreaterThan(100); // 14 without the neighbours
  expect(alike.meanKept).toBeLessThan(0.3); // R of 200 resels is 1 with an SD of 0.1
  const middle = alike.sd.reduce((a, b) => a + b, 0) / alike.sd.length;
  const uneven = Math.sqrt(alike.sd.reduce((a, b) => a + (b / middle - 1) ** 2, 0) / alike.sd.length);
  expect(uneven).toBeLessThan(0.1); // 0.19 of 14 degrees alone
  const z = noiseNormalised(edgeless(98), alike).z.data;
  expect(Math.sqrt(z.reduce((s, x) => s + x * x, 0) / z.length)).toBeCloseTo(1, 1);
});

test("pairs that all differ the same way somewhere: that is believed and taken off", () => {
  const drift = (one: Volume<"1">): Volume<"1"> => ({
    ...one,
    data: one.data.map((x, v) => x + (v % side < side / 4 ? 0.1 : 0)),
  });
  const moved = testRetestNorms(
    pairs.map((one) => drift(one)),
    mask,
  );
  expect(moved.meanKept).toBeGreaterThan(0.7);
  const { z } = noiseNormalised(drift(smoothed(difference(97))), moved);
  const there = z.data.filter((_, v) => v % side < side / 4);
  expect(Math.abs(there.reduce((a, b) => a + b, 0) / there.length)).toBeLessThan(0.5);
});

test("level and counts of a scan are not a finding: D and 3 D + 0.2 have one z", () => {
  const patient = smoothed(difference(96));
  const other = { ...patient, data: patient.data.map((x) => 3 * x + 0.2) };
  expect(noiseNormalised(other, norms).z.data).toBeAllclose(noiseNormalised(patient, norms).z.data, { atol: 1e-3 });
});

test("the standard deviation follows the noise: twice as large above; the null's z has SD 1 in both halves", () => {
  const half = side ** 3 / 2;
  const middle = (from: number): number => {
    const part = norms.sd.slice(from, from + half - 6 * side ** 2);
    return part.reduce((a, b) => a + b, 0) / part.length;
  };
  expect(middle(half + 6 * side ** 2) / middle(0)).toBeGreaterThan(1.8);
  const nulls = Array.from({ length: 10 }, (_, k) => noiseNormalised(smoothed(difference(200 + k)), norms).z.data);
  for (const from of [0, half]) {
    const values = nulls.flatMap((z) => [...z.subarray(from, from + half)]);
    const sd = Math.sqrt(values.reduce((s, x) => s + x * x, 0) / values.length);
    expect(Math.abs(sd - 1)).toBeLessThan(0.15); // 10 maps of about 100 resels each, and 15 pairs behind the variance
  }
});

test("a focus in the quiet half is found first, at its place; scaling all differences changes nothing", () => {
  const patient = smoothed(difference(300, 0.4));
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
  const some = testRetestNorms(cut, mask);
  expect([some.mask.data[100], some.mask.data[200]]).toEqual([1, 0]);
  expect([some.seen[100], some.seen[101]]).toEqual([12, 15]);
});

test("carried to the template half a voxel aside, a constant stays itself up to the edge of what was compared", () => {
  const half: Mask = { ...mask, data: mask.data.map((_, v) => (v % side < side / 2 ? 1 : 0)) };
  const flat = { ...difference(1), data: Float32Array.from(half.data, (m) => 0.3 * m) };
  const aside = affineOf([edge, 0, 0, edge / 2, 0, edge, 0, 0, 0, 0, edge, 0]);
  const { data } = comparedInTemplate(flat, half, (map) => resample(map, { ...grid, affine: aside }, identityAffine()));
  const row = data.subarray(side ** 2 * 12 + side * 12, side ** 2 * 12 + side * 13);
  expect([...row.subarray(0, 12)]).toBeAllclose(new Array(12).fill(0.3), { rtol: 1e-5 });
  expect([...row.subarray(12)]).toEqual(new Array(12).fill(0));
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
  ["grid-mismatch", () => comparedInTemplate(difference(1), { ...mask, space: "other" }, (map) => map)],
  ["repeated-pair", () => testRetestNorms([...pairs.slice(1), pairs[4] as Volume<"1">], mask)],
  ["not-finite", () => noiseNormalised({ ...difference(1), data: difference(1).data.fill(Number.NaN) }, norms)],
  ["grid-mismatch", () => noiseNormalised({ ...difference(1), space: "other" }, norms)],
];
test.each(refuse)("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
