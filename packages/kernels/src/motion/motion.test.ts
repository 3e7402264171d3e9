import {
  type Affine,
  affineOf,
  apply,
  identityAffine,
  invert,
  multiply,
  type Point,
  rigid,
  type Volume,
} from "@quintet/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { cubicSpline, splineCoefficientsRef, splineValueRef } from "./bspline.ref.ts";
import { realign } from "./realign.ts";
import { resampleSpline } from "./resample-spline.ts";
import { eulerAngles, inverseStep } from "./rigid-motion.ts";
import { solveSymmetric } from "./symmetric.ts";

type Shape = readonly [number, number, number];
const random = seededRandom(3);
const noise = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.normal());
const grid = (shape: Shape, mm = 3): Pick<Volume, "shape" | "affine" | "space"> => ({
  shape,
  affine: affineOf([-mm, 0, 0, (mm * (shape[0] - 1)) / 2, 0, mm, 0, (-mm * (shape[1] - 1)) / 2, 0, 0, mm, 0]),
  space: "scanner:mri",
});
const series = (shape: Shape, data: Float32Array, mm = 3): Volume => {
  const frames = data.length / (shape[0] * shape[1] * shape[2]);
  return {
    ...grid(shape, mm),
    unit: "{arbitrary}",
    clock: "mri",
    frames: Array.from({ length: frames }, (_, t) => ({ start: 2 * t, duration: 2 })),
    data,
  };
};

describe("the reference spline", () => {
  test("beta_3 by hand, a partition of unity", () => {
    expect([0, 1, -1, 2, 0.5].map(cubicSpline)).toBeAllclose([2 / 3, 1 / 6, 1 / 6, 0, 23 / 48], { atol: 1e-15 });
    expect([-1, 0, 1, 2].reduce((sum, k) => sum + cubicSpline(0.3 - k), 0)).toBeCloseTo(1, 14);
  });
  test("passes through its samples, also at the rim and of 1, 2 and 3 voxels", () => {
    for (const shape of [
      [7, 5, 4],
      [3, 2, 1],
    ] as const) {
      const data = noise(shape[0] * shape[1] * shape[2]);
      const c = splineCoefficientsRef(data, shape);
      const back = [...data.keys()].map((i) =>
        splineValueRef(
          c,
          shape,
          i % shape[0],
          Math.floor(i / shape[0]) % shape[1],
          Math.floor(i / (shape[0] * shape[1])),
        ),
      );
      expect(back).toBeAllclose(data, { atol: 1e-12 });
    }
  });
});

describe.each(["compiled", "plain TypeScript"])("%s", (kind) => {
  beforeAll(async () => {
    if (kind === "compiled") expect(await loadKernels()).toContain("motion");
    else unregisterKernels();
  });
  afterAll(unregisterKernels);

  test.each([[[13, 9, 6]], [[4, 4, 4]], [[3, 2, 5]], [[24, 21, 1]]] as readonly [Shape][])(
    "resampleSpline equals the reference: %s",
    (shape) => {
      const n = shape[0] * shape[1] * shape[2];
      const image = series(shape, noise(2 * n));
      const target = grid([6, 7, 5], 2.3);
      const maps = [rigid([3, -2, 5], [1, 0.4, -0.7]), identityAffine()];
      const found = resampleSpline(image, target, maps, { outside: -9 });
      const expected = maps.flatMap((map, t) => {
        const c = splineCoefficientsRef(image.data.subarray(t * n, (t + 1) * n), shape);
        const toVoxel = multiply(invert(image.affine), multiply(map, target.affine));
        return Array.from({ length: 210 }, (_, i) => {
          const v = apply(toVoxel, [i % 6, Math.floor(i / 6) % 7, Math.floor(i / 42)]);
          if (v.some((x, k) => x < -0.5 || x >= (shape[k] as number) - 0.5)) return -9;
          const [x, y, z] = v.map((c, k) => Math.min(Math.max(c, 0), (shape[k] as number) - 1)) as [
            number,
            number,
            number,
          ];
          return splineValueRef(c, shape, x, y, z);
        });
      });
      // Noise of SD 1 peaks near 4; coefficients and weights are float32.
      expect(found.data).toBeAllclose(expected, { atol: 2e-5 });
      expect(found.space).toBe("scanner:mri");
    },
  );
  test("the own grid gives the image back; the input stays", () => {
    const image = series([12, 10, 8], noise(960));
    const kept = image.data.slice();
    expect(resampleSpline(image, image, identityAffine()).data).toBeAllclose(kept, { atol: 1e-5 });
    expect(image.data).toEqual(kept);
  });
  test("a head followed over six images: 0.02 mm, 0.03 degrees without noise", () => {
    const { volume, truth } = movingHead(0);
    const still = volume.data.slice();
    const found = realign(volume, volume.data.slice(0, volume.data.length / 6));
    expect(found.frames.every(({ converged }) => converged)).toBe(true);
    expect(
      worst(
        found.frames.map(({ map }) => map),
        truth,
      ),
    ).toBeAllclose([0, 0], { atol: 0.03 });
    expect(volume.data).toEqual(still);
  });
});

describe("realign", () => {
  beforeAll(() => loadKernels());
  afterAll(unregisterKernels);
  test("angles and shift are those of core's rigid about the centre", () => {
    const centre: Point = [3, -5, 20];
    const map = rigid([2, -3, 4], [1, 2, -3], centre);
    const { degrees, shift } = eulerAngles(map, centre);
    expect([...degrees, ...shift]).toBeAllclose([2, -3, 4, 1, 2, -3], { atol: 1e-10 });
  });
  test("inverseStep undoes a step: by hand about z, and to first order for all", () => {
    const quarter = inverseStep([0, 0, 0, 0, 0, Math.PI / 2], [1, 0, 0]);
    expect(apply(quarter, [1, 1, 0])).toBeAllclose([2, 0, 0], { atol: 1e-12 });
    expect(apply(inverseStep([1, 2, 3, 0, 0, 0], [9, 9, 9]), [0, 0, 0])).toBeAllclose([-1, -2, -3], { atol: 1e-12 });
  });
  test("solveSymmetric: by hand on a diagonal; a dead column gets 0", () => {
    const gram = new Float64Array(36);
    for (let i = 0, at = 0; i < 8; at += 8 - i, i++) gram[at] = i < 7 ? i + 1 : 0;
    expect(solveSymmetric(gram, [2, 2, 3, 4, 5, 6, 14, 5])).toBeAllclose([2, 1, 1, 1, 1, 1, 2, 0], { atol: 1e-12 });
  });
  test("noise of 2 % of the head, drift of gain by 5 %: 0.1 mm, 0.1 degrees", () => {
    const { volume, truth } = movingHead(2, 0.05);
    const found = realign(volume, volume.data.slice(0, volume.data.length / 6));
    expect(
      worst(
        found.frames.map(({ map }) => map),
        truth,
      ),
    ).toBeAllclose([0, 0], { atol: 0.1 });
    expect(found.frames.every(({ explained }) => explained > 0.97)).toBe(true);
  });
  test("a jump of 12 mm and 10 degrees is followed", () => {
    const jump = rigid([10, 0, 6], [6, -9, 5]);
    const { volume, truth } = movingHead(1, 0, [identityAffine(), jump, identityAffine()]);
    const found = realign(volume, volume.data.slice(0, volume.data.length / 3));
    expect(
      worst(
        found.frames.map(({ map }) => map),
        truth,
      ),
    ).toBeAllclose([0, 0], { atol: 0.1 });
  });
  test("one thread and two give the same numbers, to the bit", async () => {
    const six = movingHead(1).volume;
    // 30 frames: enough voxels that threads are started, and batches that are not full.
    const data = new Float32Array(5 * six.data.length);
    for (let k = 0; k < 5; k++) data.set(six.data, k * six.data.length);
    const long = series(six.shape, data, 4);
    const results = [];
    for (const threads of [1, 2]) {
      await loadKernels({ threads });
      const { frames } = realign(long, six.data.slice(0, six.data.length / 6));
      const maps = frames.map(({ map }) => map);
      results.push({ frames, moved: resampleSpline(long, long, maps).data });
    }
    expect(results[0]?.frames).toEqual(results[1]?.frames);
    expect(Buffer.compare(...(results.map(({ moved }) => Buffer.from(moved.buffer)) as [Buffer, Buffer]))).toBe(0);
  });
  test("started at the answer it stays there", () => {
    const { volume, truth } = movingHead(0);
    const found = realign(volume, volume.data.slice(0, volume.data.length / 6), { start: truth });
    expect(found.frames.every(({ iterations }) => iterations <= 3)).toBe(true);
  });
  test.each([
    ["grid-mismatch", (v: Volume) => realign(v, v.data.slice(1))],
    ["thin-slab", (v: Volume) => realign({ ...v, shape: [14, 40, 3] }, v.data)],
    ["empty-region", (v: Volume) => realign(v, v.data, { mask: new Uint8Array(v.data.length) })],
    ["constant-data", (v: Volume) => realign(v, new Float32Array(v.data.length).fill(3))],
    [
      "not-finite",
      (v: Volume) =>
        realign(
          v,
          v.data.map((x, i) => (i === 700 ? Number.NaN : x)),
        ),
    ],
    ["shape-mismatch", (v: Volume) => resampleSpline(v, v, [identityAffine(), identityAffine()])],
    ["shape-mismatch", (v: Volume) => resampleSpline({ ...v, data: v.data.slice(1) }, v, identityAffine())],
  ])("refused: %s", (code, run) => {
    expect(() => run(series([14, 12, 10], noise(1680)))).toThrow(expect.objectContaining({ code }));
  });
});

/** A head given by a formula, so that its moved images are not interpolated. */
function movingHead(
  sd: number,
  gain = 0,
  truth: readonly Affine[] = drift(),
): { volume: Volume; truth: readonly Affine[] } {
  const seeds = seededRandom(8);
  const blobs = Array.from({ length: 40 }, () => ({
    c: [100 * seeds.uniform() - 50, 130 * seeds.uniform() - 65, 20 + 80 * seeds.uniform()] as const,
    s: 6 + 5 * seeds.uniform(),
    a: 90 * seeds.uniform() - 45,
  }));
  const shape = [44, 52, 34] as const;
  const n = shape[0] * shape[1] * shape[2];
  const { affine } = grid(shape, 4);
  const data = new Float32Array(n * truth.length);
  for (const [t, map] of truth.entries()) {
    const back = multiply(invert(map), affine);
    for (let i = 0; i < n; i++) {
      const p = apply(back, [i % shape[0], Math.floor(i / shape[0]) % shape[1], Math.floor(i / (shape[0] * shape[1]))]);
      const depth = Math.hypot(p[0] / 64, p[1] / 80, (p[2] - 60) / 52);
      let value = 100 / (1 + Math.exp((depth - 1) * 18));
      if (depth < 1.2)
        for (const { c, s, a } of blobs) {
          const r2 = (p[0] - c[0]) ** 2 + (p[1] - c[1]) ** 2 + (p[2] - c[2]) ** 2;
          if (r2 < 12 * s * s) value += a * Math.exp(-r2 / (2 * s * s));
        }
      data[t * n + i] = value * (1 + (gain * t) / truth.length) + (sd > 0 ? sd * seeds.normal() : 0);
    }
  }
  return { volume: series(shape, data, 4), truth };
}

function drift(): Affine[] {
  return Array.from({ length: 6 }, (_, t) =>
    rigid([(3 * t) / 5, (-2 * t) / 5, 2 * Math.sin(t)], [(2 * t) / 5, (-3 * t) / 5, Math.cos(t) - 1], [0, 0, 60]),
  );
}

/** Largest error at the head's middle (mm) and of the angle (degrees). */
function worst(found: readonly Affine[], truth: readonly Affine[]): [number, number] {
  const errors = found.map((map, t) => {
    const rest = multiply(invert(truth[t]), map);
    const [x, y, z] = apply(rest, [0, 0, 60]);
    const cosine = (rest[0] + rest[5] + rest[10] - 1) / 2;
    return [Math.hypot(x, y, z - 60), (Math.acos(Math.min(1, cosine)) * 180) / Math.PI];
  });
  return [Math.max(...errors.map(([mm]) => mm)), Math.max(...errors.map(([, degrees]) => degrees))];
}
