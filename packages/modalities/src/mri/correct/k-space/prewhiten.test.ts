import { seededRandom } from "@quintet/kernels";
import { describe, expect, it, test } from "vitest";
import { noiseCovariance, prewhiten } from "./prewhiten.ts";

const n = 4000;
const { normal } = seededRandom(2);
const raw = Float32Array.from({ length: 4 * n }, () => normal());
/** Coil 1 is three times as loud and shares half of coil 0, a quarter turn behind. */
const noise = raw.map((v, i) => {
  if (i < 2 * n) return v;
  const k = i - 2 * n;
  return 3 * v + 0.5 * (k % 2 === 0 ? raw[k + 1]! : -raw[k - 1]!);
});

describe("noise", () => {
  it("covariance of [1, i] and [2, 0] by hand", () => {
    const { data } = noiseCovariance(Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0, 0, 2, 0, 2, 0, 2, 0, 2), 2);
    // n0 = 1, n1 = 2 i: Psi01 = n0 conj(n1) = -2 i
    expect(data).toBeAllclose([1, 0, 0, -2, 0, 2, 4, 0], { atol: 0 });
  });
  it("whitened noise has variance 2 in every coil and no correlation", () => {
    const covariance = noiseCovariance(noise, 2);
    expect(covariance.correlation).toBeGreaterThan(0.1);
    const white = prewhiten({ coils: 2, shape: [n, 1, 1], data: noise }, covariance);
    // exact but for float32: the covariance is that of these samples
    expect(noiseCovariance(white.data, 2).data).toBeAllclose([2, 0, 0, 0, 0, 0, 2, 0], { atol: 1e-5 });
    const narrow = prewhiten({ coils: 2, shape: [n, 1, 1], data: noise }, covariance, 4);
    expect(noiseCovariance(narrow.data, 2).data[0]).toBeCloseTo(0.5, 5);
  });
  test.each([
    ["too-little-noise", () => noiseCovariance(noise.slice(0, 12), 2)],
    [
      "dead-coil",
      () =>
        noiseCovariance(
          noise.map((v, i) => (i < 2 * n ? 0 : v)),
          2,
        ),
    ],
    ["shape-mismatch", () => noiseCovariance(noise.slice(1), 2)],
    [
      "shape-mismatch",
      () => prewhiten({ coils: 1, shape: [n, 1, 1], data: raw.slice(0, 2 * n) }, noiseCovariance(noise, 2)),
    ],
    ["not-positive", () => prewhiten({ coils: 2, shape: [n, 1, 1], data: noise }, noiseCovariance(noise, 2), 0)],
  ])("refuses %s", (code, call) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
