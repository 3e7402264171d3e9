import { affineOf, type DataError, halfLives, type Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { countCourse } from "./count-course.ts";
import { countRates } from "./count-rates.ts";
import { type CalibratorReading, crossCalibration } from "./cross-calibration.ts";
import { findCylinder } from "./find-cylinder.ts";
import { phantomFindings } from "./phantom-findings.ts";
import { recovery } from "./recovery.ts";
import { uniformity } from "./uniformity.ts";

const shape = [64, 64, 40] as const;
const affine = affineOf([4, 0, 0, -126, 0, 4, 0, -126, 0, 0, 5, -97.5]);
type Place = readonly [x: number, y: number, z: number];
function made(value: (at: Place) => number, unit: Volume["unit"] = "Bq/mL"): Volume {
  const data = Float32Array.from({ length: 64 * 64 * 40 }, (_, v) =>
    value([4 * (v % 64) - 126, 4 * (Math.floor(v / 64) % 64) - 126, 5 * Math.floor(v / 4096) - 97.5]),
  );
  return { shape, affine, space: "scanner:pet", unit, clock: "pet", frames: [{ start: 0, duration: 600 }], data };
}
const inside = ([x, y, z]: Place, [cx, cy] = [0, 0]): boolean => Math.hypot(x - cx, y - cy) < 100 && Math.abs(z) < 90;
const cylinder = made((at) => (inside(at) ? 10 : 0));

describe("a uniform cylinder", () => {
  test("is found where it lies: within a quarter of a voxel, 180 mm long", () => {
    const found = findCylinder(made((at) => (inside(at, [9, -14]) ? 10 : 0.1)));
    expect(found.axis[0]).toBeCloseTo(9, 0);
    expect(found.axis[1]).toBeCloseTo(-14, 0);
    expect(Math.abs(found.radius - 100)).toBeLessThan(1);
    expect([found.from, found.to]).toEqual([-90, 90]);
  });

  test("one that leans: 4 mm across for 100 mm along", () => {
    const { slope, axis } = findCylinder(made(([x, y, z]) => (inside([x - 0.04 * z, y, z]) ? 10 : 0)));
    expect(slope[0]).toBeCloseTo(0.04, 2);
    expect(slope[1]).toBeCloseTo(0, 6);
    expect(axis[0]).toBeCloseTo(0, 0);
  });

  test("without noise nothing varies", () => {
    const found = uniformity(cylinder);
    expect(found).toMatchObject({ mean: 10, variation: 0, above: 0, below: 0, axial: 0, noise: 0, standardError: 0 });
    expect(found.slices).toHaveLength(32);
    // Squares of 3 x 3 voxels of 4 mm inside a circle of 90 mm: pi 90^2 / 144 = 177 but for the rim.
    expect(found.regions / 32).toBeGreaterThan(140);
    expect(found.regions / 32).toBeLessThan(177);
  });

  test("one slice higher by a tenth, by hand", () => {
    const image = made((at) => (inside(at) ? (at[2] === 2.5 ? 11 : 10) : 0));
    const { slices, regions, mean, variation, above, below, axial } = uniformity(image);
    const n = slices.length;
    // Of n equal groups one stands 1 above: mean 10 + 1/n, variance (1 - 1/n) / n before the correction for one degree less.
    expect(mean).toBeCloseTo(10 + 1 / n, 12);
    expect(variation * mean).toBeCloseTo(Math.sqrt(((1 - 1 / n) / n) * (regions / (regions - 1))), 9);
    expect(above).toBeCloseTo(11 / mean - 1, 12);
    expect(below).toBeCloseTo(1 - 10 / mean, 12);
    expect(axial).toBeCloseTo(11 / mean - 1, 12);
  });

  test("a slope along the axis, and cupping", () => {
    const sloped = uniformity(made((at) => (inside(at) ? 10 + 0.01 * at[2] : 0)));
    // From the first slice's middle at -77.5 mm to the last one's: 155 mm.
    expect(sloped.axialTrend).toBeCloseTo((0.01 * 155) / 10, 5);
    const cupped = uniformity(made((at) => (inside(at) ? (Math.hypot(at[0], at[1]) < 52 ? 9 : 10) : 0)));
    expect(cupped.centreToRim).toBeLessThan(0.92);
    expect(phantomFindings({ uniformity: cupped }).find(({ name }) => name === "centre-to-rim")?.verdict).toBe("bad");
  });

  test("noise of voxels shows as theirs, and a third in the means of nine", () => {
    const random = seededRandom(5);
    const { noise = Number.NaN, variation } = uniformity(made((at) => (inside(at) ? 10 + random.normal() : 0)));
    // The sd of nine values is on average 0.9693 of the true one (c4). Over 4768 regions both are known to about 1 %.
    expect(Math.abs(noise / 0.09693 - 1)).toBeLessThan(0.03);
    expect(Math.abs(variation / (0.1 / 3) - 1)).toBeLessThan(0.04);
  });

  test("where a region holds one voxel there is no noise between voxels, and that is said", () => {
    const coarse = affineOf([8, 0, 0, -126, 0, 8, 0, -126, 0, 0, 5, -97.5]);
    const data = Float32Array.from({ length: 32 * 32 * 40 }, (_, v) =>
      inside([8 * (v % 32) - 126, 8 * (Math.floor(v / 32) % 32) - 126, 5 * Math.floor(v / 1024) - 97.5]) ? 10 : 0,
    );
    const found = uniformity({ ...cylinder, shape: [32, 32, 40], affine: coarse, data });
    expect(found).not.toHaveProperty("noise");
    expect(phantomFindings({ uniformity: found }).find(({ name }) => name === "voxel-noise")).toMatchObject({
      value: "not measured",
      verdict: "warn",
      note: expect.stringContaining("one voxel"),
    });
  });

  test("scaling the activity changes no share", () => {
    const random = seededRandom(6);
    const image = made((at) => (inside(at) ? 10 + random.normal() : 0));
    const [a, b] = [uniformity(image), uniformity({ ...image, data: image.data.map((x) => 1024 * x) })];
    for (const key of ["variation", "above", "below", "axial", "noise", "axialTrend", "centreToRim"] as const)
      expect(b[key]).toBeCloseTo(a[key] ?? Number.NaN, 12);
    expect(b.mean).toBeCloseTo(1024 * a.mean, 6);
  });

  test.each([
    ["no-cylinder", made(() => 0)],
    ["no-cylinder", made(([x, y, z]) => (Math.hypot(x, y, z) < 90 ? 10 : 0))],
    ["no-cylinder", made(([x, y]) => (Math.abs(x) < 120 && Math.abs(y) < 20 ? 10 : 0))],
    ["oblique-image", { ...cylinder, affine: affineOf([4, 1, 0, -126, -1, 4, 0, -126, 0, 0, 5, -97.5]) }],
    ["too-few-regions", made(([x, y, z]) => (Math.hypot(x, y) < 16 && Math.abs(z) < 90 ? 10 : 0))],
  ])("%s", (code, image) => {
    expect(() => uniformity(image)).toThrow(expect.objectContaining({ code }) as DataError);
  });
});

describe("recovery of spheres", () => {
  const spheres = [
    { centre: [57, 0, 2.5], diameter: 36, ratio: 4 },
    { centre: [-57, 0, 2.5], diameter: 28, ratio: 0 },
  ] as const;
  /** Spheres larger than stated, so that no voxel of their circles holds background. */
  const phantom = (hot: number, cold: number): Volume =>
    made((at) => {
      if (!inside(at)) return 0;
      const within = spheres.findIndex(
        ({ centre: [x, y, z], diameter }) => Math.hypot(at[0] - x, at[1] - y, at[2] - z) < diameter / 2 + 7,
      );
      return within === 0 ? hot : within === 1 ? cold : 10;
    });

  test("half the contrast is 0.5, of hot and of cold", () => {
    const { background, circles, spheres: found } = recovery(phantom(25, 5), spheres, { radius: 100 });
    expect([background, circles]).toEqual([10, 35]);
    expect(found.map(({ contrast }) => contrast)).toEqual([expect.closeTo(0.5, 6), expect.closeTo(0.5, 6)]);
    expect(found[0]?.mean).toBeCloseTo(25 / 40, 6);
    expect(found[0]?.max).toBeCloseTo(25 / 40, 6);
    expect(found[1]?.mean).toBeUndefined();
  });

  test("the true image gives 1, and the activity's scale is nothing", () => {
    const image = phantom(40, 0);
    const of = (factor: number) =>
      recovery({ ...image, data: image.data.map((x) => factor * x) }, spheres, { radius: 100 }).spheres.map(
        (s) => s.contrast,
      );
    expect(of(1)).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)]);
    expect(of(7)).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
  });

  test("circles that were given, each by hand", () => {
    const image = made((at) => (inside(at) ? 10 + Math.sign(at[0]) : 0));
    const background = [-60, -50, -40, 40, 50, 60].map((x) => [x, 40, 2.5] as const);
    const [found] = recovery(image, [{ centre: [0, -60, 2.5], diameter: 12, ratio: 2 }], { background }).spheres;
    // Three circles of 9 and three of 11: sd sqrt(6 / 5), mean 10.
    expect(found?.variability).toBeCloseTo(Math.sqrt(6 / 5) / 10, 6);
    expect(found?.standardError).toBeCloseTo((Math.sqrt(6 / 5) / 10) * Math.sqrt(7 / 6), 6);
  });

  test.each([
    ["bad-sphere", [{ centre: [900, 0, 0], diameter: 10, ratio: 4 }]],
    ["bad-sphere", [{ centre: [0, 0, 0], diameter: 10, ratio: 1 }]],
    ["bad-sphere", [{ centre: [0, 0, 0], diameter: -1, ratio: 4 }]],
    ["no-background", []],
  ] as const)("%s", (code, wrong) => {
    expect(() => recovery(cylinder, wrong, { radius: 100 })).toThrow(expect.objectContaining({ code }) as DataError);
  });
  test("an empty background is refused", () => {
    expect(() =>
      recovery(
        made(() => 0),
        spheres,
        { radius: 100 },
      ),
    ).toThrow(expect.objectContaining({ code: "not-positive" }) as DataError);
  });
});

describe("cross-calibration", () => {
  const half = halfLives.F18;
  const reading: CalibratorReading = {
    radionuclide: "F18",
    activity: 80e6,
    at: -2 * half,
    residual: 4e6,
    residualAt: -half,
    volume: 6000,
    activityError: 0.02,
    volumeError: 0.005,
  };

  test("80 MBq two half-lives ago less 4 MBq one ago, in 6 L: 3000 Bq/mL against 2400", () => {
    const found = crossCalibration({ value: 2400, error: 24 }, reading, 0);
    expect(found.expected).toBeCloseTo(3000, 9);
    expect(found.factor).toBeCloseTo(1.25, 12);
    expect(found.standardError).toBeCloseTo(1.25 * Math.hypot(0.02, 0.005, 0.01), 12);
    expect(phantomFindings({ calibration: found })[1]).toMatchObject({ name: "cross-calibration", verdict: "bad" });
  });

  test("the time that both are brought to is nothing, once the image goes with it", () => {
    const later = crossCalibration({ value: 1200, error: 12 }, reading, half);
    expect(later.factor).toBeCloseTo(1.25, 12);
  });

  test.each([
    ["not-positive", { activity: 0 }],
    ["not-positive", { volume: -1 }],
    ["not-positive", { residual: 1e9 }],
    ["not-positive", { activityError: Number.NaN }],
    ["not-finite", { at: Number.NaN }],
  ] as const)("%s: %o", (code, wrong) => {
    expect(() => crossCalibration({ value: 1, error: 0 }, { ...reading, ...wrong }, 0)).toThrow(
      expect.objectContaining({ code }) as DataError,
    );
  });
});

describe("counts over time", () => {
  const list = {
    time: Float64Array.of(10, 12, 12.5, 14.9, 19.99, 20),
    delayed: Uint8Array.of(0, 0, 1, 0, 0, 1),
    start: 10,
    duration: 10,
  };
  test("by hand: spans of 2.5 s, delayed events apart", () => {
    const { width, prompts, delayeds } = countCourse(list, 2.5);
    expect([width, [...prompts], [...(delayeds ?? [])]]).toEqual([2.5, [2, 1, 0, 1], [0, 1, 0, 0]]);
    const { delayed: _, ...plain } = list;
    expect(countCourse(plain, 2.5)).not.toHaveProperty("delayeds");
  });
  test("what is left of the time is in no span; of a list shorter than a span all is", () => {
    expect([...countCourse(list, 4).prompts]).toEqual([2, 1]);
    expect(countCourse(list, 60)).toMatchObject({ width: 10, prompts: Float64Array.of(4) });
  });
  test("spans of any length that divides the time hold every event before its end", () => {
    for (const span of [10, 5, 0.1, 10 / 3]) {
      const { prompts, delayeds = [] } = countCourse(list, span);
      expect([...prompts, ...delayeds].reduce((a, b) => a + b, 0)).toBe(5);
    }
  });
  test.each([
    [{ ...list, duration: 0 }, 4],
    [list, 0],
    [list, Number.NaN],
  ])("refused: %#", (events, span) => {
    expect(() => countCourse(events, span)).toThrow(expect.objectContaining({ code: "not-positive" }) as DataError);
  });
});

describe("count rates", () => {
  const counts = { duration: 10, prompts: 1000, randoms: 200, scatter: 300 };

  test("by hand: T 50, S 30, R 20 a second", () => {
    const [rate] = countRates([counts]).rates;
    expect(rate).toMatchObject({
      prompts: 100,
      trues: 50,
      randoms: 20,
      scatter: 30,
      scatterFraction: 0.375,
      randomsFraction: 0.2,
    });
    expect(rate?.noiseEquivalent).toBeCloseTo(25, 12);
    expect(rate?.noiseEquivalentError).toBeCloseTo(0.75 * Math.sqrt(10), 12);
    expect(countRates([counts], 2).rates[0]?.noiseEquivalent).toBeCloseTo(2500 / 120, 12);
  });

  test("the error is the spread of drawn prompts", () => {
    const random = seededRandom(9);
    const drawn = Array.from({ length: 4000 }, () => {
      const prompts = 1000 + Math.sqrt(1000) * random.normal();
      return countRates([{ ...counts, prompts }]).rates[0]?.noiseEquivalent as number;
    });
    const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
    const sd = Math.sqrt(drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (drawn.length - 1));
    // An sd of 4000 draws is known to 1.1 %.
    expect(Math.abs(sd / (0.75 * Math.sqrt(10)) - 1)).toBeLessThan(0.04);
  });

  test("the peak of a parabola is its vertex; without a neighbour on either side there is none", () => {
    // Without randoms and scatter the noise-equivalent rate is that of the prompts: 100 - (a - 30)^2 / 100 here.
    const series = [10, 25, 45, 70].map((activity) => {
      return { activity, duration: 1, prompts: 100 - (activity - 30) ** 2 / 100, randoms: 0, scatter: 0 };
    });
    expect(countRates(series).peak?.activity).toBeCloseTo(30, 9);
    expect(countRates(series).peak?.noiseEquivalent).toBeCloseTo(100, 9);
    expect(countRates(series.slice(0, 2)).peak).toBeUndefined();
  });

  test.each([
    ["no-data", []],
    ["not-positive", [{ ...counts, duration: 0 }]],
    ["bad-counts", [{ ...counts, scatter: 900 }]],
    ["bad-counts", [{ ...counts, randoms: -1 }]],
    ["not-positive", [{ ...counts, activity: -1 }]],
  ])("%s", (code, series) => {
    expect(() => countRates(series)).toThrow(expect.objectContaining({ code }) as DataError);
  });
});
