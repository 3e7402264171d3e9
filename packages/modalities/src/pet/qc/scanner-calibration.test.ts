import { halfLives, identityAffine, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { calibrated, positronFraction } from "../correct/calibration.ts";
import type { CalibratorReading } from "./cross-calibration.ts";
import { scannerCalibration } from "./scanner-calibration.ts";

const half = halfLives.F18;
/** 60 MBq one half-life before the scan: 30 in 5000 mL at its start, 6000 Bq/mL. */
const reading: CalibratorReading = {
  radionuclide: "F18",
  activity: 60e6,
  at: -half,
  residual: 0,
  residualAt: 0,
  volume: 5000,
  activityError: 0.03,
  volumeError: 0.04,
};
const frame = { start: 0, duration: half };

test("over one half-life the scanner sees 6000 / (2 ln 2) Bq/mL of which 0.9673 are positrons", () => {
  const found = scannerCalibration({ value: 100, error: 0 }, reading, frame);
  expect(found.factor).toBeCloseTo(((6000 / (2 * Math.LN2)) * half * 0.9673) / 100, 6);
  expect(found.expected).toBeCloseTo(6000, 8);
  expect(found.relativeError).toBeCloseTo(0.05, 12);
});
test("an image corrected for decay, to any time, has the same factor", () => {
  const plain = scannerCalibration({ value: 100, error: 1 }, reading, frame);
  const toStart = scannerCalibration({ value: 200 * Math.LN2, error: 2 * Math.LN2 }, reading, frame, 0);
  const toEnd = scannerCalibration({ value: 100 * Math.LN2, error: Math.LN2 }, reading, frame, half);
  for (const other of [toStart, toEnd]) {
    expect(other.factor / plain.factor).toBeCloseTo(1, 12);
    expect(other.relativeError).toBeCloseTo(plain.relativeError, 12);
  }
});
test("the phantom's own counts become its activity with it, and another radionuclide's decays", () => {
  const { factor } = scannerCalibration({ value: 100, error: 0 }, reading, frame);
  const image: Volume<"1"> = {
    unit: "1",
    shape: [1, 1, 1],
    affine: identityAffine(),
    space: "scanner:pet",
    clock: "pet",
    frames: [frame],
    data: Float32Array.of(100),
  };
  const of = (nuclide: "F18" | "Ga68"): number =>
    calibrated(image, { factor }, { branching: positronFraction(nuclide) }).data[0] as number;
  expect(of("F18")).toBeCloseTo(6000 / (2 * Math.LN2), 2);
  expect(of("Ga68") / of("F18")).toBeCloseTo(0.9673 / 0.8891, 6);
});
test.each([
  ["missing-frame-times", reading, { start: 0, duration: 0 }],
  ["no-positrons", { ...reading, radionuclide: "Tc99m" }, frame],
  ["not-positive", { ...reading, volume: 0 }, frame],
] as const)("refusal: %s", (code, what, when) => {
  expect(() => scannerCalibration({ value: 100, error: 0 }, what, when)).toThrow(expect.objectContaining({ code }));
});
