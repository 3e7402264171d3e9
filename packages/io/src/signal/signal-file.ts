import type { Events, Montage, Recording } from "@quintet/core";

/** What every reader of a signal file returns: the recording, what happened in it, where its sensors are. */
export interface SignalFile {
  /** What the file is, when a reader of several formats decided it. */
  readonly format?: SignalFormat;
  readonly recording: Recording;
  readonly events: Events;
  /** Positions the file itself gives; absent when it gives none. */
  readonly montage?: Montage;
  /** What the file tells of the person that may be kept: no name, no date. */
  readonly person?: Person;
  /** Where identity stood in the file (field names, never their content). */
  readonly identity: readonly string[];
  /** What is wrong or was assumed, in sentences. */
  readonly problems: readonly string[];
}

export type SignalFormat = "EDF" | "BDF" | "BrainVision" | "EEGLAB" | "FIF" | "SNIRF" | "Homer" | "NIRx";

export interface Person {
  readonly sex?: "F" | "M";
  /** Whole years at the recording. */
  readonly age?: number;
}

/** The clock of a single file: second 0 is where the file starts to count. */
export const recordingClock = "recording";
