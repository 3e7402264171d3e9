import {
  type Grid,
  identityAffine,
  invert,
  type LabelVolume,
  multiply,
  rigid,
  type Volume,
  type Warp,
} from "@quintet/core";
import { afterEach, describe, expect, test } from "vitest";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { sampleReference } from "./resample.ref.ts";
import { resample, resampleLabels } from "./resample.ts";
import { inverseWarpMap, resampleLabelsWarped, resampleWarped, warpMap } from "./warp.ts";

afterEach(() => unregisterKernels());

function volume(
  shape: Grid["shape"],
  fill: (x: number, y: number, z: number, t: number) => number,
  frames = 1,
): Volume {
  const data: number[] = [];
  for (let t = 0; t < frames; t++) {
    for (let z = 0; z < shape[2]; z++) {
      for (let y = 0; y < shape[1]; y++) for (let x = 0; x < shape[0]; x++) data.push(fill(x, y, z, t));
    }
  }
  return {
    shape,
    affine: identityAffine(),
    space: "a",
    unit: "Bq/mL",
    clock: "scanner",
    frames: Array.from({ length: frames }, (_, i) => ({ start: i, duration: 1 })),
    data: Float32Array.from(data),
  };
}
const noisy = (shape: Grid["shape"], seed: number): Volume => {
  const random = seededRandom(seed);
  return volume(shape, () => random.uniform());
};

describe.each(["typescript", "wasm"] as const)("resample on %s", (device) => {
  const choose = async (): Promise<void> => {
    if (device === "wasm") expect(await loadKernels()).toContain("resample");
  };

  test("by hand: half a voxel between 2 and 6 is 4, the rim holds its value, beyond it is `outside`", async () => {
    await choose();
    const source = volume([2, 1, 1], (x) => 2 + 4 * x);
    const target: Grid = {
      shape: [5, 1, 1],
      affine: Float64Array.of(0.5, 0, 0, -0.5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
      space: "b",
    };
    const out = resample(source, target, identityAffine(), { outside: -1 });
    expect([...out.data]).toEqual([2, 2, 4, 6, -1]);
    expect([out.space, out.unit, out.shape]).toEqual(["b", "Bq/mL", [5, 1, 1]]);
  });

  test("a linear ramp stays the ramp under any rigid map and turned axes", async () => {
    await choose();
    const source = volume([20, 18, 16], (x, y, z) => x + 2 * y - 3 * z);
    const turned = multiply(
      rigid([10, -20, 35], [1, 2, 0.5], [9, 8, 7]),
      Float64Array.of(-0.7, 0, 0, 14, 0, 0, 0.8, 3, 0, 0.6, 0, 4, 0, 0, 0, 1),
    );
    const target: Grid = { shape: [8, 6, 5], affine: turned, space: "b" };
    const out = resample(source, target, identityAffine(), { outside: Number.NaN });
    let compared = 0;
    for (let i = 0; i < out.data.length; i++) {
      const [x, y, z] = [i % 8, Math.floor(i / 8) % 6, Math.floor(i / 48)];
      const at = [0, 4, 8].map((r) => turned[r]! * x + turned[r + 1]! * y + turned[r + 2]! * z + turned[r + 3]!);
      if (!at.every((v, k) => v >= 0 && v <= source.shape[k]! - 1)) continue;
      compared++;
      expect(Math.abs(out.data[i]! - (at[0]! + 2 * at[1]! - 3 * at[2]!))).toBeLessThan(2e-5); // float32 of values near 50
    }
    expect(compared).toBeGreaterThan(200);
  });

  test.each(["linear", "nearest", "cubic"] as const)("equals the reference, %s", async (interpolation) => {
    await choose();
    const source = noisy([7, 9, 8], 3);
    const map = rigid([12, 7, -31], [0.4, -1.2, 0.9], [3, 4, 4]);
    const target: Grid = { shape: [9, 10, 11], affine: identityAffine(), space: "b" };
    const out = resample(source, target, map, { interpolation, outside: -2 });
    const expected = Float64Array.from(out.data, (_, i) => {
      const [x, y, z] = [i % 9, Math.floor(i / 9) % 10, Math.floor(i / 90)];
      const at = [0, 4, 8].map((r) => map[r]! * x + map[r + 1]! * y + map[r + 2]! * z + map[r + 3]!);
      return sampleReference(source.data, source.shape, at as [number, number, number], interpolation, -2);
    });
    expect(out.data).toBeAllclose(expected, { atol: 2e-6 }); // float32 weights on values in 0..1
  });

  test("there and back by a whole number of voxels is exact; frames stay apart", async () => {
    await choose();
    const source = volume([6, 5, 4], (x, y, z, t) => x + 10 * y + 100 * z + 1000 * t, 2);
    const shift = rigid([0, 0, 0], [2, -1, 1]);
    const away = resample(source, { ...source, shape: [10, 9, 8] }, multiply(shift, rigid([0, 0, 0], [-4, -2, -3])));
    const back = resample(away, source, invert(multiply(shift, rigid([0, 0, 0], [-4, -2, -3]))));
    expect(back.data).toEqual(source.data);
  });
});

describe("resampleLabels", () => {
  const labels: LabelVolume = {
    shape: [3, 1, 1],
    affine: identityAffine(),
    space: "a",
    names: new Map([[7, "x"]]),
    data: Uint16Array.of(7, 300, 9),
  };

  test("takes the nearest label, 0 outside, and keeps the integer type", () => {
    const out = resampleLabels(labels, { ...labels, shape: [5, 1, 1] }, rigid([0, 0, 0], [-0.6, 0, 0]));
    expect(out.data).toEqual(Uint16Array.of(0, 7, 300, 9, 0));
    expect(out.names).toBe(labels.names);
  });
});

describe("warps", () => {
  const grid: Grid = {
    shape: [11, 11, 11],
    affine: Float64Array.of(4, 0, 0, -20, 0, 4, 0, -20, 0, 0, 4, -20, 0, 0, 0, 1),
    space: "b",
  };
  const n = 1331;
  const displacement = new Float32Array(3 * n);
  for (let i = 0; i < n; i++) {
    const [x, y, z] = [i % 11, Math.floor(i / 11) % 11, Math.floor(i / 121)];
    displacement[i] = 1.5 * Math.sin(y / 3);
    displacement[n + i] = Math.cos((x + z) / 4);
    displacement[2 * n + i] = -0.8 * Math.sin(x / 2);
  }
  const warp: Warp = { from: "a", to: "b", matrix: rigid([5, -3, 8], [1, 2, 3]), grid, displacement };

  test("at a grid point the displacement is the stored one; beyond the grid the edge value is held", () => {
    const plain: Warp = { ...warp, matrix: identityAffine() };
    const at = 3 + 11 * (4 + 11 * 5);
    const [x, y, z] = warpMap(plain)([-8, -4, 0]);
    expect([x + 8, y + 4, z]).toBeAllclose([displacement[at]!, displacement[n + at]!, displacement[2 * n + at]!], {
      atol: 1e-6,
    });
    const far = warpMap(plain)([500, 20, 20]);
    const edge = warpMap(plain)([20, 20, 20]);
    expect(far[0] - 500).toBeCloseTo(edge[0] - 20, 9);
  });

  test("the inverse undoes it within its 1e-3 mm", () => {
    const [there, back] = [warpMap(warp), inverseWarpMap(warp)];
    for (const point of [
      [0, 0, 0],
      [11.3, -7.7, 5.1],
      [-15, 14, 2],
      [30, 0, -30],
    ] as const) {
      expect(back(there(point))).toBeAllclose(point, { atol: 3e-3 });
    }
  });

  test("a folding field has no inverse and says so", () => {
    const fold: Warp = { ...warp, displacement: displacement.map((_, i) => (i < n ? (i % 2 === 0 ? 9 : -9) : 0)) };
    expect(() => inverseWarpMap(fold)([0.5, 0.3, 0.2])).toThrow(expect.objectContaining({ code: "no-inverse" }));
  });

  test("a warp without displacement resamples as its matrix does", () => {
    const source = noisy([9, 8, 7], 5);
    const target: Grid = { shape: [6, 6, 6], affine: identityAffine(), space: "b" };
    const still: Warp = { ...warp, matrix: rigid([0, 0, 10], [1, 1, 1]), displacement: new Float32Array(3 * n) };
    expect(resampleWarped(source, target, still).data).toBeAllclose(resample(source, target, still.matrix).data, {
      atol: 1e-6,
    });
    const labels: LabelVolume = { ...target, data: Int32Array.from({ length: 216 }, (_, i) => i), names: new Map() };
    expect(resampleLabelsWarped(labels, target, still).data).toEqual(resampleLabels(labels, target, still.matrix).data);
  });
});

describe("refusals", () => {
  const source = noisy([3, 3, 3], 1);
  test.each([
    ["singular-affine", { ...source, affine: new Float64Array(16) }, source],
    ["shape-mismatch", { ...source, data: source.data.subarray(1) }, source],
    ["shape-mismatch", source, { ...source, shape: [3, 0, 3] as const }],
  ])("%s", (code, from, to) => {
    expect(() => resample(from, to, identityAffine())).toThrow(expect.objectContaining({ code }));
  });
  test("a displacement that does not fill its grid", () => {
    const warp: Warp = {
      from: "a",
      to: "a",
      matrix: identityAffine(),
      grid: source,
      displacement: new Float32Array(5),
    };
    expect(() => warpMap(warp)([0, 0, 0])).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
  });
});
