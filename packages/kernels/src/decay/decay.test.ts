import { halfLives, type Radionuclide } from "@quintet/core";
import { expect, test } from "vitest";
import { decayConstant, decayFactor, frameMeanFactor } from "./decay.ts";

test("half after a half-life, twice before it", () => {
  const lambda = decayConstant("Tc99m");
  expect(decayFactor(lambda, 0, halfLives.Tc99m)).toBeCloseTo(0.5, 12);
  expect(decayFactor(lambda, halfLives.Tc99m, 0)).toBeCloseTo(2, 12);
});
test.each([
  ["O15", 122.266, Math.LN2 / 0.5],
  ["F18", 2 * 6586.2, (2 * Math.LN2) / 0.75],
] as const)("%s over %d s: frame mean to start by hand", (nuclide, duration, expected) => {
  expect(frameMeanFactor(decayConstant(nuclide), { start: 0, duration })).toBeCloseTo(expected, 9);
});
test("a very short frame has the factor 1 + x / 2, a frame of no length 1", () => {
  expect(frameMeanFactor(1e-9, { start: 0, duration: 1 }) - 1).toBeCloseTo(5e-10, 14);
  expect(frameMeanFactor(1e-4, { start: 0, duration: 0 })).toBe(1);
});
test("refused: an unknown nuclide, a negative duration", () => {
  expect(() => decayConstant("Zr89" as Radionuclide)).toThrow(
    expect.objectContaining({ code: "unknown-radionuclide" }),
  );
  expect(() => frameMeanFactor(1, { start: 0, duration: -1 })).toThrow(
    expect.objectContaining({ code: "not-positive" }),
  );
});
