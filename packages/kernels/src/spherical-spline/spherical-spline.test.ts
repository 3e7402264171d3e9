import type { Point } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { currentSourceDensity, splineInterpolation, splineKernel } from "./spherical-spline.ts";

const cosines = [1, 0.5, 0, -0.5, -1];
const five: readonly Point[] = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, 1, 0],
  [0, -1, 0],
  [0, 0, 1],
];
/** 40 directions of a Fibonacci lattice over the upper two thirds of a sphere. */
const cap = Array.from({ length: 40 }, (_, i): Point => {
  const z = 1 - (1.3 * (i + 0.5)) / 40;
  const [r, phi] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
  return [r * Math.cos(phi), r * Math.sin(phi), z];
});
const times = (rows: readonly Float64Array[], v: readonly number[]): number[] =>
  rows.map((row) => row.reduce((sum, w, j) => sum + w * (v[j] as number), 0));

describe("splineKernel", () => {
  test("g of order 4 and of order 3, to the digits known", () => {
    expect(cosines.map((x) => splineKernel(x))).toBeAllclose(
      [0.01526076, 0.00740919, -0.00015192, -0.00748832, -0.01463699],
      { atol: 5e-9 },
    );
    expect(cosines.map((x) => splineKernel(x, 3))).toBeAllclose(
      [0.03215835, 0.01453167, -0.00089106, -0.01503572, -0.02825525],
      { atol: 5e-9 },
    );
  });
  test("by hand: one term is 3 x / (2^m 4 pi)", () => {
    expect(splineKernel(0.3, 4, 1)).toBeCloseTo((3 * 0.3) / (16 * 4 * Math.PI), 15);
  });
});

describe("splineInterpolation", () => {
  test("from the equator and the pole to (1, 1, 1)/sqrt 3: the weights known", () => {
    const [row] = splineInterpolation(five, [[1, 1, 1]]) as [Float64Array];
    expect(row).toBeAllclose([0.39656183, -0.17881454, 0.39656183, -0.17881454, 0.56450542], { atol: 5e-9 });
  });
  test("weights add up to 1: a constant stays; at an electrode its own value comes back", () => {
    const rows = splineInterpolation(cap, [
      [0.3, 0.2, 0.9],
      [0.1, -0.7, 0.4],
    ]);
    for (const row of rows) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
    const values = cap.map(([x, y]) => x + 2 * y);
    // smoothing of 1e-5 against g(1) = 0.015 leaves less than 0.2 %
    expect(times(splineInterpolation(cap, cap), values)).toBeAllclose(values, { atol: 4e-3 });
  });
  test("a dipole's smooth map is found at left-out places within 1 %", () => {
    const potential = ([x, y, z]: Point): number => 0.4 * x - 0.8 * y + 0.2 * z + 0.3 * x * z;
    const places: readonly Point[] = [0.2, 1.1, 2.9, 4].map((a) => [0.6 * Math.cos(a), 0.6 * Math.sin(a), 0.8]);
    expect(times(splineInterpolation(cap, places), cap.map(potential))).toBeAllclose(places.map(potential), {
      atol: 0.01,
    });
  });
});

describe("currentSourceDensity", () => {
  test("of V = z over a full sphere: minus its Laplacian, 2 z / R^2", () => {
    const ball = Array.from({ length: 120 }, (_, i): Point => {
      const z = 1 - (2 * (i + 0.5)) / 120;
      const [r, phi] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
      return [r * Math.cos(phi), r * Math.sin(phi), z];
    });
    const z = ball.map((p) => p[2]);
    const csd = times(currentSourceDensity(ball, 0.09), z);
    expect(csd).toBeAllclose(
      z.map((v) => (2 * v) / 0.09 ** 2),
      { atol: 0.01 * (2 / 0.09 ** 2) },
    );
  });
  test("the reference drops out, and twice the radius is a quarter of the density", () => {
    const values = cap.map(([x, y, z]) => Math.sin(3 * x) + y * z);
    const once = times(currentSourceDensity(cap, 0.09), values);
    const shifted = times(
      currentSourceDensity(cap, 0.09),
      values.map((v) => v + 7),
    );
    const size = Math.max(...once.map(Math.abs));
    expect(shifted).toBeAllclose(once, { atol: 1e-8 * size });
    expect(times(currentSourceDensity(cap, 0.18), values)).toBeAllclose(
      once.map((v) => v / 4),
      { atol: 1e-10 * size },
    );
  });
});

test.each([
  ["too-few-channels", five.slice(0, 2)],
  ["same-place", [...five, [2, 0, 0] as Point]],
  ["bad-electrode", [...five, [0, 0, 0] as Point]],
])("refusal: %s", (code, from) => {
  expect(() => splineInterpolation(from, five)).toThrow(expect.objectContaining({ code }));
  expect(() => currentSourceDensity(from, 0.09)).toThrow(expect.objectContaining({ code }));
});
