import { describe, expect, test } from "vitest";
import * as core from "./index.ts";
import {
  affineOf,
  apply,
  compose,
  DataError,
  determinant,
  identityAffine,
  identityTimeMap,
  inverse,
  invert,
  mapTime,
  multiply,
  rigid,
  sameGrid,
  siFactor,
  type Transform,
  timeSigma,
  toVoxel,
  toWorld,
  voxelVolume,
} from "./index.ts";

describe("DataError", () => {
  test("says which file, what must be, what was got", () => {
    const error = new DataError("truncated", "header cut off", { file: "a.nii", expected: "348 bytes", found: "12" });
    expect(error.message).toBe("a.nii: header cut off (expected 348 bytes, found 12)");
    expect(error.code).toBe("truncated");
  });
  test("inFile names the file once and keeps the rest", () => {
    const error = new DataError("bad-affine", "no", { expected: "16", found: "3" }).inFile("b.nii");
    expect(error.message).toBe("b.nii: no (expected 16, found 3)");
    expect(error.inFile("c.nii")).toBe(error);
    expect(error.expected).toBe("16");
  });
});

describe("affine", () => {
  const oblique = multiply(
    rigid([10, -20, 30], [5, 6, 7], [1, 2, 3]),
    affineOf([2, 0, 0, -90, 0, -3, 0, 126, 0, 0, 4, -72]),
  );
  test("by hand: 90 degrees about z takes x to y", () => {
    expect(apply(rigid([0, 0, 90], [0, 0, 0]), [1, 0, 0])).toBeAllclose([0, 1, 0], { atol: 1e-15 });
    expect(apply(rigid([0, 0, 90], [1, 0, 0], [1, 1, 0]), [2, 1, 0])).toBeAllclose([2, 2, 0], { atol: 1e-15 });
  });
  test("a rotation keeps volume; a negative axis flips the sign", () => {
    expect(determinant(oblique)).toBeCloseTo(-24, 12);
  });
  test("inverse undoes, to rounding", () => {
    expect(multiply(invert(oblique), oblique)).toBeAllclose(identityAffine(), { atol: 1e-12 });
  });
  test.each([[[1, 2, 3]], [Array(16).fill(Number.NaN)]])("refuses %j", (rows) => {
    expect(() => affineOf(rows)).toThrow(DataError);
  });
  test("refuses to invert a flat one", () => {
    expect(() => invert(affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]))).toThrow(/no inverse/);
  });
});

describe("grid", () => {
  const grid = {
    shape: [10, 20, 30] as const,
    affine: affineOf([-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72]),
    space: "a",
  };
  test("by hand: voxel (1, 2, 3)", () => {
    expect(toWorld(grid, [1, 2, 3])).toEqual([88, -122, -66]);
    expect(toVoxel(grid, [88, -122, -66])).toBeAllclose([1, 2, 3], { atol: 1e-12 });
    expect(voxelVolume(grid)).toBeCloseTo(0.008, 15);
  });
  test("sameGrid sees shape, space and place", () => {
    expect(sameGrid(grid, { ...grid })).toBe(true);
    expect(sameGrid(grid, { ...grid, space: "b" })).toBe(false);
    expect(sameGrid(grid, { ...grid, affine: multiply(rigid([0, 0, 0.1], [0, 0, 0]), grid.affine) })).toBe(false);
  });
});

describe("Transform", () => {
  const petToT1: Transform<"pet", "t1"> = { from: "pet", to: "t1", matrix: rigid([0, 0, 10], [1, 2, 3]), error: 3 };
  const t1ToMni: Transform<"t1", "mni"> = { from: "t1", to: "mni", matrix: rigid([5, 0, 0], [0, 0, 4]), error: 4 };
  test("first a, then b; errors in quadrature", () => {
    const both = compose(petToT1, t1ToMni);
    expect(apply(both.matrix, [1, 1, 1])).toBeAllclose(apply(t1ToMni.matrix, apply(petToT1.matrix, [1, 1, 1])), {
      atol: 1e-12,
    });
    expect(both).toMatchObject({ from: "pet", to: "mni", error: 5 });
  });
  test("the wrong order does not compile", () => {
    // @ts-expect-error: t1 -> mni cannot be followed by pet -> t1
    compose(t1ToMni, petToT1);
  });
  test("there and back", () => {
    expect(compose(petToT1, inverse(petToT1)).matrix).toBeAllclose(identityAffine(), { atol: 1e-12 });
  });
});

describe("TimeMap", () => {
  const map = {
    from: "eeg",
    to: "study",
    method: "test",
    pieces: [
      { until: 100, anchor: 50, offset: 1050, rate: 1, covariance: [1e-4, 0, 0] as const },
      {
        until: Number.POSITIVE_INFINITY,
        anchor: 150,
        offset: 2000,
        rate: 1.0001,
        covariance: [4e-4, 1e-6, 1e-8] as const,
      },
    ] as const,
  };
  test("by hand, before and after a reset", () => {
    expect(mapTime(map, 60)).toBe(1060);
    expect(mapTime(map, 160)).toBeCloseTo(2010.001, 9);
  });
  test("sigma grows away from the anchor: sqrt(C00 + 2 d C01 + d^2 C11)", () => {
    expect(timeSigma(map, 10)).toBeCloseTo(0.01, 12);
    expect(timeSigma(map, 250)).toBeCloseTo(Math.sqrt(4e-4 + 2e-4 + 1e-4), 12);
    expect(timeSigma(identityTimeMap("a", "b", 0.5), 7)).toBe(0.5);
  });
});

test.each([
  ["uV", "V", 1e-6],
  ["µV", "V", 1e-6],
  ["μV", "V", 1e-6],
  ["kBq/mL", "Bq/mL", 1e3],
  ["V", "V", 1],
  ["mm", "V", undefined],
  ["xV", "V", undefined],
])("%s in %s is %s", (unit, base, factor) => expect(siFactor(unit, base)).toBe(factor));

test("nearest names: those that hold the word, then by letters; the nearest one where none is near", () => {
  expect(core.editDistance("talamus", "thalamus")).toBe(1);
  const names = ["Left-Putamen", "Left-Thalamus", "Right-Thalamus", "Brain-Stem"];
  expect(core.nearestWords("thalamus", names)).toEqual(["Left-Thalamus", "Right-Thalamus"]);
  expect(core.nearestWords("left thalmus", names, 1)).toEqual(["Left-Thalamus"]);
  expect(core.nearestWords("pons", names)).toHaveLength(1);
  expect(core.nearestWords("pons", [])).toEqual([]);
});

test("the door", () => {
  expect(Object.keys(core).sort()).toMatchInlineSnapshot(`
    [
      "DataError",
      "affineOf",
      "apply",
      "attenuationLimit",
      "binOfDetectors",
      "channelData",
      "checkAttenuationMap",
      "checkHounsfield",
      "checkLayout",
      "checkProjections",
      "checkScanner",
      "circleRadius",
      "compose",
      "composeTimeMaps",
      "detectorPositions",
      "detectorsOfBin",
      "detectorsPerRing",
      "determinant",
      "duration",
      "editDistance",
      "evenRings",
      "frameData",
      "halfLives",
      "identityAffine",
      "identityTimeMap",
      "inverse",
      "invert",
      "invertTimeMap",
      "mapTime",
      "midTimes",
      "modalities",
      "multiply",
      "nearestWords",
      "rigid",
      "ringCount",
      "ringPositions",
      "sameGrid",
      "sampleCount",
      "sensorNamed",
      "siFactor",
      "signalUnits",
      "sinogramPlanes",
      "sinogramSize",
      "spacing",
      "timeSigma",
      "toVoxel",
      "toWorld",
      "voxelCount",
      "voxelSizes",
      "voxelUnits",
      "voxelVolume",
    ]
  `);
});
