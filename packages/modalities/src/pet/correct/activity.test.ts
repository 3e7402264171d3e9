import { halfLives, identityAffine, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { decayCorrect, toActivity } from "./activity.ts";

const one = (values: readonly number[], frames: Volume["frames"]): Volume<"Bq/mL"> => ({
  unit: "Bq/mL",
  shape: [1, 1, 1],
  affine: identityAffine(),
  space: "scanner:pet",
  clock: "pet",
  frames,
  data: Float32Array.from(values),
});

test("one half-life doubles: an instant frame 109.77 min after the reference", () => {
  const pet = one([100], [{ start: halfLives.F18, duration: 0 }]);
  expect(decayCorrect(pet, { radionuclide: "F18", to: 0, state: "none" }).data[0]).toBeCloseTo(200, 4);
});

test("frame-mean factor in closed form: a frame of one half-life has the factor 2 ln 2 to its start", () => {
  // lambda d = ln 2, so ln 2 / (1 - 1/2) = 1.386294
  const pet = one([1], [{ start: 0, duration: halfLives.C11 }]);
  expect(decayCorrect(pet, { radionuclide: "C11", to: 0, state: "none" }).data[0]).toBeCloseTo(1.386294, 6);
});

test("a decaying source measured in unequal frames becomes constant", () => {
  const lambda = Math.LN2 / halfLives.C11;
  const frames = [
    { start: 0, duration: 60 },
    { start: 60, duration: 600 },
    { start: 900, duration: 1800 },
  ];
  // mean over the frame of 1000 exp(-lambda t)
  const means = frames.map(
    ({ start: s, duration: d }) => (1000 * (Math.exp(-lambda * s) - Math.exp(-lambda * (s + d)))) / (lambda * d),
  );
  const corrected = decayCorrect(one(means, frames), { radionuclide: "C11", to: 0, state: "none" });
  expect(corrected.data).toBeAllclose([1000, 1000, 1000], { rtol: 3e-7 }); // float32 storage twice
});

test("moving the reference time there and back changes nothing", () => {
  const pet = one([123], [{ start: 100, duration: 60 }]);
  const there = decayCorrect(pet, { radionuclide: "F18", to: 0, state: 5400 });
  const back = decayCorrect(there, { radionuclide: "F18", to: 5400, state: 0 });
  expect(there.data[0]).toBeGreaterThan(123);
  expect(back.data).toBeAllclose(pet.data, { rtol: 2e-7 }); // float32 storage
  expect(pet.data[0]).toBe(123);
});

test.each([
  ["Bq/mL", 1],
  ["kBq/mL", 1e3],
  ["kBq/ml", 1e3],
  ["MBq/cc", 1e6],
  ["BQML", 1],
])("%s is %d Bq/mL", (stated, factor) => {
  expect(toActivity({ ...one([2], [{ start: 0, duration: 1 }]), unit: "{arbitrary}" }, stated).data[0]).toBe(
    2 * factor,
  );
});

test.each(["", "counts", "nCi/mL", "Bq", "g/mL", "mmBq/mL"])("unit %j is refused", (stated) => {
  expect(() => toActivity(one([1], [{ start: 0, duration: 1 }]), stated)).toThrow(
    expect.objectContaining({ code: "unknown-unit" }),
  );
});

test.each([
  ["unknown-radionuclide", { radionuclide: "Zr89" as "F18", to: 0, state: "none" }],
  ["not-finite", { radionuclide: "F18", to: Number.NaN, state: "none" }],
  ["not-finite", { radionuclide: "F18", to: 0, state: Number.NaN }],
] as const)("decay: %s", (code, options) => {
  expect(() => decayCorrect(one([1], [{ start: 0, duration: 1 }]), options)).toThrow(expect.objectContaining({ code }));
});
test("a negative duration is refused", () => {
  const pet = one([1], [{ start: 0, duration: -1 }]);
  expect(() => decayCorrect(pet, { radionuclide: "F18", to: 0, state: "none" })).toThrow(
    expect.objectContaining({ code: "not-positive" }),
  );
});
