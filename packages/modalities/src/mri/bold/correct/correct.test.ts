import { affineOf, identityAffine, multiply, rigid, type Transform, type Volume } from "@quintet/core";
import { resampleSpline, seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { beforeAll, describe, expect, test } from "vitest";
import { headCentre, motionErrors, simulateBold } from "../../../../test/bold-series.ts";
import { boldMask, meanFrame } from "./bold-mask.ts";
import { estimateMotion } from "./motion.ts";
import { resampleBold, smoothBold } from "./resample-bold.ts";
import { correctSliceTiming } from "./slice-timing.ts";

beforeAll(() => loadKernels());

/** One voxel per slice, each a course of its own. */
function slices(
  courses: ((t: number) => number)[],
  sliceTimes: readonly number[],
  volumes: number,
  tr: number,
): Volume {
  return {
    shape: [1, 1, courses.length],
    affine: affineOf([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]),
    space: "scanner:mri",
    unit: "{arbitrary}",
    clock: "mri",
    frames: Array.from({ length: volumes }, (_, t) => ({ start: t * tr, duration: tr })),
    data: Float32Array.from({ length: volumes * courses.length }, (_, i) =>
      courses[i % courses.length](Math.floor(i / courses.length) * tr + sliceTimes[i % courses.length]),
    ),
  };
}

describe("correctSliceTiming", () => {
  const tr = 2;
  const times = [0, 1, 0.5, 1.5, 0];
  // Nyquist is 0.25 Hz; 0.2 Hz is 0.8 of it.
  test.each([0.01, 0.05, 0.12, 0.2])(
    "a sinusoid of %d Hz is shifted to the reference, to a hundredth of its amplitude in the middle",
    (f) => {
      const wave = (t: number): number => 100 + 5 * Math.sin(2 * Math.PI * f * t + 0.3);
      const { volume, reference } = correctSliceTiming(
        slices(
          times.map(() => wave),
          times,
          120,
          tr,
        ),
        { repetitionTime: tr, sliceTimes: times },
      );
      expect(reference).toBe(0.75);
      for (let t = 15; t < 105; t++) {
        const expected = times.map(() => wave(t * tr + reference));
        expect(volume.data.subarray(5 * t, 5 * t + 5)).toBeAllclose(expected, { atol: 0.05 });
      }
    },
  );
  test("a slope is kept up to both ends within 0.2 % of its step; slices at the reference are kept to the last bit", () => {
    const still = slices(
      times.map(() => (t) => 7 + 0.25 * t),
      times,
      30,
      tr,
    );
    const { volume } = correctSliceTiming(still, { repetitionTime: tr, sliceTimes: times, reference: 1 });
    const expected = Array.from({ length: 150 }, (_, i) => 7 + 0.25 * (Math.floor(i / 5) * tr + 1));
    // The normalised window keeps constants exactly, a slope within 0.2 % of its change per volume (0.5).
    expect(volume.data).toBeAllclose(expected, { atol: 0.001 });
    for (let t = 0; t < 30; t++) expect(volume.data[5 * t + 1]).toBe(still.data[5 * t + 1]);
  });
  test("a series shorter than the window, and slices along x", () => {
    const short = slices(
      times.map(() => () => 3),
      times,
      5,
      tr,
    );
    expect(correctSliceTiming(short, { repetitionTime: tr, sliceTimes: times }).volume.data).toBeAllclose(
      new Float32Array(25).fill(3),
      { rtol: 1e-6 },
    );
    const wave = (t: number): number => Math.sin(0.4 * t);
    const z = slices(
      times.map(() => wave),
      times,
      60,
      tr,
    );
    const x: Volume = { ...z, shape: [5, 1, 1] };
    const options = { repetitionTime: tr, sliceTimes: times };
    expect(correctSliceTiming(x, { ...options, sliceAxis: 0 }).volume.data).toEqual(
      correctSliceTiming(z, options).volume.data,
    );
  });
  const bold = slices(
    times.map(() => () => 1),
    times,
    20,
    tr,
  );
  test.each([
    ["slice-timing", bold, { repetitionTime: tr, sliceTimes: [0, 1] }],
    ["slice-timing", bold, { repetitionTime: tr, sliceTimes: [0, 1, 2.5, 0, 0] }],
    ["slice-timing", bold, { repetitionTime: tr, sliceTimes: [0, Number.NaN, 1, 0, 0] }],
    ["bad-reference", bold, { repetitionTime: tr, sliceTimes: times, reference: 3 }],
    ["too-short", { ...bold, frames: bold.frames.slice(0, 2) }, { repetitionTime: tr, sliceTimes: times }],
  ])("refused: %s", (code, volume, options) => {
    expect(() => correctSliceTiming(volume, options)).toThrow(expect.objectContaining({ code }));
  });
});

describe("boldMask", () => {
  const { bold, brain } = simulateBold({ volumes: 3, noise: 3 });
  test("holds the brain of a made head and little else but its scalp", () => {
    const mask = boldMask(bold);
    const [inside, all] = [0, 1].map(
      (kind) => mask.data.filter((m, i) => m !== 0 && (kind === 1 || brain.data[i] !== 0)).length,
    );
    const size = brain.data.filter((b) => b !== 0).length;
    expect(inside / size).toBeGreaterThan(0.97);
    expect(all / size).toBeLessThan(1.25);
  });
  test.each([
    ["no-head", { ...bold, data: bold.data.map(() => 5) }],
    ["no-head", { ...bold, data: bold.data.map(() => 0) }],
    ["not-finite", { ...bold, data: bold.data.map((v, i) => (i === 3 ? Number.NaN : v)) }],
  ])("refused: %s", (code, image) => {
    expect(() => boldMask(image)).toThrow(expect.objectContaining({ code }));
  });
});

describe("estimateMotion and resampleBold", () => {
  const truth = Array.from({ length: 9 }, (_, t) =>
    multiply(
      rigid([0.3 * t, -0.2 * t, Math.sin(t)], [0.2 * t, -0.3 * t, 0.5 * Math.sin(t)], headCentre),
      identityAffine(),
    ),
  );
  const { bold } = simulateBold({ volumes: 9, motion: truth, noise: 1, shape: [40, 46, 30], voxel: [4, 4, 4] });
  const motion = estimateMotion(bold);
  test("motion is recovered within 0.1 mm and 0.1 degrees", () => {
    expect(motionErrors(motion.maps, truth, motion.referenceIndex)).toBeAllclose([0, 0], { atol: 0.1 });
    expect(motion.unsettled).toEqual([]);
    expect(motion.referenceIndex).toBe(4);
  });
  test("the moved series is still again: its volumes differ by little more than noise", () => {
    const still = resampleBold(bold, motion, bold);
    const change = (v: Volume): number => {
      const n = v.data.length / 9;
      let squares = 0;
      for (let i = 0; i < n; i++) if (motion.mask.data[i]) squares += (v.data[8 * n + i] - v.data[i]) ** 2;
      return Math.sqrt(squares / motion.mask.data.reduce((s, m) => s + m, 0));
    };
    // Noise alone makes sqrt 2, this motion 6.
    expect(change(bold)).toBeGreaterThan(5);
    expect(change(still)).toBeLessThan(2.5);
  });
  test("one interpolation: onto another grid through a map equals the maps composed by hand", () => {
    const target = {
      ...bold,
      shape: [20, 20, 12] as const,
      affine: affineOf([-6, 0, 0, 57, 0, 6, 0, -62, 0, 0, 7, -25]),
      space: "subject:T1w",
    };
    const map: Transform = { from: "subject:T1w", to: "scanner:mri", matrix: rigid([2, 1, -3], [1, 2, 3]) };
    const found = resampleBold(bold, motion, target, map);
    const expected = resampleSpline(
      bold,
      target,
      motion.maps.map((m) => multiply(m, map.matrix)),
    );
    expect(found.data).toEqual(expected.data);
    expect(found.space).toBe("subject:T1w");
  });
  test.each([
    ["too-short", () => estimateMotion(meanFrame(bold))],
    ["bad-reference", () => estimateMotion(bold, { reference: 9 })],
    ["space-mismatch", () => resampleBold(bold, motion, { ...bold, space: "subject:T1w" })],
    ["bad-fwhm", () => smoothBold(bold, -1)],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
  test("smoothing by 8 mm makes the SD of white noise on 4 mm that of the kernel", () => {
    const random = seededRandom(2);
    const noise: Volume = {
      ...meanFrame(bold),
      data: Float32Array.from({ length: 40 * 46 * 30 }, () => random.normal()),
    };
    const sd = Math.sqrt(smoothBold(noise, 8).data.reduce((s, v) => s + v * v, 0) / noise.data.length);
    const sigma = 8 / 2.3548 / 4;
    // SD of a sum with Gaussian weights: (1 / (2 sigma sqrt pi))^(3/2) per axis squared.
    expect(sd).toBeCloseTo((1 / (2 * sigma * Math.sqrt(Math.PI))) ** 1.5, 1.5);
    expect(smoothBold(noise, 0)).toBe(noise);
  });
});
