import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { morlet, morletTransform } from "./morlet.ts";
import { multitaper } from "./multitaper.ts";

/** Noise of a linear congruential generator and a 12-Hz sine, 2 s at 250 Hz: what the yardstick was given. */
const signal = ((): Float64Array => {
  let state = 1n;
  return Float64Array.from({ length: 500 }, (_, t) => {
    state = (1664525n * state + 1013904223n) % 4294967296n;
    return Number(state) / 2 ** 32 - 0.5 + Math.sin((2 * Math.PI * 12 * t) / 250);
  });
})();

describe("morlet", () => {
  test("10 Hz, 7 cycles, 250 Hz: 279 samples, norm sqrt(2), the middle's size (MNE-Python)", () => {
    const { re, im, half } = morlet(250, 10, 7, false);
    expect(re.length).toBe(279);
    expect(Math.hypot(re[half] as number, im[half] as number)).toBeCloseTo(0.20127898767108576, 14);
    const energy = re.reduce((sum, v, i) => sum + v * v + (im[i] as number) ** 2, 0);
    expect(energy).toBeCloseTo(2, 12);
    expect([re[0], im[0], re[100], im[100]] as number[]).toBeAllclose(
      [-7.307899188531321e-7, 2.8934019742096896e-7, -0.07021254766970682, 0.02779911419148204],
      { atol: 1e-14 },
    );
  });
  test("zero mean: no answer to a constant", () => {
    const { re, im, half } = morlet(250, 4, 2);
    expect(Math.hypot(re[half] as number, im[half] as number)).toBeCloseTo(0.21483920044772742, 12);
    expect(Math.abs(re.reduce((a, b) => a + b, 0))).toBeLessThan(1e-5);
    expect(Math.abs(im.reduce((a, b) => a + b, 0))).toBeLessThan(1e-12);
  });
});

describe("morletTransform", () => {
  test("MNE-Python's values, ends included", () => {
    const [made] = morletTransform([signal], 250, [6, 12, 30], [3, 7, 7]);
    const at = (f: number, t: number): number[] => [
      made?.values[f]?.[2 * t] as number,
      made?.values[f]?.[2 * t + 1] as number,
    ];
    expect(at(0, 0)).toBeAllclose([1.1709597242442504, 0.005641123976717058], { atol: 1e-12 });
    expect(at(0, 250)).toBeAllclose([0.41413868414260485, 0.19212544955985286], { atol: 1e-12 });
    expect(at(1, 250)).toBeAllclose([0.39569113027646624, -6.397081818115242], { atol: 1e-12 });
    expect(at(2, 400)).toBeAllclose([-0.5195962140839442, -0.24437383381559352], { atol: 1e-12 });
    expect(at(1, 499)).toBeAllclose([-1.0998039243569946, -3.168214038245499], { atol: 1e-12 });
  });
  test("the sum itself; twice the signal is twice the transform", () => {
    const [once, twice] = morletTransform([signal, signal.map((v) => 2 * v)], 250, [10], 5);
    const { re, im, half } = morlet(250, 10, 5);
    const t = 123;
    let [a, b] = [0, 0];
    for (let k = -half; k <= half; k++) {
      a += (re[half + k] as number) * (signal[t - k] ?? 0);
      b += (im[half + k] as number) * (signal[t - k] ?? 0);
    }
    expect(once?.values[0]?.subarray(2 * t, 2 * t + 2)).toBeAllclose([a, b], { atol: 1e-12 });
    expect(twice?.values[0]).toBeAllclose(once?.values[0]?.map((v) => 2 * v) ?? [], { atol: 1e-12 });
    expect(once?.edge).toEqual([half]);
  });
  test.each([
    ["segment-too-short", [signal.subarray(0, 50)], [2], 7],
    ["bad-band", [signal], [130], 7],
    ["not-positive", [signal], [10], 0],
    ["shape-mismatch", [signal, signal.subarray(1)], [10], 7],
    ["shape-mismatch", [signal], [10, 20], [7]],
  ] as const)("refusal: %s", (code, signals, frequencies, cycles) => {
    expect(() => morletTransform(signals, 250, frequencies, cycles)).toThrow(expect.objectContaining({ code }));
  });
});

describe("multitaper", () => {
  test("the densities made of scipy's symmetric tapers, even and odd length", () => {
    const even = multitaper(signal, 250, { bandwidth: 4 });
    expect([0, 1, 24, 100, 250].map((k) => even.density[k] as number)).toBeAllclose(
      [0.0002484991070156952, 0.0004730596687246963, 0.1392201795093614, 0.0004059453797864643, 0.0006329852596178105],
      { rtol: 1e-9 },
    );
    const odd = multitaper(signal.subarray(0, 499), 250);
    expect(odd.density.length).toBe(250);
    expect([0, 1, 24, 249].map((k) => odd.density[k] as number)).toBeAllclose(
      [0.0002539046960087775, 0.00048132478587302506, 0.13897045532956334, 0.0012626438606802152],
      { rtol: 1e-9 },
    );
  });
  test("MNE-Python's own digits are within 1 %: its tapers are one sample longer and cut, so not quite orthogonal", () => {
    const { density } = multitaper(signal, 250, { bandwidth: 4 });
    const theirs = [0.0002466758316722423, 0.00047024652382391844, 0.1393298986366026, 0.00040542971617124737];
    expect([0, 1, 24, 100].map((k) => density[k] as number)).toBeAllclose(theirs, { rtol: 0.01 });
  });
  test("white noise of variance 1: the density integrates to it", () => {
    const random = seededRandom(8);
    const noise = Float64Array.from({ length: 4096 }, () => random.normal());
    const { density, frequencies } = multitaper(noise, 100);
    const integral = density.reduce((sum, p) => sum + p, 0) * (frequencies[1] as number);
    const variance = noise.reduce((sum, v) => sum + v * v, 0) / 4096;
    expect(integral).toBeCloseTo(variance, 1);
  });
  test.each([
    ["segment-too-short", signal.subarray(0, 7), {}],
    ["bad-taper", signal, { bandwidth: 0.2 }],
    ["bad-taper", signal, { bandwidth: 300 }],
  ] as const)("refusal: %s", (code, x, options) => {
    expect(() => multitaper(x, 250, options)).toThrow(expect.objectContaining({ code }));
  });
});
