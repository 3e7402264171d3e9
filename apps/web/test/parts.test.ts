/** Parts of the page that need no browser: typed numbers, units of a layer, two fingers. */
import type { SceneVolume } from "@quintet/view";
import { describe, expect, test } from "vitest";
import { TwoFingers } from "../src/gl/two-fingers.ts";
import { parseNumber } from "../src/state/parse-number.ts";
import { unitText } from "../src/state/readings.ts";
import { inUnit, layerStateOf, unitOf } from "../src/state/view-state.ts";

test.each([
  ["12,5", 12.5],
  ["12.5", 12.5],
  [" -3 ", -3],
  ["−3,25", -3.25],
  [",5", 0.5],
  ["7.", 7],
  ["1e-3", 0.001],
  ["", undefined],
  ["1.000,5", undefined],
  ["1,2,3", undefined],
  ["12 mm", undefined],
  ["NaN", undefined],
])("%j is %s", (text, value) => {
  expect(parseNumber(text)).toBe(value);
});

test.each([
  ["uV2", "µV²"],
  ["uM", "µM"],
  ["1", ""],
  ["mol/L", "mol/L"],
  ["g/mL", "g/mL"],
  ["V2/Hz", "V²/Hz"],
  ["mm3", "mm³"],
  ["%", "%"],
])("the unit %s is written %s", (unit, text) => {
  expect(unitText(unit)).toBe(text);
});

describe("units of a layer", () => {
  const volume = {
    unit: "kBq/mL",
    scale: 1e-3,
    units: [
      { unit: "kBq/mL", scale: 1e-3, formula: "" },
      { unit: "SUV", scale: 4e-4, formula: "" },
    ],
    range: [0, 20],
    threshold: 5,
    colourMap: "inferno",
    opacity: 0.7,
    visible: true,
  } as unknown as SceneVolume;

  test("window and threshold move with the unit, an open end stays open, and back is where it began", () => {
    const first = layerStateOf(volume);
    const suv = { ...first, ...inUnit(volume, first, 1) };
    expect([unitOf(volume, suv).unit, suv.range, suv.threshold?.[0]]).toEqual(["SUV", [0, 8], 2]);
    expect((suv.threshold?.[1] ?? 0) > 1e300).toBe(true);
    const back = { ...suv, ...inUnit(volume, suv, 0) };
    expect(back.range).toEqual(first.range);
    expect((inUnit(volume, first, 0).threshold?.[1] ?? 0) > 1e300).toBe(true);
  });

  test("a unit that the volume no longer has is its own", () => {
    expect(unitOf(volume, { ...layerStateOf(volume), unit: 7 })).toEqual({ unit: "kBq/mL", scale: 1e-3 });
  });
});

describe("two fingers", () => {
  const at = (pointerId: number, clientX: number, clientY = 0, pointerType = "touch") => ({
    pointerId,
    clientX,
    clientY,
    pointerType,
  });

  test("their middle moves by half of one's way, their distance tells the zoom", () => {
    const fingers = new TwoFingers();
    expect([fingers.down(at(1, 0)), fingers.down(at(2, 100))]).toEqual([false, true]);
    expect(fingers.move(at(2, 150))).toEqual({ dx: 25, dy: 0, spread: 1.5 });
    expect(fingers.move(at(1, -150))).toEqual({ dx: -75, dy: 0, spread: 2 });
    fingers.up(at(1, 0));
    expect([fingers.move(at(2, 0)), fingers.busy]).toEqual([undefined, true]);
    fingers.up(at(2, 0));
    expect(fingers.busy).toBe(false);
  });

  test("a mouse is no finger, three fingers are not two", () => {
    const fingers = new TwoFingers();
    expect(fingers.down(at(1, 0, 0, "mouse"))).toBe(false);
    fingers.down(at(2, 0));
    fingers.down(at(3, 10));
    expect(fingers.down(at(4, 20))).toBe(false);
    expect(fingers.move(at(4, 30))).toBeUndefined();
  });
});
