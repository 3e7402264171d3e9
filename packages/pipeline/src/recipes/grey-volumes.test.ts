import { affineOf, type LabelVolume } from "@quintet/core";
import { expect, test } from "vitest";
import { greyVolumes, regionVolumes } from "./grey-volumes.ts";

const grid = { shape: [10, 1, 1] as const, affine: affineOf([10, 0, 0, 0, 0, 10, 0, 0, 0, 0, 10, 0]), space: "s" };
const named = (names: readonly string[]): LabelVolume => ({
  ...grid,
  data: Uint8Array.of(1, 1, 1, 1, 2, 2, 3, 0, 0, 0),
  names: new Map(names.map((name, i) => [i + 1, name])),
});
const told = (rows: ReturnType<typeof regionVolumes>) =>
  rows.map(({ side, region, measure, value, unit }) => [side, region, measure, value, unit]);

test("voxels of 1 mL: volumes by side as the atlas writes it, and 200 (4 - 2) / 6 = 66.7 %", () => {
  expect(told(regionVolumes(named(["Left-Hippocampus", "Right-Hippocampus", "Brain-Stem"]), "t1.nii"))).toEqual([
    ["left", "Hippocampus", "volume", 4, "mL"],
    ["right", "Hippocampus", "volume", 2, "mL"],
    ["midline", "Brain-Stem", "volume", 1, "mL"],
    [undefined, "Hippocampus", "volume-asymmetry", expect.closeTo(200 / 3, 9), "%"],
  ]);
});

test("grey matter counts by its share", () => {
  const grey = {
    ...grid,
    unit: "1" as const,
    frames: [{ start: 0, duration: 0 }],
    clock: "c",
    data: Float32Array.of(1, 0.5, 0.5, 0, 1, 0, 0.25, 1, 1, 1),
  };
  expect(told(greyVolumes(grey, named(["left insula", "right insula", "brainstem"]), "t1.nii"))).toEqual([
    ["left", "insula", "grey-volume", 2, "mL"],
    ["right", "insula", "grey-volume", 1, "mL"],
    ["midline", "brainstem", "grey-volume", 0.25, "mL"],
    [undefined, "insula", "grey-volume-asymmetry", expect.closeTo(200 / 3, 9), "%"],
  ]);
});

test("regions without voxels give no rows", () => {
  expect(regionVolumes({ ...named(["a"]), data: new Uint8Array(10) }, "t1.nii")).toEqual([]);
});
