import { affineOf, type LabelVolume, type Mask, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { fwhmPerSigma, smoothGaussian } from "../gauss/gauss.ts";
import { seededRandom } from "../random/random.ts";
import { asymmetry } from "./asymmetry.ts";
import { expectedEuler, fieldSmoothness, gaussianTail, peakProbability, reselCounts } from "./gaussian-field.ts";
import { pairHomologues, sideOf } from "./homologues.ts";
import { effectiveSamples, regionStatistics } from "./region-statistics.ts";
import { removeResidualMotion } from "./residual-motion.ts";
import { searchClusters, smoothInside, spreadInside } from "./z-map.ts";

const grid = { shape: [2, 2, 1] as const, affine: affineOf([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]), space: "s" };
const volume: Volume<"1"> = {
  ...grid,
  unit: "1",
  clock: "c",
  frames: [{ start: 0, duration: 1 }],
  data: Float32Array.of(1, 3, 5, 9),
};
const labels: LabelVolume = { ...grid, data: Uint8Array.of(1, 1, 0, 7), names: new Map([[1, "Insula_L"]]) };

/** 1 inside a cube of n voxels a side, without `margin` voxels at each face. */
function inner(n: number, margin: number): Uint8Array {
  const inside = (x: number): boolean => x >= margin && x < n - margin;
  return Uint8Array.from({ length: n ** 3 }, (_, i) =>
    inside(i % n) && inside(Math.floor(i / n) % n) && inside(Math.floor(i / (n * n))) ? 1 : 0,
  );
}

describe("regionStatistics", () => {
  test("by hand: mean 2, sd sqrt 2, se 1, 16 mm3", () => {
    const [first, second] = regionStatistics(volume, labels);
    expect(first).toMatchObject({ label: 1, name: "Insula_L", n: 2, mean: 2 });
    expect([first?.sd, first?.se, first?.volume]).toBeAllclose([Math.SQRT2, 1, 0.016], { rtol: 1e-12 });
    expect(second).toMatchObject({ label: 7, name: "label 7", n: 1, mean: 9, sd: Number.NaN });
  });
  test("smooth noise: the se with the FWHM predicts the scatter of regional means, the plain one does not", () => {
    const shape = [32, 32, 32] as const;
    const random = seededRandom(4);
    const sigma = 2;
    const fwhm = sigma * fwhmPerSigma;
    const means: number[] = [];
    const ses: number[] = [];
    const plain: number[] = [];
    const box: LabelVolume = {
      shape,
      affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
      space: "s",
      names: new Map(),
      data: inner(32, 6), // away from the rim, where reflection correlates and adds variance
    };
    for (let k = 0; k < 100; k++) {
      const data = smoothGaussian(
        Float32Array.from({ length: 32 ** 3 }, () => random.normal()),
        shape,
        [sigma, sigma, sigma],
      );
      const image: Volume<"1"> = { ...volume, ...box, unit: "1", data };
      const [row] = regionStatistics(image, box, { fwhm });
      means.push(row?.mean ?? 0);
      ses.push(row?.se ?? 0);
      plain.push(regionStatistics(image, box)[0]?.se ?? 0);
    }
    const scatter = Math.sqrt(means.reduce((s, m) => s + m * m, 0) / means.length);
    const mean = (x: number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
    // A box of L = 20 and s = 2 averages more noise away than the large-V formula says: along each axis the mean
    // autocorrelation is (2 s sqrt(pi) - 4 s^2 / L) / L instead of 2 s sqrt(pi) / L, so se is 1.197 times too large
    // (the safe side). 100 draws scatter by 7 %: within two of that.
    const finite = (1 - (4 * sigma ** 2) / 20 / (2 * sigma * Math.sqrt(Math.PI))) ** -1.5;
    expect(Math.abs(mean(ses) / scatter / finite - 1)).toBeLessThan(0.14);
    expect(mean(plain) / scatter).toBeLessThan(0.2);
  });
  test("effective samples stay within 1 and n", () => {
    expect(effectiveSamples(10, 0.001, 100)).toBe(1);
    expect(effectiveSamples(10, 1, 0.1)).toBe(10);
    expect(effectiveSamples(10, 1, undefined)).toBe(10);
  });
  test.each([
    ["grid-mismatch", () => regionStatistics(volume, { ...labels, space: "t" })],
    ["no-such-frame", () => regionStatistics(volume, labels, { frame: 1 })],
    ["not-positive", () => regionStatistics(volume, labels, { fwhm: 0 })],
    ["not-finite", () => regionStatistics({ ...volume, data: volume.data.map(() => Number.NaN) }, labels)],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});

test.each([
  ["Precentral_L", "left", "Precentral"],
  ["Precentral_R", "right", "Precentral"],
  ["Left-Putamen", "left", "Putamen"],
  ["ctx-lh-insula", "left", "ctx-insula"],
  ["ctx-rh-insula", "right", "ctx-insula"],
  ["Right Frontal Pole", "right", "Frontal Pole"],
  ["Frontal Pole, left", "left", "Frontal Pole"],
  ["temporal lobe left", "left", "temporal lobe"],
  ["Vermis_3", "midline", "Vermis_3"],
  ["Brain-Stem", "midline", "Brain-Stem"],
  ["Lingual", "midline", "Lingual"],
] as const)("%s is %s %s", (name, side, base) => {
  expect(sideOf(name)).toEqual({ side, base });
});
test("homologues pair by name, whatever the spelling of the gap", () => {
  const rows = ["Insula_L", "Vermis_3", "Insula_R", "Cuneus_L"].map((name) => ({ name }));
  expect(pairHomologues(rows)).toEqual([{ region: "Insula", left: { name: "Insula_L" }, right: { name: "Insula_R" } }]);
});

test("asymmetry: 200 (3 - 1) / 4 = 100 %; swapping sides flips the sign; its se agrees with 2e5 draws", () => {
  const [left, right] = [
    { value: 3, standardError: 0.05 },
    { value: 1, standardError: 0.03 },
  ];
  expect(asymmetry(left, right).value).toBe(100);
  expect(asymmetry(right, left).value).toBe(-100);
  const random = seededRandom(9);
  let [sum, squares] = [0, 0];
  for (let k = 0; k < 2e5; k++) {
    const [l, r] = [3 + 0.05 * random.normal(), 1 + 0.03 * random.normal()];
    const ai = (200 * (l - r)) / (l + r);
    sum += ai;
    squares += ai * ai;
  }
  const sd = Math.sqrt(squares / 2e5 - (sum / 2e5) ** 2);
  expect(asymmetry(left, right).standardError / sd).toBeCloseTo(1, 1.5);
  expect(() => asymmetry({ value: -1, standardError: 0 }, right)).toThrow(
    expect.objectContaining({ code: "not-positive" }),
  );
});

describe("Gaussian field", () => {
  test("upper tail at 0, 1.96 and -1", () => {
    expect([0, 1.959963985, -1].map(gaussianTail)).toBeAllclose([0.5, 0.025, 0.8413447461], { atol: 1e-7 });
  });
  test("a box of 10 x 20 x 30 voxels of one resel each: resels of its corners' box, 9 x 19 x 29", () => {
    const shape = [10, 20, 30] as const;
    const box = { shape, affine: affineOf([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]), space: "s" };
    const counts = reselCounts(new Uint8Array(6000).fill(1), box, [2, 2, 2]);
    expect(counts).toBeAllclose([1, 9 + 19 + 29, 9 * 19 + 9 * 29 + 19 * 29, 9 * 19 * 29], { rtol: 1e-12 });
  });
  test("three-dimensional density at t = 3: (4 ln 2)^1.5 / (2 pi)^2 * 8 * exp(-4.5) per resel", () => {
    const byHand = ((4 * Math.LN2) ** 1.5 / (2 * Math.PI) ** 2) * 8 * Math.exp(-4.5);
    expect(expectedEuler(3, [0, 0, 0, 1])).toBeCloseTo(byHand, 12);
  });
  test("smooth noise: the estimated FWHM is the one it was made with, and the peak's p is uniform enough", () => {
    const shape = [32, 32, 32] as const;
    const affine = affineOf([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]);
    const mask: Mask = { shape, affine, space: "s", data: inner(32, 5) };
    const random = seededRandom(3);
    const widths: number[] = [];
    let below = 0;
    for (let k = 0; k < 40; k++) {
      const noise = smoothGaussian(
        Float32Array.from({ length: 32 ** 3 }, () => random.normal()),
        shape,
        [1.5, 1.5, 1.5],
      );
      const { sd } = spreadInside(noise, mask.data, "sd");
      const data = noise.map((x) => x / sd);
      const fwhm = fieldSmoothness(data, mask.data, mask);
      widths.push(...fwhm);
      if (
        peakProbability(Math.max(...data.filter((_, i) => mask.data[i] !== 0)), reselCounts(mask.data, mask, fwhm)) <
        0.3
      )
        below++;
    }
    const mean = widths.reduce((a, b) => a + b, 0) / widths.length;
    expect(Math.abs(mean / (1.5 * 3 * fwhmPerSigma) - 1)).toBeLessThan(0.05);
    // 12 of 40 expected, binomial SD 2.9.
    expect(Math.abs(below - 12)).toBeLessThanOrEqual(10);
  });
});

describe("z maps", () => {
  const shape = [20, 20, 20] as const;
  const place = { shape, affine: affineOf([-2, 0, 0, 20, 0, 2, 0, -20, 0, 0, 2, -20]), space: "s" };
  const all: Mask = { ...place, data: new Uint8Array(8000).fill(1) };
  const random = seededRandom(1);
  const noise = smoothGaussian(
    Float32Array.from({ length: 8000 }, () => random.normal()),
    shape,
    [1, 1, 1],
  );
  const { sd } = spreadInside(noise, all.data, "sd");
  const z: Volume<"{z}"> = {
    ...place,
    unit: "{z}",
    clock: "c",
    frames: [{ start: 0, duration: 0 }],
    data: noise.map((x) => x / sd),
  };

  test("a block of z = 9 is the first cluster: its volume, world centre and side", () => {
    const data = z.data.slice();
    for (let k = 4; k < 8; k++) for (let j = 4; j < 8; j++) for (let i = 4; i < 8; i++) data[i + 20 * (j + 20 * k)] = 9;
    const [first] = searchClusters({ ...z, data }, all, { threshold: 5 }).above;
    expect(first).toMatchObject({ sign: 1, n: 64, peak: 9, mean: 9 });
    expect(first?.volume).toBeCloseTo(0.512, 9);
    // The mean shift stops when a step is below 1e-4 mm; on a flat block steps halve slowly, so a tenfold of that is left.
    expect(first?.centre).toBeAllclose([20 - 2 * 5.5, -20 + 2 * 5.5, -20 + 2 * 5.5], { atol: 1e-3 });
    expect(first?.p).toBeLessThan(1e-6);
  });
  test("negating the map swaps the sides", () => {
    const negated = { ...z, data: z.data.map((x) => -x) };
    const [one, other] = [searchClusters(z, all, { threshold: 2 }), searchClusters(negated, all, { threshold: 2 })];
    expect(other.below.map((c) => c.n)).toEqual(one.above.map((c) => c.n));
    expect(other.below.map((c) => c.p)).toBeAllclose(
      one.above.map((c) => c.p),
      { rtol: 1e-9 },
    );
  });
  test("minimum volume leaves small clusters out", () => {
    const { above } = searchClusters(z, all, { threshold: 2, minimumVolume: 0.05 });
    expect(above.every(({ volume }) => volume >= 0.05)).toBe(true);
  });
  test("smoothing inside a mask keeps a constant and never looks outside", () => {
    const half = all.data.map((_, i) => (i % 20 < 10 ? 1 : 0));
    const data = Float32Array.from(half, (m) => (m ? 3 : Number.POSITIVE_INFINITY));
    const out = smoothInside(data, half, place, 8);
    expect(out.filter((_, i) => half[i])).toBeAllclose(new Float32Array(4000).fill(3), { rtol: 1e-6 });
  });
  test("a difference that is a shift of the mean image by (0.5, 0, 0) mm is taken out", () => {
    const image = smoothGaussian(
      Float32Array.from({ length: 8000 }, (_, i) => ((i >> 3) % 7 === 0 ? 10 : 1)),
      shape,
      [2, 2, 2],
    );
    const slope = image.map((_, i) => {
      const x = i % 20;
      return ((x < 19 ? image[i + 1] : image[i]) - (x > 0 ? image[i - 1] : image[i])) / 2 / -2; // world x falls with i
    });
    const { data, displacement } = removeResidualMotion(
      slope.map((s) => 0.5 * s),
      image,
      all,
    );
    expect(displacement).toBeCloseTo(0.5, 2);
    expect(data).toBeAllclose(new Float32Array(8000), { atol: 1e-4 });
  });
  test("what is taken out leaves the mean of the difference where it was: 0.1 M + 0.3 becomes its mean, everywhere", () => {
    const image = smoothGaussian(
      Float32Array.from({ length: 8000 }, (_, i) => ((i >> 3) % 7 === 0 ? 10 : 1)),
      shape,
      [2, 2, 2],
    );
    const difference = image.map((m) => 0.1 * m + 0.3);
    const mean = difference.reduce((sum, x) => sum + x, 0) / 8000;
    const { data } = removeResidualMotion(difference, image, all);
    expect(data).toBeAllclose(new Float32Array(8000).fill(mean), { atol: 1e-4 });
  });
  test.each([
    ["empty-region", () => spreadInside(z.data, new Uint8Array(8000), "sd")],
    ["constant-data", () => spreadInside(new Float32Array(8000), all.data, "mad")],
    ["not-finite", () => spreadInside(new Float32Array(8000).fill(Number.NaN), all.data, "sd")],
    ["grid-mismatch", () => searchClusters(z, { ...all, space: "t" }, { threshold: 2 })],
    ["empty-region", () => removeResidualMotion(z.data, z.data, { ...all, data: new Uint8Array(8000) })],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
