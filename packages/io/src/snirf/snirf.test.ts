import { channelData, type DataError, sensorNamed } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { opticalRecording } from "../../../../fixtures/signals/recordings.ts";
import type { Hdf5Dataset, Hdf5Group, Hdf5Node } from "../hdf5/hdf5-tree.ts";
import { snirfFromTree } from "./snirf.ts";
import { snirfTree } from "./write-snirf.ts";

const file = "x.snirf";
const numbers = (data: readonly number[], shape: readonly number[]): Hdf5Dataset => ({
  kind: "dataset",
  shape,
  type: "float",
  data: Float64Array.from(data),
});
const text = (value: string, fixed = false): Hdf5Dataset => ({
  kind: "dataset",
  shape: [],
  type: "string",
  variableLength: !fixed,
  data: [value],
});
const texts = (values: readonly string[]): Hdf5Dataset => ({
  kind: "dataset",
  shape: [values.length],
  type: "string",
  variableLength: true,
  data: values,
});
const group = (children: Record<string, Hdf5Node>): Hdf5Group => ({ kind: "group", children });

/** The file of `opticalRecording`, with nodes replaced by path ("nirs/data1/time") or taken out (undefined). */
function tree(changes: Readonly<Record<string, Hdf5Node | undefined>> = {}): Hdf5Group {
  const change = (node: Hdf5Group, path: string): Hdf5Group => {
    const children: Record<string, Hdf5Node> = {};
    for (const [name, child] of Object.entries(node.children)) {
      const at = path === "" ? name : `${path}/${name}`;
      const next = at in changes ? changes[at] : child;
      if (next !== undefined) children[name] = next.kind === "group" && next === child ? change(next, at) : next;
    }
    for (const [at, next] of Object.entries(changes)) {
      const parent = at.split("/").slice(0, -1).join("/");
      if (parent === path && next !== undefined) children[at.split("/").at(-1) ?? ""] = next;
    }
    return group(children);
  };
  return change(snirfTree(opticalRecording()), "");
}
const read = (root: Hdf5Group) => snirfFromTree(root, { file });

test("write, then read: all is as it was, and nothing to complain of", () => {
  const made = opticalRecording();
  const back = read(tree());
  expect(back.recording.startedAt).toBe(made.recording.startedAt);
  expect(back.recording.groups.map((g) => g.channels)).toEqual(made.recording.groups.map((g) => g.channels));
  made.recording.groups.forEach((g, i) => {
    expect(back.recording.groups[i]?.rate).toBeCloseTo(g.rate, 9);
    expect(back.recording.groups[i]?.segments.map((s) => s.start)).toEqual(g.segments.map((s) => s.start));
    expect(back.recording.groups[i]?.segments[0]?.data).toBeAllclose(g.segments[0]!.data, { rtol: 1e-15 });
  });
  expect(back.events).toEqual(made.events);
  expect(back.montage).toEqual(made.montage);
  expect([back.identity, back.problems]).toEqual([[], []]);
});

test("[start, spacing] is the same as all times", () => {
  const { recording } = read(tree({ "nirs/data1/time": numbers([0, 0.1], [2]) }));
  expect(recording.groups[0]?.rate).toBeCloseTo(10, 12);
  expect(recording.groups[0]?.segments[0]?.data.length).toBe(160);
});

test("milliseconds, and centimetres", () => {
  const { recording, events, montage } = read(
    tree({
      "nirs/metaDataTags/TimeUnit": text("ms"),
      "nirs/metaDataTags/LengthUnit": text("cm"),
      "nirs/data1/time": numbers([0, 100], [2]),
      "nirs/aux1": undefined,
    }),
  );
  expect(recording.groups[0]?.rate).toBeCloseTo(10, 9);
  expect(events.list[0]).toEqual({ onset: 0.001, duration: 0.0005, type: "tap", value: 1 });
  expect(sensorNamed(montage!, "S1")?.position).toEqual([-600, 200, 400]);
});

test("a missing or unknown TimeUnit is taken as seconds, told", () => {
  expect(read(tree({ "nirs/metaDataTags/TimeUnit": text("unknown") })).problems[0]).toMatch(/seconds were assumed/);
  expect(read(tree({ "nirs/metaDataTags/TimeUnit": undefined })).problems).toContain(
    "TimeUnit is missing; seconds were assumed",
  );
});

test("a gap in the times is a gap in the recording", () => {
  const times = Array.from({ length: 40 }, (_, i) => i / 10 + (i >= 30 ? 7 : 0));
  const { recording } = read(tree({ "nirs/data1/time": numbers(times, [40]) }));
  expect(recording.groups[0]?.segments.map((s) => [s.start, s.data.length / 4])).toEqual([
    [0, 30],
    [10, 10],
  ]);
  expect(channelData(recording.groups[0]!, recording.groups[0]!.segments[1]!, 1)[0]).toBeCloseTo(
    1 + (40 + 30) / 100,
    12,
  );
});

test("the table measurementLists says the same as the list of groups", () => {
  const data = (tree().children.nirs as Hdf5Group).children.data1 as Hdf5Group;
  const columns = group({
    sourceIndex: numbers([1, 1, 2, 2], [4]),
    detectorIndex: numbers([1, 1, 1, 1], [4]),
    wavelengthIndex: numbers([1, 2, 1, 2], [4]),
    dataType: numbers([1, 1, 1, 1], [4]),
  });
  const without = group({
    dataTimeSeries: data.children.dataTimeSeries!,
    time: data.children.time!,
    measurementLists: columns,
  });
  const back = read(tree({ "nirs/data1": without }));
  expect(back.recording.groups[0]?.channels).toEqual(opticalRecording().recording.groups[0]?.channels);
  const both = group({ ...data.children, measurementLists: columns });
  expect(read(tree({ "nirs/data1": both })).problems[0]).toMatch(/both/);
});

test("processed quantities: dOD, HbO in micromolar, an averaged response, frequency domain", () => {
  const list = (fields: Record<string, Hdf5Node>): Hdf5Group =>
    group({
      sourceIndex: numbers([1], []),
      detectorIndex: numbers([1], []),
      wavelengthIndex: numbers([1], []),
      dataType: numbers([99999], []),
      ...fields,
    });
  const block = group({
    dataTimeSeries: numbers([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [3, 4]),
    time: numbers([0, 1, 2], [3]),
    dataOffset: numbers([0, 0, 10, 0], [4]),
    measurementList1: list({ dataTypeLabel: text("dOD") }),
    measurementList2: list({ dataTypeLabel: text("HbO"), dataUnit: text("uM") }),
    measurementList3: list({ dataTypeLabel: text("HRF HbR"), dataUnit: text("M") }),
    measurementList4: list({ dataType: numbers([101], []) }),
  });
  const { recording, problems } = read(tree({ "nirs/data1": block }));
  const channels = recording.groups[0]!.channels;
  expect(channels.map((c) => [c.name, c.kind, c.unit])).toEqual([
    ["S1_D1 760", "nirs-od", "{od}"],
    ["S1_D1 hbo", "hbo", "mol/L"],
    ["S1_D1 hbr", "hbr", "mol/L"],
    ["S1_D1 760 AC", "misc", "{arbitrary}"],
  ]);
  expect(recording.groups[0]?.segments[0]?.data).toBeAllclose([1, 5, 9, 2e-6, 6e-6, 10e-6, 13, 17, 21, 4, 8, 12], {
    rtol: 1e-12,
  });
  expect(problems).toContain("data{i} holds averaged responses (HRF HbR), not a recording");
});

test("frequency and time domain by their frequency, delay and moment; processed types by their label", () => {
  const list = (dataType: number, index: number, more: Record<string, Hdf5Node> = {}): Hdf5Group =>
    group({
      sourceIndex: numbers([1], []),
      detectorIndex: numbers([1], []),
      wavelengthIndex: numbers([2], []),
      dataType: numbers([dataType], []),
      dataTypeIndex: numbers([index], []),
      ...more,
    });
  const lists = [
    list(101, 2),
    list(102, 2),
    list(201, 1),
    list(301, 3),
    list(401, 1),
    list(99999, 1, { dataTypeLabel: text("mua") }),
  ];
  const block = group({
    dataTimeSeries: numbers(
      Array.from({ length: 18 }, (_, i) => i),
      [3, 6],
    ),
    time: numbers([0, 0.1], [2]),
    ...Object.fromEntries(lists.map((own, i) => [`measurementList${i + 1}`, own])),
  });
  const { recording, problems } = read(
    tree({
      "nirs/data1": block,
      "nirs/metaDataTags/FrequencyUnit": text("MHz"),
      "nirs/probe/frequencies": numbers([70, 140], [2]),
      "nirs/probe/timeDelays": numbers([1.2e-9], [1]),
      "nirs/probe/momentOrders": numbers([0, 1, 2], [3]),
    }),
  );
  expect(recording.groups[0]?.channels.map(({ name, wavelength }) => [name, wavelength])).toEqual([
    ["S1_D1 850 AC 140 MHz", 850],
    ["S1_D1 850 phase 140 MHz", 850],
    ["S1_D1 850 gate 1.2e-9 s", 850],
    ["S1_D1 850 moment 2", 850],
    ["S1_D1 850 g2", 850],
    ["S1_D1 850 mua", 850],
  ]);
  expect(recording.groups[0]?.segments[0]?.data.subarray(0, 3)).toBeAllclose([0, 6, 12], { atol: 0 });
  expect(problems.join()).not.toMatch(/stored numbers/);
});

describe("positions", () => {
  test("a single source written with rank 1 is one optode, told", () => {
    const { montage, problems } = read(
      tree({
        "nirs/probe/sourcePos3D": numbers([1, 2, 3], [3]),
        "nirs/probe/sourceLabels": texts(["S1"]),
        "nirs/data1/measurementList3/sourceIndex": numbers([1], []),
        "nirs/data1/measurementList4/sourceIndex": numbers([1], []),
      }),
    );
    expect(sensorNamed(montage!, "S1")?.position).toEqual([1, 2, 3]);
    expect(problems[0]).toMatch(/rank 1, the specification wants 2/);
  });

  test("2-D only: z = 0, told", () => {
    const { montage, problems } = read(
      tree({
        "nirs/probe/sourcePos3D": undefined,
        "nirs/probe/detectorPos3D": undefined,
        "nirs/probe/landmarkPos3D": undefined,
        "nirs/probe/sourcePos2D": numbers([1, 2, 3, 4], [2, 2]),
        "nirs/probe/detectorPos2D": numbers([5, 6], [1, 2]),
      }),
    );
    expect(sensorNamed(montage!, "S2")?.position).toEqual([3, 4, 0]);
    expect(problems).toContain("the optode positions are flat: they lie in a plane, not on a head");
  });

  test("a fourth column of landmarks is the number of the label; transposed landmarks are left out", () => {
    const { montage } = read(
      tree({
        "nirs/probe/landmarkPos3D": numbers([0, 90, 0, 3, -80, 0, 0, 1], [2, 4]),
        "nirs/probe/landmarkLabels": texts(["LPA", "RPA", "NASION"]),
      }),
    );
    expect(sensorNamed(montage!, "Nz")?.position).toEqual([0, 90, 0]);
    expect(sensorNamed(montage!, "LPA")).toMatchObject({ kind: "fiducial", position: [-80, 0, 0] });
    const { problems } = read(tree({ "nirs/probe/landmarkPos3D": numbers(new Array(24).fill(1), [3, 8]) }));
    expect(problems[0]).toMatch(/3 x 8/);
  });
});

test("what breaks the specification is told: fixed-length strings, 1x1 scalars, holes in numbers, leading zeros", () => {
  const stim = group({ name: text("a"), data: numbers([1, 2, 3], [1, 3]) });
  const { problems, events } = read(
    tree({
      formatVersion: text("1.0", true),
      "nirs/data1/measurementList1/sourceIndex": numbers([1], [1, 1]),
      "nirs/stim2": undefined,
      "nirs/stim4": stim,
      "nirs/stim01": stim,
      "nirs/metaDataTags/FrequencyUnit": undefined,
    }),
  );
  const all = problems.join("\n");
  for (const said of [
    /fixed length: \/formatVersion/,
    /rank 2, the specification wants 0/,
    /without a hole/,
    /leading zero/,
    /FrequencyUnit is missing/,
  ])
    expect(all).toMatch(said);
  expect(events.list.map((e) => e.type)).toEqual(["tap", "a", "tap"]);
});

test("identity: where it stood, never what it said", () => {
  const back = read(
    tree({
      "nirs/metaDataTags/SubjectID": text("Roe, Jane"),
      "nirs/metaDataTags/DateOfBirth": text("1951-05-02"),
      "nirs/metaDataTags/sex": text("2"),
    }),
  );
  expect(back.identity).toEqual(["/nirs/metaDataTags/SubjectID", "/nirs/metaDataTags/DateOfBirth"]);
  expect(back.person).toEqual({ sex: "F" });
  expect(JSON.stringify(back)).not.toMatch(/Jane|1951/);
});

test("an empty data block is told, not a crash", () => {
  const back = read(tree({ "nirs/data1/dataTimeSeries": undefined }));
  expect(back.recording.groups.map((g) => g.channels.length)).toEqual([1]);
  expect(back.problems).toContain("data{i} holds no data");
});

test.each([
  ["no /nirs", group({ formatVersion: text("1.0") }), "not-snirf"],
  ["no probe", tree({ "nirs/probe": undefined }), "not-snirf"],
  ["a unit of another case", tree({ "nirs/metaDataTags/TimeUnit": text("S") }), "unknown-unit"],
  ["an unknown length", tree({ "nirs/metaDataTags/LengthUnit": text("furlong") }), "unknown-unit"],
  ["times of another length", tree({ "nirs/data1/time": numbers([0, 1, 2], [3]) }), "bad-time"],
  ["no times", tree({ "nirs/data1/time": undefined }), "bad-time"],
  ["times that stand still", tree({ "nirs/data1/time": numbers(new Array(40).fill(1), [40]) }), "bad-time"],
  [
    "another number of columns",
    tree({ "nirs/data1/dataTimeSeries": numbers(new Array(80).fill(1), [40, 2]) }),
    "bad-shape",
  ],
  ["three dimensions", tree({ "nirs/data1/dataTimeSeries": numbers(new Array(160).fill(1), [40, 2, 2]) }), "bad-shape"],
  [
    "a detector that is not there",
    tree({ "nirs/data1/measurementList2/detectorIndex": numbers([7], []) }),
    "bad-shape",
  ],
  [
    "a wavelength that is not there",
    tree({ "nirs/data1/measurementList2/wavelengthIndex": numbers([7], []) }),
    "bad-measurement-list",
  ],
  [
    "an absurd optode",
    tree({ "nirs/data1/measurementList2/detectorIndex": numbers([1e12], []) }),
    "bad-measurement-list",
  ],
  [
    "transposed sources",
    tree({ "nirs/probe/sourcePos3D": numbers([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [3, 4]) }),
    "bad-shape",
  ],
])("refuses %s", (_, root, expected) => {
  const code = ((): string => {
    try {
      read(root);
    } catch (error) {
      return (error as DataError).code;
    }
    return "none";
  })();
  expect(code).toBe(expected);
});
