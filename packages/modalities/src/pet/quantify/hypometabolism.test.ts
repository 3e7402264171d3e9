import type { Mask, Volume } from "@quintet/core";
import { affineOf } from "@quintet/core";
import { seededRandom, smoothGaussian } from "@quintet/kernels";
import { expect, test } from "vitest";
import { hypometabolicClusters } from "./hypometabolism.ts";

/** An ellipsoid brain on a 4-mm grid symmetric about x = 0, 5 % smooth noise, and a ball of lowered uptake. */
function head(seed: number, drop: number): { pet: Volume<"1">; brain: Mask } {
  const shape = [37, 45, 37] as const;
  const grid = { shape, affine: affineOf([4, 0, 0, -72, 0, 4, 0, -88, 0, 0, 4, -72]), space: "template" };
  const random = seededRandom(seed);
  const n = 37 * 45 * 37;
  const at = (i: number): [number, number, number] => [
    4 * (i % 37) - 72,
    4 * (Math.floor(i / 37) % 45) - 88,
    4 * Math.floor(i / (37 * 45)) - 72,
  ];
  const noise = smoothGaussian(
    Float32Array.from({ length: n }, () => random.normal()),
    shape,
    [1, 1, 1],
  );
  const sd = Math.sqrt(noise.reduce((s, x) => s + x * x, 0) / n);
  const inside = Uint8Array.from({ length: n }, (_, i) => {
    const [x, y, z] = at(i);
    return Math.hypot(x / 62, y / 80, z / 62) < 1 ? 1 : 0;
  });
  const data = Float32Array.from({ length: n }, (_, i) => {
    const [x, y, z] = at(i);
    const low = Math.hypot(x + 44, y + 4, z + 16) < 14 ? 1 - drop : 1;
    return inside[i] === 0 ? 0 : 1.2 * low + (0.05 * (noise[i] as number)) / sd;
  });
  return {
    pet: { ...grid, unit: "1", frames: [{ start: 0, duration: 0 }], clock: "pet", data },
    brain: { ...grid, data: inside },
  };
}

test("a left temporal ball of -20 % is the first cluster, on the left, centre within 4 mm", () => {
  const { pet, brain } = head(1, 0.2);
  const [first] = hypometabolicClusters(pet, brain).clusters;
  expect(first?.p).toBeLessThan(0.01);
  expect(first?.peak).toBeLessThan(-4);
  expect(
    Math.hypot((first?.centre[0] ?? 0) + 44, (first?.centre[1] ?? 0) + 4, (first?.centre[2] ?? 0) + 16),
  ).toBeLessThan(4);
});
test("nothing stands out without one, in ten seeds", () => {
  const named = Array.from({ length: 10 }, (_, seed) => {
    const { pet, brain } = head(seed + 10, 0);
    return (hypometabolicClusters(pet, brain).clusters[0]?.p ?? 1) <= 0.005;
  });
  expect(named.filter(Boolean)).toEqual([]);
});
test("the asymmetry map is odd: mirrored voxels add to zero", () => {
  const { pet, brain } = head(1, 0.2);
  const { asymmetry } = hypometabolicClusters(pet, brain);
  const flipped = asymmetry.data.map((_, i) => asymmetry.data[i - (i % 37) + 36 - (i % 37)] as number);
  expect(asymmetry.data.map((a, i) => a + (flipped[i] as number))).toBeAllclose(
    new Float32Array(asymmetry.data.length),
    {
      atol: 1e-5, // float32 interpolation at voxel centres
    },
  );
});
test.each([
  ["grid-mismatch", { z: -2 }, "other"],
  ["bad-threshold", { z: 2 }, "template"],
  ["bad-threshold", { smoothingFwhm: -1 }, "template"],
] as const)("refused: %s", (code, options, space) => {
  const { pet, brain } = head(1, 0);
  expect(() => hypometabolicClusters(pet, { ...brain, space }, options)).toThrow(expect.objectContaining({ code }));
});
