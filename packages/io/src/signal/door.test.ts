import * as door from "@quintet/io";
import * as files from "@quintet/io/node";
import { expect, test } from "vitest";

test("the signal formats' part of the two doors", () => {
  const given = (exported: object, wanted: readonly string[]): readonly string[] =>
    Object.keys(exported)
      .filter((name) => wanted.includes(name))
      .sort();
  const pure = [
    "bytesSource",
    "eeglabDataFile",
    "eeglabFromMat",
    "eeglabStruct",
    "homerFromMat",
    "matField",
    "matFromHdf5",
    "matLength",
    "matNumber",
    "matNumbers",
    "matText",
    "matTexts",
    "readBrainVision",
    "readBrainVisionHeader",
    "readEdf",
    "readEdfFrom",
    "readEdfHeader",
    "readEdfSamples",
    "readEdfTimeline",
    "readEeglab",
    "readHomerNirs",
    "readMat",
    "signalUnit",
    "snirfFromTree",
    "snirfTree",
    "writeBdf",
    "writeBrainVision",
    "writeEdf",
  ];
  const node = ["isHdf5", "openFileSource", "readHdf5", "readRecording", "readSnirf", "writeHdf5", "writeSnirf"];
  expect(given(door, pure)).toEqual(pure);
  expect(given(files, node)).toEqual(node);
});
