import type { Surface } from "@quintet/core";
import { expect, test } from "vitest";
import { icosphere } from "../../../modalities/src/mri/quantify/sphere.ts";
import { selfIntersections } from "./intersections.ts";
import { meshTopology } from "./mesh-topology.ts";
import { untangleSurface } from "./untangle.ts";

function sphere(radius: number, subdivisions = 4): Surface {
  const { vertices, faces } = icosphere(subdivisions);
  return { space: "made", vertices: Float32Array.from(vertices, (x) => x * radius), faces: Uint32Array.from(faces) };
}

/** A vertex drawn inwards and aside, so that the faces around it cut their neighbours. */
function knotted(): Surface {
  const whole = sphere(30);
  const vertices = whole.vertices.slice();
  for (const v of [100, 1200]) {
    const at = [0, 1, 2].map((k) => vertices[3 * v + k] as number);
    // Four millimetres along a tangent: past the next ring.
    const aside = [at[1] as number, -(at[0] as number), 0];
    const length = Math.hypot(...aside);
    for (let k = 0; k < 3; k++) vertices[3 * v + k] = 0.995 * (at[k] as number) + (4 * (aside[k] as number)) / length;
  }
  return { ...whole, vertices };
}

test("a sphere without faces that meet comes back as it is", () => {
  const whole = sphere(30, 3);
  const { surface, ...told } = untangleSurface(whole);
  expect(told).toEqual({ before: 0, after: 0, moved: 0, farthest: 0 });
  expect(surface.vertices).toEqual(whole.vertices);
});

test("two knots are undone where they are, and the rest stays", () => {
  const mesh = knotted();
  const { surface, before, after, moved, farthest } = untangleSurface(mesh);
  expect(before).toBe(selfIntersections(mesh).length);
  expect(before).toBeGreaterThan(4);
  expect(after).toBe(0);
  expect(selfIntersections(surface)).toEqual([]);
  expect(moved).toBeLessThan(100);
  expect(farthest).toBeLessThanOrEqual(3);
  expect(surface.faces).toBe(mesh.faces);
  expect(meshTopology(surface)).toMatchObject({ euler: 2, open: 0 });
});

test("a knot that no way within 3 mm undoes is counted and left as it was", () => {
  const whole = sphere(30, 3);
  const vertices = whole.vertices.slice();
  // One vertex far out through the other side.
  for (let k = 0; k < 3; k++) vertices[k] = -1.5 * (vertices[k] as number);
  const { after, before } = untangleSurface({ ...whole, vertices });
  expect(before).toBeGreaterThan(0);
  expect(after).toBeGreaterThan(0);
  expect(after).toBeLessThanOrEqual(before);
});

test("faces that meet are found among some faces as among all", () => {
  const mesh = knotted();
  const all = selfIntersections(mesh);
  const knots = new Set(all.flat());
  const sorted = (pairs: readonly (readonly [number, number])[]): string[] =>
    pairs.map(([f, g]) => `${Math.min(f, g)} ${Math.max(f, g)}`).sort();
  expect(sorted(selfIntersections(mesh, knots))).toEqual(sorted(all));
  const [first] = all as [readonly [number, number]];
  const own = all.filter((pair) => pair.includes(first[1]));
  expect(sorted(selfIntersections(mesh, [first[1]]))).toEqual(sorted(own));
  expect(selfIntersections(mesh, [])).toEqual([]);
});

test("a mesh without faces is refused", () => {
  const none: Surface = { space: "made", vertices: new Float32Array(0), faces: new Uint32Array(0) };
  expect(() => untangleSurface(none)).toThrow(expect.objectContaining({ code: "empty-region" }));
});
