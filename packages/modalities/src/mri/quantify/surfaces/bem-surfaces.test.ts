import { readFileSync } from "node:fs";
import { affineOf, type LabelVolume, type Surface } from "@quintet/core";
import { readFreeSurferSurface, readMgh } from "@quintet/io";
import { isosurface, nestedDistance, surfaceAgreement, vertexDistances } from "@quintet/kernels";
import { phantomHead } from "@quintet/twin";
import { describe, expect, test } from "vitest";
import { describeRealData } from "../../../../../../testing/real-data.ts";
import { brainMask } from "../brain-mask.ts";
import { headTissueNames, headTissues } from "../head-tissue/head-tissues.ts";
import { type BemSurfaces, bemSurfaces } from "./bem-surfaces.ts";

/** Balls around one centre on voxels of 3 mm: white matter to `inner`, skull to `outer`, scalp to `skin` mm. */
function balls(inner: number, outer: number, skin: number): LabelVolume {
  const n = 64;
  const data = new Uint8Array(n ** 3);
  for (let i = 0; i < data.length; i++) {
    const r = 3 * Math.hypot((i % n) - 31.5, (Math.floor(i / n) % n) - 31.5, Math.floor(i / n ** 2) - 31.5);
    data[i] = r <= inner ? headTissues.white : r <= outer ? headTissues.skull : r <= skin ? headTissues.scalp : 0;
  }
  const affine = affineOf([-3, 0, 0, 100, 0, 3, 0, -90, 0, 0, 3, -80]);
  return { shape: [n, n, n], affine, space: "subject:T1w", data, names: headTissueNames };
}
const radii = ({ vertices }: Surface): number[] => {
  const centre = [100 - 94.5, -90 + 94.5, -80 + 94.5];
  return Array.from({ length: vertices.length / 3 }, (_, v) =>
    Math.hypot(...centre.map((c, k) => (vertices[3 * v + k] as number) - c)),
  );
};
const sound = ({ qc }: BemSurfaces): boolean => qc.every(({ verdict }) => verdict !== "bad");
const finding = ({ qc }: BemSurfaces, name: string): number => qc.find((f) => f.name === name)?.value as number;

describe("balls of 60, 68 and 75 mm", () => {
  const found = bemSurfaces(balls(60, 68, 75), { vertices: 642 });
  test.each([
    ["innerSkull", 60],
    ["outerSkull", 68],
    ["scalp", 75],
  ] as const)("%s lies at %d mm within a third of a voxel", (name, radius) => {
    const all = radii(found[name]);
    expect(found[name].vertices.length).toBe(3 * 642);
    // Voxels of 3 mm; smoothing a distance over 2 mm flattens a ball by about s^2 / r = 0.06 mm.
    expect(all.reduce((sum, r) => sum + r, 0) / all.length).toBeCloseTo(radius, 0);
    for (const r of all) expect(Math.abs(r - radius)).toBeLessThan(1);
  });
  test("closed, nested, nowhere cut; nothing had to move", () => {
    expect(sound(found)).toBe(true);
    expect(finding(found, "scalp-self-intersections")).toBe(0);
    expect(finding(found, "skull-least-thickness")).toBeGreaterThan(6.5);
    expect(finding(found, "outer-skull-moved")).toBe(0);
    expect(found.innerSkull.space).toBe("subject:T1w");
  });
});

test("a skull of no thickness and a scalp below it are lifted to their gaps, and not by much more", () => {
  const found = bemSurfaces(balls(60, 60, 60), { vertices: 642, gaps: [4, 3] });
  expect(sound(found)).toBe(true);
  const [skull, scalp] = [
    nestedDistance(found.innerSkull, found.outerSkull),
    nestedDistance(found.outerSkull, found.scalp),
  ];
  expect(skull.nested && scalp.nested).toBe(true);
  expect(skull.least).toBeGreaterThanOrEqual(4 - 2e-3);
  expect(scalp.least).toBeGreaterThanOrEqual(3 - 2e-3);
  expect(skull.least).toBeLessThan(4.5);
  expect(finding(found, "outer-skull-moved")).toBe(100);
});

test("a head with no brain in it is refused", () => {
  expect(() => bemSurfaces(balls(0, 60, 70))).toThrow(expect.objectContaining({ code: "empty-region" }));
});

describe("the made head", () => {
  const { tissue, fractions, grid } = phantomHead({ seed: 4, variation: 0.5, resolution: 3 });
  const { scalp, skull, csf, grey, white } = headTissues;
  // soft, fat, bone, marrow, csf, grey, white, deep grey, vitreous.
  const five = [headTissues.air, scalp, scalp, skull, skull, csf, grey, white, grey, scalp];
  const data = Uint8Array.from(tissue.data, (label) => five[label] as number);
  const found = bemSurfaces({ ...tissue, data, names: headTissueNames });
  test("nested, closed, not cut", () => {
    expect(sound(found)).toBe(true);
    expect(finding(found, "skull-least-thickness")).toBeGreaterThanOrEqual(3 - 2e-3);
  });
  test("inner skull and scalp against the surface of the true shares", () => {
    const total = (...names: readonly (keyof typeof fractions)[]): Float32Array =>
      fractions.csf.map((_, i) => names.reduce((sum, name) => sum + (fractions[name][i] as number), 0));
    const spread = (mine: Surface, share: Float32Array): readonly [number, number] => {
      const away = vertexDistances(mine, isosurface(share, grid, 0.5)).sort();
      return [0.5, 0.95].map((q) => away[Math.floor(q * away.length)] as number) as [number, number];
    };
    const [median, p95] = spread(found.innerSkull, total("csf", "grey", "white", "deep-grey"));
    // Voxels of 3 mm, smoothed over 2 mm; where the skull base is hollow towards the middle the surface bridges it.
    expect(median).toBeLessThan(1);
    expect(p95).toBeLessThan(3);
    const head = total("soft", "fat", "bone", "marrow", "csf", "grey", "white", "deep-grey", "vitreous");
    expect(spread(found.scalp, head)[0]).toBeLessThan(1.5);
  });
});

describeRealData(
  "the inner skull of the MNE sample subject from its T1 of 3 mm",
  ["multimodal/mne_sample/T1.mgz", "multimodal/mne_sample/inner_skull.surf"],
  (path, reference) => {
    test("median <= 2 mm and 95th percentile <= 5 mm of FreeSurfer's, both ways", () => {
      const t1 = readMgh(readFileSync(path));
      const truth = readFreeSurferSurface(readFileSync(reference), { volume: t1 });
      // The whole chain is `npm run study -- head-surfaces`; here the cavity is the brain's mask, the rest thin shells.
      const brain = brainMask(t1);
      const data = brain.data.map((inside) => inside * headTissues.white);
      const found = bemSurfaces({ ...brain, data, names: headTissueNames });
      expect(sound(found)).toBe(true);
      const { median, p95 } = surfaceAgreement(found.innerSkull, truth);
      expect(median).toBeLessThanOrEqual(2);
      expect(p95).toBeLessThanOrEqual(5);
    }, 180_000);
  },
);
