import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { referenceDft } from "./fft.ref.ts";
import { fft, inverseFft, isPowerOfTwo, nextPowerOfTwo, realFft } from "./fft.ts";

const noise = (n: number, seed: number): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};

test("known answer: [1 2 3] by hand", () => {
  const { re, im } = fft([1, 2, 3]);
  expect(re).toBeAllclose([6, -1.5, -1.5], { atol: 1e-14 });
  expect(im).toBeAllclose([0, Math.sqrt(3) / 2, -Math.sqrt(3) / 2], { atol: 1e-14 });
});

test("edges: lengths 0, 1 and 2", () => {
  expect(fft([]).re.length).toBe(0);
  expect([...fft([5]).re]).toEqual([5]);
  expect([...fft([5, 3]).re]).toEqual([8, 2]);
  expect([isPowerOfTwo(0), isPowerOfTwo(1), isPowerOfTwo(12), isPowerOfTwo(4096)]).toEqual([false, true, false, true]);
  expect([nextPowerOfTwo(1), nextPowerOfTwo(5), nextPowerOfTwo(8)]).toEqual([1, 8, 8]);
});

describe.each([3, 4, 5, 7, 8, 12, 17, 64, 100, 128, 243, 256, 500])("length %d", (n) => {
  const [x, y] = [noise(n, n), noise(n, n + 1)];
  test("equals the sum itself", () => {
    const [fast, slow] = [fft(x, y), referenceDft(x, y)];
    // Bins are of size sqrt(n); rounding grows with log2(n): 1e-12 leaves two orders.
    expect(fast.re).toBeAllclose(slow.re, { atol: 1e-12 * Math.sqrt(n) });
    expect(fast.im).toBeAllclose(slow.im, { atol: 1e-12 * Math.sqrt(n) });
  });
  test("the inverse brings the signal back; Parseval", () => {
    const spectrum = fft(x, y);
    const back = inverseFft(spectrum);
    expect(back.re).toBeAllclose(x, { atol: 1e-12 });
    expect(back.im).toBeAllclose(y, { atol: 1e-12 });
    const energy = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * v + b[i] ** 2, 0);
    expect(energy(spectrum.re, spectrum.im) / n / energy(x, y)).toBeCloseTo(1, 12);
  });
  test("a real signal needs half the bins", () => {
    const [half, full] = [realFft(x), fft(x)];
    expect(half.re.length).toBe(Math.floor(n / 2) + 1);
    expect(half.re).toBeAllclose(full.re.subarray(0, half.re.length), { atol: 0 });
  });
});

test("a long prime length keeps its accuracy", () => {
  const n = 10007;
  const k = 137;
  const { re, im } = fft(Float64Array.from({ length: n }, (_, t) => Math.cos((2 * Math.PI * ((k * t) % n)) / n)));
  expect(re[k]).toBeCloseTo(n / 2, 7);
  expect(Math.hypot(re[k + 1], im[k + 1])).toBeLessThan(1e-8);
});
