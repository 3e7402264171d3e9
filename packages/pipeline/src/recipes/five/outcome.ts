/** What each wing hands to the fusion and to the report: the same shape for all five. */
import type {
  Evidence,
  LabelVolume,
  Mask,
  Measure,
  Modality,
  Montage,
  QcFinding,
  Surface,
  Transform,
  Volume,
  Warp,
} from "@quintet/core";
import type { BrainMask } from "@quintet/modalities/mri";
import type {
  BoldView,
  ClockTrack,
  EegView,
  FnirsView,
  KineticsView,
  Layer,
  PetReconView,
  RegistrationCheck,
  SpectReconView,
} from "@quintet/view";

/** An image to keep as a derivative. */
export interface KeptImage {
  /** BIDS description: "desc-SUVR_pet" */
  readonly suffix: string;
  readonly datatype: string;
  readonly volume: Volume | LabelVolume;
}

export interface WingOutcome {
  readonly modality: Modality;
  /** One line on what was there: "FDG, 1 frame of 600 s". */
  readonly note: string;
  /** It could have pointed at a place, finding or not. */
  readonly localises: boolean;
  readonly measures: readonly Measure[];
  readonly evidence: readonly Evidence[];
  readonly qc: readonly QcFinding[];
  readonly layers: readonly Layer[];
  readonly registrations: readonly RegistrationCheck[];
  readonly tracks: readonly ClockTrack[];
  readonly images: readonly KeptImage[];
  /** What a reader must know before believing the numbers. */
  readonly warnings: readonly string[];
  readonly eeg?: EegView;
  readonly fnirs?: FnirsView;
  readonly kinetics?: KineticsView;
  readonly petRecon?: readonly PetReconView[];
  readonly spectRecon?: readonly SpectReconView[];
  readonly bold?: BoldView;
}

export interface Anatomy {
  readonly t1: Volume;
  readonly brain: BrainMask;
  readonly scalp: Surface;
  readonly measures: readonly Measure[];
  readonly qc: readonly QcFinding[];
  /** Path of the T1 in the data set. */
  readonly source: string;
  readonly images: readonly KeptImage[];
}

/** The person's anatomy named by the template's regions. */
export interface HeadFrame {
  readonly template: {
    readonly name: string;
    readonly space: string;
    readonly source: string;
    readonly hasAtlas: boolean;
  };
  /** subject:T1w points -> template points. */
  readonly toTemplate: Warp;
  /** Template points -> subject:T1w points. */
  readonly fromTemplate: Warp;
  /** Nz, LPA, RPA, Iz on this scalp. */
  readonly fiducials: Montage;
  /** All 10-05 positions on this scalp. */
  readonly positions: Montage;
  /** Sublobar regions on the T1 grid; absent without an atlas. */
  readonly regions?: LabelVolume;
  /** The template's brain on the template's grid, for comparisons of left with right. */
  readonly templateBrain: Mask;
  readonly expectedError: number;
  readonly qc: readonly QcFinding[];
}

/** An image of its own space, placed on the anatomy. */
export interface Placed {
  /** One static frame. */
  readonly volume: Volume;
  readonly transform: Transform;
  readonly expectedError: number;
  readonly check: RegistrationCheck;
  readonly qc: readonly QcFinding[];
  /** To which PET was corrected for decay on the way in, s on its clock, where its side file said that it was not. */
  readonly decayReference?: number;
  /** Why nothing may be read off this image: a reader rejected its place. */
  readonly rejected?: string;
}

export function finding(
  modality: Modality,
  name: string,
  value: number | string,
  verdict: QcFinding["verdict"],
  note: string,
  unit?: string,
): QcFinding {
  return unit === undefined ? { modality, name, value, verdict, note } : { modality, name, value, unit, verdict, note };
}
