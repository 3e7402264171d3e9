import { afterEach, describe, expect, test } from "vitest";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { fft, inverseFft } from "./fft.ts";
import { fftNReference } from "./fft-n.ref.ts";
import { fftN } from "./fft-n.ts";

const devices = ["typescript", "wasm"] as const;
afterEach(() => unregisterKernels());
const choose = async (device: string): Promise<void> => {
  if (device === "wasm") expect(await loadKernels()).toContain("fft");
};

function noise(points: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: 2 * points }, () => random.normal());
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [off, of] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    off += ((a[i] as number) - (b[i] as number)) ** 2;
    of += (b[i] as number) ** 2;
  }
  return Math.sqrt(off / of);
}

describe.each(devices)("fftN on %s", (device) => {
  test("known answers by hand: [1 2 3], and i at index 1 of 4", async () => {
    await choose(device);
    const half = Math.sqrt(3) / 2;
    // float32 rounding of values of a few units
    expect(fftN(Float32Array.of(1, 0, 2, 0, 3, 0), [3], [0])).toBeAllclose([6, 0, -1.5, half, -1.5, -half], {
      atol: 1e-6,
    });
    expect(fftN(Float32Array.of(0, 0, 0, 1, 0, 0, 0, 0), [4], [0])).toBeAllclose([0, 1, 1, 0, 0, -1, -1, 0], {
      atol: 1e-7,
    });
  });

  test.each([4, 5, 6, 7])(
    "centred: an impulse at floor(n/2) is flat, a constant is one peak there (n = %d)",
    async (n) => {
      await choose(device);
      const impulse = new Float32Array(2 * n);
      impulse[2 * Math.floor(n / 2)] = 1;
      const flat = Float32Array.from({ length: 2 * n }, (_, i) => 1 - (i % 2));
      expect(fftN(impulse, [n], [0], { centred: true })).toBeAllclose(flat, { atol: 1e-6 });
      expect(fftN(flat, [n], [0], { centred: true, inverse: true })).toBeAllclose(impulse, { atol: 1e-6 });
    },
  );

  test.each([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 20, 25, 27, 30, 31, 32, 36, 48, 60, 64, 77, 96, 100, 101,
    120, 125, 128, 192, 240, 256,
  ])("equals the sum itself along each axis: length %d", async (n) => {
    await choose(device);
    for (const [shape, axes] of [
      [[n], [0]],
      [[n, 3], [0]],
      [[n, 5], [0]],
      [[3, n], [1]],
      [[5, n, 2], [1]],
    ] as const) {
      const data = noise(product(shape), n);
      const before = data.slice();
      for (const options of [{}, { inverse: true }, { centred: true, norm: "ortho", inverse: n % 2 === 0 }] as const) {
        // 1e-6 as the docstring reasons it
        expect(relativeError(fftN(data, shape, axes, options), fftNReference(data, shape, axes, options))).toBeLessThan(
          1e-6,
        );
      }
      expect(data).toEqual(before);
    }
  });

  test.each([
    [
      [12, 10, 7],
      [0, 1, 2],
    ],
    [
      [16, 9, 5, 3],
      [0, 2],
    ],
    [
      [8, 1, 6],
      [2, 1, 0],
    ],
    [
      [13, 11],
      [1, 0],
    ],
  ] as const)("several axes of %j: %j", async (shape, axes) => {
    await choose(device);
    const data = noise(product(shape));
    for (const norm of ["none", "ortho", "backward"] as const) {
      for (const inverse of [false, true]) {
        const options = { norm, inverse, centred: true };
        expect(relativeError(fftN(data, shape, axes, options), fftNReference(data, shape, axes, options))).toBeLessThan(
          1e-6,
        );
      }
    }
  });

  test.each([1024, 1040, 1200, 1536, 2048, 2080, 4096, 8192])("long lines, of length %d", async (n) => {
    await choose(device);
    const cases = [
      [3, {}],
      [3, { inverse: true }],
      [3, { centred: true }],
      [5, { centred: true, inverse: true }],
    ] as const;
    for (const [lines, options] of cases) {
      const data = noise(lines * n, n);
      const out = fftN(data, [n, lines], [0], options);
      for (const line of [0, 2, lines - 1]) {
        const part = [0, 1].map((c) => data.subarray(2 * n * line, 2 * n * (line + 1)).filter((_, i) => i % 2 === c));
        const origin = "centred" in options ? n / 2 : 0;
        const turned = part.map((values) => Float64Array.from(values, (_, t) => values[(t + origin) % n] as number));
        const [re, im] = turned as [Float64Array, Float64Array];
        // the float64 transform is held against the sum in fft.test.ts
        const spectrum = "inverse" in options ? inverseFft({ re, im }) : fft(re, im);
        const expected = Float64Array.from({ length: 2 * n }, (_, i) => {
          const k = ((i >> 1) + n - origin) % n;
          return (i % 2 ? spectrum.im : spectrum.re)[k] as number;
        });
        expect(relativeError(out.subarray(2 * n * line, 2 * n * (line + 1)), expected)).toBeLessThan(1e-6);
      }
    }
  });

  test("the inverse brings the data back; ortho is unitary and its adjoint the inverse; in place", async () => {
    await choose(device);
    const shape = [30, 14, 9];
    const [x, y] = [noise(product(shape), 1), noise(product(shape), 2)];
    const all = [0, 1, 2];
    for (const centred of [false, true]) {
      const there = fftN(x, shape, all, { centred });
      expect(relativeError(fftN(there, shape, all, { centred, inverse: true }), x)).toBeLessThan(1e-6);
      const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
      const forward = fftN(x, shape, all, { centred, norm: "ortho" });
      const adjoint = fftN(y, shape, all, { centred, norm: "ortho", inverse: true });
      // float32 rounding of 7560 terms of random sign, relative to the norms
      expect(Math.abs(dot(forward, y) - dot(x, adjoint)) / Math.sqrt(dot(x, x) * dot(y, y))).toBeLessThan(1e-6);
      expect(dot(forward, forward) / dot(x, x)).toBeCloseTo(1, 5);
      const inPlace = x.slice();
      expect(fftN(inPlace, shape, all, { centred, norm: "ortho" }, inPlace)).toBe(inPlace);
      expect(inPlace).toEqual(forward);
    }
  });

  test("no axes: a copy", async () => {
    await choose(device);
    const x = noise(6);
    const same = fftN(x, [3, 2], []);
    expect(same).toEqual(x);
    expect(same).not.toBe(x);
  });
});

describe("refusals", () => {
  test.each([
    ["shape-mismatch", 12, [3, 3], [0], 12],
    ["shape-mismatch", 12, [2.5, 2.4], [0], 12],
    ["shape-mismatch", 0, [0], [0], 0],
    ["shape-mismatch", 12, [3, 2], [0], 10],
    ["bad-axis", 12, [3, 2], [2], 12],
    ["bad-axis", 12, [3, 2], [-1], 12],
    ["bad-axis", 12, [3, 2], [0, 0], 12],
    ["bad-axis", 12, [3, 2], [Number.NaN], 12],
  ] as const)("%s: %d values as %j along %j", (code, length, shape, axes, room) => {
    expect(() => fftN(new Float32Array(length), shape, axes, {}, new Float32Array(room))).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
