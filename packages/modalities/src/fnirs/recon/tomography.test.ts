import type { Point } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { extinction } from "./extinction.ts";
import { imageResolution } from "./image-resolution.ts";
import { type SensitivityRow, tomography } from "./tomography.ts";

/** A line of voxels 4 mm apart, seen by overlapping bumps at two wavelengths. */
const [voxels, bumps] = [15, 8];
const places: Point[] = Array.from({ length: voxels }, (_, v) => [4 * v, 0, 0]);
const rows: SensitivityRow[] = [760, 850].flatMap((wavelength) =>
  Array.from({ length: bumps }, (_, b) => ({
    wavelength,
    paths: Float64Array.from({ length: voxels }, (_, v) => 3 * Math.exp(-(((v - 2 * b) / 1.5) ** 2))),
  })),
);
const factor = (kind: "hbo" | "hbr", wavelength: number): number =>
  (Math.LN10 * extinction("prahl", wavelength)[kind]) / 10;
const only = (at: number, value: number): Float64Array =>
  Float64Array.from({ length: voxels }, (_, v) => (v === at ? value : 0));

describe("tomography", () => {
  test("by hand: one voxel, two wavelengths", () => {
    const two = [760, 850].map((wavelength) => ({ wavelength, paths: [20] }));
    const inverse = tomography(two, { lambda1: 1e-7 });
    const density = inverse.predict([1e-6], [-0.3e-6]);
    // dOD = ln(10) e c l: 20 mm are 2 cm
    expect(density[0]).toBeCloseTo(20 * (factor("hbo", 760) * 1e-6 - factor("hbr", 760) * 0.3e-6), 15);
    const { hbo, hbr } = inverse.image(density);
    expect([hbo[0], hbr[0]]).toBeAllclose([1e-6, -0.3e-6], { rtol: 1e-6 });
  });

  test("the regularised solution is that of its normal equations", () => {
    const [lambda1, lambda2] = [0.05, 0.1];
    const inverse = tomography(rows, { lambda1, lambda2 });
    const density = inverse.predict(only(6, 1e-6), only(9, -5e-7));
    const { hbo, hbr } = inverse.image(density);
    // A'(y - A x) = penalty L^2 x, L of each kind apart
    const left = density.map((y, i) => y - (inverse.predict(hbo, hbr)[i] as number));
    for (const [kind, x] of [
      ["hbo", hbo],
      ["hbr", hbr],
    ] as const) {
      const column = (v: number): number[] =>
        rows.map(({ wavelength, paths }) => factor(kind, wavelength) * (paths[v] as number));
      const squares = places.map((_, v) => column(v).reduce((s, a) => s + a * a, 0));
      const most = Math.max(...squares);
      const slope = places.map((_, v) => column(v).reduce((s, a, i) => s + a * (left[i] as number), 0));
      const pull = places.map((_, v) => inverse.penalty * (squares[v]! + lambda2 * most) * (x[v] as number));
      expect(slope).toBeAllclose(pull, { rtol: 1e-6, atol: 1e-9 * Math.max(...pull.map(Math.abs)) });
    }
  });

  test("invariants: linear in the data; a point spread is the image of what its point predicts; noise of one size weighs nothing", () => {
    const inverse = tomography(rows);
    const density = inverse.predict(only(6, 1e-6), only(9, 0));
    const twice = inverse.image(density.map((v) => 2 * v));
    expect(twice.hbo).toBeAllclose(
      inverse.image(density).hbo.map((v) => 2 * v),
      { rtol: 1e-9 },
    );
    const spread = inverse.pointSpread(6, "hbo");
    expect(spread.hbo).toBeAllclose(inverse.image(inverse.predict(only(6, 1), only(0, 0))).hbo, {
      rtol: 1e-6,
      atol: 1e-9,
    });
    const even = tomography(rows, { noise: new Float64Array(rows.length).fill(3e-3) });
    expect(even.image(density).hbo).toBeAllclose(inverse.image(density).hbo, { rtol: 1e-6, atol: 1e-12 });
  });

  test("a deaf channel weighs nothing", () => {
    const noise = Float64Array.from(rows, (_, i) => (i === 3 ? 1e6 : 1));
    const inverse = tomography(rows, { noise });
    const density = inverse.predict(only(6, 1e-6), only(0, 0));
    const spoilt = density.map((v, i) => (i === 3 ? v + 1 : v));
    expect(inverse.image(spoilt).hbo).toBeAllclose(inverse.image(density).hbo, { atol: 1e-9 });
  });

  const one = rows.filter(({ wavelength }) => wavelength === 760);
  test.each([
    ["one-wavelength", () => tomography(one)],
    ["shape-mismatch", () => tomography([...rows, { wavelength: 760, paths: [1] }])],
    ["shape-mismatch", () => tomography([])],
    ["shape-mismatch", () => tomography(rows).image([1])],
    ["shape-mismatch", () => tomography(rows).predict([1], [1])],
    ["not-positive", () => tomography(rows, { lambda1: 0 })],
    ["not-positive", () => tomography(rows, { noise: new Float64Array(rows.length) })],
    ["not-finite", () => tomography(rows).image(rows.map(() => Number.NaN))],
    [
      "not-finite",
      () => tomography(rows.map((row) => ({ ...row, paths: row.paths && new Float64Array(voxels).fill(Number.NaN) }))),
    ],
    ["no-sensitivity", () => tomography(rows.map((row) => ({ ...row, paths: new Float64Array(voxels) })))],
    ["bad-wavelength", () => tomography(rows.map((row) => ({ ...row, wavelength: row.wavelength + 300 })))],
  ])("refuses %s", (code, act) => expect(act).toThrow(expect.objectContaining({ code })));
});

describe("imageResolution", () => {
  test("points in the middle come out at their place, as wide as the bumps; crosstalk is small", () => {
    const found = imageResolution(tomography(rows), places, [6, 7, 8]);
    for (const { localisation, fwhm, effective, crosstalk } of found) {
      expect(localisation).toBeLessThanOrEqual(4);
      expect(fwhm).toBeLessThanOrEqual(16);
      expect(effective).toBeGreaterThanOrEqual(fwhm);
      expect(crosstalk).toBeLessThan(0.5);
    }
    expect(() => imageResolution(tomography(rows), [], [0])).toThrow(
      expect.objectContaining({ code: "shape-mismatch" }),
    );
  });
});
