import { describe, expect, test } from "vitest";
import { colourTable } from "../colour/colour-map.ts";
import type { ImageLayer, SensorLayer } from "../report/model.ts";
import { contourPath } from "./contour.ts";
import { layerAlpha, paintGray, paintLayer, paintSensors } from "./paint.ts";
import { slicePlane } from "./plane.ts";

const layer = {
  kind: "image",
  id: "z",
  modality: "spect",
  name: "z",
  unit: "z",
  range: [-5, 5],
  colourMap: "cool-warm",
  threshold: 2,
  note: "",
} as unknown as ImageLayer;

test("gray is linear between its ends; outside the volume it is black", () => {
  expect([...paintGray(Float32Array.of(-1, 0, 50, 100, 900, Number.NaN), 1, [0, 100]).pixels]).toEqual([
    0, 0, 128, 255, 255, 0,
  ]);
});

describe("paintLayer", () => {
  test("below the threshold and outside the mask transparent; above it the map's colour, fully opaque", () => {
    const { pixels, palette } = paintLayer(
      Float32Array.of(-6, -2, -1.9, 0, 2, 5, Number.NaN, 4),
      1,
      layer,
      Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 0),
    );
    const shown = [...pixels].map((index) => palette?.[index]);
    expect(shown.map((entry) => entry?.alpha)).toEqual([255, 255, 0, 0, 255, 255, 0, 0]);
    expect(shown[0]?.colour).toEqual(colourTable("cool-warm")[0]);
    expect(shown[5]?.colour).toEqual(colourTable("cool-warm")[255]);
  });

  test("the scale acts before range and threshold", () => {
    const micro = { ...layer, scale: 1e6, range: [0, 10] as const };
    expect([...paintLayer(Float32Array.of(1e-6, 5e-6, 10e-6), 1, micro).pixels]).toEqual([0, 128, 255]);
  });

  test("without a threshold it fades in over the lowest 4 % and is then opaque", () => {
    const open = { range: [0, 100] as const };
    expect([-5, 0, 1, 2, 4, 50].map((v) => layerAlpha(open, v))).toEqual([0, 0, 0.25, 0.5, 1, 1]);
    expect(layerAlpha(open, Number.NaN)).toBe(0);
  });
});

test("sensor paint is the weighted mean of the values near, fades with distance, and ignores sensors without value", () => {
  const slice = slicePlane("axial", [0, 0, 0], { centre: [0, 0, 0], side: 60 }, { pixel: 1, convention: "NEURO" });
  const sensors = {
    ...layer,
    kind: "sensors",
    colourMap: "gray",
    threshold: undefined,
    range: [0, 1],
    reach: 10,
    points: [
      { name: "a", position: [-20, 0, 0], cortex: [-20.5, 0.5, 0], value: 1 },
      { name: "b", position: [20, 0, 0], cortex: [19.5, 0.5, 0], value: 0 },
      { name: "bad", position: [0, 0, 0], cortex: [0, 0, 0] },
    ],
  } as unknown as SensorLayer;
  const { pixels } = paintSensors(slice, sensors);
  const at = (x: number): number[] => [...pixels.subarray(4 * (29 * 60 + x), 4 * (29 * 60 + x) + 4)];
  expect(at(9)).toEqual([255, 255, 255, 255]); // column 9 is x = -20.5
  expect(at(49)).toEqual([0, 0, 0, 255]);
  // 10 mm off the sensor: w = exp(-2), alpha = 1.5 exp(-2) 255 = 51.8
  expect(at(19)).toEqual([255, 255, 255, 52]);
  expect(at(29)[3]).toBeLessThan(2); // 20 mm from the valued sensors; the bad one paints nothing
});

describe("contourPath", () => {
  test("one pixel above the level is a diamond half-way to its neighbours", () => {
    const values = new Float32Array(9);
    values[4] = 2;
    const ends = [...contourPath(values, 3, 1).matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map((m) => `${m[1]},${m[2]}`);
    expect(ends).toHaveLength(8);
    expect(new Set(ends)).toEqual(new Set(["0.5,1.0", "1.0,0.5", "1.5,1.0", "1.0,1.5"]));
  });

  test("points on a circle lie at its radius", () => {
    const size = 41;
    const values = Float32Array.from(
      { length: size * size },
      (_, i) => 15 - Math.hypot((i % size) - 20, Math.floor(i / size) - 20),
    );
    const path = contourPath(values, size, 0);
    const radii = [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map((m) =>
      Math.hypot(Number(m[1]) - 20, Number(m[2]) - 20),
    );
    expect(radii.length).toBeGreaterThan(100);
    // 0.05 of rounding to one decimal in each coordinate, and the chord of a linear edge.
    expect(radii).toBeAllclose(new Float64Array(radii.length).fill(15), { atol: 0.1 });
  });

  test("nothing where the level is not crossed or values are missing", () => {
    expect(contourPath(new Float32Array(9), 3, 1)).toBe("");
    expect(contourPath(new Float32Array(9).fill(Number.NaN), 3, 0)).toBe("");
  });
});
