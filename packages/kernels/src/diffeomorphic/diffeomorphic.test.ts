import { afterEach, describe, expect, test } from "vitest";
import { smoothGaussian } from "../gauss/gauss.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { composeReference, exponentialReference } from "./diffeomorphic.ref.ts";
import { exponentialMap, matchDiffeomorphic } from "./diffeomorphic.ts";

afterEach(() => unregisterKernels());

type Shape = readonly [number, number, number];

const count = ([nx, ny, nz]: Shape): number => nx * ny * nz;

function field(shape: Shape, fill: (x: number, y: number, z: number) => Shape): Float32Array {
  const n = count(shape);
  const out = new Float32Array(3 * n);
  for (let i = 0; i < n; i++) {
    const [x, y, z] = [i % shape[0], Math.floor(i / shape[0]) % shape[1], Math.floor(i / (shape[0] * shape[1]))];
    for (const [c, value] of fill(x, y, z).entries()) out[c * n + i] = value;
  }
  return out;
}

/** A smooth random image with structure of about `sigma` voxels, standard deviation 1. */
function texture(shape: Shape, sigma: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const soft = smoothGaussian(
    Float32Array.from({ length: count(shape) }, () => random.normal()),
    shape,
    [sigma, sigma, sigma],
  );
  const sd = Math.sqrt(soft.reduce((sum, v) => sum + v * v, 0) / soft.length);
  return soft.map((v) => v / sd);
}

const waves = (amplitude: number): ((x: number, y: number, z: number) => Shape) => {
  return (x, y, z) => [
    amplitude * Math.sin(y / 7 + 0.4),
    amplitude * Math.cos(z / 6 + x / 15),
    -0.8 * amplitude * Math.sin(x / 8 - y / 17),
  ];
};

describe.each(["typescript", "wasm"] as const)("on %s", (device) => {
  const choose = async (): Promise<void> => {
    if (device === "wasm") expect(await loadKernels()).toContain("diffeomorphic");
  };
  const shape: Shape = [14, 15, 13];

  test("by hand: a velocity equal everywhere moves every point by itself", async () => {
    await choose();
    const velocity = field(shape, () => [2, -1, 0.5]);
    expect(exponentialMap(velocity, shape)).toBeAllclose(velocity, { atol: 1e-5 });
    expect(exponentialMap(velocity, shape, -0.5)).toBeAllclose(
      velocity.map((v) => -v / 2),
      { atol: 1e-5 },
    );
  });

  test("by hand: dx/dt = -0.4 (x - 7) brings x - 7 to exp(-0.4) of it", async () => {
    await choose();
    const velocity = field(shape, (x) => [-0.4 * (x - 7), 0, 0]);
    // (1 - a / 2^n)^(2^n) is below exp(-a) by its share a^2 / 2^(n + 1), n = 6 here: 0.0013 x 7 voxels
    const expected = field(shape, (x) => [(Math.exp(-0.4) - 1) * (x - 7), 0, 0]);
    expect(exponentialMap(velocity, shape)).toBeAllclose(expected, { atol: 0.01 });
  });

  test("equals the reference: exponential and two iterations", async () => {
    await choose();
    const velocity = field(shape, waves(1.3));
    expect(exponentialMap(velocity, shape, 0.7)).toBeAllclose(exponentialReference(velocity, shape, 0.7), {
      atol: 1e-4,
    });
    const [fixed, moving] = [texture(shape, 2, 1), texture(shape, 2, 2)];
    const options = { iterations: 2, floor: 0.01, tolerance: 0 };
    const found = matchDiffeomorphic(fixed, moving, shape, options, velocity);
    unregisterKernels();
    const expected = matchDiffeomorphic(fixed, moving, shape, options, velocity);
    expect(found.velocity).toBeAllclose(expected.velocity, { atol: 2e-3 });
    expect(found.mismatch).toBeAllclose([...expected.mismatch], { atol: 1e-4 });
  });

  test("equal images stay where they are", async () => {
    await choose();
    const image = texture(shape, 2, 3);
    const { velocity, mismatch } = matchDiffeomorphic(image, image, shape, { iterations: 2, floor: 0.01 });
    expect(velocity.every((v) => v === 0)).toBe(true);
    expect(mismatch).toEqual([0, 0]);
  });
});

describe("exponentialMap", () => {
  test("exp(v) and exp(-v) undo each other inside", async () => {
    await loadKernels();
    const shape: Shape = [30, 32, 28];
    const n = count(shape);
    const velocity = field(shape, waves(2));
    const both = composeReference(exponentialMap(velocity, shape), exponentialMap(velocity, shape, -1), shape);
    for (let i = 0; i < n; i++) {
      const place = [i % 30, Math.floor(i / 30) % 32, Math.floor(i / (30 * 32))];
      if (place.some((p, axis) => p < 4 || p > shape[axis]! - 5)) continue; // paths that left the grid
      const left = Math.hypot(both[i]!, both[n + i]!, both[2 * n + i]!);
      expect(left).toBeLessThan(0.05); // linear interpolation of fields that curve by 2 / 36 voxel per voxel^2
    }
  });
});

describe("matchDiffeomorphic", () => {
  const shape: Shape = [40, 42, 38];
  const n = count(shape);
  const inside = (i: number): boolean =>
    [i % 40, Math.floor(i / 40) % 42, Math.floor(i / (40 * 42))].every((p, axis) => p >= 6 && p <= shape[axis]! - 7);
  const options = { iterations: 60, floor: 1e-3, tolerance: 0 };
  /** moving o T = fixed with T = exp(truth): fixed is the moving image seen through exp(truth). */
  const pair = (): { fixed: Float32Array; moving: Float32Array; truth: Float32Array } => {
    const truth = exponentialMap(field(shape, waves(1.5)), shape);
    const moving = texture(shape, 2, 4);
    const ramp = Float32Array.from({ length: n }, (_, i) => i);
    const fixed = ramp.map((i) => {
      const at = [i % 40, Math.floor(i / 40) % 42, Math.floor(i / (40 * 42))].map((p, c) => p + truth[c * n + i]!);
      return trilinear(moving, shape, at as unknown as Shape);
    });
    return { fixed, moving, truth };
  };
  const error = (velocity: Float32Array, truth: Float32Array): number => {
    const found = exponentialMap(velocity, shape);
    let [sum, voxels] = [0, 0];
    for (let i = 0; i < n; i++) {
      if (!inside(i)) continue;
      voxels++;
      sum += Math.hypot(found[i]! - truth[i]!, found[n + i]! - truth[n + i]!, found[2 * n + i]! - truth[2 * n + i]!);
    }
    return sum / voxels;
  };

  test("a known deformation is found, whatever the brightness of either image", async () => {
    await loadKernels();
    const { fixed, moving, truth } = pair();
    const rest = error(new Float32Array(3 * n), truth);
    const found = matchDiffeomorphic(fixed, moving, shape, options);
    expect(rest).toBeGreaterThan(1.2);
    expect(error(found.velocity, truth)).toBeLessThan(0.3);
    expect(found.mismatch.at(-1)).toBeLessThan(0.1 * found.mismatch[0]!);
    const brighter = matchDiffeomorphic(
      fixed,
      moving.map((v, i) => 3 * v + 5 + (i % 40) / 20),
      shape,
      options,
    );
    expect(error(brighter.velocity, truth)).toBeLessThan(0.3);
  });

  test("exchanging the images turns the velocity round; a given start is kept", async () => {
    await loadKernels();
    const { fixed, moving, truth } = pair();
    const one = matchDiffeomorphic(fixed, moving, shape, { ...options, iterations: 10 });
    const other = matchDiffeomorphic(moving, fixed, shape, { ...options, iterations: 10 });
    expect(other.velocity.map((v) => -v)).toBeAllclose(one.velocity, { atol: 1e-3 }); // float32, order of sums
    const start = field(shape, waves(1.5));
    const kept = matchDiffeomorphic(fixed, moving, shape, { ...options, iterations: 0 }, start);
    expect(kept.velocity).toEqual(start);
    expect(kept.mismatch).toEqual([]);
    expect(error(start, truth)).toBeLessThan(1e-6);
  });

  test.each([
    ["shape-mismatch", () => matchDiffeomorphic(new Float32Array(8), new Float32Array(7), [2, 2, 2], options)],
    ["shape-mismatch", () => matchDiffeomorphic(new Float32Array(8), new Float32Array(8), [8, 1, 1], options)],
    [
      "shape-mismatch",
      () => matchDiffeomorphic(new Float32Array(8), new Float32Array(8), [2, 2, 2], options, new Float32Array(8)),
    ],
    [
      "not-finite",
      () => matchDiffeomorphic(new Float32Array(8).fill(Number.NaN), new Float32Array(8), [2, 2, 2], options),
    ],
    [
      "bad-option",
      () => matchDiffeomorphic(new Float32Array(8), new Float32Array(8), [2, 2, 2], { ...options, step: 0 }),
    ],
    [
      "bad-option",
      () => matchDiffeomorphic(new Float32Array(8), new Float32Array(8), [2, 2, 2], { ...options, floor: 0 }),
    ],
    [
      "bad-option",
      () => matchDiffeomorphic(new Float32Array(8), new Float32Array(8), [2, 2, 2], { ...options, fluid: -1 }),
    ],
    ["shape-mismatch", () => exponentialMap(new Float32Array(8), [2, 2, 2])],
    ["not-finite", () => exponentialMap(new Float32Array(24).fill(Number.POSITIVE_INFINITY), [2, 2, 2])],
  ] as const)("refuses with %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});

function trilinear(data: Float32Array, [nx, ny, nz]: Shape, at: Shape): number {
  const held = at.map((p, axis) => Math.min(Math.max(p, 0), [nx, ny, nz][axis]! - 1.000001));
  const [i, j, k] = held.map(Math.floor) as [number, number, number];
  const [u, v, w] = [held[0]! - i, held[1]! - j, held[2]! - k];
  let sum = 0;
  for (const [a, wa] of [1 - u, u].entries()) {
    for (const [b, wb] of [1 - v, v].entries()) {
      for (const [c, wc] of [1 - w, w].entries()) sum += wa * wb * wc * data[i + a + nx * (j + b + ny * (k + c))]!;
    }
  }
  return sum;
}
