import type { Point, Surface } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { icosphere } from "../../mri/quantify/sphere.ts";
import { cortexSources, overCortex } from "./cortex-sources.ts";

const mesh = icosphere(4);
const ball: Surface = {
  space: "head",
  vertices: Float32Array.from(mesh.vertices, (v) => 60 * v),
  faces: Uint32Array.from(mesh.faces),
};
const outwards = Float32Array.from(mesh.vertices);

describe("cortexSources", () => {
  const found = cortexSources(ball, outwards, { spacing: 12 });
  test("no two sources are nearer than asked for, and every vertex has one that near", () => {
    const apart = (p: Point, q: Point): number => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
    for (const [i, p] of found.places.entries())
      for (const q of found.places.slice(0, i)) expect(apart(p, q)).toBeGreaterThanOrEqual(12);
    for (let v = 0; v < ball.vertices.length; v += 3) {
      const p: Point = [ball.vertices[v], ball.vertices[v + 1], ball.vertices[v + 2]];
      expect(Math.min(...found.places.map((q) => apart(p, q)))).toBeLessThan(12);
    }
  });
  test("the banks of a sulcus are two places, however near", () => {
    const banks: Surface = {
      space: "head",
      vertices: Float32Array.of(0, 0, 0, 1, 0, 0, 1, 1, 0),
      faces: Uint32Array.of(0, 1, 2),
    };
    expect([...cortexSources(banks, Float32Array.of(-1, 0, 0, 1, 0, 0, 1, 0, 0)).vertices]).toEqual([0, 1]);
  });
  test("places outside the model are left out", () => {
    const upper = cortexSources(ball, outwards, { spacing: 12, inside: ([, , z]) => z > 0 });
    expect(Math.min(...upper.places.map(([, , z]) => z))).toBeGreaterThan(0);
  });
  test("overCortex keeps a constant, and orders what it spreads", () => {
    expect(
      overCortex(
        found,
        found.places.map(() => 3),
      ),
    ).toBeAllclose(new Float32Array(ball.vertices.length / 3).fill(3), {
      rtol: 1e-6,
    });
    const height = overCortex(
      found,
      found.places.map(([, , z]) => z),
    );
    // A source's own place is blurred over the spacing: within it.
    expect(height.every((value, v) => Math.abs(value - ball.vertices[3 * v + 2]) < 12)).toBe(true);
  });
  test("a part without a source stays unknown", () => {
    const two: Surface = {
      space: "head",
      vertices: Float32Array.of(0, 0, 0, 9, 0, 0, 0, 9, 0, 90, 0, 0, 99, 0, 0, 90, 9, 0),
      faces: Uint32Array.of(0, 1, 2, 3, 4, 5),
    };
    const up = Float32Array.from({ length: 18 }, (_, i) => (i % 3 === 2 ? 1 : 0));
    const one = cortexSources(two, up, { inside: ([x]) => x < 50 });
    const out = overCortex(
      one,
      one.places.map(() => 1),
    );
    expect([...out].map(Number.isNaN)).toEqual([false, false, false, true, true, true]);
  });
});

test.each<[string, () => unknown]>([
  ["shape-mismatch", () => cortexSources(ball, outwards.subarray(3))],
  ["not-positive", () => cortexSources(ball, outwards, { spacing: 0 })],
  ["empty-region", () => cortexSources(ball, outwards, { inside: () => false })],
  ["shape-mismatch", () => overCortex(cortexSources(ball, outwards), [1])],
])("refusals: %s", (code, act) => {
  expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
});
