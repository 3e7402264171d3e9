import { expect, test } from "vitest";
import { nearRaysTogether } from "./ray-order.ts";

const grid = { shape: [8, 8, 8], size: [2, 2, 2], origin: [-7, -7, -7] } as const;
/** A ray 1000 mm long in a direction (degrees), `apart` mm from the axis. */
const ray = (degrees: number, apart: number): readonly number[] => {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return [-500 * c - apart * s, -500 * s + apart * c, 500 * c - apart * s, 500 * s + apart * c];
};

test("nearly one direction and distance follow each other, either side of the axis, ends either way round", () => {
  // 0.05 rad are 2.86 degrees, two voxels 4 mm.
  const rays = Float64Array.from([ray(1, 9), ray(40, 1), ray(2, 1), ray(1, 1), ray(182.5, -1), ray(1, 10)].flat());
  const pairs = Int32Array.from([0, 1, 2, 3, 4, 5].flatMap((r) => [r, r, -1]));
  const order = nearRaysTogether(pairs, { rays, planes: new Float64Array(2) }, grid);
  expect([...order].filter((_, i) => i % 3 === 0)).toEqual([3, 2, 4, 0, 5, 1]);
});

test("every record is there once, as it was", () => {
  const rays = Float64Array.from(Array.from({ length: 40 }, (_, i) => ray((i * 77) % 180, (i * 13) % 60)).flat());
  const pairs = Int32Array.from(Array.from({ length: 40 }, (_, i) => [i, 100 + i, 200 + i]).flat());
  const order = nearRaysTogether(pairs, { rays, planes: new Float64Array(2) }, grid);
  const records = (list: Int32Array) =>
    Array.from({ length: 40 }, (_, i) => [...list.subarray(3 * i, 3 * i + 3)].join());
  expect(records(order).sort()).toEqual(records(pairs).sort());
});
