import { identityAffine, type LabelVolume } from "@quintet/core";
import { expect, test } from "vitest";
import { sublobarRegions } from "./atlas-regions.ts";

const atlas = (names: readonly [number, string][], data: readonly number[]): LabelVolume => ({
  shape: [data.length, 1, 1],
  affine: identityAffine(),
  space: "MNI",
  data: Int32Array.from(data),
  names: new Map(names),
});

test("AAL by hand: two left labels of one region become one, sides stay", () => {
  const out = sublobarRegions(
    atlas(
      [
        [3, "Frontal_Sup_L"],
        [4, "Frontal_Sup_R"],
        [19, "Supp_Motor_Area_L"],
        [109, "Vermis_1_2"],
      ],
      [0, 3, 4, 19, 109],
    ),
  );
  expect(Array.from(out.data, (label) => out.names.get(label) ?? "")).toEqual([
    "",
    "left superior-frontal",
    "right superior-frontal",
    "left superior-frontal",
    "cerebellum",
  ]);
});

test("regions that are Quintet's own stay as they are", () => {
  const own = atlas(
    [
      [1, "left insula"],
      [2, "brainstem"],
    ],
    [1, 2],
  );
  expect(sublobarRegions(own)).toBe(own);
});

test("an atlas of other names is refused", () => {
  expect(() =>
    sublobarRegions(
      atlas(
        [
          [1, "ctx-lh-bankssts"],
          [2, "wm"],
        ],
        [1, 2],
      ),
    ),
  ).toThrow(/bankssts/);
});
