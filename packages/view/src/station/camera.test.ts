import { expect, test } from "vitest";
import type { Camera } from "./camera.ts";
import { cameraAxes, cameraMatrix, dot, project, sightLine } from "./camera.ts";

const camera = (yaw: number, pitch: number): Camera => ({
  target: [1, 2, 3],
  yaw,
  pitch,
  scale: 0.5,
  width: 400,
  height: 300,
});

test.each([
  ["from the front the patient's left is on the right", 0, 0, [-1, 2, 3], 204, 150],
  ["from the front up is up", 0, 0, [1, 2, 8], 200, 140],
  ["from the patient's left the nose is on the left", 90, 0, [1, 12, 3], 180, 150],
  ["from behind the patient's right is on the right", 180, 0, [11, 2, 3], 220, 150],
  ["from above, tilted over from the front, the nose points down", 0, 90, [1, 12, 3], 200, 170],
] as const)("%s", (_, yaw, pitch, point, x, y) => {
  const at = project(camera(yaw, pitch), point);
  expect(at.x).toBeCloseTo(x, 9);
  expect(at.y).toBeCloseTo(y, 9);
});

test("the axes are orthonormal and right-handed whichever way the eye looks", () => {
  for (const [yaw, pitch] of [
    [33, 20],
    [-140, 71],
    [250, -89],
  ] as const) {
    const { right, up, toward } = cameraAxes({ yaw, pitch });
    for (const axis of [right, up, toward]) expect(dot(axis, axis)).toBeCloseTo(1, 12);
    const cross = [
      right[1] * up[2] - right[2] * up[1],
      right[2] * up[0] - right[0] * up[2],
      right[0] * up[1] - right[1] * up[0],
    ] as const;
    expect(dot(cross, toward)).toBeCloseTo(1, 12);
  }
});

test("the matrix of the graphics says the same as the projection", () => {
  const c = camera(33, 20);
  const m = cameraMatrix(c);
  const p = [40, -30, 20] as const;
  const clip = [0, 1, 2].map((row) => [...p, 1].reduce((sum, v, k) => sum + v * (m[4 * k + row] as number), 0));
  const { x, y, depth } = project(c, p);
  // The matrix is in 32-bit floats.
  expect(clip[0]).toBeCloseTo((2 * x) / c.width - 1, 5);
  expect(clip[1]).toBeCloseTo(1 - (2 * y) / c.height, 5);
  expect(clip[2]).toBeCloseTo(-depth / 400, 5);
});

test("a line of sight passes through what is seen under its pixel", () => {
  const c = camera(33, 20);
  const p = [40, -30, 20] as const;
  const { x, y, depth } = project(c, p);
  const { origin, direction } = sightLine(c, x, y);
  const t = 1000 - depth;
  for (const k of [0, 1, 2] as const) expect(origin[k] + t * direction[k]).toBeCloseTo(p[k], 9);
});
