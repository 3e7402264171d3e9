import type { AttenuationMap } from "@quintet/core";
import { expect, test } from "vitest";
import { collimatorNamed, collimatorResponse, collimators, leadAttenuation, linearResponse } from "./collimators.ts";
import { type SpectGeometry, spectGrid, spectProjector } from "./spect-projector.ts";

const around = (columns: number, rows: number, pixel: number, views: number, radius = 150): SpectGeometry => ({
  columns,
  rows,
  size: [pixel, pixel],
  angles: Float64Array.from({ length: views }, (_, v) => (2 * Math.PI * v) / views),
  radii: new Float64Array(views).fill(radius),
});

/** Share of each voxel of one slice that lies within a circle, by 10 x 10 points. */
function disc(n: number, pixel: number, radius: number): Float32Array {
  const inside = (i: number, j: number, k: number): number => {
    const [x, y] = [i, j].map(
      (c, axis) => (c - n / 2 + ((axis === 0 ? k % 10 : Math.floor(k / 10)) + 0.5) / 10) * pixel,
    );
    return Math.hypot(x!, y!) <= radius ? 0.01 : 0;
  };
  const out = new Float32Array(n * n);
  for (let v = 0; v < out.length; v++) for (let k = 0; k < 100; k++) out[v]! += inside(v % n, Math.floor(v / n), k);
  return out;
}

test("a uniform cylinder with attenuation: (1 - exp(-2 mu b)) / mu in every bin, 1 %", () => {
  const [n, pixel, radius, mu] = [96, 2.5, 90, 0.15];
  const geometry = around(n, 1, pixel, 7);
  const grid = spectGrid(geometry);
  const activity = disc(n, pixel, radius);
  const attenuation: AttenuationMap = {
    ...grid,
    unit: "1/cm",
    energy: 140,
    frames: [{ start: 0, duration: 0 }],
    clock: "scanner",
    data: activity.map((x) => mu * x),
  };
  const projector = spectProjector(geometry, grid, { response: "none", attenuation });
  const data = projector.forward(activity);
  projector.close();
  let worst = 0;
  for (let v = 0; v < 7; v++) {
    for (let i = 0; i < n; i++) {
      const u = (i - (n - 1) / 2) * pixel;
      if (Math.abs(u) > 0.9 * radius) continue;
      const b = Math.sqrt(radius ** 2 - u ** 2) / 10;
      const wanted = (10 * (1 - Math.exp(-2 * mu * b))) / mu;
      worst = Math.max(worst, Math.abs(data[v * n + i]! / wanted - 1));
    }
  }
  expect(worst).toBeLessThan(0.01);
});

test("LEHR: lead at 140.5 keV, the geometric and the whole resolution by hand", () => {
  // between 100 and 150 keV along ln-ln: 2.014 (150 / 140.5)^2.4996 x 11.35
  expect(leadAttenuation(140.5)).toBeCloseTo(26.93, 1);
  const sigma = collimatorResponse(collimatorNamed("Siemens-LEHR"), 140.5);
  // L_e = 24.05 - 20 / 26.93 = 23.307; R_g = 1.11 (23.307 + 100) / 23.307 = 5.872; with 3.8: 6.995
  expect(2.35482 * sigma(100)).toBeCloseTo(6.995, 2);
  // L_e = 27 - 20 / 26.93 = 26.257; R_g = 1.4 (26.257 + 100) / 26.257 = 6.732; the crystal's 3.8 seen 500 / 400 times larger
  expect(2.35482 * collimatorResponse(collimatorNamed("prism-lehr-fan"), 140.5)(100)).toBeCloseTo(
    Math.hypot(6.732, 3.8 * 0.8),
    2,
  );
  for (const { name, focalLength } of collimators) expect(/-fan$/.test(name)).toBe(focalLength !== undefined);
  expect(new Set(collimators.map(({ name }) => name)).size).toBe(collimators.length);
});

test("a fan beam magnifies by F / (F - d)", () => {
  const geometry = { ...around(64, 1, 4, 1), angles: Float64Array.of(Math.PI / 2), focalLength: 400 };
  const grid = spectGrid(geometry);
  const projector = spectProjector(geometry, grid, { response: "none", attenuation: "none" });
  const centre = (x: number, y: number): number => {
    const image = new Float32Array(64 * 64);
    image[x + 64 * y] = 1;
    const data = projector.forward(image);
    return data.reduce((sum, d, i) => sum + d * (i - 31.5) * 4, 0) / data.reduce((sum, d) => sum + d, 0);
  };
  // 50 mm to the right; the face stands at y = 150: 50 mm in front of the axis is 100 mm away, 46 mm behind it 196 mm
  expect(centre(44, 44)).toBeCloseTo((50 * 400) / (400 - 100), 0);
  expect(centre(44, 20)).toBeCloseTo((50 * 400) / (400 - 196), 0);
  projector.close();
});

test("refusals", () => {
  const geometry = around(8, 2, 4, 3, 40);
  const grid = spectGrid(geometry);
  const sharp = { response: "none", attenuation: "none" } as const;
  const bad = (code: string): unknown => expect.objectContaining({ code });
  expect(() => collimatorNamed("pinhole")).toThrow(bad("unknown-collimator"));
  const given = collimatorNamed("hole=1.11,septum=0.16,length=24.05");
  const named = collimatorNamed("siemens-lehr");
  expect(collimatorResponse(given, 140.5)(150)).toBe(collimatorResponse(named, 140.5)(150));
  expect(given.focalLength).toBeUndefined();
  expect(collimatorNamed("hole=1.4,septum=0.18,length=27,focus=500").focalLength).toBe(500);
  for (const text of [
    "hole=1.1",
    "hole=1,hole=1,septum=1,length=9",
    "hole=1,septum=1,length=9,width=2",
    "hole=x,septum=1,length=9",
  ])
    expect(() => collimatorNamed(text)).toThrow(/hole=1.11,septum=0.16,length=24.05/);
  expect(() => leadAttenuation(80)).toThrow(bad("bad-energy"));
  expect(() => linearResponse(-1, 1)).toThrow(bad("bad-collimator"));
  expect(() => collimatorResponse({ ...collimators[0]!, length: 0.1 }, 140)).toThrow(bad("bad-collimator"));
  expect(() => spectProjector(geometry, grid, { response: "none" } as never)).toThrow(bad("missing-term"));
  expect(() => spectProjector({ ...geometry, radii: Float64Array.of(40, 0, 40) }, grid, sharp)).toThrow(
    bad("bad-camera"),
  );
  expect(() => spectProjector({ ...geometry, radii: new Float64Array(0) }, grid, sharp)).toThrow(bad("bad-camera"));
  expect(() => spectProjector({ ...geometry, focalLength: 50 }, grid, sharp)).toThrow(bad("bad-camera"));
  expect(() => spectProjector(geometry, spectGrid({ ...geometry, rows: 3 }), sharp)).toThrow(bad("grid-mismatch"));
  expect(() => spectProjector(geometry, grid, { ...sharp, response: (d) => 9 - d })).toThrow(bad("bad-response"));
  const map = {
    ...spectGrid({ ...geometry, columns: 9 }),
    unit: "1/cm",
    energy: 140,
    frames: [{ start: 0, duration: 0 }],
    clock: "a",
  } as const;
  const full = { ...map, data: new Float32Array(9 * 9 * 2).fill(0.15) };
  expect(() => spectProjector(geometry, grid, { ...sharp, attenuation: full })).toThrow(bad("grid-mismatch"));
});
