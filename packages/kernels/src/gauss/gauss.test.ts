import { afterEach, describe, expect, test } from "vitest";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { gaussianTaps, smoothGaussianReference } from "./gauss.ref.ts";
import { fwhmPerSigma, smoothGaussian } from "./gauss.ts";

const devices = ["typescript", "wasm"] as const;
afterEach(() => unregisterKernels());
const choose = async (device: string): Promise<void> => {
  if (device === "wasm") expect(await loadKernels()).toContain("gauss");
};

function noise(n: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: n }, () => 100 * random.uniform());
}

describe("gaussianTaps", () => {
  test("sigma 1 by hand: 1, e^-1/2, e^-2, e^-9/2, e^-8 over their sum", () => {
    const half = [1, Math.exp(-0.5), Math.exp(-2), Math.exp(-4.5), Math.exp(-8)];
    const sum = (half[0] as number) + 2 * half.slice(1).reduce((a, b) => a + b, 0);
    const taps = gaussianTaps(1);
    expect(taps.length).toBe(9);
    expect(taps.subarray(4)).toBeAllclose(
      half.map((v) => v / sum),
      { atol: 1e-15 },
    );
  });

  test("the full width at half maximum is 2.3548 sigma", () => {
    expect(Math.exp(-0.5 * (fwhmPerSigma / 2) ** 2)).toBeCloseTo(0.5, 12);
  });
});

describe.each(devices)("smoothGaussian on %s", (device) => {
  test("an impulse becomes the taps along each axis", async () => {
    await choose(device);
    const data = new Float32Array(21 ** 3);
    data[10 + 21 * (10 + 21 * 10)] = 1;
    const out = smoothGaussian(data, [21, 21, 21], [1, 1, 1]);
    const taps = gaussianTaps(1);
    const centre = (taps[4] as number) ** 2;
    for (const stride of [1, 21, 441]) {
      const line = Array.from({ length: 9 }, (_, i) => out[4630 + (i - 4) * stride] as number);
      // float32 rounding of three passes
      expect(line).toBeAllclose(
        [...taps].map((tap) => tap * centre),
        { atol: 1e-7 },
      );
    }
  });

  test.each([
    { shape: [19, 23, 17], sigma: [2.1, 0, 1.3] },
    { shape: [5, 4, 3], sigma: [6, 3, 2] },
    { shape: [1, 33, 1], sigma: [2, 0.3, 0] },
    { shape: [64, 2, 2], sigma: [0.5, 9, 4] },
  ] as const)(
    "equals the reference at $shape, $sigma (also where the kernel is longer than the image)",
    async ({ shape, sigma }) => {
      await choose(device);
      const data = noise(shape[0] * shape[1] * shape[2]);
      // 3e-6 of the largest value: three float32 passes of some tens of products
      expect(smoothGaussian(data, shape, sigma)).toBeAllclose(smoothGaussianReference(data, shape, sigma), {
        atol: 3e-4,
      });
    },
  );

  test("the edge rule keeps a constant and the sum; sigma 0 is a copy; the input stays", async () => {
    await choose(device);
    const data = noise(12 * 9 * 7);
    const before = data.slice();
    const out = smoothGaussian(data, [12, 9, 7], [3, 2, 5]);
    const sum = (a: Float32Array): number => a.reduce((x, y) => x + y, 0);
    expect(sum(out) / sum(data)).toBeCloseTo(1, 6);
    expect(
      smoothGaussian(
        data.map(() => 7),
        [12, 9, 7],
        [3, 2, 5],
      ),
    ).toBeAllclose(
      data.map(() => 7),
      { rtol: 1e-6 },
    );
    const same = smoothGaussian(data, [12, 9, 7], [0, 0, 0]);
    expect(same).toEqual(data);
    expect(same).not.toBe(data);
    expect(data).toEqual(before);
  });

  test("frames do not mix", async () => {
    await choose(device);
    const [a, b] = [noise(60, 1), noise(60, 2)];
    const both = new Float32Array([...a, ...b]);
    const out = smoothGaussian(both, [5, 4, 3], [1, 1, 1]);
    expect(out.subarray(60)).toEqual(smoothGaussian(b, [5, 4, 3], [1, 1, 1]));
  });
});

describe("refusals", () => {
  const ok = new Float32Array(8);
  test.each([
    ["shape-mismatch", ok, [2, 2, 3], [1, 1, 1]],
    ["shape-mismatch", ok, [0, 2, 2], [1, 1, 1]],
    ["bad-sigma", ok, [2, 2, 2], [-1, 1, 1]],
    ["bad-sigma", ok, [2, 2, 2], [Number.NaN, 1, 1]],
    ["not-finite", ok.map((_, i) => (i === 3 ? Number.NaN : 0)), [2, 2, 2], [1, 1, 1]],
    ["not-finite", ok.map((_, i) => (i === 3 ? Number.POSITIVE_INFINITY : 0)), [2, 2, 2], [0, 0, 0]],
  ] as const)("%s", (code, data, shape, sigma) => {
    expect(() => smoothGaussian(data, shape, sigma)).toThrow(expect.objectContaining({ code }));
  });
});
