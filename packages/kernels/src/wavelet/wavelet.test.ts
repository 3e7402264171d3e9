import { describe, expect, test } from "vitest";
import { dotTest } from "../iterate/linear-operator.ts";
import { seededRandom } from "../random/random.ts";
import { inverseWaveletTransform, waveletNorm, waveletShrink, waveletTransform } from "./wavelet.ts";

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
function noise(n: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: n }, () => random.normal());
}
const energy = (a: Float32Array): number => a.reduce((sum, v) => sum + v * v, 0);

test("Haar by hand: sums and differences over root 2", () => {
  const options = { name: "haar", levels: 1, channels: 1 } as const;
  const r = Math.SQRT1_2;
  expect(waveletTransform(Float32Array.of(1, 2, 3, 5), [4], options)).toBeAllclose([3 * r, 8 * r, -r, -2 * r], {
    atol: 1e-6,
  });
});

test("Daubechies-4: constants and straight lines have no details but round the edge", () => {
  const options = { levels: 1, channels: 1 } as const;
  const line = Float32Array.from({ length: 16 }, (_, i) => 2 + 3 * i);
  const c = waveletTransform(line, [16], options);
  // float32 rounding of values of some tens
  expect(c.subarray(8, 15)).toBeAllclose(new Float32Array(7), { atol: 1e-5 });
  expect(Math.abs(c[15] as number)).toBeGreaterThan(1);
  const flat = waveletTransform(new Float32Array(16).fill(1), [16], options);
  expect(flat.subarray(0, 8)).toBeAllclose(new Float32Array(8).fill(Math.SQRT2), { atol: 1e-6 });
});

describe.each(["haar", "daubechies-4"] as const)("%s", (name) => {
  test.each([
    [[16, 8], {}],
    [[12, 10, 6], {}],
    [[32, 4, 8], { channels: 1 }],
    [[7, 16, 1], {}],
    [[20, 24], { shift: [3, -5] }],
    [[16, 12, 8], { axes: [0, 2], shift: [1, 2, 3] }],
    [[9, 7], {}],
  ] as const)("orthonormal on %j %j: inverse, norm and dot test", (shape, more) => {
    const options = { name, ...more };
    const n = product(shape) * ("channels" in more ? 1 : 2);
    const x = noise(n);
    const before = x.slice();
    const c = waveletTransform(x, shape, options);
    // float32 rounding of some tens of products
    expect(inverseWaveletTransform(c, shape, options)).toBeAllclose(x, { atol: 5e-6 });
    expect(energy(c) / energy(x)).toBeCloseTo(1, 5);
    const pair = {
      domain: n,
      range: n,
      forward: (v: Float32Array) => waveletTransform(v, shape, options),
      adjoint: (v: Float32Array) => inverseWaveletTransform(v, shape, options),
    };
    expect(dotTest(pair)).toBeLessThan(1e-6);
    expect(x).toEqual(before);
  });
});

test("re and im do not mix; frames of an unsplit axis neither", () => {
  const [re, im] = [noise(64, 1), noise(64, 2)];
  const both = Float32Array.from({ length: 128 }, (_, i) => (i % 2 ? im : re)[i >> 1] as number);
  const c = waveletTransform(both, [8, 8]);
  expect(c.filter((_, i) => i % 2 === 1)).toEqual(waveletTransform(im, [8, 8], { channels: 1 }));
  const frames = waveletTransform(Float32Array.from([...re, ...im]), [8, 8, 2], { channels: 1, axes: [0, 1] });
  expect(frames.subarray(64)).toEqual(waveletTransform(im, [8, 8], { channels: 1 }));
});

test("cycle spinning: turning the image and the shift together changes nothing but the place", () => {
  const x = noise(2 * 16 * 16);
  const rolled = Float32Array.from({ length: x.length }, (_, i) => {
    const [c, px, py] = [i % 2, (i >> 1) % 16, Math.floor(i / 32)];
    return x[c + 2 * (((px + 3) % 16) + 16 * ((py + 14) % 16))] as number;
  });
  expect(waveletTransform(x, [16, 16], { shift: [3, -2] })).toEqual(waveletTransform(rolled, [16, 16]));
});

describe("waveletShrink", () => {
  test("is the proximal map: no nearby image costs less", () => {
    const [shape, threshold] = [[16, 16], 0.7] as const;
    const x = noise(512);
    const best = waveletShrink(x, shape, threshold);
    const cost = (z: Float32Array): number =>
      threshold * waveletNorm(z, shape) + z.reduce((sum, v, i) => sum + (v - (x[i] as number)) ** 2, 0) / 2;
    for (let seed = 2; seed < 12; seed++) {
      const step = noise(512, seed);
      expect(cost(best.map((v, i) => v + 0.01 * (step[i] as number)))).toBeGreaterThan(cost(best));
    }
  });
  test("threshold 0 keeps the image, a large one the all-low block only", () => {
    const x = noise(512);
    expect(waveletShrink(x, [16, 16], 0)).toBeAllclose(x, { atol: 5e-6 });
    expect(waveletNorm(waveletShrink(x, [16, 16], 1e6), [16, 16])).toBeLessThan(1e-3);
  });
});

test.each([
  ["shape-mismatch", [4, 5], {}],
  ["shape-mismatch", [4.5, 4], {}],
  ["bad-axis", [4, 4], { axes: [2] }],
  ["bad-levels", [4, 4], { levels: -1 }],
  ["bad-shift", [4, 4], { shift: [1] }],
  ["bad-shift", [4, 4], { shift: [0.5, 0] }],
] as const)("refusal: %s", (code, shape, options) => {
  for (const f of [waveletTransform, inverseWaveletTransform]) {
    expect(() => f(new Float32Array(32), shape, options)).toThrow(expect.objectContaining({ code }));
  }
  expect(() => waveletShrink(new Float32Array(32), [4, 4], -1)).toThrow(
    expect.objectContaining({ code: "not-positive" }),
  );
});
