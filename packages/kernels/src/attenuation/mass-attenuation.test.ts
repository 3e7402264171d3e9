import { describe, expect, test } from "vitest";
import { linearAttenuation, massAttenuation } from "./mass-attenuation.ts";

describe("water, as every textbook has it", () => {
  // At 159 keV 0.148; at body temperature (0.9933 g/cm3) it is the 0.147 of some tables.
  test.each([
    [511, 0.096],
    [159, 0.1477],
    [140, 0.1538],
  ])("%d keV: %f per cm", (energy, expected) => {
    expect(linearAttenuation("water", energy)).toBeCloseTo(expected, 4);
  });
  test("the table's own points come back", () => {
    expect(massAttenuation("water", 500)).toBeCloseTo(0.09687, 12);
    expect(massAttenuation("cortical-bone", 1000)).toBeCloseTo(0.06566, 12);
    expect(massAttenuation("pmma", 80)).toBeCloseTo(0.1751, 12);
  });
});

/** XCOM cross sections summed over the NIST compositions by xraylib 4.3.0 (CS_Total), cm2/g. */
const xcom: readonly (readonly ["water" | "brain" | "cortical-bone", number, number])[] = [
  ["water", 140, 0.15383],
  ["water", 159, 0.14776],
  ["water", 171, 0.14433],
  ["water", 245, 0.12772],
  ["water", 364, 0.11017],
  ["water", 511, 0.095988],
  ["brain", 140, 0.15312],
  ["brain", 159, 0.14706],
  ["brain", 511, 0.09552],
  ["cortical-bone", 140, 0.15293],
  ["cortical-bone", 159, 0.1442],
  ["cortical-bone", 245, 0.12067],
  ["cortical-bone", 364, 0.10299],
  ["cortical-bone", 511, 0.089385],
];
test.each(xcom)("%s at %d keV is XCOM's %f", (material, energy, expected) => {
  // Four digits in the table (0.05 %) and the cubic between its points.
  expect(Math.abs(massAttenuation(material, energy) / expected - 1)).toBeLessThan(1.5e-3);
});

test("a thinner plug of the same stuff attenuates less in proportion", () => {
  expect(linearAttenuation("water", 511, 0.5)).toBeCloseTo(linearAttenuation("water", 511) / 2, 15);
});

test.each([[79], [1001], [Number.NaN], [511_000]])("%f keV is refused", (energy) => {
  expect(() => massAttenuation("water", energy)).toThrow(expect.objectContaining({ code: "bad-energy" }));
});
