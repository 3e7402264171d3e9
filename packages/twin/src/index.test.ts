import { expect, test } from "vitest";
import * as door from "./index.ts";

test("the door of the twin", () => {
  expect(Object.keys(door).sort()).toEqual([
    "brainstemLabel",
    "centredGrid",
    "eegNames",
    "fitSphere",
    "focalLobes",
    "focusInRegion",
    "hmpaoFlows",
    "movedPhantom",
    "onDevice",
    "petPhantom",
    "phantomHead",
    "positions1010",
    "randomPose",
    "regionLabel",
    "regionNames",
    "regions",
    "sharedPulses",
    "simulateListMode",
    "simulateScan",
    "simulateStudy",
    "spherePotential",
    "t1wImage",
    "tissueNames",
    "tracePhotonPairs",
    "trueTime",
  ]);
});
