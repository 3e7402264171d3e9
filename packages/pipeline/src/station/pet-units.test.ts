import { halfLives, type Measure } from "@quintet/core";
import { expect, test } from "vitest";
import { petUnits, referenceSuv, suvFactor } from "./pet-units.ts";

const stated = {
  TracerRadionuclide: "F18",
  InjectedRadioactivity: 200,
  InjectedRadioactivityUnits: "MBq",
  InjectionStart: 0,
  ImageDecayCorrected: true,
  ImageDecayCorrectionTime: 0,
};
const person = { label: "01", weight: 80 };

test("80 kg and 200 MBq: 1 Bq/mL is an SUV of 80 000 / 200 000 000; half of the dose is left after one half-life", () => {
  expect(suvFactor(stated, person)?.factor).toBeCloseTo(4e-4, 10);
  const later = suvFactor({ ...stated, ImageDecayCorrectionTime: halfLives.F18 }, person);
  expect(later?.factor).toBeCloseTo(8e-4, 10);
  expect(later?.formula).toContain("80 kg / 200 MBq of F18");
});

test.each([
  ["no weight", stated, { label: "01" }],
  ["no dose", { ...stated, InjectedRadioactivity: "n/a" }, person],
  ["not corrected for decay", { ...stated, ImageDecayCorrected: false }, person],
])("%s: no SUV", (_, metadata, participant) => {
  expect(suvFactor(metadata, participant)).toBeUndefined();
});

const measure = (region: string, name: string, value: number): Measure => ({
  region,
  modality: "pet",
  measure: name,
  value,
  unit: "1",
  method: "made",
  sources: [],
});

test("the reference's SUV is what SUV over SUVR is in all regions", () => {
  const measures = [
    measure("a", "suv", 4.4),
    measure("a", "suvr", 1.1),
    measure("b", "suv", 3.6),
    measure("b", "suvr", 0.9),
    measure("c", "suv", 9),
  ];
  expect(referenceSuv(measures)).toBeCloseTo(4, 12);
  expect(referenceSuv(measures.slice(4))).toBeUndefined();
});

test("activity and SUVR of the same image are shown in each other's unit, and back at the same value", () => {
  const factor = suvFactor(stated, person);
  const scales = (unit: string, scale: number, reference?: number): unknown =>
    Object.fromEntries(
      petUnits({ unit, scale }, factor, reference).map((u) => [u.unit, Number(u.scale.toPrecision(6))]),
    );
  // 10 kBq/mL are an SUV of 4, the reference's: SUVR 1.
  expect(scales("kBq/mL", 1e-3, 4)).toEqual({ "kBq/mL": 1e-3, SUV: 4e-4, SUVR: 1e-4 });
  expect(scales("SUVR", 1, 4)).toEqual({ SUVR: 1, SUV: 4, "kBq/mL": 10 });
  expect(scales("kBq/mL", 1e-3)).toEqual({ "kBq/mL": 1e-3, SUV: 4e-4 });
  expect(scales("SUVR", 1)).toEqual({});
  expect(scales("BPND", 1, 4)).toEqual({});
});
