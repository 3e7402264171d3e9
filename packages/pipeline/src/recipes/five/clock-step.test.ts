import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mapTime, timeSigma } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { afterAll, expect, test } from "vitest";
import { clockStep, timedFile } from "./clock-step.ts";
import { seriesTrack, sessionClock } from "./time-line.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-clock-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const tools = { progress: () => undefined };

/** Irregular stimuli at these times of the visit. */
const stimuli = Array.from({ length: 40 }, (_, i) => 10 + 3 * i + Math.sin(12.9898 * i));
const table = (rows: readonly (readonly [number, string])[]): string =>
  `onset\tduration\ttrial_type\n${rows.map(([onset, type]) => `${onset}\t0\t${type}`).join("\n")}\n`;

function events(name: string, rows: readonly (readonly [number, string])[]): string {
  writeFileSync(join(folder, `${name}_events.tsv`), table(rows));
  return join(folder, `${name}.x`);
}

test("EEG and light that heard the same stimuli are tied, PET stays on its wall clock, EEG's volume triggers tie BOLD", async () => {
  const volumes = 30;
  const bold = {
    unit: "{arbitrary}",
    shape: [2, 2, 2],
    affine: Float64Array.of(3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1),
    space: "scanner",
    clock: "image",
    frames: Array.from({ length: volumes }, (_, k) => ({ start: 2 * k, duration: 2 })),
    data: new Float32Array(8 * volumes),
  } as const;
  writeFileSync(join(folder, "bold.nii"), writeNifti(bold));
  const triggers = Array.from({ length: volumes }, (_, k) => [20 + 2 * k, "Response/R128"] as const);
  const eeg = events("eeg", [...stimuli.map((t) => [t, "tap"] as const), ...triggers, [140, "tap"], [140.0004, "tap"]]);
  const nirs = events(
    "nirs",
    stimuli.slice(2).map((t) => [(t - 5) * (1 + 4e-5), "tap"] as const),
  );
  const visit = await clockStep.run(
    { eeg, fnirs: nirs, bold: join(folder, "bold.nii") },
    {
      files: [
        { id: "eeg", events: "eeg_events.tsv", startedAt: "2026-01-01T10:00:00", tick: 0.002 },
        { id: "fnirs", events: "nirs_events.tsv", startedAt: "2026-01-01T10:00:07" },
        { id: "bold", repetition: 2 },
        { id: "pet", startedAt: "2026-01-01T11:00:00" },
      ],
    },
    tools,
  );
  expect(visit.reference).toBe("eeg");
  const { eeg: own, fnirs: light, bold: mr, pet } = visit.maps;
  if (!own || !light || !mr || !pet) throw new Error("a stream is not placed");
  // The light began 5 s after the EEG: 100 s of its clock is 105 s of the EEG's, but for its drift.
  // Stamps told in ticks of 2 ms leave the rate open by 10 ppm, and so far it is drawn to that of quartz: microseconds.
  expect(mapTime(light, 100 * (1 + 4e-5)) - mapTime(own, 105)).toBeCloseTo(0, 5);
  expect(timeSigma(light, 50)).toBeLessThan(1e-3);
  expect(mapTime(mr, 10) - mapTime(own, 30)).toBeCloseTo(0, 6);
  expect(timeSigma(pet, 0)).toBeGreaterThan(2);
  expect(visit.ties.map(({ from, to, pulses, used }) => [from, to, pulses, used])).toEqual([
    ["eeg", "fnirs", "tap", 38],
    ["eeg", "bold", "volume", 30],
  ]);
  expect(visit.findings.map(({ stream, kind }) => [stream, kind])).toEqual([["eeg", "duplicate"]]);
  const track = { modality: "eeg", name: "EEG", clock: "recording", blocks: [], instants: [] } as const;
  expect(sessionClock([{ track, id: "eeg" }], visit)?.note).toMatch(/2 pairs of them tied by pulses/);
});

test("volumes of a series last until the next, the last as long as the one before", () => {
  expect(seriesTrack("mri", "BOLD", "bold", [0, 2, 5]).blocks).toEqual([
    { start: 0, duration: 2 },
    { start: 2, duration: 3 },
    { start: 5, duration: 3 },
  ]);
  expect(seriesTrack("mri", "BOLD", "bold", [1]).blocks).toEqual([{ start: 1, duration: 0 }]);
});

test("streams that share nothing stand by wall clock, or are unknown", async () => {
  const visit = await clockStep.run(
    {},
    { files: [{ id: "pet", startedAt: "2026-01-01T11:00:00" }, { id: "spect" }] },
    tools,
  );
  expect([Object.keys(visit.maps), visit.ties, visit.reference]).toEqual([["pet"], [], undefined]);
});

test("a scanner's own stamps tie its run: volumes that came late, external pulses, and the tick of 2.5 ms in sigma", async () => {
  const tick = 0.0025;
  // One pause of 0.7 s in the run: the repetition time alone would put the second half wrong.
  const volumes = Array.from({ length: 30 }, (_, k) => 2 * k + (k > 14 ? 0.7 : 0));
  const metadata = {
    RepetitionTime: 2,
    ScannerClock: { Tick: tick, VolumeTimes: volumes, Triggers: { EXT1: stimuli.map((t) => t - 8) } },
  };
  const run = { path: "sub-01_bold.nii.gz", suffix: "bold", metadata, companions: {} } as never;
  const file = timedFile("bold", run);
  expect(file).toEqual({
    ...{ id: "bold", tick },
    scanner: { volumes, triggers: metadata.ScannerClock.Triggers },
  });
  const eeg = events(
    "eeg2",
    volumes.map((t) => [t + 20, "R128"] as const),
  );
  const visit = await clockStep.run({ eeg }, { files: [{ id: "eeg", events: "eeg2_events.tsv" }, file] }, tools);
  expect(visit.ties.map(({ pulses, used }) => [pulses, used])).toEqual([["volume", 30]]);
  const mr = visit.maps.bold;
  if (!mr) throw new Error("the scanner is not placed");
  expect(mapTime(mr, 58.7)).toBeCloseTo(78.7, 5);
  // All stamps are rounded alike: the tick's share of an even error stays.
  expect(timeSigma(mr, 30)).toBeGreaterThan((0.9 * tick) / Math.sqrt(12));
  expect(timeSigma(mr, 30)).toBeLessThan(2 * tick);
});

test.each([
  ["VolumeTimes that go back", { Tick: 0.0025, VolumeTimes: [0, 2, 1] }],
  ["no tick", { VolumeTimes: [0, 2] }],
  ["no times", { Tick: 0.0025 }],
])("a scanner's clock with %s is refused with its file", (_, clock) => {
  const run = {
    path: "sub-01_bold.nii.gz",
    suffix: "bold",
    metadata: { ScannerClock: clock },
    companions: {},
  } as never;
  expect(() => timedFile("bold", run)).toThrow(
    expect.objectContaining({ code: "bad-scanner-clock", file: "sub-01_bold.nii.gz" }),
  );
});

test("BIDS's VolumeTiming counts as measured times without a tick", () => {
  const run = { path: "x_bold.nii", suffix: "bold", metadata: { VolumeTiming: [0, 3, 5] }, companions: {} } as never;
  expect(timedFile("bold", run)).toEqual({ id: "bold", scanner: { volumes: [0, 3, 5], triggers: {} } });
});

test("what the step is told of a file", () => {
  const file = {
    path: "sub-01/func/sub-01_task-x_bold.nii.gz",
    modality: "mri",
    datatype: "func",
    suffix: "bold",
    entities: {},
    metadata: { RepetitionTime: 2 },
    companions: { events: "sub-01/func/sub-01_task-x_events.tsv" },
  } as const;
  // Events of a BOLD run are stimuli on its own clock; its pulses are its volumes.
  expect(timedFile("bold", file)).toEqual({ id: "bold", repetition: 2 });
  const eeg = {
    ...file,
    suffix: "eeg",
    modality: "eeg",
    metadata: { SamplingFrequency: 500 },
    acquiredAt: "2026-01-01T10:00:00",
  } as const;
  expect(timedFile("eeg", eeg)).toEqual({
    id: "eeg",
    events: "sub-01_task-x_events.tsv",
    tick: 0.002,
    startedAt: "2026-01-01T10:00:00",
  });
});
