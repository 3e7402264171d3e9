/** Departures from SNIRF, each by its path; every file of others that lies at hand is looked at too. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { opticalRecording } from "../../../../fixtures/signals/recordings.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import type { Hdf5Dataset, Hdf5Group, Hdf5Node } from "../hdf5/hdf5-tree.ts";
import { readHdf5 } from "../node/hdf5.ts";
import { foldViolations } from "./fold-violations.ts";
import { snirfFromTree } from "./snirf.ts";
import { snirfViolations } from "./snirf-violations.ts";
import { snirfTree } from "./write-snirf.ts";

const floats = (data: readonly number[], shape: readonly number[]): Hdf5Dataset => ({
  kind: "dataset",
  shape,
  type: "float",
  data: Float64Array.from(data),
});
const whole = (n: number): Hdf5Dataset => ({ kind: "dataset", shape: [], type: "integer", data: Int32Array.of(n) });
const text = (value: string, variableLength = true): Hdf5Dataset => ({
  kind: "dataset",
  shape: [],
  type: "string",
  variableLength,
  data: [value],
});

/** The tree of a good file with nodes put in by path, or taken out (undefined). */
function tree(changes: Readonly<Record<string, Hdf5Node | undefined>> = {}): Hdf5Group {
  const copy = (node: Hdf5Group): Hdf5Group => ({
    kind: "group",
    children: Object.fromEntries(Object.entries(node.children).map(([k, v]) => [k, v.kind === "group" ? copy(v) : v])),
  });
  const root = copy(snirfTree(opticalRecording()));
  for (const [path, node] of Object.entries(changes)) {
    const names = path.split("/");
    const last = names.pop() as string;
    let at = root.children as Record<string, Hdf5Node>;
    for (const name of names) at = (at[name] as Hdf5Group).children as Record<string, Hdf5Node>;
    if (node === undefined) delete at[last];
    else at[last] = node;
  }
  return root;
}

describe("violations of SNIRF", () => {
  test("what we write has none", () => {
    expect(snirfViolations(tree())).toEqual([]);
  });

  const list = "nirs/data1/measurementList2";
  test.each<[string, Record<string, Hdf5Node | undefined>, string]>([
    ["a missing version", { formatVersion: undefined }, "/formatVersion: is required and missing"],
    [
      "a missing tag",
      { "nirs/metaDataTags/SubjectID": undefined },
      "/nirs/metaDataTags/SubjectID: is required and missing",
    ],
    [
      "a unit in the wrong case",
      { "nirs/metaDataTags/LengthUnit": text("MM") },
      '/nirs/metaDataTags/LengthUnit: is "MM"',
    ],
    [
      "a date of another form",
      { "nirs/metaDataTags/MeasurementDate": text("23.8.2019") },
      "/nirs/metaDataTags/MeasurementDate: must be",
    ],
    [
      "a string of fixed length",
      { "nirs/metaDataTags/SubjectID": text("x", false) },
      "/nirs/metaDataTags/SubjectID: is a string of fixed length",
    ],
    [
      "an index as an array",
      { [`${list}/sourceIndex`]: floats([1], [1]) },
      `/${list}/sourceIndex: has rank 1 (1); must be a scalar`,
    ],
    ["an index as a float", { [`${list}/sourceIndex`]: floats([1], []) }, `/${list}/sourceIndex: is stored as a float`],
    ["an index of no source", { [`${list}/sourceIndex`]: whole(99) }, `/${list}/sourceIndex: is 99 of`],
    ["an index of zero", { [`${list}/detectorIndex`]: whole(0) }, `/${list}/detectorIndex: is 0; indices count from 1`],
    ["an unknown type", { [`${list}/dataType`]: whole(77) }, `/${list}/dataType: is 77`],
    [
      "frequency domain without frequencies",
      { [`${list}/dataType`]: whole(101) },
      `/${list}/dataType: is 101 (frequency domain, AC amplitude); the probe has no frequencies`,
    ],
    [
      "processed without a label",
      { [`${list}/dataType`]: whole(99999) },
      `/${list}/dataTypeLabel: is required where dataType is 99999`,
    ],
    ["no type index", { [`${list}/dataTypeIndex`]: undefined }, `/${list}/dataTypeIndex: is required and missing`],
    [
      "a hole in the numbers",
      { [list]: undefined },
      `/${list}: is missing: the numbers of measurementList must run from 1`,
    ],
    [
      "both lists",
      { "nirs/data1/measurementLists": { kind: "group", children: {} } },
      "/nirs/data1/measurementLists: must not stand beside",
    ],
    [
      "times that stand still",
      {
        "nirs/data1/time": floats(
          Array.from({ length: 40 }, (_, i) => (i === 7 ? 0.6 : i / 10)),
          [40],
        ),
      },
      "/nirs/data1/time: does not increase at sample 8",
    ],
    ["too few times", { "nirs/data1/time": floats([0, 1, 2], [3]) }, "/nirs/data1/time: has 3 values for 40 samples"],
    ["a spacing of 0", { "nirs/data1/time": floats([0, 0], [2]) }, "/nirs/data1/time: has a spacing of 0"],
    [
      "an offset for other columns",
      { "nirs/data1/dataOffset": floats([0], [1]) },
      "/nirs/data1/dataOffset: has 1 values for",
    ],
    [
      "no positions",
      { "nirs/probe/sourcePos3D": undefined, "nirs/probe/sourcePos2D": undefined },
      "/nirs/probe/sourcePos3D: is required and missing, as is sourcePos2D",
    ],
    [
      "one optode as a vector",
      { "nirs/probe/detectorPos3D": floats([1, 2, 3], [3]) },
      "/nirs/probe/detectorPos3D: has rank 1 (3); must be an array of rank 2",
    ],
    [
      "flat places in the table of solid ones",
      { "nirs/probe/detectorPos3D": floats([1, 2], [1, 2]) },
      "/nirs/probe/detectorPos3D: is 1 x 2; must be N x 3",
    ],
    [
      "a landmark's label that is not there",
      { "nirs/probe/landmarkPos3D": floats([0, 0, 0, 9], [1, 4]) },
      "/nirs/probe/landmarkPos3D: row 1 points at label 9",
    ],
    [
      "wavelengths in m",
      { "nirs/probe/wavelengths": floats([7.6e-7, 8.5e-7], [2]) },
      "/nirs/probe/wavelengths: holds 7.6e-7",
    ],
    ["a stimulus of two columns", { "nirs/stim1/data": floats([1, 2], [1, 2]) }, "/nirs/stim1/data: has 2 columns"],
    ["a field of nobody", { "nirs/probe/colour": text("red") }, "/nirs/probe/colour: is not of the specification"],
    ["no probe", { "nirs/probe": undefined }, "/nirs/probe: is required and missing"],
  ])("%s", (_, changes, said) => {
    expect(foldViolations(snirfViolations(tree(changes)))).toEqual(
      expect.arrayContaining([expect.stringContaining(said)]),
    );
  });

  test("the same at neighbours is one line with all their numbers", () => {
    const at = (n: number) => ({
      path: `/nirs/data1/measurementList${n}/dataUnit`,
      says: "is odd",
      level: "error" as const,
    });
    expect(foldViolations([1, 2, 3, 7].map(at))).toEqual(["/nirs/data1/measurementList{1-3,7}/dataUnit: is odd"]);
    expect(foldViolations([at(4)])).toEqual(["/nirs/data1/measurementList4/dataUnit: is odd"]);
  });
});

const samples = ["fnirs/snirf-samples/minimum_example.snirf", "fnirs/snirf-samples/Simple_Probe.snirf"];
const foreign = [
  "fnirs/mne_SNIRF/SfNIRS/snirf_homer3/1.0.3/nirx_15_3_recording.snirf",
  "fnirs/mne_SNIRF/MNE-NIRS/20220217/20220217_nirx_15_3_recording.snirf",
];
describeRealData("files of others", [...samples, ...foreign], (...files) => {
  test("each can be read whatever it violates, and every line begins with a path that is in the file or missing from it", async () => {
    for (const file of files) {
      const root = await readHdf5(new Uint8Array(readFileSync(file)), { file });
      const lines = foldViolations(snirfViolations(root));
      for (const line of lines) expect(line).toMatch(/^\/\S+: /);
      // The minimal example holds no samples.
      if (!file.includes("minimum")) expect(snirfFromTree(root, { file }).recording.groups.length).toBeGreaterThan(0);
    }
  });
});
