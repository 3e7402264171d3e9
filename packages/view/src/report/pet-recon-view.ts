/** What is shown of a PET reconstruction: nothing computed here but pictures. */
import type { Point, QcFinding, Seconds, Volume } from "@quintet/core";
import type { ReconSettings } from "./recon-settings.ts";

export interface PetReconFrame {
  /** On the scan's clock. */
  readonly start: Seconds;
  /** 0 where it is not known. */
  readonly duration: Seconds;
  /** Counts. */
  readonly prompts: number;
  /** Absent where it is no term of the model. */
  readonly randoms?: number;
  readonly scatter?: number;
  /** What the tails asked of the computed scatter. */
  readonly scatterScale?: { readonly value: number; readonly error: number };
  /** Of each iteration. */
  readonly iterations: readonly {
    readonly logLikelihood?: number;
    /** Sum of what the model expects, counts. */
    readonly expected: number;
    /** |x - x before| / |x|. */
    readonly change: number;
  }[];
}

/** Counts of a list in spans of equal length. */
export interface CountCourse {
  readonly start: Seconds;
  readonly width: Seconds;
  readonly prompts: ArrayLike<number>;
  /** Of the delayed window; absent where the list holds none. */
  readonly delayeds?: ArrayLike<number>;
}

/** Where the head was: about the scanner's centre, turned about x, y, z, then shifted. */
export interface MotionCourse {
  /** When each place was taken; it is held until the next one's, the last one until `end`. */
  readonly time: ArrayLike<Seconds>;
  readonly end: Seconds;
  /** mm. */
  readonly shifts: readonly Point[];
  readonly degrees: readonly Point[];
}

export interface PetReconTerm {
  readonly name: string;
  /** Absent: it is no term of the model. */
  readonly value?: string;
  readonly note?: string;
}

export interface PetReconView {
  /** The file's name. */
  readonly source: string;
  readonly settings: ReconSettings;
  readonly terms: readonly PetReconTerm[];
  readonly frames: readonly PetReconFrame[];
  readonly course?: CountCourse;
  readonly motion?: MotionCourse;
  /** What was done about motion, one sentence. */
  readonly motionNote: string;
  readonly notes: readonly string[];
  readonly findings: readonly QcFinding[];
  /** What the image counts, where its own unit does not tell. */
  readonly unit?: string;
  readonly image?: Volume;
}
