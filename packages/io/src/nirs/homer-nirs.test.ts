import { readFileSync } from "node:fs";
import { channelData, type DataError, sensorNamed } from "@quintet/core";
import { expect, test } from "vitest";
import { homerNirs } from "../../../../fixtures/signals/homer.ts";
import { column, row } from "../../../../fixtures/signals/mat.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import { readHomerNirs } from "./homer-nirs.ts";

const file = "x.nirs";

test("intensities, measurement list, positions in mm, stimuli and aux", () => {
  const { recording, events, montage, problems } = readHomerNirs(homerNirs(), { file });
  const [light, aux] = recording.groups;
  expect(light?.rate).toBeCloseTo(10, 9);
  expect(light?.channels.map((c) => [c.name, c.wavelength])).toEqual([
    ["S1_D1 690", 690],
    ["S1_D2 690", 690],
    ["S1_D1 830", 830],
    ["S1_D2 830", 830],
  ]);
  expect(channelData(light!, light!.segments[0]!, 2)[7]).toBeCloseTo(3.007, 12);
  expect(aux?.channels.map((c) => c.name)).toEqual(["aux1"]);
  expect(sensorNamed(montage!, "D1")?.position).toEqual([30, 0, 5]);
  expect(sensorNamed(montage!, "D2")?.position).toEqual([0, 30, 5]);
  expect(events.list.map((e) => [e.type, Number(e.onset.toFixed(9)), Number(e.duration.toFixed(9))])).toEqual([
    ["tap", 0.5, 0],
    ["tap", 2, 0.2],
  ]);
  expect(problems).toEqual(["1 stimulus marks are negative (excluded by the user) and are left out"]);
});

test("a gap in t is a gap in the recording", () => {
  const t = Array.from({ length: 50 }, (_, i) => i / 10 + (i >= 25 ? 5 : 0));
  const { recording } = readHomerNirs(homerNirs({ t: column(t) }), { file });
  expect(recording.groups[0]?.segments.map((s) => [s.start, s.data.length / 4])).toEqual([
    [0, 25],
    [7.5, 25],
  ]);
});

test.each([
  ["something else", homerNirs({ d: "" }), "not-homer"],
  [
    "another number of channels",
    homerNirs({ d: { double: new Array(150).fill(1), shape: [50, 3] } }),
    "bad-measurement-list",
  ],
  ["times that run back", homerNirs({ t: column(Array.from({ length: 50 }, (_, i) => -i)) }), "bad-time"],
  ["times of another length", homerNirs({ t: column([0, 1, 2]) }), "bad-time"],
  ["times that are none", homerNirs({ t: column(new Array(50).fill(Number.NaN)) }), "bad-time"],
  [
    "a channel of no detector",
    homerNirs({ ml: { double: [1, 1, 1, 1, 1, 9, 1, 2, 1, 1, 1, 1, 1, 1, 2, 2], shape: [4, 4] } }),
    "bad-measurement-list",
  ],
  [
    "a channel of no wavelength",
    homerNirs({ ml: { double: [1, 1, 1, 1, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 2, 7], shape: [4, 4] } }),
    "bad-measurement-list",
  ],
])("refuses %s", (_, bytes, expected) => {
  const code = ((): string => {
    try {
      readHomerNirs(bytes, { file });
    } catch (error) {
      return (error as DataError).code;
    }
    return "none";
  })();
  expect(code).toBe(expected);
});

test("NaN intensities mark their channel", () => {
  const d = { double: Array.from({ length: 200 }, (_, i) => (i === 60 ? Number.NaN : 1)), shape: [50, 4] };
  expect(readHomerNirs(homerNirs({ d, aux: row([]) }), { file }).recording.groups[0]?.channels[1]).toMatchObject({
    status: "bad",
  });
});

describeRealData("Homer finger tapping", ["fnirs/homer3_GrpTap/subj1/Fingertapping_08212013.nirs"], (nirs) => {
  test("51 pairs at 690 and 830 nm, 5 Hz, 12 stimuli, 15 short pairs of 8 mm", () => {
    const { recording, events, montage } = readHomerNirs(readFileSync(nirs!), { file: "tap.nirs" });
    const group = recording.groups[0]!;
    expect([group.channels.length, group.segments[0]!.data.length / 102, events.list.length]).toEqual([102, 1955, 12]);
    expect(group.rate).toBeCloseTo(5.0003, 4);
    const distances = group.channels.slice(0, 51).map(({ sensors }) => {
      const [s, d] = sensors.map((name) => sensorNamed(montage!, name)!.position!);
      return Math.hypot(s![0] - d![0], s![1] - d![1], s![2] - d![2]);
    });
    expect(distances.filter((mm) => mm < 10).length).toBe(15);
  });
});
