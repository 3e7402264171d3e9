import { affineOf, type LabelVolume, type Surface } from "@quintet/core";
import { expect, test } from "vitest";
import { headView } from "./head-view.ts";

const surface: Surface = { space: "s", vertices: new Float32Array(12), faces: new Uint32Array(12) };
const tissues: LabelVolume = {
  shape: [1, 1, 1],
  affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
  space: "s",
  data: Uint8Array.of(3),
  names: new Map([
    [1, "scalp"],
    [3, "csf"],
    [9, "other"],
  ]),
};
const shape = { surfaces: new Map(["scalp", "outer-skull", "inner-skull"].map((id) => [id, surface])), qc: [] };
const made = { surface, normals: new Float32Array(12), inflated: surface, source: "own" } as const;

test("surfaces from outside to inside, each with a colour of its own; tissues by the names people use", () => {
  const view = headView(tissues, shape, [
    { side: "left", made, qc: [] },
    { side: "right", made, qc: [] },
  ]);
  expect(view.surfaces.map(({ name }) => name)).toEqual([
    "Scalp",
    "Outer skull",
    "Inner skull",
    "Left cortex, mid-grey",
    "Right cortex, mid-grey",
  ]);
  expect(new Set(view.surfaces.map(({ colour }) => colour)).size).toBe(5);
  expect([...(view.tissues?.names ?? [])]).toEqual([
    [1, "Scalp"],
    [3, "CSF"],
    [9, "other"],
  ]);
});

test("a cortex that could not be made is told once, with its reason", () => {
  const qc = [{ modality: "mri", name: "cortex", value: "none", verdict: "warn", note: "voxels of 5 mm" }] as const;
  const view = headView(tissues, undefined, [
    { side: "left", qc },
    { side: "right", qc },
  ]);
  expect(view.surfaces).toEqual([]);
  expect(view.surfaceNote?.match(/No cortex: voxels of 5 mm\./g)).toHaveLength(1);
});
