import { describe, expect, test } from "vitest";
import { butterworth, transferFunction } from "./butterworth.ts";
import { filtfilt } from "./filtfilt.ts";

describe("butterworth", () => {
  test("known answer: order 3 at 0.1 of Nyquist (SciPy)", () => {
    const { b, a } = transferFunction(butterworth(3, "low", 0.1, 2));
    expect(b).toBeAllclose([0.00289819, 0.00869458, 0.00869458, 0.00289819], { atol: 5e-9 });
    expect(a).toBeAllclose([1, -2.37409474, 1.92935567, -0.53207537], { atol: 5e-9 });
  });

  test("known answer: order 5 high-pass at 0.05 of Nyquist (SciPy 1.17.1)", () => {
    const { b, a } = transferFunction(butterworth(5, "high", 0.05, 2));
    expect(b).toBeAllclose([0.7753166, -3.87658298, 7.75316595, -7.75316595, 3.87658298, -0.7753166], { atol: 5e-9 });
    expect(a).toBeAllclose([1, -4.49183097, 8.09405542, -7.31208128, 3.31104756, -0.60111582], { atol: 5e-9 });
  });

  test.each([1, 2, 3, 4, 5, 8])("order %d: gain 1 in the band's middle, 1/sqrt 2 at the cutoff", (order) => {
    for (const kind of ["low", "high"] as const) {
      const sections = butterworth(order, kind, 3, 50);
      const gain = (f: number): number =>
        sections.reduce((product, { b, a }) => {
          const w = (2 * Math.PI * f) / 50;
          const value = (c: readonly number[]): number =>
            Math.hypot(
              c.reduce((s, x, i) => s + x * Math.cos(i * w), 0),
              c.reduce((s, x, i) => s + x * Math.sin(i * w), 0),
            );
          return (product * value(b)) / value([1, ...a]);
        }, 1);
      expect(gain(kind === "low" ? 0 : 25)).toBeCloseTo(1, 10);
      expect(gain(3)).toBeCloseTo(Math.SQRT1_2, 10);
    }
  });

  test.each([
    ["order 0", 0, 1, 10, "bad-order"],
    ["a broken order", 2.5, 1, 10, "bad-order"],
    ["a cutoff at Nyquist", 3, 5, 10, "bad-band"],
    ["a NaN cutoff", 3, Number.NaN, 10, "bad-band"],
    ["no rate", 3, 1, Number.NaN, "bad-rate"],
  ] as const)("refuses %s", (_, order, cutoff, rate, code) => {
    expect(() => butterworth(order, "low", cutoff, rate)).toThrow(expect.objectContaining({ code }));
  });
});

describe("filtfilt", () => {
  const x = Float64Array.from({ length: 60 }, (_, t) => Math.sin(0.3 * t) + 0.02 * t + Math.cos(2.1 * t));
  const picked = (y: Float64Array): number[] => [0, 1, 20, 40, 58, 59].map((i) => y[i]);

  test("known answer: order 3 low-pass, padding 9 (SciPy 1.17.1)", () => {
    expect(picked(filtfilt(butterworth(3, "low", 0.2, 2), x))).toBeAllclose(
      [0.9811045, 0.87145359, 0.12383303, 0.26834114, 0.12871371, 0.066629],
      { atol: 5e-9 },
    );
  });

  test("known answer: order 5 high-pass, padding 15 (SciPy 1.17.1)", () => {
    expect(picked(filtfilt(butterworth(5, "high", 0.05, 2), x))).toBeAllclose(
      [0.03660576, -1.08375436, -0.50456418, -1.37061937, -1.04674744, -0.20071378],
      { atol: 5e-9 },
    );
  });

  test("a slow high-pass on a large offset keeps its accuracy (SciPy sosfiltfilt)", () => {
    const drift = Float64Array.from(
      { length: 20000 },
      (_, i) => 1000 + 0.01 * i + Math.sin((2 * Math.PI * 0.05 * i) / 5),
    );
    const y = filtfilt(butterworth(5, "high", 0.01, 5), drift);
    expect([y[0], y[5000], y[10000], y[19999]]).toBeAllclose([0.129046414, -4.77e-10, 0, -0.327816979], { atol: 2e-8 });
  });

  test("a constant passes a low-pass untouched and vanishes in a high-pass; the input stays", () => {
    const five = new Float64Array(50).fill(5);
    expect(filtfilt(butterworth(4, "low", 1, 10), five)).toBeAllclose(five, { atol: 1e-12 });
    expect(filtfilt(butterworth(4, "high", 1, 10), five)).toBeAllclose(new Float64Array(50), { atol: 1e-12 });
    expect(five.every((v) => v === 5)).toBe(true);
  });

  test("refuses a signal no longer than its padding; without padding any length goes", () => {
    const sections = butterworth(3, "low", 1, 10);
    expect(() => filtfilt(sections, new Float64Array(9))).toThrow(
      expect.objectContaining({ code: "segment-too-short" }),
    );
    expect(() => filtfilt(sections, [], 0)).toThrow(expect.objectContaining({ code: "segment-too-short" }));
    expect(filtfilt(sections, [1], 0).length).toBe(1);
  });
});
