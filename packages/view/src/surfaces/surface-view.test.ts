import type { Surface } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { surfacePicture } from "./surface-view.ts";

const r = 15;
/** Vertices right, left, front, back, top, bottom; faces counter-clockwise seen from outside. */
const octahedron: Surface = {
  space: "t",
  vertices: Float32Array.of(r, 0, 0, -r, 0, 0, 0, r, 0, 0, -r, 0, 0, 0, r, 0, 0, -r),
  faces: Uint32Array.of(0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5),
};
/** Right 1, left 0, all others not known. */
const values = Float32Array.of(1, 0, Number.NaN, Number.NaN, Number.NaN, Number.NaN);
const paint = { values, range: [0, 1], colourMap: "gray" } as const;
const pixel = (
  view: Parameters<typeof surfacePicture>[1]["view"],
  x: number,
  y: number,
  values_ = values,
): number[] => {
  const { width, height, pixels } = surfacePicture([{ surface: octahedron, paint: { ...paint, values: values_ } }], {
    view,
    scale: 2,
    extent: [40, 40],
  });
  expect([width, height]).toEqual([80, 80]);
  return [...pixels.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];
};

describe("surfacePicture", () => {
  const front = Float32Array.of(0, 0, 1, 0, 0, 0);
  const top = Float32Array.of(0, 0, 0, 0, 1, 0);
  test("nothing is drawn beside the surface", () => expect(pixel("superior", 1, 1)).toEqual([0, 0, 0, 0]));
  test("each side shows what lies there: from the right the front is on the right, from the left on the left", () => {
    const bright = (at: number[]): boolean => (at[0] as number) > 60 && at[3] === 255;
    expect(bright(pixel("right lateral", 40 + 24, 41, front))).toBe(true);
    expect(bright(pixel("right lateral", 40 - 24, 41, front))).toBe(false);
    expect(bright(pixel("left lateral", 40 - 24, 41, front))).toBe(true);
    expect(bright(pixel("superior", 41, 40 - 24, front))).toBe(true);
    expect(bright(pixel("anterior", 41, 40 - 24, top))).toBe(true);
    expect(bright(pixel("posterior", 41, 40 + 24, top))).toBe(false);
  });
  test("the face nearest to the viewer hides the one behind", () => {
    const right = Float32Array.of(1, 0, 0.9, 0.9, 0.9, 0.9);
    const left = Float32Array.of(0, 1, 0.1, 0.1, 0.1, 0.1);
    expect(pixel("right lateral", 41, 41, right)[0]).toBeGreaterThan(150);
    expect(pixel("right lateral", 41, 41, left)[0]).toBeLessThan(40);
  });
  test("what is not known, or is hidden, is plain gray", () => {
    const [red, green, blue] = pixel("superior", 41, 41);
    expect(red).toBe(green);
    expect(red).toBe(blue);
    const hidden = surfacePicture(
      [{ surface: octahedron, paint: { values: top, range: [0, 1], colourMap: "inferno", hide: [-2, 2] } }],
      {
        view: "superior",
      },
    );
    const seen = hidden.pixels.filter((_, i) => i % 4 < 3 && hidden.pixels[i - (i % 4) + 3] === 255);
    expect(new Set(seen).size).toBe(1);
  });
});
