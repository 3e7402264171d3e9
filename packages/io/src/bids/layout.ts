/** Which folders, suffixes and extensions hold which modality; `spect` is our extension (docs/spect-bids.md). */
import type { Modality } from "@quintet/core";

interface Datatype {
  readonly modality: Modality;
  readonly suffixes: readonly string[];
  readonly extensions: readonly string[];
  /** Side tables that belong to a data file of this folder. */
  readonly companions: readonly string[];
}

const nifti = [".nii", ".nii.gz"];

export const datatypes: Readonly<Record<string, Datatype>> = {
  anat: {
    modality: "mri",
    suffixes: [
      "T1w",
      "T2w",
      "T2star",
      "FLAIR",
      "PDw",
      "PDT2",
      "UNIT1",
      "T1map",
      "T2map",
      "R1map",
      "MP2RAGE",
      "MEGRE",
      "angio",
    ],
    extensions: nifti,
    companions: [],
  },
  func: { modality: "mri", suffixes: ["bold", "cbv", "sbref"], extensions: nifti, companions: ["events"] },
  dwi: { modality: "mri", suffixes: ["dwi", "sbref"], extensions: nifti, companions: [] },
  fmap: {
    modality: "mri",
    suffixes: ["phasediff", "phase1", "phase2", "magnitude1", "magnitude2", "magnitude", "fieldmap", "epi", "TB1map"],
    extensions: nifti,
    companions: [],
  },
  perf: { modality: "mri", suffixes: ["asl", "m0scan"], extensions: nifti, companions: ["aslcontext"] },
  pet: { modality: "pet", suffixes: ["pet"], extensions: nifti, companions: ["blood", "events"] },
  spect: { modality: "spect", suffixes: ["spect"], extensions: nifti, companions: ["events"] },
  eeg: {
    modality: "eeg",
    suffixes: ["eeg"],
    extensions: [".edf", ".bdf", ".vhdr", ".set"],
    companions: ["events", "channels", "electrodes", "coordsystem"],
  },
  nirs: {
    modality: "fnirs",
    suffixes: ["nirs"],
    extensions: [".snirf"],
    companions: ["events", "channels", "optodes", "coordsystem"],
  },
};

/** Suffixes of side files, and the extension of each. */
export const companionExtensions: Readonly<Record<string, string>> = {
  events: ".tsv",
  channels: ".tsv",
  electrodes: ".tsv",
  optodes: ".tsv",
  coordsystem: ".json",
  blood: ".tsv",
  aslcontext: ".tsv",
};

/** Files that go with a data file of the same name: parts of one recording, not data of their own. */
export const partnerExtensions: readonly string[] = [
  ".json",
  ".vmrk",
  ".eeg",
  ".fdt",
  ".bval",
  ".bvec",
  ".tsv",
  ".tsv.gz",
];
