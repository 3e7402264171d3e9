import { expect, test } from "vitest";
import { fftN } from "../fft/fft-n.ts";
import { dotTest } from "../iterate/linear-operator.ts";
import { seededRandom } from "../random/random.ts";
import { nufftReference } from "./nufft.ref.ts";
import { regridding, regridLines, regridLinesAdjoint } from "./regrid.ts";

function noise(n: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: n }, () => random.normal());
}
const even = (n: number): Float64Array => Float64Array.from({ length: n }, (_, m) => (m - Math.floor(n / 2)) / n);

/** Evenly in time under a trapezoid whose ramps take `share` of it each: the area so far, over -1/2 .. 1/2. */
function trapezoid(samples: number, share: number): Float64Array {
  return Float64Array.from({ length: samples }, (_, j) => {
    const t = (j + 0.5) / samples;
    const side = Math.min(t, 1 - t);
    const area = side < share ? (side * side) / (2 * share) : side - share / 2;
    const k = area / (1 - share);
    return (t < 0.5 ? k : 1 - k) - 0.5;
  });
}

test.each([4, 7, 32])("known answer: even samples stay as they are (n = %d)", (n) => {
  const map = regridding(even(n), n, { damping: 0 });
  const x = noise(2 * n);
  expect(regridLines(x, map)).toBeAllclose(x, { atol: 2e-6 });
  expect(map.noiseGain).toBeCloseTo(1, 6);
});

test("known answer: samples that run backwards come out turned round", () => {
  const x = noise(2 * 9);
  const backwards = Float32Array.from(x, (_, i) => x[2 * (8 - (i >> 1)) + (i % 2)] as number);
  expect(regridLines(backwards, regridding(even(9).reverse(), 9))).toBeAllclose(x, { atol: 1e-5 });
});

test.each([
  [64, 96, 0.2],
  [63, 100, 0.3],
  [48, 96, 0.15],
])(
  "%d voxels from %d samples under a ramp: any object in the field of view comes out as if sampled evenly",
  (n, samples, share) => {
    const positions = trapezoid(samples, share);
    const map = regridding(positions, n);
    const objects = [noise(2 * n, 1), noise(2 * n, 2)];
    const lines = Float32Array.from(objects.flatMap((object) => [...nufftReference(object, [n], positions)]));
    const expected = objects.flatMap((object) => [...fftN(object, [n], [0], { centred: true })]);
    const scale = Math.sqrt(2 * n);
    // a share of 8e-7 in relative l2: the damping of 1e-6 and float32
    expect(regridLines(lines, map)).toBeAllclose(expected, { atol: 1e-5 * scale });
    expect(map.noiseGain).toBeLessThan(2);
  },
);

test("forward and adjoint are adjoint", () => {
  const map = regridding(trapezoid(40, 0.2), 24);
  const pair = {
    domain: 2 * 40 * 3,
    range: 2 * 24 * 3,
    forward: (x: Float32Array) => regridLines(x, map),
    adjoint: (y: Float32Array) => regridLinesAdjoint(y, map),
  };
  expect(dotTest(pair)).toBeLessThan(1e-6);
});

test.each([
  ["bad-shape", even(8), 0, {}],
  ["bad-shape", even(8), 2.5, {}],
  ["too-few-samples", even(8), 9, {}],
  ["bad-trajectory", even(8).map((k) => 3 * k), 8, {}],
  ["bad-trajectory", even(8).map(() => Number.NaN), 8, {}],
  ["not-positive", even(8), 8, { damping: -1 }],
  ["singular", new Float64Array(8), 8, { damping: 0 }],
] as const)("refusal: %s", (code, positions, n, options) => {
  expect(() => regridding(positions, n, options)).toThrow(expect.objectContaining({ code }));
});

test("refusal: half a line", () => {
  const map = regridding(even(8), 8);
  expect(() => regridLines(new Float32Array(15), map)).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
});

test("as many samples as voxels leave the flat top too sparse: the noise gain says so", () => {
  expect(regridding(trapezoid(64, 0.2), 64).noiseGain).toBeGreaterThan(100);
});
