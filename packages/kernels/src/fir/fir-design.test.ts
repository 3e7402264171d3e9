import { describe, expect, test } from "vitest";
import { firDesign } from "./fir-design.ts";
import { taper } from "./window.ts";

/** Gain at f Hz of a symmetric filter. */
const gain = (taps: Float64Array, f: number, rate: number): number => {
  const centre = (taps.length - 1) / 2;
  return taps.reduce((sum, tap, n) => sum + tap * Math.cos((2 * Math.PI * f * (n - centre)) / rate), 0);
};

describe("known answers: MNE 1.3.0 at 250 Hz", () => {
  test.each([
    ["1-40 Hz", { low: 1, high: 40 }, 825, 0.355584198982],
    ["0.1 Hz high-pass", { low: 0.1 }, 8251, 0.999598055215],
    ["40 Hz low-pass", { high: 40 }, 83, 0.359604369587],
    ["8-13 Hz", { low: 8, high: 13 }, 413, 0.060866767609],
    ["0.5-30 Hz", { low: 0.5, high: 30 }, 1651, 0.267696989628],
    ["notch 49-51 Hz", { low: 51, high: 49, lowTransition: 1, highTransition: 1 }, 825, 0.9919999355],
  ] as const)("%s", (_, band, length, centre) => {
    const taps = firDesign(250, band);
    expect(taps.length).toBe(length);
    // The reference is given to 12 decimals.
    expect([taps[(length - 1) / 2]]).toBeAllclose([centre], { atol: 1e-10 });
  });

  test("1-40 Hz: first tap and no gain at 0 Hz; the notch keeps 0 Hz", () => {
    const band = firDesign(250, { low: 1, high: 40 });
    expect([band[0]]).toBeAllclose([5.552491e-5], { atol: 5e-12 });
    expect(Math.abs(band.reduce((a, b) => a + b, 0))).toBeLessThan(1e-12);
    const notch = firDesign(250, { low: 51, high: 49, lowTransition: 1, highTransition: 1 });
    expect(notch.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  test("MNE-NIRS tutorial band: 0.05-0.7 Hz at 7.8125 Hz has 1291 taps", () => {
    const band = { low: 0.05, high: 0.7, lowTransition: 0.02, highTransition: 0.2 };
    expect(firDesign(7.8125, band).length).toBe(1291);
  });
});

test("gain: 1 inside, 1/2 in the middle of a transition, Hamming side lobes below -50 dB outside", () => {
  const taps = firDesign(250, { low: 8, high: 13 });
  expect(gain(taps, 10.5, 250)).toBeCloseTo(1, 2);
  expect(gain(taps, 7, 250)).toBeCloseTo(0.5, 2);
  expect(gain(taps, 13 + 3.25 / 2, 250)).toBeCloseTo(0.5, 2);
  for (const f of [0, 3, 5.9, 16.3, 30, 60, 124]) expect(Math.abs(gain(taps, f, 250))).toBeLessThan(10 ** (-50 / 20));
  // A stop band between two touching transitions has the side lobes of both.
  const notch = firDesign(250, { low: 51, high: 49, lowTransition: 1, highTransition: 1 });
  expect(gain(notch, 50, 250)).toBeLessThan(2 * 10 ** (-50 / 20));
});

test("symmetric: linear phase", () => {
  const taps = firDesign(128, { low: 1, high: 30 });
  expect(taps).toBeAllclose(taps.toReversed(), { atol: 1e-16 });
});

test("windows: Hamming ends at 0.08, a periodic one repeats", () => {
  expect([taper("hamming", 5)[0], taper("hann", 5)[2], taper("rectangular", 3)[1]]).toBeAllclose([0.08, 1, 1], {
    atol: 1e-15,
  });
  expect(taper("hann", 4, "periodic")).toBeAllclose([0, 0.5, 1, 0.5], { atol: 1e-15 });
  expect([...taper("hamming", 1)]).toEqual([1]);
});

test.each([
  ["no edge", 250, {}, "bad-band"],
  ["above Nyquist", 250, { high: 125 }, "bad-band"],
  ["below zero", 250, { low: -1 }, "bad-band"],
  ["NaN", 250, { low: Number.NaN }, "bad-band"],
  ["empty band", 250, { low: 10, high: 10 }, "bad-band"],
  ["transition through Nyquist", 250, { high: 120, highTransition: 10 }, "bad-band"],
  ["transition through zero", 250, { low: 1, lowTransition: 2 }, "bad-band"],
  ["no rate", 0, { low: 1 }, "bad-rate"],
] as const)("refuses %s", (_, rate, band, code) => {
  expect(() => firDesign(rate, band)).toThrow(expect.objectContaining({ code }));
});
