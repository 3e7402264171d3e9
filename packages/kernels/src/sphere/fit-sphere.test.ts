import type { Point } from "@quintet/core";
import { expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { fitSphere } from "./fit-sphere.ts";

test("known answer: six points at 90 mm from (3, -20, 40)", () => {
  const points: Point[] = [
    [93, -20, 40],
    [-87, -20, 40],
    [3, 70, 40],
    [3, -110, 40],
    [3, -20, 130],
  ];
  const { centre, radius, residual } = fitSphere(points);
  expect(centre).toBeAllclose([3, -20, 40], { atol: 1e-9 });
  expect(radius).toBeCloseTo(90, 9);
  expect(residual).toBeLessThan(1e-9);
});

test("points that scatter by 1 mm: the geometric fit, without the algebraic one's bias; moving them moves it", () => {
  const random = seededRandom(3);
  const points = Array.from({ length: 400 }, (): Point => {
    const [x, y] = [random.normal(), random.normal()];
    const z = Math.abs(random.normal());
    const scale = (90 + random.normal()) / Math.hypot(x, y, z);
    return [x * scale, y * scale, z * scale];
  });
  const fit = fitSphere(points);
  // one sigma of a coordinate of the centre is about 2 / sqrt(400) = 0.1 mm, more across the open side
  expect(Math.hypot(...fit.centre)).toBeLessThan(0.6);
  expect(Math.abs(fit.radius - 90)).toBeLessThan(0.4);
  expect(fit.residual).toBeCloseTo(1, 1);
  const moved = fitSphere(points.map(([x, y, z]): Point => [x + 500, y - 20, z]));
  expect(moved.centre).toBeAllclose([fit.centre[0] + 500, fit.centre[1] - 20, fit.centre[2]], { atol: 1e-6 });
});

test("refusals: three points, points of a plane", () => {
  const flat: Point[] = [0, 1, 2, 3, 4].map((a) => [Math.cos(a), Math.sin(a), 0]);
  expect(() => fitSphere(flat.slice(0, 3))).toThrow(expect.objectContaining({ code: "too-few-points" }));
  expect(() => fitSphere(flat)).toThrow(expect.objectContaining({ code: "flat-points" }));
});
