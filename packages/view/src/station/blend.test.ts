import { describe, expect, test } from "vitest";
import { colourAt } from "../colour/colour-map.ts";
import type { LayerLook } from "./blend.ts";
import { alphaOf, alphaRamp, blend } from "./blend.ts";

const gray: LayerLook = { colourMap: "gray", range: [0, 100], ramp: 0, opacity: 1 };
const pet: LayerLook = { colourMap: "inferno", range: [0, 4], ramp: 0, opacity: 0.5 };

describe("alpha", () => {
  test("without a threshold a map from 0 fades in over its lowest 4 %, a signed one is whole", () => {
    // 4 % of 4 is 0.16: half way there, half of the opacity.
    expect(alphaOf(pet, 0.08)).toBeCloseTo(0.25, 12);
    expect(alphaOf(pet, 0.16)).toBe(0.5);
    expect(alphaOf({ ...pet, range: [-4, 4] }, 0)).toBe(0.5);
  });

  test("a threshold counts magnitudes, clear above its upper end, with a ramp below its lower", () => {
    const z: LayerLook = { colourMap: "cool-warm", range: [-6, 6], threshold: [2, 5], ramp: 0.25, opacity: 1 };
    // The ramp is a quarter of 6 - 2: from 1 to 2.
    expect(alphaRamp(z)).toMatchObject({ from: 1, full: 2, until: 5, magnitude: true });
    expect([0.9, 1.5, -1.5, 2, -3, 5, 5.01].map((v) => alphaOf(z, v))).toEqual([0, 0.5, 0.5, 1, 1, 1, 0]);
    expect(alphaOf({ ...z, ramp: 0 }, 1.999)).toBe(0);
  });

  test("confidence multiplies; what is outside its volume is clear", () => {
    expect(alphaOf(pet, 2, 0.5)).toBe(0.25);
    expect(alphaOf(pet, Number.NaN)).toBe(0);
  });
});

describe("the stack", () => {
  test("opacity is exactly linear between what lies below and this layer", () => {
    const below = blend([{ look: gray, value: 40 }]);
    const over = colourAt("inferno", 0.75);
    for (const opacity of [0, 0.25, 0.5, 1]) {
      const shown = blend([
        { look: gray, value: 40 },
        { look: { ...pet, opacity }, value: 3 },
      ]);
      for (const k of [0, 1, 2] as const)
        expect(shown[k]).toBeCloseTo((1 - opacity) * below[k] + opacity * over[k], 10);
    }
  });

  test("a clear layer changes nothing, and an opaque one hides everything", () => {
    const base = [{ look: gray, value: 40 }];
    expect(blend([...base, { look: pet, value: Number.NaN }])).toEqual(blend(base));
    expect(blend([...base, { look: { ...pet, opacity: 1 }, value: 4 }])).toEqual([...colourAt("inferno", 1)]);
  });
});
