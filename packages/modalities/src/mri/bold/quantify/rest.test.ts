import { affineOf, type Mask, type Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { alff } from "./alff.ts";
import { cleanSeries } from "./clean-series.ts";
import { percentSeries } from "./percent-change.ts";
import { regionalHomogeneity } from "./reho.ts";
import { seedConnectivity, sphereSeed } from "./seed-connectivity.ts";
import { temporalSnr } from "./tsnr.ts";

/** A series of `shape` whose voxel i follows course(i, t), TR 2 s. */
function series(
  shape: readonly [number, number, number],
  volumes: number,
  course: (i: number, t: number) => number,
): Volume {
  const n = shape[0] * shape[1] * shape[2];
  return {
    shape,
    affine: affineOf([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]),
    space: "scanner:mri",
    unit: "{arbitrary}",
    clock: "mri",
    frames: Array.from({ length: volumes }, (_, t) => ({ start: 2 * t, duration: 2 })),
    data: Float32Array.from({ length: n * volumes }, (_, k) => course(k % n, Math.floor(k / n))),
  };
}
const all = (v: Volume): Mask => ({ ...v, data: new Uint8Array(v.shape[0] * v.shape[1] * v.shape[2]).fill(1) });
const random = seededRandom(12);

describe("percentSeries", () => {
  test("by hand; voxels without a positive mean are dropped and counted", () => {
    const bold = series(
      [3, 1, 1],
      2,
      (i, t) =>
        [
          [50, 150],
          [-1, 1],
          [7, 7],
        ][i][t],
    );
    const { series: percent, mask, dropped } = percentSeries(bold, all(bold));
    expect(percent.data).toBeAllclose([50, 0, 100, 150, 0, 100], { rtol: 1e-6 });
    expect([...mask.data, dropped]).toEqual([1, 0, 1, 1]);
    expect(percent.unit).toBe("%");
  });
});

describe("temporalSnr", () => {
  test("mean 100 and noise of SD 2: 50; a drift of 20 % does not count", () => {
    const bold = series([300, 1, 1], 150, (_, t) => 100 + 10 * Math.sin((Math.PI * t) / 150) + 2 * random.normal());
    const tsnr = temporalSnr(bold, all(bold), 2).data;
    const mean = tsnr.reduce((s, v) => s + v, 0) / 300;
    // Mean of the image is 106.4; relative SE of each SD is 1 / sqrt(290) = 0.06, of the mean of 300 0.0034.
    expect(Math.abs(mean / 53.2 - 1)).toBeLessThan(0.02);
  });
});

describe("cleanSeries", () => {
  const f = (k: number, t: number): number => Math.cos((Math.PI * k * (t + 0.5)) / 100);
  test("keeps the band, takes out the rest, slope and confounds, to rounding", () => {
    const confound = Float64Array.from({ length: 100 }, () => random.normal());
    // k = 20 is 0.05 Hz at 2 s, k = 60 is 0.15 Hz, k = 2 0.005 Hz.
    const bold = series(
      [2, 1, 1],
      100,
      (i, t) => 50 + 0.3 * t + f(20, t) + 2 * f(60, t) + f(2, t) + i * 4 * confound[t],
    );
    const options = { repetitionTime: 2, band: [0.01, 0.08] as const };
    const { volume, dof } = cleanSeries(bold, all(bold), { ...options, confounds: [{ name: "c", values: confound }] });
    // The slope and the confound reach into the band: what is left is the wave less its own projection on them.
    const [a, b] = [0, 1].map((i) => Array.from({ length: 100 }, (_, t) => volume.data[2 * t + i]));
    expect(a).toBeAllclose(b, { atol: 2e-4 });
    const wave = series([1, 1, 1], 100, (_, t) => f(20, t));
    const alone = cleanSeries(wave, all(wave), { ...options, confounds: [{ name: "c", values: confound }] });
    expect(a).toBeAllclose(alone.volume.data, { atol: 2e-4 });
    // k = 4 .. 32 of 99 lie in the band; constant, slope and confound take three.
    expect(dof).toBe(29 - 2);
  });
  test.each([
    ["bad-band", { repetitionTime: 2, band: [0.3, 0.4] as const }],
    ["no-dof", { repetitionTime: 2, band: [0.01, 0.011] as const }],
    ["shape-mismatch", { repetitionTime: 2, confounds: [{ name: "x", values: [1] }] }],
  ])("refused: %s", (code, options) => {
    const bold = series([2, 1, 1], 100, () => 1);
    expect(() => cleanSeries(bold, all(bold), options)).toThrow(expect.objectContaining({ code }));
  });
});

describe("alff", () => {
  // n = 100, TR 2: steps of 0.005 Hz; the band 0.01 .. 0.08 holds 15 of 50.
  const wave = (k: number, t: number): number => Math.cos((2 * Math.PI * k * t) / 100);
  const bold = series(
    [3, 1, 1],
    100,
    (i, t) => [3 * wave(10, t), 3 * wave(10, t) + 6 * wave(30, t), 4 * wave(40, t)][i],
  );
  const found = alff(bold, all(bold), 2);
  test("a sinusoid of amplitude 3 in the band gives 3 / 15 and a share of 1, 1/3 with one of 6 outside", () => {
    expect(found.bins).toBe(15);
    expect(found.alff.data).toBeAllclose([3 / 15, 3 / 15, 0], { atol: 1e-5 });
    expect(found.falff.data).toBeAllclose([1, 1 / 3, 0], { atol: 1e-5 });
  });
  test("scaling the series scales ALFF and leaves fALFF", () => {
    const louder = alff({ ...bold, data: bold.data.map((v) => 8 * v) }, all(bold), 2);
    expect(louder.alff.data).toBeAllclose(
      found.alff.data.map((v) => 8 * v),
      { rtol: 1e-5, atol: 1e-5 },
    );
    expect(louder.falff.data).toBeAllclose(found.falff.data, { atol: 1e-5 });
  });
  test.each([
    ["bad-band", () => alff(bold, all(bold), 2, [0.3, 0.4])],
    ["grid-mismatch", () => alff(bold, { ...all(bold), data: new Uint8Array(2) }, 2)],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});

describe("regionalHomogeneity", () => {
  test("courses that rise together give 1, also in other units", () => {
    const bold = series([5, 5, 5], 30, (i, t) => (1 + i) * Math.sin(t) + i);
    const w = regionalHomogeneity(bold, all(bold)).data;
    expect(w[62]).toBeCloseTo(1, 5);
    expect(Math.min(...w.filter((v) => v > 0))).toBeCloseTo(1, 4);
  });
  test("Kendall's own form by hand: 3 judges, 3 things", () => {
    // Ranks 1 2 3, 1 3 2, 2 1 3 of three voxels: sums 4 6 8, W = 12 (4 + 0 + 4) / (9 (27 - 3)) = 96 / 216. Blocks of ten
    // repeated values are ties; instead ten things are ranked, by a dense computation below.
    const courses = Array.from({ length: 27 }, () => Array.from({ length: 12 }, () => random.normal()));
    const bold = series([3, 3, 3], 12, (i, t) => courses[i][t]);
    const ranks = courses.map((c) => c.map((v) => 1 + c.filter((u) => u < v).length));
    const sums = Array.from({ length: 12 }, (_, t) => ranks.reduce((s, r) => s + r[t], 0));
    const mean = sums.reduce((s, v) => s + v, 0) / 12;
    const w = (12 * sums.reduce((s, v) => s + (v - mean) ** 2, 0)) / (27 ** 2 * (12 ** 3 - 12));
    expect(regionalHomogeneity(bold, all(bold)).data[13]).toBeCloseTo(w, 6);
  });
  test("independent noise gives 1/27 in the middle; a corner has 8 neighbours in all and is left 0", () => {
    const bold = series([12, 12, 12], 60, () => random.normal());
    const w = regionalHomogeneity(bold, all(bold)).data;
    const inner = [...w.keys()].filter((i) =>
      [i % 12, Math.floor(i / 12) % 12, Math.floor(i / 144)].every((v) => v > 0 && v < 11),
    );
    expect(inner.reduce((s, i) => s + w[i], 0) / inner.length).toBeCloseTo(1 / 27, 2.5);
    expect(w[0]).toBe(0);
  });
  test("ties are taken out of the largest possible sum", () => {
    const bold = series([3, 3, 3], 12, (_, t) => Math.floor(t / 3));
    expect(regionalHomogeneity(bold, all(bold)).data[13]).toBeCloseTo(1, 5);
  });
  test("refused: too-short", () => {
    const bold = series([3, 3, 3], 5, (_, t) => t);
    expect(() => regionalHomogeneity(bold, all(bold))).toThrow(expect.objectContaining({ code: "too-short" }));
  });
});

describe("seedConnectivity", () => {
  const a = Array.from({ length: 200 }, () => random.normal());
  const b = Array.from({ length: 200 }, () => random.normal());
  const ortho = (x: number[], y: number[]): number[] => {
    const centred = x.map((v) => v - x.reduce((s, u) => s + u, 0) / x.length);
    const other = y.map((v) => v - y.reduce((s, u) => s + u, 0) / y.length);
    const k = centred.reduce((s, v, i) => s + v * other[i], 0) / other.reduce((s, v) => s + v * v, 0);
    return centred.map((v, i) => v - k * other[i]);
  };
  const seed = ortho(
    a,
    new Array(200).fill(0).map((_, i) => i % 2),
  );
  const free = ortho(b, seed);
  const unit = (x: number[]): number[] => x.map((v) => v / Math.hypot(...x));
  const [s, f] = [unit(seed), unit(free)];
  const bold = series([4, 1, 1], 200, (i, t) => [s[t], 0.6 * s[t] + 0.8 * f[t], -s[t], f[t]][i]);
  const mask = all(bold);
  test("by hand: correlations 1, 0.6, -1 and 0, and their Fisher transform", () => {
    const found = seedConnectivity(bold, mask, sphereSeed(mask, [0, 0, 0], 1), 199);
    expect(found.r.data).toBeAllclose([0.999999, 0.6, -0.999999, 0], { atol: 1e-5 });
    expect(found.fisher.data[1]).toBeCloseTo(Math.log(1.6 / 0.4) / 2, 4);
    expect(found.z.data[1]).toBeCloseTo((Math.log(4) / 2) * Math.sqrt(197), 2);
    expect(found.seedVoxels).toBe(1);
  });
  test("z of band-passed noise is standard normal: the cleaning's own degrees of freedom", () => {
    const noise = series([2000, 1, 1], 120, () => 100 + random.normal());
    const { volume, dof } = cleanSeries(noise, all(noise), { repetitionTime: 2, band: [0.01, 0.08] });
    const { z } = seedConnectivity(volume, all(noise), sphereSeed(all(noise), [0, 0, 0], 1), dof);
    const rest = z.data.subarray(1);
    const sd = Math.sqrt(rest.reduce((sum, v) => sum + v * v, 0) / rest.length);
    // SE of an SD of 2000 values is 0.016.
    expect(Math.abs(sd - 1)).toBeLessThan(0.06);
  });
  test.each([
    ["empty-region", () => sphereSeed(mask, [99, 0, 0], 3)],
    ["empty-region", () => seedConnectivity(bold, mask, { ...mask, data: new Uint8Array(4) }, 9)],
    ["no-dof", () => seedConnectivity(bold, mask, mask, 2)],
    ["constant-data", () => seedConnectivity({ ...bold, data: bold.data.map(() => 0) }, mask, mask, 9)],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
