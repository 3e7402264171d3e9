import { rigid } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { phantomHead } from "./phantom-head.ts";
import { regionLabel, regions } from "./regions.ts";

const canonical = phantomHead({ seed: 1, variation: 0, resolution: 2.5 });
const person = phantomHead({ seed: 7, resolution: 2.5 });
const millilitres = (map: Float32Array): number => (map.reduce((sum, share) => sum + share, 0) * 2.5 ** 3) / 1000;

describe("phantomHead", () => {
  test("the same seed repeats bit for bit; another seed is another head", () => {
    const [one, again, other] = [7, 7, 8].map((seed) => phantomHead({ seed, resolution: 4 }));
    expect(again?.tissue.data).toEqual(one?.tissue.data);
    expect(again?.fiducials).toEqual(one?.fiducials);
    expect(other?.tissue.data).not.toEqual(one?.tissue.data);
  });

  test("the canonical head does not depend on the seed", () => {
    expect(phantomHead({ seed: 2, variation: 0, resolution: 4 }).tissue.data).toEqual(
      phantomHead({ seed: 1, variation: 0, resolution: 4 }).tissue.data,
    );
  });

  test.each([
    ["canonical", canonical],
    ["person", person],
  ])("%s: brain 1,200-1,600 mL, grey and white of a human share, shares within 0..1", (_, head) => {
    const [grey, white, deep] = [head.fractions.grey, head.fractions.white, head.fractions["deep-grey"]].map(
      millilitres,
    );
    const brain = (grey as number) + (white as number) + (deep as number);
    expect(brain).toBeGreaterThan(1200);
    expect(brain).toBeLessThan(1600);
    expect((grey as number) / brain).toBeGreaterThan(0.42);
    expect((grey as number) / brain).toBeLessThan(0.6);
    expect(deep).toBeGreaterThan(20);
    expect(millilitres(head.fractions.csf)).toBeGreaterThan(150);
    for (let i = 0; i < head.tissue.data.length; i += 97) {
      const sum = Object.values(head.fractions).reduce((total, map) => total + (map[i] as number), 0);
      expect(sum).toBeGreaterThanOrEqual(0);
      expect(sum).toBeLessThan(1 + 1e-5);
    }
  });

  test("left is left: every left region's centre has x < 0 and its right twin mirrors it", () => {
    for (const { name } of regions) {
      const [left, right] = [
        centroid(canonical, regionLabel(name, "left")),
        centroid(canonical, regionLabel(name, "right")),
      ];
      expect(left[0], name).toBeLessThan(-3);
      expect(right[0], name).toBeGreaterThan(3);
      expect(Math.abs(left[0] + right[0]), name).toBeLessThan(1);
      expect(Math.abs(left[1] - right[1]), name).toBeLessThan(1);
    }
  });

  test("regions lie as in a head: frontal before occipital, parietal above temporal", () => {
    const at = (name: string) => centroid(person, regionLabel(name, "left"));
    expect(at("frontal-pole")[1]).toBeGreaterThan(45);
    expect(at("medial-occipital")[1]).toBeLessThan(-60);
    expect(at("superior-parietal")[2]).toBeGreaterThan(at("lateral-temporal")[2] + 40);
    expect(at("precentral")[1]).toBeGreaterThan(at("postcentral")[1]);
    expect(at("insula")[0]).toBeGreaterThan(at("lateral-temporal")[0]);
  });

  test("the map to the canonical head and back is the identity within 0.001 mm", () => {
    for (const p of [
      [0, 0, 0],
      [-55, -20, -10],
      [40, 50, 20],
      [10, -95, 5],
    ] as const) {
      const there = person.toCanonical(p);
      expect(Math.hypot(...there.map((c, k) => c - (p[k] as number)))).toBeLessThan(20);
      expect(person.fromCanonical(there)).toBeAllclose(p, { atol: 1e-3 });
    }
    expect(canonical.toCanonical([12, -34, 5])).toBeAllclose([12, -34, 5], { atol: 1e-12 });
  });

  test("fiducials: Nz in front, Iz behind, LPA left, RPA right, on the skin", () => {
    const at = Object.fromEntries(person.fiducials.sensors.map((s) => [s.name, s.position ?? [0, 0, 0]]));
    expect(at.Nz?.[1]).toBeGreaterThan(75);
    expect(at.Iz?.[1]).toBeLessThan(-95);
    expect(at.LPA?.[0]).toBeLessThan(-60);
    expect(at.RPA?.[0]).toBeGreaterThan(60);
  });

  test("a pose moves the head in its world, not the anatomy", () => {
    const pose = rigid([4, -3, 5], [3, -2, 4]);
    const moved = phantomHead({ seed: 7, resolution: 2.5, pose, space: "scanner:mri" });
    const still = person.fiducials.sensors[0]?.position ?? [0, 0, 0];
    expect(moved.toCanonical(moved.fiducials.sensors[0]?.position ?? [0, 0, 0])).toBeAllclose(
      person.toCanonical(still),
      {
        atol: 1e-6,
      },
    );
    expect(moved.grid.space).toBe("scanner:mri");
    expect(millilitres(moved.fractions.grey) / millilitres(person.fractions.grey)).toBeCloseTo(1, 2);
  });
});

function centroid(head: ReturnType<typeof phantomHead>, label: number): [number, number, number] {
  const [nx, ny] = head.grid.shape;
  const m = head.grid.affine;
  let [n, x, y, z] = [0, 0, 0, 0];
  head.regions.data.forEach((value, at) => {
    if (value !== label) return;
    n++;
    x += at % nx;
    y += Math.floor(at / nx) % ny;
    z += Math.floor(at / (nx * ny));
  });
  const mm = (sum: number, axis: number) => (sum / n) * (m[5 * axis] as number) + (m[4 * axis + 3] as number);
  return [mm(x, 0), mm(y, 1), mm(z, 2)];
}
