/** What a data set holds, as nouns: who, which sessions, which files. Paths are relative to the root, with "/". */

export const modalities = ["mri", "pet", "spect", "fnirs", "eeg"] as const;
export type Modality = (typeof modalities)[number];

/** JSON metadata of a BIDS sidecar, after inheritance. */
export type Metadata = Readonly<Record<string, unknown>>;

export interface StudyFile {
  /** Relative path of the data file. */
  readonly path: string;
  readonly modality: Modality;
  /** BIDS datatype folder: anat, func, pet, spect, eeg, nirs. */
  readonly datatype: string;
  /** BIDS suffix: T1w, bold, pet, spect, eeg, nirs. */
  readonly suffix: string;
  /** BIDS entities without sub and ses: { task: "rest", run: "1", trc: "FDG", acq: "ictal" }. */
  readonly entities: Readonly<Record<string, string>>;
  readonly session?: string;
  readonly metadata: Metadata;
  /** Wall-clock start of the acquisition (scans.tsv acq_time), ISO 8601 without zone. */
  readonly acquiredAt?: string;
  /** Companion files by role: events, channels, electrodes, optodes, coordsystem, blood; relative paths. */
  readonly companions: Readonly<Record<string, string>>;
}

export interface Participant {
  readonly label: string;
  /** Years. */
  readonly age?: number;
  readonly sex?: "F" | "M" | "O";
  /** Kilograms. */
  readonly weight?: number;
  /** Metres. */
  readonly height?: number;
  readonly handedness?: "L" | "R" | "A";
}

export interface Subject {
  readonly participant: Participant;
  readonly files: readonly StudyFile[];
}

export interface Study {
  readonly root: string;
  readonly name: string;
  /** DatasetType and other fields of dataset_description.json. */
  readonly description: Metadata;
  readonly subjects: readonly Subject[];
}
