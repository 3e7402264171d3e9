import type { Measure } from "@quintet/core";
import { identityAffine } from "@quintet/core";
import type { SceneVolume } from "@quintet/view";
import { expect, test } from "vitest";
import { pointCurve, regionCurve, type ShownImage, sphereCurve } from "./curves.ts";
import { fingerprint } from "./fingerprint.ts";

/** 2 x 2 x 2 voxels of 10 mm, two frames; voxel i of frame t is 8 t + i, shown in thousandths. */
const image: ShownImage = {
  volume: {
    id: "pet",
    name: "PET",
    unit: "kBq/mL",
    scale: 1e-3,
    shape: [2, 2, 2],
    affine: [10, 0, 0, 100, 0, 10, 0, 0, 0, 0, 10, 0, 0, 0, 0, 1],
    frames: [
      { start: 0, duration: 60, sigma: null },
      { start: 60, duration: 120, sigma: null },
    ],
  } as unknown as SceneVolume,
  image: {
    type: "float32",
    bytes: new Uint8Array(Float32Array.from({ length: 16 }, (_, i) => i).buffer),
    shape: [2, 2, 2],
    affine: [],
    space: "",
    frames: [],
    unit: "Bq/mL",
    range: [0, 1],
  },
};
/** 4 x 2 x 1 labels of 5 x 10 x 20 mm over it: 1 where x < 110 mm, 2 beyond. */
const labels: ShownImage = {
  volume: {
    id: "atlas",
    shape: [4, 2, 1],
    affine: [5, 0, 0, 97.5, 0, 10, 0, 0, 0, 0, 20, 5, 0, 0, 0, 1],
    labels: { 1: "left pole", 2: "right pole", 3: "nowhere" },
  } as unknown as SceneVolume,
  image: { ...image.image, type: "uint8", bytes: Uint8Array.of(1, 1, 2, 2, 1, 1, 2, 2) },
};

test("a sphere: the mean of the voxels whose middles lie in it; with a share those that hang together above it", () => {
  // About voxel (1, 0, 0): itself and, 10 mm away, its three neighbours 0, 3 and 5: a mean of (1 + 0 + 3 + 5) / 4 = 2.25.
  const sphere = { centre: [110, 0, 0], radius: 10.5 } as const;
  const whole = sphereCurve(image, sphere);
  expect([whole.voxels, whole.name]).toEqual([4, "PET, 10.5 mm about 110, 0, 0 mm"]);
  expect(whole.values as number[]).toBeAllclose([2.25e-3, 10.25e-3], { rtol: 1e-12 });
  // Of the second frame, which holds most: 9, 8, 11, 13. Above 84 % of 13 are 11 and 13, but only 13 hangs by itself.
  const top = sphereCurve(image, { ...sphere, share: 0.84 });
  expect(top.voxels).toBe(1);
  expect(top.values as number[]).toBeAllclose([5e-3, 13e-3], { rtol: 1e-12 });
});

test("a point: the nearest voxel's values in the shown unit, at the middle of each frame", () => {
  const { values, ...rest } = pointCurve(image, [111, 4, 9]);
  expect(rest).toEqual({
    name: "PET at 111, 4, 9 mm",
    unit: "kBq/mL",
    times: [30, 120],
    durations: [60, 120],
    voxels: 1,
  });
  expect(values as number[]).toBeAllclose([5e-3, 13e-3], { rtol: 1e-12 });
});

test("a region: the mean of the voxels whose middle lies in it", () => {
  // x = 100 mm: voxels 0, 2, 4, 6, mean 3; the second frame is 8 higher.
  const left = regionCurve(image, labels, "left pole");
  expect(left.voxels).toBe(4);
  expect(left.values as number[]).toBeAllclose([3e-3, 11e-3], { rtol: 1e-12 });
  expect(regionCurve(image, labels, "right pole").values as number[]).toBeAllclose([4e-3, 12e-3], { rtol: 1e-12 });
});

test.each([
  ["outside-image", () => pointCurve(image, [94, 0, 0])],
  ["outside-image", () => sphereCurve(image, { centre: [50, 0, 0], radius: 5 })],
  ["no-such-region", () => regionCurve(image, labels, "pole")],
  ["empty-region", () => regionCurve(image, labels, "nowhere")],
])("%s is refused", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});

const row = (
  region: string,
  side: Measure["side"],
  modality: Measure["modality"],
  measure: string,
  value: number,
  more: Partial<Measure> = {},
): Measure => ({
  region,
  ...(side ? { side } : {}),
  modality,
  measure,
  value,
  unit: "1",
  method: "",
  sources: [],
  ...more,
});

test("a fingerprint: shares of the person's own mean, left against right, z where there are norms", () => {
  const rows = fingerprint([
    row("pole", "left", "pet", "suvr", 0.9, { z: -2.1 }),
    row("pole", "right", "pet", "suvr", 1.1),
    row("stem", "midline", "pet", "suvr", 1),
    row("pole", "left", "mri", "bold-change:tap", -0.2),
    row("pole", "right", "mri", "bold-change:tap", 0.4),
    row("pole", "left", "pet", "asymmetry-index", 5),
    row("brain", "midline", "mri", "grey-volume", 600),
    row("C3", undefined, "eeg", "alpha-relative-power", 0.3),
    row("pole", "left", "fnirs", "hbo-amplitude, tap, scalp", 1e-6),
  ]);
  expect(rows.map(({ region, side }) => [region, side])).toEqual([
    ["pole", "left"],
    ["pole", "right"],
    ["stem", "midline"],
  ]);
  const [pet, bold] = rows[0]?.cells ?? [];
  expect(pet).toMatchObject({ modality: "pet", value: 0.9, z: -2.1 });
  // Mean 1; (0.9 - 1.1) / 1.
  expect([pet?.percentOfMean, pet?.asymmetry]).toBeAllclose([90, -20], { rtol: 1e-12 });
  // Values of both signs have no share.
  expect(bold).toEqual({ modality: "mri", measure: "bold-change:tap", value: -0.2, unit: "1" });
  expect(rows[2]?.cells[0]?.asymmetry).toBeUndefined();
});

test("the identity leaves a curve where it is", () => {
  const here = { ...image, volume: { ...image.volume, affine: [...identityAffine()] } as SceneVolume };
  expect(pointCurve(here, [1, 1, 1]).values as number[]).toBeAllclose([7e-3, 15e-3], { rtol: 1e-12 });
});
