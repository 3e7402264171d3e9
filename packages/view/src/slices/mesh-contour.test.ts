import type { Surface } from "@quintet/core";
import { expect, test } from "vitest";
import { meshContourPath } from "./mesh-contour.ts";
import { slicePlane } from "./plane.ts";

/** A tetrahedron: base at z = -10 with corners at (0, 0), (30, 0), (0, 30); top at (0, 0, 20). */
const surface: Surface = {
  space: "subject:T1w",
  vertices: Float32Array.of(0, 0, -10, 30, 0, -10, 0, 30, -10, 0, 0, 20),
  faces: Uint32Array.of(0, 2, 1, 0, 1, 3, 1, 2, 3, 0, 3, 2),
};
const view = { centre: [0, 0, 0] as const, side: 101 };
const points = (path: string): number[][] =>
  path
    .split(/[ML]/)
    .filter(Boolean)
    .map((pair) => pair.split(" ").map(Number));

test("a cut at z = 5 halves every edge to the top: a triangle (0, 0), (15, 0), (0, 15) in RAS", () => {
  const slice = slicePlane("axial", [0, 0, 5], view, { pixel: 1, convention: "NEURO" });
  const path = meshContourPath(slice, surface);
  const ends = points(path).map(([column = 0, row = 0]) => [column - 50, 50 - row]);
  expect(ends).toHaveLength(6);
  const corners = new Set(ends.map((p) => p.join()));
  expect(corners).toEqual(new Set(["0,0", "15,0", "0,15"]));
});

test("radiological: the patient's right is drawn at the viewer's left", () => {
  const slice = slicePlane("axial", [0, 0, 5], view, { pixel: 1, convention: "RAD" });
  const columns = points(meshContourPath(slice, surface)).map(([column = 0]) => column);
  expect(Math.min(...columns)).toBeCloseTo(35, 6);
  expect(Math.max(...columns)).toBeCloseTo(50, 6);
});

test("edges close: every end is met by exactly one other", () => {
  const slice = slicePlane("coronal", [0, 7, 0], view, { pixel: 0.5 });
  const seen = new Map<string, number>();
  for (const p of points(meshContourPath(slice, surface))) seen.set(p.join(), (seen.get(p.join()) ?? 0) + 1);
  expect([...seen.values()].every((n) => n === 2)).toBe(true);
});

test("a cut beside the mesh draws nothing", () => {
  expect(meshContourPath(slicePlane("axial", [0, 0, 30], view, { pixel: 1 }), surface)).toBe("");
});
