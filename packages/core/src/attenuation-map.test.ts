import { describe, expect, test } from "vitest";
import { identityAffine } from "./affine.ts";
import { type AttenuationMap, attenuationLimit, checkAttenuationMap } from "./attenuation-map.ts";

/** Half air, a third soft tissue, a little bone: values in 1/cm at 511 keV. */
const values = [...Array(50).fill(0), ...Array(40).fill(0.099), ...Array(10).fill(0.171)];
const map = (change: (v: number) => number = (v) => v, energy = 511): AttenuationMap => ({
  unit: "1/cm",
  shape: [10, 10, 1],
  affine: identityAffine(),
  space: "subject:T1w",
  frames: [{ start: 0, duration: 0 }],
  clock: "image",
  energy,
  data: Float32Array.from(values, change),
});

describe("a map of a head", () => {
  test("passes as it is, the very same object", () => {
    const head = map();
    expect(checkAttenuationMap(head, { energy: 511 })).toBe(head);
    expect(
      checkAttenuationMap(
        map((v) => v * 1.6, 140.5),
        { energy: 140 },
      ).energy,
    ).toBe(140.5);
  });

  test.each([
    ["a ratio instead of a coefficient", { ...map(), unit: "1" as const }, "wrong-unit", /1\/cm.*found 1\)/],
    ["1/mm", map((v) => v / 10), "per-millimetre", /multiply by 10/],
    ["CT numbers", map((v) => (v === 0 ? -1000 : v * 10_000 - 1000)), "hounsfield-units", /convert the CT.*HU/],
    ["the map of Tc-99m for PET", map((v) => v * 1.6, 140), "wrong-energy", /factor of its own.*511 keV, found 140/],
    ["bone of 140 keV called 511 keV", map((v) => v * 1.7), "attenuation-out-of-range", /at most 0.25/],
    ["values above 0.40 at 159 keV", map((v) => v * 2.5, 159), "attenuation-out-of-range", /at most 0.4 /],
    ["negative values", map((v) => v - 0.05), "negative-attenuation", /0 or more/],
    ["NaN", map((v) => (v === 0 ? Number.NaN : v)), "not-finite", /numbers/],
    ["nothing", map(() => 0), "empty-map", /above 0/],
    ["no energy", map(undefined, Number.NaN), "bad-energy", /130 to 1000 keV/],
    ["electronvolts", map(undefined, 511_000), "bad-energy", /130 to 1000 keV/],
  ])("%s is refused", (_, wrong, code, message) => {
    const check = () => checkAttenuationMap(wrong, { energy: 511 });
    const own = code === "attenuation-out-of-range" ? () => checkAttenuationMap(wrong) : check;
    expect(own).toThrow(expect.objectContaining({ code }));
    expect(own).toThrow(message);
  });
});

test("hardware may be foam, or nothing at all; the file is named", () => {
  const foam = map((v) => v / 20);
  expect(checkAttenuationMap(foam, { content: "hardware" })).toBe(foam);
  expect(
    checkAttenuationMap(
      map(() => 0),
      { content: "hardware" },
    ).data[99],
  ).toBe(0);
  expect(() =>
    checkAttenuationMap(
      map((v) => v * 3),
      { content: "hardware", file: "coil.nii" },
    ),
  ).toThrow(/^coil\.nii: /);
});

test("the limits: 0.25 at 511 keV, 0.40 at 140 and 159 keV", () => {
  expect([140, 159, 511].map((energy) => attenuationLimit(energy))).toEqual([0.4, 0.4, 0.25]);
});
