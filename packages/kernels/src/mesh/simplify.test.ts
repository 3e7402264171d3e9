import type { Surface } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { isosurface } from "../isosurface/isosurface.ts";
import { EdgeQueue } from "./edge-queue.ts";
import { meshTopology } from "./mesh-topology.ts";
import { simplifyReference } from "./simplify.ref.ts";
import { simplifySurface } from "./simplify.ts";

/** {g > 0} for the gyroid-like wave in a ball: folds, handles and many edges of one length. */
function folded(n = 20): Surface {
  const data = Float32Array.from({ length: n ** 3 }, (_, i) => {
    const [x, y, z] = [i % n, Math.floor(i / n) % n, Math.floor(i / n ** 2)].map((v) => v - (n - 1) / 2) as [
      number,
      number,
      number,
    ];
    const wave =
      Math.sin(x / 2) * Math.cos(y / 2) + Math.sin(y / 2) * Math.cos(z / 2) + Math.sin(z / 2) * Math.cos(x / 2);
    return Math.min(wave + 0.4, n / 2 - 1.5 - Math.hypot(x, y, z));
  });
  const affine = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
  return isosurface(data, { shape: [n, n, n], affine, space: "made" }, 0);
}

test("an octahedron's longest way down is a tetrahedron", () => {
  const octahedron: Surface = {
    space: "made",
    vertices: Float32Array.of(1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1),
    faces: Uint32Array.of(0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5),
  };
  // The first edge by length (all equal) and ends is 0-2: it goes to (1/2, 1/2, 0), and no face turns by 60 degrees.
  const five = simplifySurface(octahedron, 5);
  expect(five.vertices.length / 3).toBe(5);
  expect([...five.vertices.subarray(0, 3)]).toEqual([0.5, 0.5, 0]);
  expect(meshTopology(five)).toMatchObject({ faces: 6, euler: 2, open: 0, turned: 0 });
});

describe("a folded surface with handles", () => {
  const whole = folded();
  test.each([2000, 700])("down to %i vertices, collapse for collapse as the reference", (target) => {
    const [mine, reference] = [simplifySurface(whole, target), simplifyReference(whole, target)];
    expect(mine.vertices).toEqual(reference.vertices);
    expect(mine.faces).toEqual(reference.faces);
    expect(mine.vertices.length / 3).toBe(target);
  });
  test("the topology stays what it was", () => {
    const [before, after] = [meshTopology(whole), meshTopology(simplifySurface(whole, 900))];
    expect(before.genus).toBeGreaterThan(1);
    expect(after).toMatchObject({
      euler: before.euler,
      parts: before.parts,
      open: 0,
      branched: 0,
      turned: 0,
      loose: 0,
    });
  });
});

test("fewer than four vertices are no closed surface", () => {
  expect(() => simplifySurface(folded(10), 3)).toThrow(expect.objectContaining({ code: "bad-count" }));
});

test("the queue gives edges by length, then lower end, then higher end, however they came", () => {
  const queue = new EdgeQueue(1, 0.01);
  const edges = Array.from({ length: 500 }, (_, i) => [((i * 37) % 101) / 50, (i * 7) % 13, (i * 11) % 17] as const);
  for (const edge of edges.slice(0, 400)) queue.push(...edge);
  const out: (readonly [number, number, number])[] = [];
  const take = (): boolean => {
    const some = queue.pop();
    if (some) out.push([queue.key, queue.a, queue.b]);
    return some;
  };
  for (let i = 0; i < 100; i++) take();
  // Late comers that are shorter than what was taken come next.
  for (const edge of edges.slice(400)) queue.push(...edge);
  const taken = out.splice(0);
  while (take());
  const order = (p: readonly number[], q: readonly number[]): number =>
    (p[0] as number) - (q[0] as number) || (p[1] as number) - (q[1] as number) || (p[2] as number) - (q[2] as number);
  expect(taken).toEqual(edges.slice(0, 400).sort(order).slice(0, 100));
  expect(out).toEqual([...edges.slice(0, 400).sort(order).slice(100), ...edges.slice(400)].sort(order));
  expect(queue.pop()).toBe(false);
});
