import type { Surface } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { icosphere } from "../../../modalities/src/mri/quantify/sphere.ts";
import { selfIntersections, surfaceIntersections } from "./intersections.ts";
import { isSphere, meshTopology } from "./mesh-topology.ts";
import { isInside, nestedDistance } from "./nested-distance.ts";
import { nearestOnSurface, surfaceAgreement } from "./surface-distance.ts";

function sphere(radius: number, subdivisions = 3, centre: readonly number[] = [0, 0, 0]): Surface {
  const { vertices, faces } = icosphere(subdivisions);
  return {
    space: "made",
    vertices: Float32Array.from(vertices, (x, i) => x * radius + (centre[i % 3] as number)),
    faces: Uint32Array.from(faces),
  };
}

/** A torus: a ring of radius 30 whose tube has radius 10. */
function torus(around = 24, across = 12): Surface {
  const vertices: number[] = [];
  const faces: number[] = [];
  for (let i = 0; i < around; i++)
    for (let j = 0; j < across; j++) {
      const [u, v] = [(2 * Math.PI * i) / around, (2 * Math.PI * j) / across];
      vertices.push((30 + 10 * Math.cos(v)) * Math.cos(u), (30 + 10 * Math.cos(v)) * Math.sin(u), 10 * Math.sin(v));
      const at = (a: number, b: number): number => (a % around) * across + (b % across);
      faces.push(at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j), at(i + 1, j + 1), at(i, j + 1));
    }
  return { space: "made", vertices: Float32Array.from(vertices), faces: Uint32Array.from(faces) };
}

describe("topology", () => {
  test("a sphere of 642 vertices: V - E + F = 2, its area and volume those of the ball less the facets", () => {
    const found = meshTopology(sphere(50));
    expect(found).toMatchObject({ vertices: 642, faces: 1280, edges: 1920, euler: 2, genus: 0, parts: 1, open: 0 });
    expect(isSphere(found)).toBe(true);
    // An inscribed polyhedron of n equal faces lacks about 2 pi / n sqrt(3) of the area: 0.3 % of 1280 faces, twice that of the volume.
    expect(found.area / (4 * Math.PI * 25)).toBeGreaterThan(0.994);
    expect(found.volume / ((4 / 3) * Math.PI * 125)).toBeGreaterThan(0.988);
    expect(found.volume / ((4 / 3) * Math.PI * 125)).toBeLessThan(1);
  });
  test("facets shrink with their size squared: four times as many, a quarter of the error", () => {
    const error = (n: number): number => 1 - meshTopology(sphere(50, n)).volume / ((4 / 3) * Math.PI * 125);
    expect(error(3) / error(4)).toBeCloseTo(4, 1);
  });
  test("a torus has one handle; two spheres are two parts", () => {
    expect(meshTopology(torus())).toMatchObject({ euler: 0, genus: 1, parts: 1, open: 0, turned: 0 });
    const [a, b] = [sphere(10, 1), sphere(10, 1, [40, 0, 0])];
    const both = {
      space: "made",
      vertices: Float32Array.of(...a.vertices, ...b.vertices),
      faces: Uint32Array.of(...a.faces, ...b.faces.map((v) => v + 42)),
    };
    expect(meshTopology(both)).toMatchObject({ euler: 4, genus: 0, parts: 2 });
  });
  test("a hole, a turned face, an inside-out mesh and a loose vertex are told", () => {
    const whole = sphere(10, 1);
    const holed = meshTopology({ ...whole, faces: whole.faces.slice(3) });
    expect(holed).toMatchObject({ open: 3, euler: 1 });
    const turned = whole.faces.slice();
    [turned[1], turned[2]] = [turned[2] as number, turned[1] as number];
    expect(meshTopology({ ...whole, faces: turned }).turned).toBe(3);
    expect(isSphere(meshTopology({ ...whole, faces: whole.faces.slice().reverse() }))).toBe(false);
    expect(meshTopology({ ...whole, vertices: Float32Array.of(...whole.vertices, 0, 0, 0) }).loose).toBe(1);
  });
});

describe("self-intersection", () => {
  test("a sphere and a torus have none", () => {
    expect(selfIntersections(sphere(50))).toEqual([]);
    expect(selfIntersections(torus())).toEqual([]);
  });
  test("a vertex pushed out through the far side is caught", () => {
    const mesh = sphere(50);
    const vertices = mesh.vertices.slice();
    for (let k = 0; k < 3; k++) vertices[k] = -1.5 * (vertices[k] as number);
    const pairs = selfIntersections({ ...mesh, vertices });
    expect(pairs.length).toBeGreaterThan(0);
    // Every pair holds a face of the moved vertex.
    const moved = new Set([...mesh.faces.keys()].filter((i) => mesh.faces[i] === 0).map((i) => Math.floor(i / 3)));
    expect(pairs.every(([f, g]) => moved.has(f) || moved.has(g))).toBe(true);
  });
  test("two faces folded onto each other over their edge are caught, also when only nearly", () => {
    const fold = (z: number): Surface => ({
      space: "made",
      vertices: Float32Array.of(0, 0, 0, 1, 0, 0, 0.3, 1, 0, 0.6, 0.9, z),
      faces: Uint32Array.of(0, 1, 2, 1, 0, 3),
    });
    expect(selfIntersections(fold(0))).toHaveLength(1);
    expect(selfIntersections(fold(1e-3))).toHaveLength(0);
    const flat: Surface = { ...fold(0), vertices: Float32Array.of(0, 0, 0, 1, 0, 0, 0.3, 1, 0, 0.6, -0.9, 0) };
    expect(selfIntersections(flat)).toHaveLength(0);
  });
  test("faces that share one corner and cut elsewhere are caught", () => {
    const cut: Surface = {
      space: "made",
      vertices: Float32Array.of(0, 0, 0, 2, 0, 0, 0, 2, 0, 0.5, 0.5, -1, 0.6, 0.6, 1),
      faces: Uint32Array.of(0, 1, 2, 0, 3, 4),
    };
    expect(selfIntersections(cut)).toHaveLength(1);
  });
  test("touching counts: a corner that lies in another face, and faces in one plane", () => {
    const base = [0, 0, 0, 2, 0, 0, 0, 2, 0];
    const with3 = (more: readonly number[]): Surface => ({
      space: "made",
      vertices: Float32Array.of(...base, ...more),
      faces: Uint32Array.of(0, 1, 2, 3, 4, 5),
    });
    expect(selfIntersections(with3([0.5, 0.5, 0, 0.5, 0.6, 1, 0.7, 0.5, 1]))).toHaveLength(1);
    expect(selfIntersections(with3([0.2, 0.2, 0, 0.6, 0.2, 0, 0.2, 0.6, 0]))).toHaveLength(1);
    expect(selfIntersections(with3([0.5, 0.5, 1e-5, 0.5, 0.6, 1, 0.7, 0.5, 1]))).toHaveLength(0);
    expect(selfIntersections(with3([3, 3, 0, 4, 3, 0, 3, 4, 0]))).toHaveLength(0);
  });
});

describe("distances", () => {
  test("the nearest point of all triangles, against the plain search over every one", () => {
    const mesh = sphere(50, 2, [3, -4, 5]);
    const nearest = nearestOnSurface(mesh);
    for (let i = 0; i < 12; i++) {
      const point = [((i * 37) % 160) - 80, ((i * 53) % 160) - 80, ((i * 71) % 160) - 80] as const;
      const each = Array.from(
        { length: mesh.faces.length / 3 },
        (_, f) => nearestOnSurface({ ...mesh, faces: mesh.faces.slice(3 * f, 3 * f + 3) })(point).distance,
      );
      expect(nearest(point).distance).toBeCloseTo(Math.min(...each), 9);
    }
  });
  test("spheres of 40 and 50 mm lie 10 mm apart and nest; moved by 12 mm they meet", () => {
    const outer = sphere(50, 4);
    const { nested, least, contacts } = nestedDistance(sphere(40, 4), outer);
    expect([nested, contacts]).toEqual([true, 0]);
    // Facets of 2562 vertices sink below the ball by up to a^2 / 8r = 0.03 mm.
    expect(least).toBeGreaterThan(9.93);
    expect(least).toBeLessThanOrEqual(10);
    expect(surfaceAgreement(sphere(40, 4), outer).median).toBeCloseTo(10, 1);
    const moved = nestedDistance(sphere(40, 4, [12, 0, 0]), outer);
    expect(moved.nested).toBe(false);
    expect(moved.contacts).toBe(surfaceIntersections(sphere(40, 4, [12, 0, 0]), outer).length);
    expect(moved.contacts).toBeGreaterThan(10);
    expect(nestedDistance(outer, sphere(40, 4)).nested).toBe(false);
  });
  test("inside and outside of a torus", () => {
    expect(isInside([30, 0, 0], torus())).toBe(true);
    expect(isInside([0, 0, 0], torus())).toBe(false);
    expect(isInside([30, 0, 11], torus())).toBe(false);
  });
});

test("a mesh without faces, or with NaN, is refused", () => {
  const none: Surface = { space: "made", vertices: new Float32Array(0), faces: new Uint32Array(0) };
  expect(() => selfIntersections(none)).toThrow(expect.objectContaining({ code: "empty-region" }));
  const lost = { ...sphere(1, 1), vertices: new Float32Array(126).fill(Number.NaN) };
  expect(() => nearestOnSurface(lost)).toThrow(expect.objectContaining({ code: "not-finite" }));
});
