import { afterAll, describe, expect, test } from "vitest";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { type IcaMethod, independentComponents } from "./independent-components.ts";
import { referenceBlocks } from "./infomax-block.ref.ts";
import { infomaxBlocks } from "./infomax-block.ts";
import { whiten } from "./whiten.ts";

/** Laplacian sources, the last quarter square waves of random sign, mixed by normal numbers. */
function mixture(n: number, samples: number, seed = 11) {
  const random = seededRandom(seed);
  const sources = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: samples }, () => {
      if (i >= 0.75 * n) return random.uniform() < 0.5 ? -1 : 1;
      const u = random.uniform() - 0.5;
      return (-Math.sign(u) * Math.log(1 - 2 * Math.abs(u))) / Math.SQRT2;
    }),
  );
  const mixing = sources.map(() => Float64Array.from({ length: n }, () => random.normal()));
  const signals = mixing.map((row) => {
    const out = new Float64Array(samples);
    for (let j = 0; j < n; j++) for (let t = 0; t < samples; t++) out[t] += row[j] * sources[j][t];
    return out;
  });
  return { signals, mixing, sources };
}

/** Amari's index: 0 for a permutation with signs and scales, about 0.3 for chance (Amari, Cichocki & Yang 1996). */
function amari(unmixing: readonly Float64Array[], mixing: readonly Float64Array[]): number {
  const n = unmixing.length;
  const p = unmixing.map((row) => mixing.map((_, j) => Math.abs(row.reduce((sum, w, c) => sum + w * mixing[c][j], 0))));
  const excess = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(...values) - 1;
  const sum = p.reduce((total, row, i) => total + excess(row) + excess(p.map((other) => other[i])), 0);
  return sum / (2 * n * (n - 1));
}

afterAll(unregisterKernels);

describe("the blocks of infomax, compiled, do what the reference does", () => {
  test.each([3, 8, 13])("%i components: ten updates and the kurtosis", async (n) => {
    await loadKernels();
    const z = whiten(mixture(n, 900).signals).data;
    const [fast, slow] = [infomaxBlocks(z, 49), referenceBlocks(z, 49)];
    const order = Uint32Array.from({ length: 900 }, (_, i) => (i * 7) % 900);
    const signs = Float64Array.from({ length: n }, (_, i) => (i === 0 ? -1 : 1));
    for (const blocks of [fast, slow]) blocks.reset();
    for (let at = 0; at < 490; at += 49) {
      const largest = [fast, slow].map((blocks) => blocks.learn(order, at, 1e-3, signs));
      expect(largest[0]).toBeCloseTo(largest[1], 10);
    }
    expect(fast.weights()).toBeAllclose(slow.weights(), { atol: 1e-12 });
    expect(fast.kurtosis(order)).toBeAllclose(slow.kurtosis(order), { atol: 1e-10 });
    unregisterKernels();
  });
  test("kurtosis by hand: a square wave has -2", () => {
    const square = Float64Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const blocks = referenceBlocks([square, square], 10);
    blocks.reset();
    expect(blocks.kurtosis(Uint32Array.from({ length: 100 }, (_, i) => i))).toBeAllclose([-2, -2], { atol: 1e-12 });
  });
});

describe("32 sources, 24 Laplacian and 8 square waves", () => {
  test.each([
    // Its rule of 20 small angles ends too early on short recordings: 0.098 on 6000 samples, 0.027 on 10 000.
    ["infomax", 15_000],
    ["picard", 6000],
    ["fastica", 6000],
  ] as const)("%s: Amari index below 0.02", async (method, samples) => {
    const { signals, mixing } = mixture(32, samples);
    await loadKernels();
    const found = independentComponents(signals, { method });
    expect(found.converged).toBe(true);
    // Measured 0.0057 of 15 000 samples, 0.0091 of 6000: what chance leaves between the sources themselves.
    expect(amari(found.unmixing, mixing)).toBeLessThan(0.02);
  });
});

describe("independentComponents", () => {
  const { signals } = mixture(6, 3000, 3);
  test.each(["infomax", "picard", "fastica"] as const)(
    "%s: x = mean + A s, sources of variance 1, repeatable",
    (method) => {
      const lifted = signals.map((x, c) => x.map((v) => v + c));
      const { mean, mixing, sources, shares, unmixing } = independentComponents(lifted, { method, seed: 5 });
      const made = mixing.map((row, c) =>
        sources[0].map((_, t) => mean[c] + row.reduce((sum, a, i) => sum + a * sources[i][t], 0)),
      );
      for (const [c, x] of made.entries()) expect(x).toBeAllclose(lifted[c], { atol: 1e-9 });
      for (const source of sources) expect(source.reduce((sum, v) => sum + v * v, 0) / 3000).toBeCloseTo(1, 9);
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      expect([...shares]).toEqual([...shares].sort((a, b) => b - a));
      const again = independentComponents(lifted, { method, seed: 5 });
      for (const [i, row] of again.unmixing.entries()) expect(row).toBeAllclose(unmixing[i], { atol: 0 });
    },
  );
  test("infomax and Picard climb the same hill: components agree to 2 decimals", () => {
    const [a, b] = (["infomax", "picard"] as const).map((method) => independentComponents(signals, { method }));
    for (const source of a.sources) {
      const best = Math.max(
        ...b.sources.map((other) => Math.abs(other.reduce((sum, v, t) => sum + v * source[t], 0) / 3000)),
      );
      expect(best).toBeGreaterThan(0.99);
    }
  });
  test("fewer components than signals; an average reference takes one direction", () => {
    expect(independentComponents(signals, { components: 3 }).sources.length).toBe(3);
    const referenced = signals.map((x) => x.map((v, t) => v - signals.reduce((sum, s) => sum + s[t], 0) / 6));
    const white = whiten(referenced);
    expect([white.rank, white.data.length]).toEqual([5, 5]);
    expect(white.explained).toBeCloseTo(1, 12);
  });
  const some = new Float64Array(100).map((_, i) => Math.sin(i * i));
  test.each([
    ["one signal", [some], {}, "no-channels"],
    ["two lengths", [some, some.subarray(1)], {}, "shape-mismatch"],
    ["NaN", [some, some.map(() => Number.NaN)], {}, "not-finite"],
    ["two copies of one", [some, some], {}, "rank-deficient"],
    ["more components than signals' rank", [some, some, some.map((v) => v * v)], { components: 3 }, "rank-deficient"],
    ["few samples", [some, some.map((v) => v * v)].map((x) => x.subarray(0, 30)), {}, "segment-too-short"],
    ["another method", [some, some.map((v) => v * v)], { method: "jade" as IcaMethod }, "bad-method"],
  ])("refuses %s", (_, x, options, code) => {
    expect(() => independentComponents(x, options)).toThrow(expect.objectContaining({ code }));
  });
});
