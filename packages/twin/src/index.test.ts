import { expect, test } from "vitest";
import * as door from "./index.ts";

test("the door of the twin", () => {
  expect(Object.keys(door).sort()).toEqual([
    "brainstemLabel",
    "eegNames",
    "fitSphere",
    "focalLobes",
    "phantomHead",
    "positions1010",
    "regionLabel",
    "regionNames",
    "regions",
    "simulateStudy",
    "spherePotential",
    "t1wImage",
    "tissueNames",
  ]);
});
