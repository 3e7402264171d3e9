import { DataError, type Montage, type Recording } from "@quintet/core";
import { expect, test } from "vitest";
import { readBloodTsv } from "./blood.ts";
import { readChannelsTsv, withChannels, writeChannelsTsv } from "./channels.ts";
import { readEventsTsv, writeEventsTsv } from "./events.ts";
import { readParticipantsTsv, readScansTsv, readSessionsTsv } from "./people.ts";
import { coordsystemOf, readElectrodesTsv, readOptodesTsv, writeElectrodesTsv, writeOptodesTsv } from "./positions.ts";
import type { BidsProblem } from "./problem.ts";

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof DataError ? error.code : `not a DataError: ${error}`;
  }
  return "no error";
};

test("events: trial_type, value and channels; n/a duration is an instant", () => {
  const text = "onset\tduration\ttrial_type\tvalue\tchannel\n1.5\t0.2\tgo\t3\tn/a\n-2\tn/a\tn/a\tR128\tF7,T7\n";
  expect(readEventsTsv(text, { file: "e.tsv", clock: "eeg" })).toEqual({
    clock: "eeg",
    list: [
      { onset: 1.5, duration: 0.2, type: "go", value: 3 },
      { onset: -2, duration: 0, type: "R128", channels: ["F7", "T7"] },
    ],
  });
});

test("events come back as written, in order of onset", () => {
  const events = {
    clock: "c",
    list: [
      { onset: 2, duration: 0, type: "b", value: 1 },
      { onset: 1, duration: 0.5, type: "a" },
    ],
  };
  expect(readEventsTsv(writeEventsTsv(events), { file: "e", clock: "c" }).list).toEqual([
    events.list[1],
    events.list[0],
  ]);
});

test.each([
  ["missing-column", "duration\n1\n"],
  ["missing-onset", "onset\tduration\nn/a\t1\n"],
  ["not-a-number", "onset\tduration\nsoon\t1\n"],
  ["negative-duration", "onset\tduration\n1\t-1\n"],
])("events refuse %s", (code, text) => {
  expect(codeOf(() => readEventsTsv(text, { file: "e", clock: "c" }))).toBe(code);
});

test("channels: kind, unit with its factor, optical pair and wavelength, status", () => {
  const eeg = readChannelsTsv("name\ttype\tunits\tstatus\nT7\tEEG\tµV\tbad\nSkin\tGSR\tuS\tgood\nX\tNEW\tfoo\tn/a\n", {
    file: "c",
  });
  expect(eeg[0]).toMatchObject({ name: "T7", kind: "eeg", unit: "V", factor: 1e-6, sensors: ["T7"], status: "bad" });
  expect(eeg[1]).toMatchObject({ kind: "gsr", unit: "S", factor: 1e-6 });
  expect(eeg[2]).toMatchObject({ kind: "misc", unit: "{arbitrary}", unitInFile: "foo", type: "NEW" });
  expect(eeg[2]?.factor).toBeUndefined();
  const head = "name\ttype\tsource\tdetector\twavelength_nominal\tunits";
  const nirs = readChannelsTsv(`${head}\nS1-D2\tNIRSCWAMPLITUDE\tS1\tD2\t760\tV\n`, { file: "c" });
  expect(nirs[0]).toMatchObject({
    kind: "nirs-intensity",
    unit: "{intensity}",
    sensors: ["S1", "D2"],
    wavelength: 760,
  });
});

test("channels of a recording: status and kind are taken over, samples and units are not touched", () => {
  const data = Float32Array.of(1, 2);
  const recording: Recording = {
    clock: "c",
    groups: [
      {
        rate: 1,
        channels: [
          { name: "T7", kind: "eeg", unit: "V", sensors: ["T7"] },
          { name: "EKG", kind: "eeg", unit: "V", sensors: ["EKG"] },
        ],
        segments: [{ start: 0, data }],
      },
    ],
  };
  const described = readChannelsTsv("name\ttype\tunits\tstatus\nT7\tEEG\tmV\tbad\nEKG\tECG\tuV\tgood\n", { file: "c" });
  const merged = withChannels(recording, described);
  expect(merged.groups[0]?.channels.map(({ kind, unit, status }) => [kind, unit, status])).toEqual([
    ["eeg", "V", "bad"],
    ["ecg", "V", "good"],
  ]);
  expect(merged.groups[0]?.segments[0]?.data).toBe(data);
  expect(
    readChannelsTsv(writeChannelsTsv(merged, "eeg"), { file: "c" }).map(({ type, unitInFile, status }) => [
      type,
      unitInFile,
      status,
    ]),
  ).toEqual([
    ["EEG", "uV", "bad"],
    ["ECG", "uV", "good"],
  ]);
});

// A point 70 mm to the right, 20 mm anterior, 30 mm up, as each frame writes it.
test.each([
  ["CapTrak", "mm", [70, 20, 30], "head:CapTrak"],
  ["EEGLAB", "mm", [20, -70, 30], "head:EEGLAB"],
  ["CTF", "cm", [2, -7, 3], "head:CTF"],
  ["ElektaNeuromag", "m", [0.07, 0.02, 0.03], "head:ElektaNeuromag"],
  ["ScanRAS", "mm", [70, 20, 30], "subject:T1w"],
  ["MNI152NLin2009cAsym", "mm", [70, 20, 30], "MNI152NLin2009cAsym"],
  ["Other", "mm", [70, 20, 30], "head:Other"],
])("electrodes in %s, %s become RAS mm", (system, units, xyz, space) => {
  const coordsystem = {
    EEGCoordinateSystem: system,
    EEGCoordinateUnits: units,
    AnatomicalLandmarkCoordinates: { NAS: xyz },
  };
  const montage = readElectrodesTsv(`name\tx\ty\tz\nT8\t${xyz.join("\t")}\nREF\tn/a\tn/a\tn/a\n`, {
    file: "e.tsv",
    coordsystem,
  });
  expect(montage.space).toBe(space);
  expect(montage.sensors[0]?.position).toBeAllclose([70, 20, 30], { atol: 1e-9 });
  expect(montage.sensors[1]).toEqual({ name: "REF", kind: "electrode" });
  expect(montage.sensors[2]).toMatchObject({ name: "Nz", kind: "fiducial" });
  expect(montage.sensors[2]?.position).toBeAllclose([70, 20, 30], { atol: 1e-9 });
});

test("optodes: a missing measured position falls back to the template one, marked so", () => {
  const coordsystem = { NIRSCoordinateSystem: "CapTrak", NIRSCoordinateUnits: "m" };
  const text =
    "name\ttype\tx\ty\tz\ttemplate_x\ttemplate_y\ttemplate_z\nS1\tsource\t0.1\t0\t0\t1\t1\t1\nD1\tdetector\tn/a\tn/a\tn/a\t0\t0.1\t0\n";
  expect(readOptodesTsv(text, { file: "o", coordsystem }).sensors).toEqual([
    { name: "S1", kind: "source", position: [100, 0, 0] },
    { name: "D1", kind: "detector", position: [0, 100, 0], template: true },
  ]);
});

test.each(["subject:T1w", "head:CapTrak", "head:EEGLAB", "MNI152NLin2009cAsym"])(
  "a montage in %s comes back from its tables",
  (space) => {
    const montage: Montage = {
      space,
      sensors: [
        { name: "T7", kind: "electrode", position: [-71.25, 1, 2] },
        { name: "Nz", kind: "fiducial", position: [0, 90, 0] },
      ],
    };
    const coordsystem = coordsystemOf(montage, "EEG");
    expect(readElectrodesTsv(writeElectrodesTsv(montage), { file: "e", coordsystem })).toEqual(montage);
    const optodes: Montage = {
      space,
      sensors: [
        { name: "S1", kind: "source", position: [1, 2, 3] },
        { name: "D1", kind: "detector", position: [4, 5, 6], template: true },
        { name: "LPA", kind: "fiducial", position: [-80, 0, 0] },
      ],
    };
    expect(
      readOptodesTsv(writeOptodesTsv(optodes), { file: "o", coordsystem: coordsystemOf(optodes, "NIRS") }),
    ).toEqual(optodes);
  },
);

test.each([
  ["no-coordsystem", undefined, "name\tx\ty\tz\nA\t1\t2\t3\n"],
  ["missing-field", {}, "name\tx\ty\tz\nA\t1\t2\t3\n"],
  ["unknown-units", { EEGCoordinateSystem: "CTF", EEGCoordinateUnits: "inch" }, "name\tx\ty\tz\nA\t1\t2\t3\n"],
  ["missing-column", { EEGCoordinateSystem: "CTF", EEGCoordinateUnits: "m" }, "name\tx\ty\nA\t1\t2\n"],
  [
    "duplicate-sensor",
    { EEGCoordinateSystem: "CTF", EEGCoordinateUnits: "m" },
    "name\tx\ty\tz\nA\t1\t2\t3\nA\t1\t2\t3\n",
  ],
])("positions refuse %s", (code, coordsystem, text) => {
  expect(codeOf(() => readElectrodesTsv(text, { file: "e", ...(coordsystem ? { coordsystem } : {}) }))).toBe(code);
});

test("blood: kBq/mL and minutes to Bq/mL and seconds; a curve holds the samples it has", () => {
  const metadata = {
    time: { Units: "min" },
    whole_blood_radioactivity: { Units: "kBq/mL" },
    metabolite_parent_fraction: { Units: "%" },
  };
  const text = "time\twhole_blood_radioactivity\tmetabolite_parent_fraction\n0\t0.5\t100\n1\tn/a\t80\n2\t0.25\tn/a\n";
  const blood = readBloodTsv(text, { file: "b", clock: "pet", metadata });
  expect([...(blood.wholeBlood?.time ?? [])]).toEqual([0, 120]);
  expect([...(blood.wholeBlood?.value ?? [])]).toEqual([500, 250]);
  expect([...(blood.parentFraction?.value ?? [])]).toEqual([1, 0.8]);
  expect(blood.plasma).toBeUndefined();
});

test.each([
  ["unknown-units", "time\n1\n", {}],
  ["unknown-units", "time\tplasma_radioactivity\n1\t2\n", { time: { Units: "s" } }],
  ["time-not-increasing", "time\n1\n1\n", { time: { Units: "s" } }],
  ["missing-time", "time\nn/a\n", { time: { Units: "s" } }],
  ["out-of-range", "time\tmetabolite_parent_fraction\n1\t97\n", { time: { Units: "s" } }],
  ["missing-column", "t\n1\n", {}],
])("blood refuses %s", (code, text, metadata) => {
  expect(codeOf(() => readBloodTsv(text, { file: "b", clock: "pet", metadata }))).toBe(code);
});

test("participants: units by the side file, words to letters, doubtful cells left out and told", () => {
  const problems: BidsProblem[] = [];
  const text =
    "participant_id\tage\tsex\tweight\theight\thandedness\nsub-01\t89+\tfemale\t70\t1.7\tright\nsub-02\t34\tx\t70\t170\tn/a\nP3\t1\tM\t1\t1\tL\n";
  expect(readParticipantsTsv(text, { file: "participants.tsv", report: (p) => problems.push(p) })).toEqual([
    { label: "01", age: 89, sex: "F", weight: 70, height: 1.7, handedness: "R" },
    { label: "02", age: 34, weight: 70 },
  ]);
  expect(problems.map((p) => p.rule)).toEqual(["participant-height", "participant-sex", "participant-id"]);
  const inCm = readParticipantsTsv("participant_id\theight\nsub-1\t170\n", {
    file: "p",
    sidecar: { height: { Units: "cm" } },
  });
  expect(inCm[0]?.height).toBeCloseTo(1.7, 12);
});

test("scans and sessions: times without zone; an impossible one is told and left out", () => {
  const problems: BidsProblem[] = [];
  const report = (p: BidsProblem) => problems.push(p);
  const text = "filename\tacq_time\nanat/a.nii.gz\t2020-02-29T23:59:59.5Z\npet/b.nii.gz\tyesterday\n";
  expect(readScansTsv(text, { file: "s", report })).toEqual([
    { filename: "anat/a.nii.gz", acquiredAt: "2020-02-29T23:59:59.5" },
    { filename: "pet/b.nii.gz" },
  ]);
  expect(problems).toHaveLength(1);
  expect(readSessionsTsv("session_id\tacq_time\nses-1\t1920-01-01T00:00:00\n", { file: "s" })).toEqual([
    { label: "1", acquiredAt: "1920-01-01T00:00:00" },
  ]);
});
