import { readFileSync } from "node:fs";
import { channelData, type DataError, sensorNamed } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { eeglabFdt, eeglabSet, eeglabValue } from "../../../../fixtures/signals/eeglab.ts";
import { row, scalar } from "../../../../fixtures/signals/mat.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import { readEeglab } from "./eeglab.ts";

const file = "x.set";

describe.each([
  ["inline, struct EEG", eeglabSet(), undefined],
  ["inline, compressed, fields at the top", eeglabSet({ wrapped: false, compress: true }), undefined],
  ["samples in the .fdt", eeglabSet({ data: "x.fdt" }), eeglabFdt()],
])("%s", (_, set, fdt) => {
  const read = readEeglab(set, { file, ...(fdt === undefined ? {} : { fdt }) });
  const [group] = read.recording.groups;

  test("boundaries cut: 10.5 lies between the 10th and 11th sample, 25 samples were lost there", () => {
    expect(group?.rate).toBe(10);
    expect(group?.segments.map((s) => [s.start, s.data.length / 3])).toEqual([
      [0, 10],
      [3.5, 20],
      [5.5, 10],
    ]);
    expect(read.problems).toContain(
      "1 boundaries do not say how much was cut out; the segments there are placed end to end",
    );
  });

  test("microvolts, channel-fastest", () => {
    const second = channelData(group!, group!.segments[1]!, 2);
    expect(second).toBeAllclose(
      Array.from({ length: 20 }, (_, s) => eeglabValue(2, 10 + s) * 1e-6),
      { rtol: 1e-6 },
    );
  });

  test("events: latency counts from 1, may be fractional; numbers are types too", () => {
    expect(read.events.list).toEqual([
      { onset: 0, duration: 0, type: "square" },
      { onset: 3.5 + 0.1, duration: 0.5, type: "7", value: 7 },
      { onset: 5.5 + 0.025, duration: 0, type: "rt" },
    ]);
  });

  test("positions: X nose, Y left to RAS; polar where there is no X", () => {
    expect(sensorNamed(read.montage!, "Fz")?.position).toBeAllclose([0, 60, 60], { atol: 1e-9 });
    expect(sensorNamed(read.montage!, "T7")?.position).toBeAllclose([-80, 0, 0], { atol: 1e-9 });
    expect(sensorNamed(read.montage!, "EOG1")).toMatchObject({ template: true });
    expect(sensorNamed(read.montage!, "EOG1")?.position).toBeAllclose([85, 0, 0], { atol: 1e-9 });
    expect(read.problems.some((p) => p.includes("millimetres"))).toBe(true);
    expect(group?.channels.map((c) => c.kind)).toEqual(["eeg", "eeg", "eog"]);
  });
});

test.each([
  [0.085, "metres", 1000],
  [1, "a sphere of radius 1", 85],
  [8.5, "centimetres", 10],
])("a mean radius of %d is %s", (radius, name, scale) => {
  const chanlocs = { struct: { labels: ["Cz"], X: [scalar(0)], Y: [scalar(0)], Z: [scalar(radius)] }, shape: [1, 1] };
  const read = readEeglab(eeglabSet({ changes: { chanlocs } }), { file });
  expect(read.montage?.sensors[0]?.position?.[2]).toBeCloseTo(radius * scale, 9);
  expect(read.problems.some((p) => p.includes(name))).toBe(true);
});

test("epochs are segments, told", () => {
  const read = readEeglab(eeglabSet({ changes: { pnts: scalar(10), trials: scalar(4) } }), { file });
  expect(read.recording.groups[0]?.segments.map((s) => s.start)).toEqual([0, 1, 2, 3]);
  expect(read.problems[0]).toMatch(/4 epochs/);
});

test("identity: where free text stood", () => {
  const read = readEeglab(eeglabSet({ changes: { subject: "Jane Roe", comments: "born 1951" } }), { file });
  expect(read.identity).toEqual(["EEG.subject", "EEG.comments"]);
  expect(JSON.stringify(read)).not.toMatch(/Jane|1951/);
});

test("NaN samples mark their channel", () => {
  const data = { single: Array.from({ length: 120 }, (_, i) => (i === 4 ? Number.NaN : i)), shape: [3, 40] };
  const read = readEeglab(eeglabSet({ data }), { file });
  expect(read.recording.groups[0]?.channels[1]).toMatchObject({ status: "bad" });
});

test.each([
  ["no EEG", eeglabSet({ wrapped: false, changes: { srate: "", data: "" } }), undefined, "bad-header"],
  ["a count that is none", eeglabSet({ changes: { nbchan: scalar(2.5) } }), undefined, "bad-header"],
  ["no rate", eeglabSet({ changes: { srate: scalar(0) } }), undefined, "bad-header"],
  ["fewer samples than said", eeglabSet({ changes: { pnts: scalar(41) } }), undefined, "truncated"],
  ["absurd sizes", eeglabSet({ changes: { pnts: scalar(1e15) } }), undefined, "truncated"],
  ["a .fdt that is not there", eeglabSet({ data: "gone.fdt" }), undefined, "missing-file"],
  ["a cut .fdt", eeglabSet({ data: "x.fdt" }), eeglabFdt().slice(0, 100), "truncated"],
  [
    "another MAT-file",
    eeglabSet({ wrapped: false, changes: { srate: row([]) } }).slice(0, 136),
    undefined,
    "truncated",
  ],
])("refuses %s", (_, set, fdt, expected) => {
  const code = ((): string => {
    try {
      readEeglab(set, { file, ...(fdt === undefined ? {} : { fdt }) });
    } catch (error) {
      return (error as DataError).code;
    }
    return "none";
  })();
  expect(code).toBe(expected);
});

describeRealData(
  "EEGLAB's sample data set",
  ["eeg/eeglab/eeglab_data.set", "eeg/eeglab/eeglab_data.fdt"],
  (set, fdt) => {
    const read = readEeglab(readFileSync(set!), { file: "eeglab_data.set", fdt: readFileSync(fdt!) });
    const group = read.recording.groups[0]!;

    test("32 channels, 128 Hz, 30504 samples, 80 square + 74 rt", () => {
      expect([group.channels.length, group.rate, group.segments[0]!.data.length / 32]).toEqual([32, 128, 30504]);
      const count = (type: string): number => read.events.list.filter((e) => e.type === type).length;
      expect([read.events.list.length, count("square"), count("rt")]).toEqual([154, 80, 74]);
    });

    test("samples, onsets and positions as MNE 1.3.0 reads them", () => {
      const at = [0, 1, 777, 30503];
      const values = [0, 5, 13].map((c) => at.map((s) => channelData(group, group.segments[0]!, c)[s] as number));
      expect(values[0]).toBeAllclose(
        [-3.57974853515625e-5, -2.1326353073120117e-5, 1.4987228393554687e-5, 1.198989963531494e-5],
        { rtol: 1e-7 },
      );
      expect(values[1]).toBeAllclose(
        [4.853980541229248e-6, 1.0739057540893554e-5, 2.2690135955810545e-5, 3.0585453510284424e-6],
        { rtol: 1e-7 },
      );
      expect(values[2]).toBeAllclose(
        [1.499077033996582e-5, 3.418407440185547e-5, 6.063397598266601e-5, 4.6492019653320314e-5],
        { rtol: 1e-7 },
      );
      expect(read.events.list.slice(0, 3).map((e) => e.onset)).toBeAllclose([1.000068, 1.695381, 2.082407], {
        atol: 1e-6,
      });
      // MNE keeps the file's numbers with (x, y, z) = (-Y, X, Z); the file's sphere has radius 1
      const fz = sensorNamed(read.montage!, "F3")!.position!.map((v) => v / 85);
      expect(fz).toBeAllclose([-0.56706, 0.67707, 0.46907], { atol: 1e-5 });
      expect(sensorNamed(read.montage!, "T7")!.position![0]).toBeLessThan(-80);
    });
  },
);
