import { expect, test } from "vitest";
import { planeSegments } from "./plane-segments.ts";
import type { PlaneView } from "./plane-view.ts";

const view: PlaneView = {
  plane: "axial",
  convention: "NEURO",
  noseLeft: true,
  centre: [0, 0, 0],
  at: 1,
  scale: 2,
  width: 100,
  height: 80,
};
const triangle = {
  vertices: Float32Array.of(0, 0, 0, 8, 0, 4, 0, 8, 2),
  faces: Uint32Array.of(0, 1, 2),
};

test("one triangle through the cut, by hand", () => {
  // The edges from (0, 0, 0) reach z = 1 at a quarter of the way to (8, 0, 4) and half way to (0, 8, 2):
  // (2, 0) and (0, 4) mm, at 2 mm per pixel from the middle (50, 40), y upwards.
  expect([...planeSegments(view, triangle)]).toEqual([51, 40, 50, 38]);
});

test("the other turn of the faces and the radiological side give the same line, mirrored", () => {
  const turned = { ...triangle, faces: Uint32Array.of(0, 2, 1) };
  expect([...planeSegments(view, turned)]).toEqual([50, 38, 51, 40]);
  expect([...planeSegments({ ...view, convention: "RAD" }, triangle)]).toEqual([49, 40, 50, 38]);
});

test("a closed surface gives closed lines: every end is met twice", () => {
  // An octahedron of radius 10.
  const vertices = Float32Array.of(10, 0, 0, -10, 0, 0, 0, 10, 0, 0, -10, 0, 0, 0, 10, 0, 0, -10);
  const faces = Uint32Array.of(0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5);
  const flat = planeSegments({ ...view, at: 3 }, { vertices, faces });
  const met = new Map<string, number>();
  for (let i = 0; i < flat.length; i += 2) {
    const key = `${(flat[i] as number).toFixed(3)} ${(flat[i + 1] as number).toFixed(3)}`;
    met.set(key, (met.get(key) ?? 0) + 1);
  }
  expect(flat.length).toBe(16);
  expect([...met.values()]).toEqual([2, 2, 2, 2]);
});

test("a surface beside the cut gives nothing", () => {
  expect(planeSegments({ ...view, at: 5 }, triangle).length).toBe(0);
});
