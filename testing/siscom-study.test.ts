import { identityAffine, type Transform } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { siscom } from "@quintet/modalities/spect";
import { focusInRegion, hmpaoFlows, phantomHead } from "@quintet/twin";
import { expect, test } from "vitest";
import { conditionsOf } from "./siscom-conditions.ts";
import { areaUnder, extentAt, isHit, siscomTable } from "./siscom-table.ts";
import {
  brainCamera,
  brainOf,
  brainSpect,
  headAttenuation,
  maskAbove,
  poisson,
  posed,
  scanGrid,
} from "./spect-scan.ts";

test("the extent that leaves one cluster a pair of 4: the fifth of 6 is too small; none needed below that", () => {
  const nulls = [[5, 3], [4], [2, 1], [0.5]].map((sizes) => sizes.map((volume) => ({ volume, peak: 3, mass: 1 })));
  expect(extentAt(nulls, 1)).toBeCloseTo(1, 5); // sizes 5 4 3 2 | 1 0.5
  expect(extentAt(nulls, 2)).toBe(0);
  expect(isHit([{ volume: 3, peak: 3, mass: 1, away: 14 }], 2)).toBe(true);
  expect(isHit([{ volume: 3, peak: 3, mass: 1, away: 16 }], 2)).toBe(false);
  expect(areaUnder([3, 1], [2, 1])).toBe((1 + 1 + 0 + 0.5) / 4);
});

test("200 pairs with a focus at 5 million: nine cells, ten places, both sides, the goal's cell twice; a table line per method, rank and cell", () => {
  const all = conditionsOf({ counts: [5], nulls: 3, normals: 15, sites: 10 });
  expect(all.filter(({ kind }) => kind === "focus")).toHaveLength(200);
  expect(new Set(all.map(({ name }) => name)).size).toBe(218);
  const heads = (kind: string): Set<number> => new Set(all.filter((one) => one.kind === kind).map(({ head }) => head));
  expect([...heads("normal")].filter((head) => heads("null").has(head) || heads("focus").has(head))).toEqual([]);
  const regional = conditionsOf({ counts: [5, 10], nulls: 3, normals: 15, sites: 10, regional: true }).filter(
    ({ state }) => state === "regional",
  );
  expect(regional.map(({ kind, counts }) => `${kind} ${counts}`).filter((one) => one === "focus 5")).toHaveLength(40);
  expect(regional).toHaveLength(58);
  expect(heads("normal").size).toBe(15);
  const found = { plain: [{ volume: 9, peak: 5, mass: 6, away: 3 }] };
  const lines = siscomTable(
    all.filter(({ kind }) => kind !== "normal").map((condition) => ({ condition, misplaced: 0.4, found })),
  );
  expect(lines).toHaveLength(1 + 3 * 7 * 10);
});

test("a seeded pair through the camera: 8 mL of +100 % at 5 million counts is the first cluster, at its place", async () => {
  await loadKernels({ threads: 1 });
  const head = phantomHead({ seed: 3, resolution: 3.2 });
  const random = seededRandom(3);
  const focus = focusInRegion(head, { region: "inferior-parietal", side: "right", volume: 8, increase: 1 });
  const { ictal, interictal, centre } = hmpaoFlows(head, focus, random);
  const settings = { ...brainSpect, iterations: 2 };
  const grid = scanGrid(settings, head.grid.space);
  const here: Transform = { from: head.grid.space, to: head.grid.space, matrix: identityAffine() };
  const camera = brainCamera(settings, grid, posed(head, headAttenuation(head), grid, here));
  const [a, b] = [ictal, interictal].map((flow) =>
    camera.reconstruct(poisson(camera.expected(posed(head, flow, grid, here), 5e6), random)),
  ) as [ReturnType<typeof camera.reconstruct>, ReturnType<typeof camera.reconstruct>];
  camera.close();
  const { search } = siscom(a, b, maskAbove(posed(head, brainOf(head), grid, here), grid));
  const at = search.above[0]?.centre ?? [0, 0, 0];
  expect(Math.hypot(...at.map((x, k) => x - (centre?.[k] ?? 0)))).toBeLessThan(8); // two voxels
  expect(search.above[0]?.p).toBeLessThan(1e-3);
});
