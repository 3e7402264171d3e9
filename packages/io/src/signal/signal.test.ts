import { describe, expect, test } from "vitest";
import { kindOfName, sensorsOfLabel } from "./channel-kind.ts";
import { fiducialName } from "./fiducial.ts";
import { signalUnit } from "./signal-unit.ts";
import { triggerEvents } from "./trigger-events.ts";

test.each([
  ["uV", "V", 1e-6],
  ["\u00b5V", "V", 1e-6],
  ["\u03bcV", "V", 1e-6],
  [" mV ", "V", 1e-3],
  ["nV", "V", 1e-9],
  ["V", "V", 1],
  ["\u00b5S", "S", 1e-6],
  ["degC", "Cel", 1],
  ["\u00b0C", "Cel", 1],
  ["Cel", "Cel", 1],
  ["g", "m/s2", 9.80665],
  ["%", "1", 0.01],
  ["uM", "mol/L", 1e-6],
  ["BS", "{arbitrary}", 1],
  ["C", "{arbitrary}", 1],
])("unit %s is %s times %d", (stored, unit, factor) => {
  expect(signalUnit(stored)).toMatchObject({ unit, factor });
});

test("a unit in another case is understood and told; one that is none of ours is told", () => {
  expect(signalUnit("UV")).toMatchObject({ unit: "V", factor: 1e-6, problem: 'unit "UV" was taken as uV' });
  expect(signalUnit("furlong").problem).toMatch(/furlong/);
  expect(signalUnit("mV").problem).toBeUndefined();
});

describe("labels", () => {
  test.each([
    ["EEG Fp1", ["Fp1"]],
    ["Fpz-Cz", ["Fpz", "Cz"]],
    ["EEG C3-Ref", ["C3"]],
    ["EEG T3-LE", ["T3"]],
    ["Ergo-Left", ["Ergo-Left"]],
    ["FCC5h", ["FCC5h"]],
  ])("%s speaks of %j", (label, sensors) => {
    expect(sensorsOfLabel(label)).toEqual(sensors);
  });

  test.each([
    ["ECG ECG1", "ecg"],
    ["EOG left", "eog"],
    ["HEOG", "eog"],
    ["Status", "trigger"],
    ["STI 014", "trigger"],
    ["DIG DTRIG", "trigger"],
    ["Resp thorax", "resp"],
    ["Cz", "eeg"],
  ] as const)("%s is %s", (label, kind) => {
    expect(kindOfName(label, "V")).toBe(kind);
  });

  test.each([
    ["NASION", "Nz"],
    ["lpa", "LPA"],
    ["AR", "RPA"],
    ["Inion", "Iz"],
    ["Cz", undefined],
  ])("%s is the fiducial %s", (name, expected) => {
    expect(fiducialName(name)).toBe(expected);
  });
});

test("trigger events: each change to a new value above 0; the first sample is a state", () => {
  const events = triggerEvents([4, 4, 0, 7, 7, 9, 0, 0], 10, 2, "Status");
  expect(events.map((e) => [e.onset, e.value])).toEqual([
    [11.5, 7],
    [12.5, 9],
  ]);
});
