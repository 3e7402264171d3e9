import { affineOf } from "@quintet/core";
import { expect, test } from "vitest";
import { regionStats, regionVoxels } from "./region-stats.ts";

// 5 x 4 x 3 voxels of 2 mm, the first at the origin; voxel i holds i.
const shape = [5, 4, 3] as const;
const affine = affineOf([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]);
const data = Float32Array.from({ length: 60 }, (_, i) => i);

test("a sphere of one voxel's size holds the voxel and its six neighbours, by hand", () => {
  // Voxel (2, 1, 1) is 27; neighbours 26, 28, 22, 32, 7, 47.
  const region = { centre: [4, 2, 2], radius: 2 } as const;
  expect(regionVoxels(data, shape, affine, region)).toEqual([7, 22, 26, 27, 28, 32, 47]);
  const stats = regionStats(data, shape, affine, region, 10);
  // Mean 27; squares of -20, -5, -1, 0, 1, 5, 20 add up to 852, divided by 6.
  expect(stats).toMatchObject({ voxels: 7, volume: 0.056, mean: 270, least: 70, most: 470 });
  expect(stats?.deviation).toBeCloseTo(10 * Math.sqrt(852 / 6), 9);
});

test("a region smaller than a voxel takes the nearest, one outside the image nothing", () => {
  expect(regionVoxels(data, shape, affine, { centre: [4.4, 2.3, 1.8], radius: 0.1 })).toEqual([27]);
  expect(regionStats(data, shape, affine, { centre: [100, 0, 0], radius: 5 })).toBeUndefined();
});

test("an iso-contour keeps what hangs together with the peak and does not wrap around a row", () => {
  const image = new Float32Array(60);
  // A peak at the end of a row, a neighbour below it, a second bright voxel at the start of the next row.
  image[4] = 10;
  image[9] = 6;
  image[5] = 9;
  const region = { centre: [4, 2, 0], radius: 20, share: 0.5 } as const;
  expect(regionVoxels(image, shape, affine, region)).toEqual([4, 9]);
  expect(regionVoxels(image, shape, affine, { ...region, share: 0.7 })).toEqual([4]);
});

test("voxels without a value do not count", () => {
  const image = data.map((v) => (v === 27 ? Number.NaN : v));
  expect(regionStats(image, shape, affine, { centre: [4, 2, 2], radius: 2 })?.voxels).toBe(6);
});
