import { type SinogramLayout, sinogramPlanes, sinogramSize, type Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { centredGrid, petPhantom, simulateScan } from "@quintet/twin";
import { beforeAll, describe, expect, test } from "vitest";
import { smallScanner } from "../../../../../testing/small-scanner.ts";
import { tofWeight } from "../../../../kernels/src/joseph/joseph.ref.ts";
import { loadKernels } from "../../../../kernels/src/pool/node.ts";
import { singleScatterReference } from "../../../../kernels/src/single-scatter/single-scatter.ref.ts";
import { type AcquisitionTerms, acquisitionModel } from "../forward/acquisition-model.ts";
import { sinogramLines } from "../forward/lines-of-response.ts";
import { attenuationFactors, attenuationFromCt } from "./attenuation-factors.ts";
import { calibrated, calibrationFrom } from "./calibration.ts";
import { liveFraction } from "./dead-time.ts";
import { fanCountsOf } from "./fan-sums.ts";
import { normalisationFrom, normalisationOf, pairsOfBins } from "./normalisation.ts";
import { randomsFromDelayeds, randomsFromSingles } from "./randoms.ts";
import { scatterEstimate } from "./scatter.ts";
import { fitTails } from "./tail-fit.ts";

const scanner = smallScanner(
  { detectors: 48, radius: 145 },
  { crystals: 4, pitch: 20 },
  { timeOfFlight: { bins: 9, width: 300, fwhm: 400 } },
);
const layout: SinogramLayout = { scanner, views: 24, bins: 35, span: 1, maxRingDifference: 3 };
const planes = sinogramPlanes(layout);
const grid = centredGrid([18, 18, 8], [10, 10, 10]);
const phantom = petPhantom(grid, {
  radius: 70,
  height: 70,
  spheres: [{ centre: [30, 0, 0], radius: 18, contrast: 5 }],
});
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

beforeAll(async () => {
  await loadKernels();
});

describe("attenuationFactors", () => {
  test("known answer: through the middle of a cylinder of water, exp(-mu 140 mm)", () => {
    const { data } = attenuationFactors(phantom.attenuation, layout);
    const mu = Math.max(...phantom.attenuation.data);
    const middle = planes.findIndex(({ segment, za }) => segment === 0 && Math.abs(za - 10) < 1);
    // view 0, the bin through the axis; the grid's 10 mm voxels round the rim
    expect(data[17 * planes.length + middle]!).toBeCloseTo(Math.exp(-mu * 14), 1);
    expect(Math.max(...data)).toBe(1);
  });
  test("CT: air, water and both sides of each break point", () => {
    const ct = (values: number[]): Volume => ({
      ...grid,
      shape: [values.length, 1, 1],
      unit: "1",
      frames: [{ start: 0, duration: 0 }],
      clock: "scanner",
      data: Float32Array.from(values),
    });
    expect(attenuationFromCt(ct([-1000, -1024, 0, 1000]), 120).data).toBeAllclose([0, 0, 0.096, 0.1491], {
      rtol: 1e-6,
    });
    for (const kilovolts of [80, 100, 110, 120, 130, 140]) {
      const at = attenuationFromCt(ct(Array.from({ length: 1100 }, (_, i) => i - 1000)), kilovolts).data;
      const jump = Math.max(...Array.from(at.subarray(1), (mu, i) => Math.abs(mu - at[i]!)));
      // one HU is 9.6e-5 1/cm: at the break point the lines meet within 2e-5
      expect(jump).toBeLessThan(9.6e-5 + 2e-5);
    }
    expect(() => attenuationFromCt(ct([-1000, 0]), 90)).toThrow(expect.objectContaining({ code: "unknown-voltage" }));
    expect(() => attenuationFromCt(ct([0, 0.1]), 120)).toThrow(expect.objectContaining({ code: "not-hounsfield" }));
  });
  test("a map in 1/mm or of another energy is refused", () => {
    const tenth = { ...phantom.attenuation, data: phantom.attenuation.data.map((mu) => mu / 10) };
    expect(() => attenuationFactors(tenth, layout)).toThrow(expect.objectContaining({ code: "per-millimetre" }));
    const other = { ...phantom.attenuation, energy: 140 };
    expect(() => attenuationFactors(other, layout)).toThrow(expect.objectContaining({ code: "wrong-energy" }));
  });
});

describe("randoms", () => {
  const random = seededRandom(4);
  const singles = Float64Array.from({ length: 192 }, () => 1e4 * (0.5 + random.uniform()));
  test("known answer: 2 tau R_a R_b T", () => {
    const { data } = randomsFromSingles(layout, new Float64Array(192).fill(1000), { window: 4e-9, duration: 100 });
    expect(data).toBeAllclose(new Float32Array(sinogramSize(layout)).fill(0.8), { rtol: 1e-6 });
  });
  test("from noiseless fan sums the products come back; from counts with far less noise than the counts", () => {
    const truth = randomsFromSingles(layout, singles, { window: 1e-9, duration: 10 });
    const exact = randomsFromDelayeds(layout, fanCountsOf(truth));
    expect(exact.converged).toBe(true);
    expect(exact.randoms.data).toBeAllclose(truth.data, { rtol: 1e-4 });
    const counts = { layout, data: truth.data.map((mean) => random.poisson(mean)) };
    const smooth = randomsFromDelayeds(layout, fanCountsOf(counts)).randoms;
    const off = (data: Float32Array): number => Math.sqrt(sum(data.map((v, i) => (v - truth.data[i]!) ** 2)));
    // 192 unknowns instead of 13,440 counts
    expect(off(smooth.data)).toBeLessThan(0.2 * off(counts.data));
    expect(sum(smooth.data) / sum(counts.data)).toBeCloseTo(1, 4);
  });
  test.each([
    ["no-delayeds", () => randomsFromDelayeds(layout, new Float64Array(192))],
    ["shape-mismatch", () => randomsFromDelayeds(layout, new Float64Array(3).fill(1))],
    ["not-positive", () => randomsFromSingles(layout, singles, { window: 0, duration: 1 })],
    ["arc-corrected", () => randomsFromSingles({ ...layout, arc: { width: 4 } }, singles, { window: 1, duration: 1 })],
  ])("refusal: %s", (code, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });
});

describe("normalisation", () => {
  test("efficiencies come back from a scan of a cylinder", () => {
    const uniform = petPhantom(grid, { radius: 80, height: 80 });
    const scan = simulateScan(uniform, layout, { seed: 2, trues: 3e6, efficiencySpread: 0.1 });
    const ideal = simulateScan(uniform, layout, { seed: 2, trues: 3e6 });
    const model = acquisitionModel(ideal.prompts, grid, ideal.truth);
    const mean = model.subsets[0]!.parts[0]!.operator.forward(uniform.activity.data).slice();
    model.close();
    const expected = {
      layout,
      data: mean.map((value, i) => value * (ideal.truth.attenuation as { data: Float32Array }).data[i]!),
    };
    const { efficiencies, converged } = normalisationFrom(scan.prompts, expected);
    expect(converged).toBe(true);
    const level = sum(scan.efficiencies) / 192;
    // 3e6 counts over 192 detectors, two a count: 0.6 % each
    const off = Math.sqrt(sum(efficiencies.map((e, i) => (e - scan.efficiencies[i]! / level) ** 2)) / 192);
    expect(off).toBeLessThan(0.015);
  });
  test("pairs: of span 3 up to three ring pairs a bin, each once", () => {
    const wide = { ...layout, span: 3, maxRingDifference: 3 };
    const perPlane = sinogramPlanes(wide).map(({ pairs }) => pairs.length);
    expect(Array.from(pairsOfBins(wide).data.subarray(0, perPlane.length))).toEqual(perPlane);
    const ones = { efficiencies: new Float64Array(192).fill(1), radial: new Float64Array(35).fill(1) };
    expect(normalisationOf(wide, ones).data).toEqual(pairsOfBins(wide).data);
  });
  test("refusals", () => {
    const wide = { layout: { ...layout, span: 3 }, data: new Float32Array(1) };
    expect(() => normalisationFrom(wide, wide)).toThrow(expect.objectContaining({ code: "bad-layout" }));
    const two = { efficiencies: new Float64Array(2), radial: new Float64Array(35) };
    expect(() => normalisationOf(layout, two)).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
  });
});

describe("scatterEstimate", () => {
  test("as it is by default: its tails belong to the whole, as with narrower paths and denser points", () => {
    // Tails give the scale, so what counts is the whole over the tails. Blocks of 8 mm, which blur the rim, are 4.6 % off here, 4 mm 0.6 %.
    const small: SinogramLayout = { ...layout, maxRingDifference: 0 };
    const { activity, attenuation } = petPhantom(centredGrid([84, 84, 32], [2, 2, 2]), { radius: 80, height: 60 });
    const tails = attenuationFactors(attenuation, small).data.map((a) => (a >= 0.99 ? 1 : 0));
    const wholeOverTails = (options: { readonly voxel?: number; readonly points?: number }): number => {
      const window = { low: 430, high: 610, resolution: 0.12 };
      const { data } = scatterEstimate(activity, attenuation, small, { window, detectors: 24, rings: 2, ...options });
      return sum(data) / sum(data.map((s, i) => s * tails[i]!));
    };
    const found = wholeOverTails({}) / wholeOverTails({ voxel: 2, points: 10 });
    expect(Math.abs(found - 1)).toBeLessThan(0.01);
  });
});

describe("scatterEstimate with time of flight", () => {
  const timed: SinogramLayout = { ...layout, timeOfFlight: { bins: 9, width: 300 } };
  const window = { low: 430, high: 610, resolution: 0.12 };
  test("within 5 % of the brute-force reference: every voxel scatters, every path walked, every bin's own detectors", () => {
    // half of the detectors and three of four rings, blocks of 20 mm, points 20 mm apart
    const got = scatterEstimate(phantom.activity, phantom.attenuation, timed, {
      window,
      detectors: 24,
      rings: 3,
      voxel: 20,
      points: 20,
    });
    const { rays, tof } = sinogramLines(timed);
    const at: number[] = [];
    const strengths: number[] = [];
    for (let v = 0; v < phantom.attenuation.data.length; v++) {
      const mu = phantom.attenuation.data[v]! / 10;
      if (mu === 0) continue;
      at.push(10 * (v % 18) - 85, 10 * (Math.floor(v / 18) % 18) - 85, 10 * Math.floor(v / 324) - 35);
      strengths.push(mu * 1000);
    }
    const erf = (x: number): number => {
      const steps = 400;
      return (
        (2 / Math.sqrt(Math.PI)) *
        sum(Float64Array.from({ length: steps }, (_, i) => (Math.exp(-((((i + 0.5) * x) / steps) ** 2)) * x) / steps))
      );
    };
    const cache = new Map<number, number>();
    const efficiency = (energy: number): number => {
      const key = Math.round(energy);
      if (!cache.has(key)) {
        const below = (limit: number, mean: number): number =>
          (1 + erf((limit - mean) / (((0.12 * Math.sqrt(511 * mean)) / 2.354820045) * Math.SQRT2))) / 2;
        const inside = (mean: number): number => below(610, mean) - below(430, mean);
        cache.set(key, inside(key) / inside(511));
      }
      return cache.get(key)!;
    };
    const scene = {
      shape: grid.shape,
      size: [10, 10, 10] as const,
      origin: [-85, -85, -35] as const,
      activity: phantom.activity.data,
      attenuation: phantom.attenuation.data.map((mu) => mu / 10),
      efficiency,
      points: Float64Array.from(at),
      strengths: Float64Array.from(strengths),
    };
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (const [ray, plane] of [
      [17, 4],
      [35 * 6 + 12, 1],
      [35 * 11 + 27, 6],
      [35 * 19 + 6, 2],
      [35 * 3 + 22, 9],
    ] as const) {
      const [xa, ya, xb, yb] = Array.from(rays.subarray(4 * ray, 4 * ray + 4)) as [number, number, number, number];
      const { za, zb } = planes[plane]!;
      const inward = (x: number, y: number): readonly [number, number, number] => [
        -x / Math.hypot(x, y),
        -y / Math.hypot(x, y),
        0,
      ];
      const pair = { a: [xa, ya, za], b: [xb, yb, zb], normalA: inward(xa, ya), normalB: inward(xb, yb) } as const;
      const share = (along: number, bin: number): number =>
        tofWeight(along, (bin - 4) * tof!.width, tof!.width, tof!.sigma);
      theirs.push(...singleScatterReference(scene, pair, { step: 6, bins: 9, share }));
      for (let t = 0; t < 9; t++) ours.push(got.data[(ray * 9 + t) * planes.length + plane]!);
    }
    const [error, size] = [ours.map((v, i) => v - theirs[i]!), theirs].map((v) => Math.sqrt(sum(v.map((x) => x * x))));
    expect(sum(ours) / sum(theirs)).toBeGreaterThan(0.95);
    expect(sum(ours) / sum(theirs)).toBeLessThan(1.05);
    expect(error! / size!).toBeLessThan(0.05);
  });
  test("a window without 511 keV, maps on another grid, a head that fills the view: refused", () => {
    const { activity, attenuation } = phantom;
    expect(() => scatterEstimate(activity, attenuation, layout, { window: { ...window, low: 520 } })).toThrow(
      expect.objectContaining({ code: "bad-window" }),
    );
    const moved = { ...attenuation, space: "elsewhere" };
    expect(() => scatterEstimate(activity, moved, layout, { window })).toThrow(
      expect.objectContaining({ code: "grid-mismatch" }),
    );
    const flat = { layout, data: new Float32Array(sinogramSize(layout)).fill(1) };
    const terms = { normalisation: "none", randoms: "none" } as const;
    const filled = { layout, data: flat.data.map(() => 0.5) };
    expect(() => fitTails(flat, flat, { ...terms, attenuation: filled })).toThrow(
      expect.objectContaining({ code: "no-tails" }),
    );
    // known answer: counts of 3 where the estimate says 1
    const three = { layout, data: flat.data.map(() => 3) };
    const { overall, scales } = fitTails(three, flat, { ...terms, attenuation: flat });
    expect(overall.value).toBeCloseTo(3, 6);
    expect(scales).toBeAllclose(new Float64Array(planes.length).fill(3), { rtol: 1e-6 });
  });
});

describe("acquisitionModel", () => {
  const prompts = { layout, data: new Float32Array(sinogramSize(layout)).fill(1) };
  const none: AcquisitionTerms = { normalisation: "none", attenuation: "none", randoms: "none", scatter: "none" };
  test("subsets hold every view once", () => {
    const model = acquisitionModel(prompts, grid, none, 8);
    expect(model.subsets).toHaveLength(8);
    expect(sum(model.subsets.map(({ parts }) => parts[0]!.counts.length))).toBe(24);
    model.close();
  });
  test.each([
    ["missing-term", { ...none, randoms: undefined as never }, 1],
    ["size-mismatch", { ...none, randoms: { layout, data: new Float32Array(3) } }, 1],
    ["layout-mismatch", { ...none, scatter: pairsOfBins({ ...layout, bins: 33 }) }, 1],
    ["bad-subsets", none, 7],
  ] as const)("refusal: %s", (code, terms, subsets) => {
    expect(() => acquisitionModel(prompts, grid, terms, subsets)).toThrow(expect.objectContaining({ code }));
  });
  test("prompts whose header and data disagree", () => {
    expect(() => acquisitionModel({ layout, data: new Float32Array(7) }, grid, none)).toThrow(
      expect.objectContaining({ code: "size-mismatch" }),
    );
  });
});

describe("dead time and calibration", () => {
  test("known answers", () => {
    // t = 1e6 1/s, tau = 200 ns: m = t exp(-0.2), or t / 1.2
    expect(liveFraction(1e6 * Math.exp(-0.2), 2e-7, "paralysable")).toBeCloseTo(Math.exp(-0.2), 12);
    expect(liveFraction(1e6 / 1.2, 2e-7, "non-paralysable")).toBeCloseTo(1 / 1.2, 12);
    expect(() => liveFraction(2e6, 2e-7, "paralysable")).toThrow(expect.objectContaining({ code: "saturated" }));
    const { factor, relativeError } = calibrationFrom(
      { value: 2, error: 0.02 },
      { value: 5000, error: 0 },
      { duration: 600, branching: 0.967 },
    );
    expect([factor, relativeError]).toBeAllclose([(5000 * 600 * 0.967) / 2, 0.01], { rtol: 1e-12 });
    const image: Volume<"1"> = {
      ...phantom.activity,
      frames: [{ start: 0, duration: 300 }],
      data: new Float32Array(2592).fill(4),
    };
    // twice the value in half the time: four times the activity
    expect(calibrated(image, { factor }, { branching: 0.967 }).data[0]).toBeCloseTo(20_000, 1);
    expect(() => calibrated(phantom.activity, { factor }, { branching: 1 })).toThrow(
      expect.objectContaining({ code: "not-positive" }),
    );
  });
});
