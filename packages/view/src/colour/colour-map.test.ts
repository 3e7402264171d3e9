import { describe, expect, test } from "vitest";
import { colourAt, colourMapNames, colourTable, cssColour } from "./colour-map.ts";

describe("colour maps as published", () => {
  test.each([
    // DICOM PS3.6 Annex B.1.1, entries of the well-known hot iron palette (read from pydicom's copy).
    ["hot-iron", 0, [0, 0, 0]],
    ["hot-iron", 1, [2, 0, 0]],
    ["hot-iron", 127, [254, 0, 0]],
    ["hot-iron", 128, [255, 0, 0]],
    ["hot-iron", 192, [255, 128, 4]],
    ["hot-iron", 254, [255, 252, 252]],
    ["hot-iron", 255, [255, 255, 255]],
    // First, last and a middle row of cividisHexValues.txt, pnnl/cmaputil.
    ["cividis", 0, [0x00, 0x20, 0x4c]],
    ["cividis", 31, [0x01, 0x35, 0x6e]],
    ["cividis", 255, [0xff, 0xe9, 0x45]],
    // Moreland 2009: the two ends and the unsaturated middle of the published map.
    ["cool-warm", 0, [59, 76, 192]],
    ["cool-warm", 255, [180, 4, 38]],
    ["inferno", 0, [0, 0, 4]],
    ["inferno", 255, [252, 255, 164]],
    ["gray", 77, [77, 77, 77]],
    ["gray-inverted", 77, [178, 178, 178]],
  ] as const)("%s at %i", (name, index, rgb) => {
    expect(colourTable(name)[index]).toEqual(rgb);
  });

  test("cool-warm agrees with matplotlib 3.11 coolwarm (made from the same paper) within 2 of 255", () => {
    // Two implementations of the Msh path, rounded to bytes and interpolated between 33 nodes in matplotlib.
    const theirs = {
      8: [67.93, 90.09, 204.42],
      64: [141.35, 175.97, 253.86],
      128: [221.19, 220.42, 219.96],
      192: [243.95, 152.5, 121.71],
    };
    for (const [index, rgb] of Object.entries(theirs)) {
      expect(colourTable("cool-warm")[Number(index)]).toBeAllclose(rgb, { atol: 2 });
    }
  });

  test("every map has 256 bytes per channel, and clamps beyond its ends; NaN takes the lowest", () => {
    for (const name of colourMapNames) {
      expect(colourTable(name)).toHaveLength(256);
      expect(
        colourTable(name)
          .flat()
          .every((c) => Number.isInteger(c) && c >= 0 && c <= 255),
      ).toBe(true);
      expect(colourAt(name, -3)).toEqual(colourTable(name)[0]);
      expect(colourAt(name, 9)).toEqual(colourTable(name)[255]);
      expect(colourAt(name, Number.NaN)).toEqual(colourTable(name)[0]);
    }
  });

  test("the sequential maps never get darker", () => {
    const light = ([r, g, b]: readonly number[]): number => 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
    for (const name of ["gray", "hot-iron", "inferno"] as const) {
      const lights = colourTable(name).map(light);
      expect(lights.every((l, i) => i === 0 || l >= (lights[i - 1] ?? 0) - 0.8)).toBe(true); // one byte of rounding
    }
  });

  test("css", () => expect(cssColour([0, 32, 255])).toBe("#0020ff"));
});
