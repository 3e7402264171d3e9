import type { Grid, Surface } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { isosurfaceReference } from "./isosurface.ref.ts";
import { isosurface } from "./isosurface.ts";

const unit: Grid["affine"] = Float64Array.of(1, 0, 0, -12, 0, 1, 0, -12, 0, 0, 1, -12, 0, 0, 0, 1);

function sphere(radius: number, shape: Grid["shape"], affine: Grid["affine"]): Float32Array {
  return Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => {
    const [x, y, z] = [i % shape[0], Math.floor(i / shape[0]) % shape[1], Math.floor(i / (shape[0] * shape[1]))];
    const at = [0, 4, 8].map((r) => affine[r]! * x + affine[r + 1]! * y + affine[r + 2]! * z + affine[r + 3]!);
    return radius - Math.hypot(...at);
  });
}

/** Area, enclosed volume, whether each directed edge has exactly one partner, and V - E + F. */
function measure({ vertices, faces }: Surface): { area: number; volume: number; closed: boolean; euler: number } {
  const corner = (i: number): number[] => [0, 1, 2].map((k) => vertices[faces[i]! * 3 + k]!);
  const edges = new Set<string>();
  let [area, volume, twice] = [0, 0, 0];
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [corner(f), corner(f + 1), corner(f + 2)] as [number[], number[], number[]];
    const [u, v] = [b.map((x, k) => x - a[k]!), c.map((x, k) => x - a[k]!)] as [number[], number[]];
    const n = [u[1]! * v[2]! - u[2]! * v[1]!, u[2]! * v[0]! - u[0]! * v[2]!, u[0]! * v[1]! - u[1]! * v[0]!];
    area += Math.hypot(...n) / 2;
    volume += n.reduce((sum, x, k) => sum + x * a[k]!, 0) / 6;
    for (let k = 0; k < 3; k++) {
      const edge = `${faces[f + k]} ${faces[f + ((k + 1) % 3)]}`;
      if (edges.has(edge)) twice++;
      edges.add(edge);
    }
  }
  const closed = twice === 0 && [...edges].every((edge) => edges.has(edge.split(" ").reverse().join(" ")));
  return { area, volume, closed, euler: vertices.length / 3 - edges.size / 2 + faces.length / 3 };
}

describe("isosurface", () => {
  test("a sphere of 9 mm: area 4 pi r^2 and volume 4/3 pi r^3 within 1 %, closed, Euler number 2, outward", () => {
    const surface = isosurface(sphere(9, [25, 25, 25], unit), { shape: [25, 25, 25], affine: unit, space: "s" }, 0);
    const { area, volume, closed, euler } = measure(surface);
    // a chord of sqrt(3) mm (the longest edge of a cell's tetrahedra) lies 3 / (8 * 9) = 0.04 mm inside: 0.5 % of r
    expect(Math.abs(area / (4 * Math.PI * 81) - 1)).toBeLessThan(0.01);
    expect(Math.abs(volume / ((4 / 3) * Math.PI * 729) - 1)).toBeLessThan(0.01);
    expect([closed, euler]).toEqual([true, 2]);
    for (let i = 0; i < surface.vertices.length; i += 3) {
      expect(Math.abs(Math.hypot(...surface.vertices.subarray(i, i + 3)) - 9)).toBeLessThan(0.06);
    }
  });

  test("a left-handed, stretched grid gives the same sphere, still outward", () => {
    const affine = Float64Array.of(-1.2, 0, 0, 12, 0, 0, 1.5, -12, 0, 0.9, 0.1, -12, 0, 0, 0, 1);
    const shape = [21, 27, 17] as const;
    const { volume, closed, euler } = measure(isosurface(sphere(8, shape, affine), { shape, affine, space: "s" }, 0));
    expect(volume / ((4 / 3) * Math.PI * 512)).toBeCloseTo(1, 1);
    expect([closed, euler, volume > 0]).toEqual([true, 2, true]);
  });

  test("one voxel at the rim and plain noise give closed surfaces too", () => {
    const one = measure(isosurface(Float32Array.of(1), { shape: [1, 1, 1], affine: unit, space: "s" }, 0.5));
    expect([one.closed, one.euler]).toEqual([true, 2]);
    const random = seededRandom(8);
    const noise = Float32Array.from({ length: 512 }, () => random.uniform());
    expect(measure(isosurface(noise, { shape: [8, 8, 8], affine: unit, space: "s" }, 0.6)).closed).toBe(true);
  });

  test.each([
    ["right-handed", unit],
    ["left-handed", Float64Array.of(-1.2, 0, 0, 12, 0, 0, 1.5, -12, 0, 0.9, 0.1, -12, 0, 0, 0, 1)],
  ])("the reference's vertices and faces to the bit, all 256 cubes: %s", (_, affine) => {
    const random = seededRandom(9);
    const shape = [19, 14, 11] as const;
    const noise = Float32Array.from({ length: 19 * 14 * 11 }, () => random.uniform());
    noise[100] = Number.NaN;
    for (const level of [0.1, 0.5, 0.9]) {
      const grid = { shape, affine, space: "s" };
      const [fast, slow] = [isosurface(noise, grid, level), isosurfaceReference(noise, grid, level)];
      expect(fast.vertices).toEqual(slow.vertices);
      expect(fast.faces).toEqual(slow.faces);
    }
  });

  test("a level that is not crossed gives no faces", () => {
    expect(isosurface(new Float32Array(8), { shape: [2, 2, 2], affine: unit, space: "s" }, 1).faces.length).toBe(0);
  });

  test.each([
    ["shape-mismatch", 7, 0],
    ["not-finite", 8, Number.NaN],
  ])("refuses: %s", (code, n, level) => {
    expect(() => isosurface(new Float32Array(n), { shape: [2, 2, 2], affine: unit, space: "s" }, level)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
