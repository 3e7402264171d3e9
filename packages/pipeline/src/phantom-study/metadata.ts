/** Side files of the phantom's images and recordings: what a scanner's export would say of them. */
import type { Metadata } from "@quintet/core";
import type { InjectedScan, PhantomStudy } from "@quintet/twin";

const maker = { Manufacturer: "Quintet", ManufacturersModelName: "phantom", InstitutionName: "simulated" };

/** hh:mm:ss of an ISO time. */
function timeOfDay(iso: string): string {
  return iso.slice(11, 19);
}

export function t1wMetadata(): Metadata {
  return {
    ...maker,
    Modality: "MR",
    MagneticFieldStrength: 3,
    PulseSequenceType: "MPRAGE-like contrast",
    MRAcquisitionType: "3D",
  };
}

export function boldMetadata({ bold }: PhantomStudy): Metadata {
  return {
    ...maker,
    Modality: "MR",
    MagneticFieldStrength: 3,
    PulseSequenceType: "EPI-like contrast, not distorted",
    TaskName: "tapping",
    RepetitionTime: bold.repetitionTime,
    EchoTime: 0.03,
    SliceTiming: bold.sliceTimes,
    PhaseEncodingDirection: "j-",
  };
}

/** Time zero is the start of the scan: the injection lies before it, and the activity is corrected to it. */
export function petMetadata({ pet, times, participant }: PhantomStudy): Metadata {
  return {
    ...maker,
    TracerName: "FDG",
    TracerRadionuclide: "F18",
    InjectedRadioactivity: pet.dose / 1e6,
    InjectedRadioactivityUnits: "MBq",
    InjectedMass: "n/a",
    InjectedMassUnits: "n/a",
    SpecificRadioactivity: "n/a",
    SpecificRadioactivityUnits: "n/a",
    ModeOfAdministration: "bolus",
    TimeZero: timeOfDay(times.pet),
    ScanStart: 0,
    InjectionStart: -pet.delay,
    AcquisitionMode: "static",
    ImageDecayCorrected: true,
    ImageDecayCorrectionTime: 0,
    PatientWeight: participant.weight,
    ReconMethodName: "simulated from the head: uptake, point spread, noise",
    ReconMethodParameterLabels: ["none"],
    ReconFilterType: "none",
    AttenuationCorrection: "simulated as perfect",
  };
}

/** @param onset seconds from seizure onset to injection, for the ictal scan */
export function spectMetadata(
  scan: InjectedScan,
  state: "ictal" | "interictal",
  startedAt: string,
  onset: number | undefined,
): Metadata {
  return {
    ...maker,
    TracerName: "HMPAO",
    TracerRadionuclide: "Tc99m",
    InjectedRadioactivity: scan.dose / 1e6,
    InjectedRadioactivityUnits: "MBq",
    TimeZero: timeOfDay(startedAt),
    ScanStart: 0,
    InjectionStart: -scan.delay,
    ScanDuration: scan.duration,
    Collimator: "LEHR",
    ReconMethodName: "simulated from the head: flow, point spread, noise",
    AttenuationCorrection: "simulated as perfect",
    ScatterCorrection: "simulated as perfect",
    SpectState: state,
    ...(onset === undefined ? {} : { InjectionDelay: onset }),
  };
}

export function eegMetadata(): Metadata {
  return {
    ...maker,
    EEGReference: "average of all electrodes",
    EEGGround: "n/a",
    PowerLineFrequency: 50,
    SoftwareFilters: "n/a",
    EEGPlacementScheme: "10-10",
  };
}

export function nirsMetadata(): Metadata {
  return { ...maker, NIRSPlacementScheme: "two rows of four over C3 and C4, 30 mm", TaskDescription: "finger tapping" };
}
