import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { connectedComponents, largestComponent } from "./components.ts";

describe("connectedComponents", () => {
  // Row 0: two voxels joined by a face; (2,1) touches them by an edge; (3,2,1) touches (2,1,0) by a corner.
  const shape = [4, 3, 2] as const;
  const mask = new Uint8Array(24);
  for (const [x, y, z] of [
    [0, 0, 0],
    [1, 0, 0],
    [2, 1, 0],
    [3, 2, 1],
  ] as const)
    mask[x + 4 * (y + 3 * z)] = 9;

  test.each([
    [6, [2, 1, 1]],
    [18, [3, 1]],
    [26, [4]],
  ] as const)("connectivity %d joins as it says", (connectivity, sizes) => {
    expect(connectedComponents(mask, shape, connectivity).sizes).toEqual(sizes);
  });

  test("labels fall by size and mark exactly the mask", () => {
    const { labels, sizes } = connectedComponents(mask, shape, 18);
    expect([...labels].filter((label) => label === 1).length).toBe(sizes[0]);
    expect([...labels].map((label) => (label > 0 ? 9 : 0))).toEqual([...mask]);
  });

  test("rows do not wrap round", () => {
    const two = Uint8Array.of(0, 0, 1, 1, 0, 0);
    expect(connectedComponents(two, [3, 2, 1], 6).sizes).toEqual([1, 1]);
    expect(connectedComponents(two, [3, 1, 2], 26).sizes).toEqual([1, 1]);
  });

  test("nothing in, nothing out; everything in, one component", () => {
    expect(connectedComponents(new Uint8Array(8), [2, 2, 2]).sizes).toEqual([]);
    expect(connectedComponents(new Uint8Array(8).fill(1), [2, 2, 2], 6).sizes).toEqual([8]);
  });

  test("sizes sum to the mask, and mirroring changes no size", () => {
    const random = seededRandom(4);
    const some = Uint8Array.from({ length: 12 * 11 * 10 }, () => (random.uniform() < 0.25 ? 1 : 0));
    const { sizes } = connectedComponents(some, [12, 11, 10], 6);
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(some.reduce((a, b) => a + b, 0));
    expect(connectedComponents(some.slice().reverse(), [12, 11, 10], 6).sizes).toEqual(sizes);
  });

  test.each([6, 18, 26] as const)("equal to a flood from voxel to voxel, connectivity %d", (connectivity) => {
    const random = seededRandom(5);
    for (const share of [0.1, 0.3, 0.6]) {
      const some = Uint8Array.from({ length: 13 * 9 * 8 }, () => (random.uniform() < share ? 1 : 0));
      expect(connectedComponents(some, [13, 9, 8], connectivity)).toEqual(flooded(some, [13, 9, 8], connectivity));
    }
  });

  test("the largest alone; refuses a mask that does not fill its shape", () => {
    expect(largestComponent(mask, shape, 6).reduce((a, b) => a + b, 0)).toBe(2);
    expect(() => connectedComponents(mask, [2, 2, 2])).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
  });
});

/** The definition: every voxel joined to those around it, seeds in memory order. */
function flooded(
  mask: Uint8Array,
  [nx, ny, nz]: readonly [number, number, number],
  connectivity: 6 | 18 | 26,
): { labels: Int32Array; sizes: number[] } {
  const most = { 6: 1, 18: 2, 26: 3 }[connectivity];
  const found: number[][] = [];
  const seen = new Uint8Array(mask.length);
  for (let seed = 0; seed < mask.length; seed++) {
    if (mask[seed] === 0 || seen[seed] === 1) continue;
    const members = [seed];
    seen[seed] = 1;
    for (const at of members) {
      const [x, y, z] = [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))];
      for (let w = Math.max(0, z - 1); w <= Math.min(nz - 1, z + 1); w++)
        for (let v = Math.max(0, y - 1); v <= Math.min(ny - 1, y + 1); v++)
          for (let u = Math.max(0, x - 1); u <= Math.min(nx - 1, x + 1); u++) {
            const next = u + nx * (v + ny * w);
            if (Math.abs(u - x) + Math.abs(v - y) + Math.abs(w - z) > most) continue;
            if (mask[next] === 0 || seen[next] === 1) continue;
            seen[next] = 1;
            members.push(next);
          }
    }
    found.push(members);
  }
  found.sort((a, b) => b.length - a.length);
  const labels = new Int32Array(mask.length);
  for (const [k, members] of found.entries()) for (const at of members) labels[at] = k + 1;
  return { labels, sizes: found.map(({ length }) => length) };
}
