/**
 * Fields a side file must have, by datatype.
 *
 * EEG, NIRS and PET: src/schema/rules/sidecars/{eeg,nirs,pet}.yaml of bids-standard/bids-specification (level: required).
 * SPECT: docs/spect-bids.md.
 */
import type { Metadata } from "@quintet/core";
import { numberField, numbersField, textField } from "./json.ts";
import type { BidsProblem } from "./problem.ts";
import { quoted } from "./text.ts";

export const requiredFields: Readonly<Record<string, readonly string[]>> = {
  eeg: ["TaskName", "EEGReference", "SamplingFrequency", "PowerLineFrequency", "SoftwareFilters"],
  nirs: ["TaskName", "SamplingFrequency", "NIRSChannelCount", "NIRSSourceOptodeCount", "NIRSDetectorOptodeCount"],
  bold: ["TaskName", "RepetitionTime"],
  pet: [
    "Manufacturer",
    "ManufacturersModelName",
    "Units",
    "TracerName",
    "TracerRadionuclide",
    "InjectedRadioactivity",
    "InjectedRadioactivityUnits",
    "InjectedMass",
    "InjectedMassUnits",
    "SpecificRadioactivity",
    "SpecificRadioactivityUnits",
    "ModeOfAdministration",
    "TimeZero",
    "ScanStart",
    "InjectionStart",
    "FrameTimesStart",
    "FrameDuration",
    "AcquisitionMode",
    "ImageDecayCorrected",
    "ImageDecayCorrectionTime",
    "ReconMethodName",
    "ReconMethodParameterLabels",
    "ReconFilterType",
    "AttenuationCorrection",
  ],
  spect: [
    "Manufacturer",
    "ManufacturersModelName",
    "Units",
    "TracerName",
    "TracerRadionuclide",
    "InjectedRadioactivity",
    "InjectedRadioactivityUnits",
    "TimeZero",
    "InjectionStart",
    "ScanStart",
    "ScanDuration",
    "Collimator",
    "ReconMethodName",
    "AttenuationCorrection",
    "ScatterCorrection",
    "SpectState",
  ],
  blood: ["PlasmaAvail", "MetaboliteAvail", "WholeBloodAvail", "DispersionCorrected"],
};

const spectStates: readonly string[] = ["ictal", "interictal", "baseline"];

/**
 * What is wrong with the merged side file of a data file: missing fields, contradictions, values that cannot be.
 *
 * @param entities of the data file's name
 */
export function sidecarProblems(
  file: string,
  suffix: string,
  entities: Readonly<Record<string, string>>,
  metadata: Metadata,
): readonly BidsProblem[] {
  const problems: BidsProblem[] = (requiredFields[suffix] ?? [])
    .filter((field) => metadata[field] === undefined || metadata[field] === null || metadata[field] === "")
    .map((field) => ({
      file,
      rule: "required-field",
      severity: "error",
      expected: `${field} in the JSON side file`,
      found: "nothing",
    }));
  const wrong = (rule: string, expected: string, found: unknown, severity: "error" | "warning" = "error"): void => {
    problems.push({ file, rule, severity, expected, found: typeof found === "string" ? found : quoted(found) });
  };
  const task = textField(metadata, "TaskName");
  if (task !== undefined && entities.task !== undefined && task.replace(/[^A-Za-z0-9]/g, "") !== entities.task) {
    wrong("task-name", `TaskName that reads ${entities.task} without other characters`, task, "warning");
  }
  if (suffix === "eeg") {
    const rate = metadata.SamplingFrequency;
    if (rate !== undefined && !(typeof rate === "number" && rate > 0))
      wrong("sampling-frequency", "a rate above 0 Hz", rate);
    const line = metadata.PowerLineFrequency;
    if (line !== undefined && line !== "n/a" && !(typeof line === "number" && line > 0)) {
      wrong("power-line-frequency", '50, 60 or "n/a"', line);
    }
  }
  if (suffix === "pet") petProblems(metadata, wrong);
  if (suffix === "pet" || suffix === "spect") doseProblems(metadata, wrong);
  if (suffix === "spect") {
    const state = textField(metadata, "SpectState");
    if (state !== undefined && !spectStates.includes(state)) wrong("spect-state", spectStates.join(", "), state);
    if (
      state !== undefined &&
      entities.acq !== undefined &&
      spectStates.includes(entities.acq) &&
      entities.acq !== state
    ) {
      wrong("spect-state", `the state of the file name, ${entities.acq}`, state);
    }
  }
  if (suffix === "blood" && metadata.MetaboliteAvail === true) {
    for (const field of ["MetaboliteMethod", "MetaboliteRecoveryCorrectionApplied"]) {
      if (metadata[field] === undefined) wrong("required-field", `${field} where MetaboliteAvail is true`, "nothing");
    }
  }
  return problems;
}

type Wrong = (rule: string, expected: string, found: unknown, severity?: "error" | "warning") => void;

function petProblems(metadata: Metadata, wrong: Wrong): void {
  const labels = metadata.ReconMethodParameterLabels;
  if (Array.isArray(labels) && !labels.includes("none")) {
    for (const field of ["ReconMethodParameterUnits", "ReconMethodParameterValues"]) {
      if (metadata[field] === undefined) wrong("required-field", `${field} where parameters are named`, "nothing");
    }
  }
  const filter = metadata.ReconFilterType;
  if (filter !== undefined && filter !== "none" && metadata.ReconFilterSize === undefined) {
    wrong("required-field", "ReconFilterSize where a filter is named", "nothing");
  }
  if (metadata.ModeOfAdministration === "bolus-infusion") {
    for (const field of [
      "InfusionRadioactivity",
      "InfusionStart",
      "InfusionSpeed",
      "InfusionSpeedUnits",
      "InjectedVolume",
    ]) {
      if (metadata[field] === undefined) wrong("required-field", `${field} for a bolus-infusion`, "nothing");
    }
  }
  const [starts, lengths] = [numbersField(metadata, "FrameTimesStart"), numbersField(metadata, "FrameDuration")];
  if (metadata.FrameTimesStart !== undefined && starts === undefined) {
    wrong("frame-times", "FrameTimesStart as a list of seconds", metadata.FrameTimesStart);
  }
  if (metadata.FrameDuration !== undefined && lengths === undefined) {
    wrong("frame-times", "FrameDuration as a list of seconds", metadata.FrameDuration);
  }
  if (starts === undefined || lengths === undefined) return;
  if (starts.length !== lengths.length) {
    wrong("frame-times", `as many FrameDuration as FrameTimesStart (${starts.length})`, `${lengths.length}`);
    return;
  }
  const overlapping = starts.findIndex(
    (start, i) => i > 0 && start < (starts[i - 1] ?? 0) + (lengths[i - 1] ?? 0) - 0.5,
  );
  if (overlapping > 0) {
    const end = (starts[overlapping - 1] ?? 0) + (lengths[overlapping - 1] ?? 0);
    wrong(
      "frames-overlap",
      `frame ${overlapping + 1} to start at ${end} s or later`,
      `start at ${starts[overlapping]} s`,
    );
  }
  if (lengths.some((length) => !(length > 0))) wrong("frame-times", "frames longer than 0 s", lengths);
}

/** To becquerel. */
const becquerels: Readonly<Record<string, number>> = {
  Bq: 1,
  kBq: 1e3,
  MBq: 1e6,
  GBq: 1e9,
  mCi: 37e6,
  uCi: 37e3,
  Ci: 37e9,
};

/**
 * Injected activity in Bq from `InjectedRadioactivity` and its units; undefined when either is missing or not understood.
 */
export function injectedActivity(metadata: Metadata): number | undefined {
  const value = numberField(metadata, "InjectedRadioactivity");
  const scale = becquerels[textField(metadata, "InjectedRadioactivityUnits") ?? ""];
  return value === undefined || scale === undefined ? undefined : value * scale;
}

/**
 * A dose outside 1 MBq to 5 GBq is no dose for a brain image of a person, and most often a wrong unit; a dose that
 * disagrees with the DICOM total dose carried along (Bq) by more than a tenth is one or the other wrongly written.
 */
function doseProblems(metadata: Metadata, wrong: Wrong): void {
  const units = textField(metadata, "InjectedRadioactivityUnits");
  if (units !== undefined && becquerels[units] === undefined)
    wrong("dose-units", Object.keys(becquerels).join(", "), units);
  const dose = injectedActivity(metadata);
  if (dose === undefined) return;
  if (!(dose >= 1e6 && dose <= 5e9)) {
    wrong("implausible-dose", "1 MBq to 5 GBq", `${metadata.InjectedRadioactivity} ${units}`, "warning");
  }
  const carried = numberField(metadata, "RadionuclideTotalDose");
  if (carried !== undefined && !(Math.abs(dose / carried - 1) <= 0.1)) {
    wrong(
      "dose-disagrees",
      `InjectedRadioactivity near RadionuclideTotalDose (${carried} Bq)`,
      `${dose} Bq`,
      "warning",
    );
  }
}

/** What is wrong with a coordsystem.json. */
export function coordsystemProblems(file: string, prefix: "EEG" | "NIRS", metadata: Metadata): readonly BidsProblem[] {
  const missing = [`${prefix}CoordinateSystem`, `${prefix}CoordinateUnits`].filter(
    (field) => metadata[field] === undefined,
  );
  const other = textField(metadata, `${prefix}CoordinateSystem`)?.toLowerCase() === "other";
  if (other && metadata[`${prefix}CoordinateSystemDescription`] === undefined) {
    missing.push(`${prefix}CoordinateSystemDescription`);
  }
  return missing.map((field) => ({
    file,
    rule: "required-field",
    severity: "error",
    expected: field,
    found: "nothing",
  }));
}
