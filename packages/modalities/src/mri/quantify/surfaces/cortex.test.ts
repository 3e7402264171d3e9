import { affineOf, type LabelVolume, type Mask, type Volume } from "@quintet/core";
import { ballShaped, isosurface, meshTopology, sampleOnSurface } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { headTissueNames, headTissues } from "../head-tissue/head-tissues.ts";
import { midGreyCortex } from "./cortex.ts";

const n = 56;
const affine = affineOf([-1, 0, 0, 30, 0, 1, 0, -25, 0, 0, 1, -20]);
const centre = [30 - 27.5, -25 + 27.5, -20 + 27.5] as const;
/** `tissue` tells the label at (x, y, z) mm from the middle of 56 voxels of 1 mm. */
function made(tissue: (x: number, y: number, z: number) => number): { labels: LabelVolume; all: Mask } {
  const grid = { shape: [n, n, n] as const, affine, space: "subject:T1w" };
  const data = Uint8Array.from({ length: n ** 3 }, (_, i) =>
    tissue((i % n) - 27.5, (Math.floor(i / n) % n) - 27.5, Math.floor(i / n ** 2) - 27.5),
  );
  return { labels: { ...grid, data, names: headTissueNames }, all: { ...grid, data: new Uint8Array(n ** 3).fill(1) } };
}
const shell = (r: number): number => (r <= 18 ? headTissues.white : r <= 22 ? headTissues.grey : headTissues.csf);

describe("a ball of white matter to 18 mm, grey matter to 22 mm", () => {
  const { labels, all } = made((x, y, z) => shell(Math.hypot(x, y, z)));
  const { surface, normals, inflated, qc } = midGreyCortex(labels, all, { vertices: 2000 });
  test("its mid-grey surface lies at 20 mm", () => {
    const { vertices } = surface;
    expect(vertices.length / 3).toBe(2000);
    const radii = Array.from({ length: 2000 }, (_, v) =>
      Math.hypot(...centre.map((c, k) => (vertices[3 * v + k] as number) - c)),
    );
    expect(radii.reduce((a, b) => a + b, 0) / 2000).toBeCloseTo(20, 0);
    // Voxels of 1 mm.
    for (const r of radii) expect(Math.abs(r - 20)).toBeLessThan(0.8);
  });
  test("genus 0, not cut, normals outwards, the inflated copy as large", () => {
    const told = new Map(qc.map(({ name, value, verdict }) => [name, [value, verdict]]));
    expect(told.get("cortex-genus")).toEqual([0, "ok"]);
    expect(told.get("cortex-self-intersections")).toEqual([0, "ok"]);
    // 4 pi 20^2 mm2 less the facets of 2000 vertices; far too small for a head, and said to be.
    const [area, verdict] = told.get("cortex-area") as [number, string];
    expect([Math.round(area), verdict]).toEqual([50, "warn"]);
    const outward = centre.reduce(
      (sum, c, k) => sum + (normals[k] as number) * ((surface.vertices[k] as number) - c),
      0,
    );
    expect(outward / 20).toBeGreaterThan(0.95);
    expect(inflated.faces).toBe(surface.faces);
    expect(meshTopology(inflated).area).toBeCloseTo(meshTopology(surface).area, 1);
  });
  test("an image is sampled at the vertices, and over depths", () => {
    const { shape, space } = labels;
    const data = Float32Array.from({ length: n ** 3 }, (_, i) => i % n);
    const ramp: Volume = { unit: "1", shape, affine, space, frames: [{ start: 0, duration: 0 }], clock: "c", data };
    const at = sampleOnSurface(ramp, surface);
    const expected = at.map((_, v) => 30 - (surface.vertices[3 * v] as number));
    expect(at).toBeAllclose(expected, { atol: 1e-4 });
    expect(sampleOnSurface(ramp, surface, { depths: [-1, 1] })).toBeAllclose(expected, { atol: 1e-4 });
    expect(() => sampleOnSurface({ ...ramp, space: "other" }, surface)).toThrow(/one space/);
  });
});

test("two gyri that touch are parted: a ring of cortex becomes a ball, and nothing else is lost", () => {
  // A ring whose grey matter meets itself: genus 1 as it stands.
  const { labels, all } = made((x, y, z) => shell(Math.hypot(Math.hypot(x, y) - 14, z) * 3 + 6));
  const plain = Float32Array.from(labels.data, (l) =>
    l === headTissues.white ? 1 : l === headTissues.grey ? 0.2 : -1,
  );
  expect(meshTopology(isosurface(plain, labels, 0)).genus).toBe(1);
  const body = ballShaped(plain, labels.shape);
  const cut = plain.map((v, i) => (body[i] === 1 ? Math.max(v, 0.02) : Math.min(v, -0.02)));
  expect(meshTopology(isosurface(cut, labels, 0))).toMatchObject({ genus: 0, parts: 1, open: 0 });
  const [before, after] = [plain.filter((v) => v > 0).length, body.reduce((a, b) => a + b, 0)];
  expect(after).toBeLessThan(before);
  expect(after).toBeGreaterThan(0.95 * before);
  expect(midGreyCortex(labels, all, { vertices: 1500 }).qc[0]).toMatchObject({ value: 0, verdict: "ok" });
});

test("two balls in one mask give the larger", () => {
  const values = new Float32Array(20 ** 3).fill(-1);
  for (let i = 0; i < values.length; i++) {
    const [x, y, z] = [i % 20, Math.floor(i / 20) % 20, Math.floor(i / 400)];
    if (Math.hypot(x - 6, y - 6, z - 6) < 4) values[i] = 1;
    if (Math.hypot(x - 14, y - 14, z - 14) < 2) values[i] = 0.5;
  }
  const body = ballShaped(values, [20, 20, 20]);
  expect(body[14 + 20 * (14 + 20 * 14)]).toBe(0);
  expect(body[6 + 20 * (6 + 20 * 6)]).toBe(1);
});

test("refusals: another grid, coarse voxels, no white matter", () => {
  const { labels, all } = made(() => headTissues.csf);
  expect(() => midGreyCortex(labels, { ...all, space: "other" })).toThrow(
    expect.objectContaining({ code: "grid-mismatch" }),
  );
  expect(() => midGreyCortex(labels, all)).toThrow(expect.objectContaining({ code: "empty-region" }));
  const coarse = { affine: affineOf([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]) };
  expect(() => midGreyCortex({ ...labels, ...coarse }, { ...all, ...coarse })).toThrow(
    expect.objectContaining({ code: "too-coarse" }),
  );
});
