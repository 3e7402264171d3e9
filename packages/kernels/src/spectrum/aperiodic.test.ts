import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { fitAperiodic } from "./aperiodic.ts";

const frequencies = Float64Array.from({ length: 201 }, (_, k) => k / 2);
/** log10 P = 2 - 1.3 log10 f + a peak of 0.8 at 10.2 Hz and one of 0.3 at 22 Hz. */
const made = (noise = 0): Float64Array => {
  const random = seededRandom(4);
  return frequencies.map(
    (f) =>
      10 **
      (2 -
        1.3 * Math.log10(f) +
        0.8 * Math.exp(-((f - 10.2) ** 2) / (2 * 1.2 ** 2)) +
        0.3 * Math.exp(-((f - 22) ** 2) / (2 * 2.5 ** 2)) +
        noise * random.normal()),
  );
};

describe("fitAperiodic", () => {
  test("offset, exponent and both peaks of a made spectrum", () => {
    const { offset, exponent, peaks, explained } = fitAperiodic({ frequencies, density: made() });
    // The robust line starts from the lowest points, which the peaks' tails lift by some thousandths.
    expect([offset, exponent]).toBeAllclose([2, 1.3], { atol: 0.02 });
    expect(peaks.length).toBe(2);
    expect([peaks[0].centre, peaks[0].height, peaks[0].width]).toBeAllclose([10.2, 0.8, 1.2], { atol: 0.05 });
    expect([peaks[1].centre, peaks[1].height, peaks[1].width]).toBeAllclose([22, 0.3, 2.5], { atol: 0.15 });
    expect(explained).toBeGreaterThan(0.999);
  });
  test("as FOOOF 1.1 on the same spectrum (its widths are two standard deviations)", () => {
    const { offset, exponent, peaks } = fitAperiodic({ frequencies, density: made() });
    expect([offset, exponent]).toBeAllclose([2.00444352, 1.29869404], { atol: 1e-7 });
    expect(peaks.flatMap(({ centre, width }) => [centre, 2 * width])).toBeAllclose(
      [10.1995563, 2.35100773, 21.99693641, 4.7158382],
      { atol: 1e-6 },
    );
  });
  test("with noise of 0.05; a gain moves the offset alone", () => {
    const density = made(0.05);
    const one = fitAperiodic({ frequencies, density });
    expect(one.exponent).toBeCloseTo(1.3, 1);
    expect(one.peaks[0].centre).toBeCloseTo(10.2, 0);
    const louder = fitAperiodic({ frequencies, density: density.map((p) => 100 * p) });
    expect(louder.offset - one.offset).toBeCloseTo(2, 9);
    expect(louder.exponent).toBeCloseTo(one.exponent, 9);
  });
  test("no peaks on a bare line", () => {
    const { peaks, exponent } = fitAperiodic({ frequencies, density: frequencies.map((f) => 5 * f ** -2) });
    expect(exponent).toBeCloseTo(2, 9);
    expect(peaks.filter(({ height }) => height > 1e-6)).toEqual([]);
  });
  test.each([
    ["a range without room", { range: [10, 12] as const }, made(), "bad-band"],
    ["0 Hz", { range: [0, 40] as const }, made(), "bad-band"],
    ["no power", {}, new Float64Array(201), "not-positive"],
  ])("refuses %s", (_, options, density, code) => {
    expect(() => fitAperiodic({ frequencies, density }, options)).toThrow(expect.objectContaining({ code }));
  });
});
