import { describe, expect, it, test } from "vitest";
import { chooseMethod } from "./choose-method.ts";
import { samplingPattern } from "./sampling-pattern.ts";

const lines = (n: number, measured: (y: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: n }, (_, y) => Number(measured(y)));
const plane = (ny: number, nz: number, measured: (y: number, z: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: ny * nz }, (_, i) => Number(measured(i % ny, Math.floor(i / ny))));
const inCentre = (i: number, n: number, width: number): boolean =>
  i >= Math.floor(n / 2) - Math.floor(width / 2) && i < Math.floor(n / 2) - Math.floor(width / 2) + width;

describe("the rule behind the measured lines", () => {
  test.each([
    ["all", lines(16, () => true), { acceleration: [1, 1], regular: true, calibration: [16, 1], missing: 0 }],
    [
      "every third and a centre of 8",
      lines(33, (y) => y % 3 === 1 || inCentre(y, 33, 8)),
      { acceleration: [3, 1], regular: true, missing: 0 },
    ],
    ["every second alone", lines(16, (y) => y % 2 === 0), { acceleration: [2, 1], regular: true, calibration: [1, 1] }],
    ["the last quarter left out", lines(16, (y) => y < 12), { acceleration: [1, 1], regular: true, missing: 0 }],
    ["two holes", lines(32, (y) => y !== 5 && y !== 20), { acceleration: [1, 1], regular: true, missing: 2 }],
    [
      "a hole in a lattice",
      lines(48, (y) => (y % 2 === 0 && y !== 6) || inCentre(y, 48, 8)),
      { acceleration: [2, 1], regular: true, missing: 1 },
    ],
    [
      "no rule",
      lines(64, (y) => inCentre(y, 64, 8) || [1, 2, 5, 9, 10, 15, 23, 40, 43, 44, 50, 57, 63].includes(y)),
      { regular: false },
    ],
  ])("%s", (_, mask, expected) => {
    expect(samplingPattern(mask, mask.length, 1)).toMatchObject(expected);
  });
  it("along both phase encodings", () => {
    const mask = plane(24, 24, (y, z) => (y % 2 === 0 && z % 3 === 0) || (inCentre(y, 24, 10) && inCentre(z, 24, 10)));
    const pattern = samplingPattern(mask, 24, 24);
    expect(pattern).toMatchObject({ acceleration: [2, 3], regular: true, missing: 0 });
    expect(pattern.calibration[0]).toBeGreaterThanOrEqual(10);
  });
  test.each([
    ["shape-mismatch", new Uint8Array(5)],
    ["nothing-measured", new Uint8Array(16)],
    ["no-centre", lines(16, (y) => y < 8)],
  ])("refuses %s", (code, mask) => {
    expect(() => samplingPattern(mask, 16, 1)).toThrow(expect.objectContaining({ code }));
  });
});

describe("the method they ask for", () => {
  const pattern = (acceleration: [number, number], regular: boolean) => ({
    ...samplingPattern(new Uint8Array(16).fill(1), 16, 1),
    acceleration,
    regular,
  });
  test.each([
    [[1, 1], true, [64, 1], 8, "fft"],
    [[2, 1], true, [24, 1], 8, "grappa"],
    // 4 lines every 3: a kernel of 10 lines and one to move it
    [[3, 1], true, [11, 1], 8, "grappa"],
    [[3, 1], true, [10, 1], 8, "espirit"],
    [[1, 1], false, [24, 1], 8, "cs"],
    [[1, 1], false, [4, 1], 8, "fft"],
    [[2, 1], true, [24, 1], 1, "fft"],
  ] as const)("R %j, regular %s, centre %j, %d coils: %s", (acceleration, regular, centre, coils, method) => {
    expect(chooseMethod(pattern([...acceleration], regular), centre, coils, 1).method).toBe(method);
  });
  it("refuses a lattice without calibration", () => {
    expect(() => chooseMethod(pattern([2, 1], true), [1, 1], 8, 1)).toThrow(
      expect.objectContaining({ code: "no-calibration" }),
    );
  });
});
