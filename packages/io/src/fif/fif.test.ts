import { gzipSync } from "node:zlib";
import { channelData } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { fifByHand } from "../../../../fixtures/signals/fif-by-hand.ts";
import { readFifPoints, readFifSurfaces, readFifTransforms } from "./geometry.ts";
import { readFifLeadField } from "./lead-field.ts";
import { readFifRecording } from "./recording.ts";
import { looksLikeFif } from "./tags.ts";

test("a surface comes in mm with what it bounds, also gzipped", () => {
  for (const bytes of [fifByHand.surface(), gzipSync(fifByHand.surface())]) {
    const [surface, ...more] = readFifSurfaces(bytes);
    expect(more).toEqual([]);
    expect(surface).toMatchObject({ name: "inner-skull", space: "mri" });
    expect(surface?.conductivity).toBeCloseTo(0.3, 6);
    expect([...surface!.vertices.subarray(0, 6)]).toBeAllclose([10, 0, 0, -10, 0, 0], { atol: 1e-6 });
    expect([...surface!.faces.subarray(0, 3)]).toEqual([0, 2, 4]);
    expect(surface!.faces.length).toBe(24);
  }
});

test("a transform moves points in mm from MRI to head", () => {
  const [map] = readFifTransforms(fifByHand.transform());
  expect([map?.from, map?.to]).toEqual(["mri", "head"]);
  const [c, s] = [Math.cos(Math.PI / 18), Math.sin(Math.PI / 18)];
  expect(map!.matrix).toBeAllclose([c, -s, 0, 1, s, c, 0, 2, 0, 0, 1, 3, 0, 0, 0, 1], { atol: 1e-6 });
});

test("digitised points are named as the head's landmarks", () => {
  const { space, sensors } = readFifPoints(fifByHand.points());
  expect(space).toBe("mri");
  expect(sensors.map(({ name }) => name)).toEqual(["LPA", "Nz", "RPA", "head 007"]);
  expect(sensors[1]!.position!).toBeAllclose([0, 100, 0], { atol: 1e-5 });
  expect(sensors[3]!.kind).toBe("head-shape");
});

describe.each([2, 3, 4] as const)("a recording of type %i", (type) => {
  const read = readFifRecording(fifByHand.recording(type), { file: "a.fif" });
  const group = read.recording.groups[0]!;

  test("samples are volts; a skip is a gap", () => {
    expect(group.rate).toBe(100);
    expect(group.segments.map(({ start }) => start)).toEqual([0, 0.08]);
    expect(channelData(group, group.segments[0]!, 0)).toBeAllclose([0, 1e-6, 2e-6, 3e-6], { rtol: 1e-6 });
    expect(channelData(group, group.segments[1]!, 1)).toBeAllclose([-8e-6, -10e-6, -12e-6, -14e-6], { rtol: 1e-6 });
  });

  test("kinds, bad channels, triggers, places, date; the person is told of, not kept", () => {
    expect(group.channels.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      "eeg undefined",
      "eeg bad",
      "trigger undefined",
    ]);
    expect(read.events.list).toEqual([{ onset: 0.1, duration: 0, type: "trigger/5", value: 5, channels: ["STI 014"] }]);
    expect(read.montage?.sensors.map(({ name }) => name)).toEqual(["EEG 001", "EEG 002", "Nz"]);
    expect(read.montage!.sensors[1]!.position!).toBeAllclose([-30, 0, 100], { atol: 1e-5 });
    expect(read.recording.startedAt).toBe("2001-09-09T01:46:40");
    expect(read.identity).toEqual(["subject"]);
    expect(JSON.stringify(read)).not.toContain("somebody");
  });
});

test("a lead field is turned to a row per channel", () => {
  const { channels, orientations, rows, space } = readFifLeadField(fifByHand.leadField());
  expect({ channels, orientations, space }).toEqual({
    channels: ["EEG 001", "EEG 002"],
    orientations: 3,
    space: "head",
  });
  expect([...rows[1]!]).toEqual([10, 11, 12, 13, 14, 15]);
});

test.each<[string, () => unknown]>([
  ["not-fif", () => readFifSurfaces(new Uint8Array(100))],
  ["truncated", () => readFifSurfaces(fifByHand.surface().subarray(0, 300))],
  ["bad-structure", () => readFifSurfaces(fifByHand.broken.open())],
  ["bad-structure", () => readFifSurfaces(fifByHand.broken.ring())],
  ["bad-dimensions", () => readFifSurfaces(fifByHand.broken.extent())],
  ["no-surface", () => readFifSurfaces(fifByHand.transform())],
  ["no-points", () => readFifPoints(fifByHand.transform())],
  ["no-lead-field", () => readFifLeadField(fifByHand.transform())],
  ["no-raw-data", () => readFifRecording(fifByHand.surface())],
  ["bad-header", () => readFifRecording(fifByHand.broken.channels())],
  ["bad-dimensions", () => readFifRecording(fifByHand.broken.buffer())],
])("refuses: %s", (code, act) => {
  expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
});

test("a FIF file is known by its first tag", () => {
  expect([looksLikeFif(fifByHand.surface()), looksLikeFif(new Uint8Array(100))]).toEqual([true, false]);
});
