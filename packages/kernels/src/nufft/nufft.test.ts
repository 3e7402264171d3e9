import { afterEach, describe, expect, test } from "vitest";
import { fftN } from "../fft/fft-n.ts";
import { conjugateGradient } from "../iterate/conjugate-gradient.ts";
import { dotTest } from "../iterate/linear-operator.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { densityCompensation } from "./density.ts";
import { besselI0, kaiserBessel } from "./kaiser-bessel.ts";
import { nufftAdjointReference, nufftReference } from "./nufft.ref.ts";
import { nufft } from "./nufft.ts";

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
function noise(n: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: n }, () => random.normal());
}
function scattered(samples: number, axes: number, seed = 9): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: samples * axes }, () => random.uniform() - 0.5);
}
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [off, of] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    off += ((a[i] as number) - (b[i] as number)) ** 2;
    of += (b[i] as number) ** 2;
  }
  return Math.sqrt(off / of);
}
/** Spokes through the centre, `points` samples each from -1/2 on. */
function radial(spokes: number, points: number): Float64Array {
  return Float64Array.from({ length: 2 * spokes * points }, (_, i) => {
    const [spoke, k] = [Math.floor(i / 2 / points), ((i >> 1) % points) / points - 0.5];
    const angle = (Math.PI * spoke) / spokes;
    return k * (i % 2 ? Math.sin(angle) : Math.cos(angle));
  });
}
afterEach(() => unregisterKernels());

describe("the window", () => {
  test("I0 at 0, 1 and 10 (Abramowitz & Stegun, table 9.8: exp(-x) I0(x))", () => {
    expect(besselI0(0)).toBe(1);
    expect(besselI0(1) * Math.exp(-1)).toBeCloseTo(0.4657596077, 9);
    expect(besselI0(10) * Math.exp(-10)).toBeCloseTo(0.1278333371, 9);
  });
  test("its transform is the integral of the window", () => {
    const window = kaiserBessel(5, 1.5);
    for (const f of [0, 0.1, 0.3, 0.6]) {
      const steps = 20000;
      let sum = 0;
      for (let i = 0; i < steps; i++) {
        const u = ((i + 0.5) / steps - 0.5) * 5;
        sum += (window.weight(u) * Math.cos(2 * Math.PI * f * u) * 5) / steps;
      }
      // the midpoint rule over the jump at the rim
      expect(window.transform(f)).toBeCloseTo(sum, 5);
    }
  });
});

describe.each(["typescript", "wasm"] as const)("nufft on %s", (device) => {
  test("known answers: a voxel at the centre is 1 everywhere, one beside it a wave", async () => {
    if (device === "wasm") expect(await loadKernels()).toEqual(expect.arrayContaining(["fft", "nufft"]));
    const k = Float64Array.of(0, 0, 0.25, 0, -0.5, 0.125);
    const image = new Float32Array(2 * 8 * 6);
    image[2 * (4 + 8 * 3)] = 1;
    // the window's error at width 6
    expect(nufft([8, 6], k).forward(image)).toBeAllclose([1, 0, 1, 0, 1, 0], { atol: 3e-5 });
    const beside = new Float32Array(2 * 8 * 6);
    beside[2 * (5 + 8 * 3)] = 1;
    // exp(-2 pi i kx): 1, -i, -1
    expect(nufft([8, 6], k).forward(beside)).toBeAllclose([1, 0, 0, -1, -1, 0], { atol: 3e-5 });
  });

  test.each([
    [[50], 400],
    [[32, 30], 300],
    [[13, 21], 300],
    [[12, 10, 9], 200],
    [[16, 12, 1], 200],
  ] as const)("equals the sum itself on %j; forward and adjoint are adjoint", async (shape, samples) => {
    if (device === "wasm") expect(await loadKernels()).toEqual(expect.arrayContaining(["fft", "nufft"]));
    const k = scattered(samples, shape.length);
    const [x, y] = [noise(2 * product(shape)), noise(2 * samples, 2)];
    const there = nufftReference(x, shape, k);
    const back = nufftAdjointReference(y, shape, k);
    const before = [x.slice(), y.slice()];
    // the figures of the docstring
    for (const [oversampling, width, limit] of [
      [2, 4, 1e-3],
      [2, 5, 1e-4],
      [2, 6, 1.2e-5],
      [1.5, 4, 3e-3],
      [1.5, 6, 6e-5],
      [1.25, 4, 1e-2],
      [1.25, 6, 5e-4],
    ] as const) {
      const transform = nufft(shape, k, { oversampling, width });
      expect(relativeError(transform.forward(x), there)).toBeLessThan(limit);
      expect(relativeError(transform.adjoint(y), back)).toBeLessThan(limit);
      expect(dotTest(transform)).toBeLessThan(1e-6);
    }
    expect([x, y]).toEqual(before);
  });

  test("on Cartesian samples it is the centred transform; ortho scales both ways", async () => {
    if (device === "wasm") expect(await loadKernels()).toEqual(expect.arrayContaining(["fft", "nufft"]));
    const shape = [12, 10];
    const k = Float64Array.from({ length: 240 }, (_, i) =>
      i % 2 ? (Math.floor((i >> 1) / 12) - 5) / 10 : (((i >> 1) % 12) - 6) / 12,
    );
    const x = noise(240);
    const expected = fftN(x, shape, [0, 1], { centred: true, norm: "ortho" });
    const transform = nufft(shape, k, { norm: "ortho" });
    expect(relativeError(transform.forward(x), expected)).toBeLessThan(1.2e-5);
    expect(relativeError(transform.adjoint(expected), x)).toBeLessThan(1.2e-5);
  });
});

describe("densityCompensation", () => {
  test("Cartesian samples weigh one over their number each", () => {
    const k = Float64Array.from({ length: 512 }, (_, i) => ((i % 2 ? Math.floor(i / 32) : (i >> 1) % 16) - 8) / 16);
    const { weights } = densityCompensation(nufft([16, 16], k));
    // the ripple of the window
    expect(weights.map((w) => 256 * w)).toBeAllclose(new Float32Array(256).fill(1), { atol: 0.015 });
  });

  test("radial samples: a ramp, pi / 4 in all, and the disc comes back", () => {
    const [n, spokes, points] = [32, 64, 64];
    const k = radial(spokes, points);
    const transform = nufft([n, n], k);
    const { weights, history } = densityCompensation(transform, { iterations: 30 });
    expect(history.at(-1)).toBeLessThan(0.01);
    // each spoke and step: pi |k| dk / spokes, away from the centre and the rim
    for (const step of [8, 16, 24, 40, 56]) {
      const [radius, dk] = [Math.abs(step / points - 0.5), 1 / points];
      expect((weights[5 * points + step] as number) / ((Math.PI * radius * dk) / spokes)).toBeCloseTo(1, 1);
    }
    // the outermost samples stand for half a step beyond the disc
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(Math.PI / 4, 1);
    // a smooth blob is within the disc of k-space that the spokes cover
    const blob = Float32Array.from({ length: 2 * n * n }, (_, i) => {
      const [x, y] = [((i >> 1) % n) - 16, Math.floor(i / 2 / n) - 16];
      return i % 2 ? 0 : Math.exp(-((x - 3) ** 2 + y ** 2) / 18);
    });
    const data = transform.forward(blob).map((v, i) => v * (weights[i >> 1] as number));
    // 2 %: what 30 iterations leave of the density's ripple
    expect(relativeError(transform.adjoint(data), blob)).toBeLessThan(0.02);
  });

  test("conjugate gradients on the transform bring a whole image back", () => {
    const shape = [16, 16];
    const transform = nufft(shape, radial(64, 48));
    const x = noise(512);
    // the corners of k-space are not sampled: the image must not reach there
    const inside = fftN(x, shape, [0, 1], { centred: true }).map((v, i) => {
      const [kx, ky] = [((i >> 1) % 16) - 8, Math.floor(i / 32) - 8];
      return Math.hypot(kx, ky) < 6 ? v : 0;
    });
    const image = fftN(inside, shape, [0, 1], { centred: true, inverse: true });
    const fit = conjugateGradient(transform, transform.forward(image), { iterations: 60, tolerance: 1e-5 });
    expect(relativeError(fit.x, image)).toBeLessThan(0.01);
  });
});

describe("refusals", () => {
  const k = scattered(5, 2);
  test.each([
    ["bad-shape", [], k, {}],
    ["bad-shape", [4, 0], k, {}],
    ["bad-shape", [2, 2, 2, 2], k, {}],
    ["bad-oversampling", [4, 4], k, { oversampling: 1.1 }],
    ["bad-oversampling", [4, 4], k, { oversampling: Number.NaN }],
    ["bad-width", [4, 4], k, { width: 3 }],
    ["bad-width", [4, 4], k, { width: 5.5 }],
    ["bad-trajectory", [4, 4], k.subarray(1), {}],
    ["bad-trajectory", [4, 4], new Float64Array(0), {}],
    ["bad-trajectory", [4, 4], k.map((v) => 2 * Math.PI * v), {}],
    ["bad-trajectory", [4, 4], k.map(() => Number.NaN), {}],
  ] as const)("%s", (code, shape, trajectory, options) => {
    expect(() => nufft(shape, trajectory, options)).toThrow(expect.objectContaining({ code }));
  });
  test("arrays of other lengths", () => {
    const transform = nufft([4, 4], k);
    expect(() => transform.forward(new Float32Array(30))).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
    expect(() => transform.adjoint(new Float32Array(32))).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
  });
});
