import { halfLives, identityAffine, type Metadata, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { injectionFrom, radionuclideOf } from "./injection.ts";
import { type Injection, suv, suvFromUncorrected } from "./suv.ts";

const pet = (a: number, start = 0, duration = 0): Volume<"Bq/mL"> => ({
  unit: "Bq/mL",
  shape: [1, 1, 1],
  affine: identityAffine(),
  space: "scanner:pet",
  clock: "pet",
  frames: [{ start, duration }],
  data: Float32Array.of(a),
});
const injection: Injection = {
  radionuclide: "F18",
  weight: { value: 70, unit: "kg" },
  activity: { value: 350, unit: "MBq" },
  activityTime: 0,
  decayReference: 0,
};

test("5000 Bq/mL, 70 kg, 350 MBq at one time is SUV 1", () => {
  const out = suv(pet(5000), injection);
  expect([out.data[0], out.unit]).toEqual([1, "g/mL"]);
});

test("dose one half-life before the image's reference time: SUV doubles", () => {
  expect(suv(pet(5000), { ...injection, activityTime: -halfLives.F18 }).data[0]).toBeCloseTo(2, 6);
});

test("image corrected to scan start or to injection gives one SUV", () => {
  const atInjection = suv(pet(8000), injection).data[0] as number;
  const faded = 8000 * Math.exp((-Math.LN2 * 3600) / halfLives.F18);
  expect(suv(pet(faded), { ...injection, decayReference: 3600 }).data[0]).toBeCloseTo(atInjection, 5);
});

test("units of weight and dose do not matter, nor does a common scale of image and dose", () => {
  const other = { ...injection, weight: { value: 70_000, unit: "g" }, activity: { value: 3.5e8, unit: "Bq" } };
  expect(suv(pet(5000), other).data[0]).toBeCloseTo(1, 6);
  expect(suv(pet(10_000), { ...injection, activity: { value: 700, unit: "MBq" } }).data[0]).toBeCloseTo(1, 6);
});

test("an uncorrected frame mean is corrected to the injection first", () => {
  const lambda = Math.LN2 / halfLives.F18;
  const mean = (5000 * (Math.exp(-lambda * 3600) - Math.exp(-lambda * 4200))) / (lambda * 600);
  expect(suvFromUncorrected(pet(mean, 3600, 600), injection).data[0]).toBeCloseTo(1, 6);
});

test.each([
  ["missing-weight", { weight: { value: Number.NaN, unit: "kg" } }],
  ["missing-dose", { activity: { value: Number.NaN, unit: "MBq" } }],
  ["missing-injection-time", { activityTime: Number.NaN }],
  ["missing-decay-reference", { decayReference: Number.NaN }],
  ["unknown-unit", { weight: { value: 154, unit: "lb" } }],
  ["unknown-unit", { activity: { value: 10, unit: "mCi" } }],
  ["implausible-weight", { weight: { value: 70, unit: "g" } }],
  ["implausible-dose", { activity: { value: 350, unit: "Bq" } }],
  ["implausible-dose", { activity: { value: -350, unit: "MBq" } }],
] as const)("refused: %s", (code, wrong) => {
  expect(() => suv(pet(1), { ...injection, ...wrong })).toThrow(expect.objectContaining({ code }));
});

const sidecar: Metadata = {
  TracerRadionuclide: "F18",
  InjectedRadioactivity: 350,
  InjectedRadioactivityUnits: "MBq",
  InjectionStart: 0,
  ImageDecayCorrected: true,
  ImageDecayCorrectionTime: 0,
};
test("a PET-BIDS sidecar and a participant make an injection", () => {
  expect(injectionFrom(sidecar, { label: "01", weight: 70 })).toEqual(injection);
  expect(injectionFrom({ ...sidecar, PatientWeight: 70 }, { label: "01" })).toEqual(injection);
});
test.each([
  ["missing-weight", {}, {}],
  ["disagreement", { PatientWeight: 80 }, { weight: 70 }],
  ["missing-dose", { InjectedRadioactivity: "n/a" }, { weight: 70 }],
  ["missing-dose", { InjectedRadioactivityUnits: undefined }, { weight: 70 }],
  ["missing-injection-time", { InjectionStart: undefined }, { weight: 70 }],
  ["missing-decay-reference", { ImageDecayCorrectionTime: undefined }, { weight: 70 }],
  ["not-decay-corrected", { ImageDecayCorrected: false }, { weight: 70 }],
  ["unknown-radionuclide", { TracerRadionuclide: "Cu64" }, { weight: 70 }],
] as const)("sidecar refused: %s", (code, change, participant) => {
  expect(() => injectionFrom({ ...sidecar, ...change }, { label: "01", ...participant }, "sub-01_pet.json")).toThrow(
    expect.objectContaining({ code }),
  );
});
test.each([
  ["F18", "F18"],
  ["18F", "F18"],
  ["[18F]", "F18"],
  ["^18^Fluorine", "F18"],
  ["C-11", "C11"],
  ["Tc-99m", "Tc99m"],
  ["99mTc", "Tc99m"],
  ["Iodine123", "I123"],
])("radionuclide %s is %s", (text, expected) => {
  expect(radionuclideOf(text)).toBe(expected);
});
