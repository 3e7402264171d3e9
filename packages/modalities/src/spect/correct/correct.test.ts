import { identityAffine, type SpectProjections, type Volume } from "@quintet/core";
import { linearAttenuation } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { linearResponse } from "../forward/collimators.ts";
import { spectGrid, spectProjector } from "../forward/spect-projector.ts";
import { directionEvidence, refuseWrongDirection } from "../qc/rotation-direction.ts";
import { filteredBackProjection } from "../recon/filtered-back-projection.ts";
import { attenuationFromCt, bodyOutline, uniformAttenuation } from "./attenuation-maps.ts";
import { centreOfRotation } from "./centre-of-rotation.ts";
import { downscatter, dualWindowScatter, tripleWindowScatter } from "./energy-windows.ts";
import { binFactors, floodFactor, viewDecay } from "./view-factors.ts";

const bad = (code: string): unknown => expect.objectContaining({ code });
const around = (columns: number, rows: number, pixel: number, views: number): SpectProjections => ({
  columns,
  rows,
  size: [pixel, pixel],
  angles: Float64Array.from({ length: views }, (_, v) => (2 * Math.PI * v) / views),
  radii: new Float64Array(views).fill(140),
  data: new Float32Array(columns * rows * views),
});

describe("energy windows", () => {
  const peak = { ...around(6, 5, 4, 2), window: { low: 126, high: 154 } };
  const lower = { ...peak, window: { low: 120, high: 126 }, data: peak.data.map(() => 30) };
  const upper = { ...peak, window: { low: 154, high: 160 }, data: peak.data.map(() => 6) };
  test("TEW by hand: (30 / 6 + 6 / 6) 28 / 2 = 84; without an upper window 70", () => {
    expect(tripleWindowScatter({ peak, lower, upper })).toBeAllclose(new Float32Array(60).fill(84), { rtol: 1e-6 });
    expect(tripleWindowScatter({ peak, lower, upper: "none" })[7]).toBeCloseTo(70, 4);
  });
  test("DEW: half of the lower window; downscatter: 6 / 6 x 28 x ratio", () => {
    expect(dualWindowScatter({ peak, lower }, 0.5)[3]).toBeCloseTo(15, 5);
    expect(downscatter({ peak, upper }, 0.9)[3]).toBeCloseTo(25.2, 4);
  });
  test("smoothing keeps the sum", () => {
    const spotted = { ...lower, data: lower.data.map((_, i) => (i === 14 ? 60 : 0)) };
    const sum = tripleWindowScatter({ peak, lower: spotted, upper: "none" }).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo((60 / 6) * 14, 3);
  });
  test("refusals", () => {
    const { window: _, ...silent } = lower;
    expect(() => tripleWindowScatter({ peak, lower: silent, upper })).toThrow(bad("missing-window"));
    const turned = { ...lower, window: { low: 126, high: 120 } };
    expect(() => tripleWindowScatter({ peak, lower: turned, upper })).toThrow(bad("bad-window"));
    const other = { ...lower, angles: lower.angles.map((a) => a + 0.1) };
    expect(() => dualWindowScatter({ peak, lower: other })).toThrow(bad("window-mismatch"));
    expect(() => downscatter({ peak, upper: lower })).toThrow(bad("bad-window"));
    expect(() => downscatter({ peak, upper }, -1)).toThrow(bad("not-positive"));
    expect(() => dualWindowScatter({ peak, lower }, Number.NaN)).toThrow(bad("not-positive"));
  });
});

describe("factors", () => {
  test("decay of Tc-99m by hand: a view half a half-life late has 1 / sqrt 2; a long one its mean", () => {
    const half = 21625.92;
    const viewTimes = [
      { start: 100, duration: 0 },
      { start: 100 + half / 2, duration: 0 },
      { start: 100, duration: half },
    ];
    const f = viewDecay({ ...around(2, 2, 4, 3), viewTimes }, "Tc99m");
    expect([...f]).toBeAllclose([1, Math.SQRT1_2, 0.5 / Math.LN2], { rtol: 1e-6 });
  });
  test("without times of the views they follow each other; without any time it is refused", () => {
    const f = viewDecay({ ...around(2, 2, 4, 4), start: 7, duration: 1200 }, "Tc99m");
    expect(f[3]! / f[0]!).toBeCloseTo(0.5 ** (900 / 21625.92), 9);
    expect(() => viewDecay(around(2, 2, 4, 4), "Tc99m")).toThrow(bad("missing-times"));
    const viewTimes = Array(4).fill({ start: Number.NaN, duration: 1 });
    expect(() => viewDecay({ ...around(2, 2, 4, 4), viewTimes }, "Tc99m")).toThrow(bad("bad-times"));
  });
  test("a flood: its mean over live pixels is 1, a dead pixel 0; views and pixels multiply", () => {
    const scan = around(2, 2, 4, 2);
    const pixels = floodFactor(scan, Float32Array.of(90, 110, 100, 0));
    expect([...pixels]).toBeAllclose([0.9, 1.1, 1, 0], { rtol: 1e-6 });
    expect([...(binFactors(scan, { views: Float64Array.of(1, 0.5), pixels }) as Float32Array)]).toBeAllclose(
      [0.9, 1.1, 1, 0, 0.45, 0.55, 0.5, 0],
      { rtol: 1e-6 },
    );
    expect(binFactors(scan, {})).toBe("none");
    expect(() => floodFactor(scan, new Float32Array(3))).toThrow(bad("shape-mismatch"));
    expect(() => floodFactor(scan, Float32Array.of(1, -1, 1, 1))).toThrow(bad("bad-flood"));
  });
});

/** An ellipse of activity 1, off the axis, in all slices; an organ of 3 in it. */
function body(
  scan: SpectProjections,
  centre: readonly [number, number],
  half: readonly [number, number],
): Float32Array {
  const n = scan.columns;
  return new Float32Array(n * n * scan.rows).map((_, v) => {
    const [x, y] = [v % n, Math.floor(v / n) % n].map((i) => (i - (n - 1) / 2) * scan.size[0]) as [number, number];
    if (((x - centre[0]) / half[0]) ** 2 + ((y - centre[1]) / half[1]) ** 2 > 1) return 0;
    return Math.hypot(x - 40, y + 30) < 16 ? 3 : 1;
  });
}

describe("geometry from the counts", () => {
  const scan = around(48, 6, 5, 30);
  const image = body(scan, [8, -5], [70, 90]);
  const response = linearResponse(0.0163, 1.466);
  const seen = (offset: number, mu = 0): SpectProjections => {
    const offsets = new Float64Array(30).fill(offset);
    const grid = spectGrid(scan);
    const map = { ...grid, unit: "1/cm", energy: 140, frames: [{ start: 0, duration: 0 }], clock: "a" } as const;
    const attenuation = mu > 0 ? { ...map, data: image.map((x) => (x > 0 ? mu : 0)) } : "none";
    const projector = spectProjector({ ...scan, offsets }, grid, { response, attenuation });
    const data = projector.forward(image);
    projector.close();
    return { ...scan, data };
  };

  test("centre of rotation: 3.2 mm are found, with attenuation within 0.3 mm", () => {
    expect(centreOfRotation(seen(3.2)).offset).toBeCloseTo(3.2, 1);
    expect(Math.abs(centreOfRotation(seen(3.2, 0.15)).offset - 3.2)).toBeLessThan(0.3);
    expect(() => centreOfRotation({ ...seen(0), angles: scan.angles.map((a) => a / 2) })).toThrow(bad("half-turn"));
    expect(() => centreOfRotation(scan)).toThrow(bad("no-counts"));
  });

  test("outline: centre within 2 mm, half axes within 6 %; one mu inside", () => {
    const outline = bodyOutline(seen(0, 0.15));
    const [first] = outline;
    expect([...first!.centre]).toBeAllclose([8, -5], { atol: 2 });
    expect([Math.sqrt(first!.shape[0]), Math.sqrt(first!.shape[2])]).toBeAllclose([70, 90], { rtol: 0.06 });
    const map = uniformAttenuation(spectGrid(scan), outline, 140.5);
    expect(map.data[24 + 48 * 24]).toBeCloseTo(linearAttenuation("water", 140.5), 6);
    expect(map.data[0]).toBe(0);
    expect(() => bodyOutline(scan)).toThrow(bad("no-outline"));
    expect(() => bodyOutline({ ...scan, focalLength: 500 })).toThrow(bad("fan-beam"));
    expect(() => uniformAttenuation(spectGrid(scan), [undefined], 140.5)).toThrow(bad("shape-mismatch"));
  });

  test("direction: the counts tell the right one; the reversed flag is refused", () => {
    const right = seen(0, 0.15);
    const evidence = directionEvidence(right, response);
    expect(evidence.stated - evidence.reversed).toBeGreaterThan(50);
    refuseWrongDirection(evidence);
    const wrong = directionEvidence({ ...right, angles: right.angles.map((a) => -a) }, response);
    expect(() => refuseWrongDirection(wrong)).toThrow(bad("wrong-direction"));
  });

  test("FBP of data without attenuation: the mean of the body within 3 %", () => {
    const grid = spectGrid(scan);
    const projector = spectProjector(scan, grid, { response: "none", attenuation: "none" });
    const data = projector.forward(image);
    projector.close();
    const found = filteredBackProjection({ ...scan, data }, grid).data;
    const inside = [...image.keys()].filter((v) => image[v] === 1 && image[v - 3] === 1 && image[v + 3] === 1);
    const mean = (values: Float32Array): number => inside.reduce((sum, v) => sum + values[v]!, 0) / inside.length;
    expect(Math.abs(mean(found) - 1)).toBeLessThan(0.03);
    expect(() => filteredBackProjection({ ...scan, focalLength: 500 }, grid)).toThrow(bad("fan-beam"));
    expect(() => filteredBackProjection({ ...scan, angles: scan.angles.map((a) => a / 2) }, grid)).toThrow(
      bad("uneven-views"),
    );
    expect(() => filteredBackProjection(scan, grid, { cutoff: 0.9 })).toThrow(bad("bad-cutoff"));
  });
});

test("CT: water at 0 HU, air at -1000, cortical bone at its own", () => {
  const [waterCt, boneCt] = [linearAttenuation("water", 80), linearAttenuation("cortical-bone", 80)];
  const bone = 1000 * (boneCt / waterCt - 1);
  const ct: Volume = {
    shape: [4, 1, 1],
    affine: identityAffine(),
    space: "scanner:ct",
    unit: "{arbitrary}",
    frames: [{ start: 0, duration: 0 }],
    clock: "ct",
    data: Float32Array.of(-1024, 0, bone, -500),
  };
  const water = linearAttenuation("water", 140.5);
  expect([...attenuationFromCt(ct, 140.5).data]).toBeAllclose(
    [0, water, linearAttenuation("cortical-bone", 140.5), water / 2],
    { rtol: 1e-5 },
  );
  expect(() => attenuationFromCt({ ...ct, data: ct.data.map(() => Number.NaN) }, 140.5)).toThrow(bad("not-finite"));
  // a map of a head in 1/cm, taken as HU, would be water everywhere, air included
  const map = { ...ct, data: Float32Array.of(0, 0.154, 0.287, 0.096) };
  expect(() => attenuationFromCt(map, 140.5)).toThrow(/Hounsfield units.*0 to 0.287/);
  expect(() => attenuationFromCt(map, 140.5)).toThrow(bad("not-hounsfield"));
});
