/**
 * Everything the report says, as data. The pipeline fills it; nothing here is computed by the view
 * but pictures. World is RAS+ mm of the anatomy's space ("subject:T1w") unless a field says otherwise.
 */
import type {
  Affine,
  Concordance,
  Events,
  Evidence,
  LabelVolume,
  Mask,
  Measure,
  Modality,
  Participant,
  Point,
  QcFinding,
  Seconds,
  Sensor,
  Surface,
  TimeMap,
  Volume,
} from "@quintet/core";
import type { ColourMapName } from "../colour/colour-map.ts";
import type { BoldView } from "./bold-view.ts";
import type { EegCleaning, EegSources, EegTrials } from "./eeg-view.ts";
import type { FnirsTomography } from "./fnirs-tomography-view.ts";
import type { KineticsView } from "./kinetics-view.ts";
import type { PetReconView } from "./pet-recon-view.ts";
import type { SpectReconView } from "./spect-recon-view.ts";

export interface ReportModel {
  /** The data set's name. */
  readonly study: string;
  readonly subject: Participant;
  readonly session?: string;
  /** ISO 8601. */
  readonly generatedAt: string;
  readonly software: { readonly name: string; readonly version: string };
  /** Absent when no template was used. */
  readonly template?: TemplateUsed;
  /** Plain sentences: parts from different people, phantom instead of template ... The research-use line is always there. */
  readonly disclaimers: readonly string[];
  readonly answer: Answer;
  /** Best first; empty when nothing was found. */
  readonly findings: readonly Concordance[];
  /** All evidence, also what no finding holds. */
  readonly evidence: readonly Evidence[];
  readonly measures: readonly Measure[];
  readonly qc: readonly QcFinding[];
  /** One row per modality, five in all; a modality that is not there says why. */
  readonly availability: readonly Availability[];
  /** Absent when the study has no MRI; then no slices are drawn. */
  readonly anatomy?: Anatomy;
  /** Drawn in this order over the anatomy; one or more per modality. */
  readonly layers: readonly Layer[];
  readonly head?: HeadView;
  readonly registrations: readonly RegistrationCheck[];
  readonly eeg?: EegView;
  readonly fnirs?: FnirsView;
  /** Of a dynamic PET scan. */
  readonly kinetics?: KineticsView;
  /** Of a PET image that tells how it was reconstructed. */
  readonly petRecon?: readonly PetReconView[];
  /** Of each SPECT image that tells how it was reconstructed. */
  readonly spectRecon?: readonly SpectReconView[];
  readonly bold?: BoldView;
  readonly clock?: SessionClock;
  readonly provenance: Provenance;
  /** Where the three planes meet, RAS mm; without it the first finding's position, else the middle of the brain. */
  readonly crosshair?: { readonly position: Point; readonly label: string };
}

export interface TemplateUsed {
  readonly name: string;
  readonly space: string;
  /** Where it came from, in words ("Debian mricron-data", "the phantom made by code"). */
  readonly source: string;
  readonly note?: string;
}

/** The first screen in words. */
export interface Answer {
  /** false: nothing was found, and the headline says so. */
  readonly found: boolean;
  /** "Left temporal lobe", "No finding". */
  readonly headline: string;
  /** What was found there and how far it may be off, one or two sentences. */
  readonly summary: string;
  /** "3 of 5 modalities point here ..." */
  readonly confidence: string;
  /** What would have to be there to say more. */
  readonly missing: readonly string[];
  readonly warnings: readonly string[];
}

export interface Availability {
  readonly modality: Modality;
  readonly present: boolean;
  /** "FDG, 1 frame of 600 s" or "no SPECT in this study". */
  readonly note: string;
}

export interface Anatomy {
  /** The image all others are shown over; usually the T1, without one another image in its own right (then give `name`). */
  readonly t1: Volume;
  /** What it is called in captions. Default "T1". */
  readonly name?: string;
  readonly brain?: Mask;
  /** Head outline for checks of electrode placement; optional. */
  readonly scalp?: Surface;
  /** Lower and upper end of the gray scale in T1 units; without it the 1st and 99.5th percentile of the head. */
  readonly range?: readonly [number, number];
}

/** The head's own geometry: tissue classes and surfaces in the anatomy's space. */
export interface HeadView {
  /** How it was made, one or two sentences. */
  readonly note: string;
  /** Painted in the order of its names; at most 255 labels. */
  readonly tissues?: LabelVolume;
  readonly tissueNote?: string;
  readonly surfaces: readonly {
    readonly name: string;
    readonly surface: Surface;
    /** CSS colour of its outline. */
    readonly colour: string;
  }[];
  readonly surfaceNote?: string;
}

interface LayerBase {
  /** Unique among the layers; letters, digits, hyphens. */
  readonly id: string;
  readonly modality: Modality;
  /** "FDG SUVR", "SISCOM z". */
  readonly name: string;
  /** Unit as shown: "SUVR", "z", "µM", "dB". "1" is shown as a ratio. */
  readonly unit: string;
  /** Shown value = stored value * scale (1e6 for mol/L shown in µM). Default 1. */
  readonly scale?: number;
  /** Lower and upper end of the colour map, in shown units. */
  readonly range: readonly [number, number];
  readonly colourMap: ColourMapName;
  /** Shown values with |value| below this are transparent. */
  readonly threshold?: number;
  /** 0 ... 1 at the start. Default 0.7. */
  readonly opacity?: number;
  /** One line: what it is, resolution, reference region, what it is not. */
  readonly note: string;
  /** Expected registration error to the anatomy, mm. */
  readonly registrationError?: number;
}

/** A volume on any grid. */
export interface ImageLayer extends LayerBase {
  readonly kind: "image";
  readonly volume: Volume;
  readonly frame?: number;
  /** Volume world mm -> anatomy world mm; identity when absent. */
  readonly toAnatomy?: Affine;
  /** Show only inside the anatomy's brain mask. Default false. */
  readonly insideBrain?: boolean;
}

/** Values of sensors painted on the brain near the cortex under each; a projection, not a source estimate. */
export interface SensorLayer extends LayerBase {
  readonly kind: "sensors";
  readonly points: readonly SensorValue[];
  /** Radius in mm at which the paint has faded to exp(-2). Default 14. */
  readonly reach?: number;
}

export interface SensorValue {
  readonly name: string;
  /** On the scalp, RAS mm. */
  readonly position: Point;
  /** The cortex under it, RAS mm; without it nothing is painted, only the sensor is marked. */
  readonly cortex?: Point;
  /** In stored units; none for a bad channel. */
  readonly value?: number;
}

export type Layer = ImageLayer | SensorLayer;

export interface RegistrationCheck {
  readonly modality: Modality;
  readonly name: string;
  /** The moving image in its own world. */
  readonly volume: Volume;
  /** Moving world mm -> anatomy world mm. */
  readonly toAnatomy: Affine;
  /** Expected target registration error, mm. */
  readonly expectedError: number;
  /** The measure of quality and its value: "normalised mutual information" 1.18. */
  readonly quality: number;
  readonly qualityName: string;
  readonly verdict: QcFinding["verdict"];
  readonly note: string;
  /** As it was registered, where a reader has moved it since. */
  readonly registered?: Affine;
  /** What a reader decided about it. */
  readonly decision?: {
    readonly verdict: "accepted" | "rejected";
    /** Row-major 4x4, world mm of the anatomy, in `toAnatomy` already. */
    readonly nudge?: readonly number[];
    readonly at: string;
  };
  /** Where the true position is known (phantom, planted offset): error found and the limit it must keep, mm. */
  readonly knownError?: { readonly found: number; readonly limit: number; readonly note: string };
}

/** A line with its error band; `se` is one standard error of the mean. */
export interface Curve {
  readonly mean: ArrayLike<number>;
  readonly se?: ArrayLike<number>;
}

export interface EegView {
  /** Reference and filters in words. */
  readonly note: string;
  readonly sensors: readonly Sensor[];
  readonly badChannels: readonly string[];
  /** A stretch of recording, in V, filtered as `note` says. */
  readonly excerpt?: {
    readonly channels: readonly string[];
    readonly rate: number;
    /** Of the first sample, on the recording's clock. */
    readonly start: Seconds;
    /** One array of samples per channel, V. */
    readonly data: readonly ArrayLike<number>[];
    readonly events?: Events;
  };
  /** Power spectral density, V²/Hz. */
  readonly spectra?: {
    readonly frequencies: ArrayLike<number>;
    readonly channels: readonly { readonly name: string; readonly power: ArrayLike<number> }[];
    /** Drawn bold: names of channels or groups that carry the finding. */
    readonly marked?: readonly string[];
    readonly method: string;
  };
  readonly bands: readonly { readonly name: string; readonly low: number; readonly high: number }[];
  readonly topographies: readonly Topography[];
  /** Evoked averages. */
  readonly evoked?: readonly {
    readonly name: string;
    /** Seconds from the event. */
    readonly time: ArrayLike<number>;
    /** In V. */
    readonly channels: readonly ({ readonly name: string } & Curve)[];
    readonly trials: number;
    /** Single trials of the channel that shows it most. */
    readonly single?: EegTrials;
    /** The field at moments that the names tell. */
    readonly maps?: readonly Topography[];
  }[];
  readonly cleaning?: EegCleaning;
  /** Of the spikes. */
  readonly sources?: EegSources;
}

/** One scalar per electrode. */
export interface Topography {
  readonly name: string;
  /** As shown, after `scale`. */
  readonly unit: string;
  readonly scale?: number;
  readonly values: readonly { readonly channel: string; readonly value: number }[];
  /** In shown units; without it the values' own span (symmetric about 0 for "cool-warm"). */
  readonly range?: readonly [number, number];
  readonly colourMap?: ColourMapName;
  /** Shown only so far from the nearest value, in radii of the flattened head; default everywhere. */
  readonly nearest?: number;
}

export interface FnirsView {
  /** Wavelengths, DPF, extinction table in words. */
  readonly note: string;
  readonly sensors: readonly Sensor[];
  readonly channels: readonly {
    readonly name: string;
    readonly source: string;
    readonly detector: string;
    /** Source-detector distance, mm. */
    readonly distance?: number;
    /** Scalp coupling index, 0 ... 1. */
    readonly coupling?: number;
    readonly status: "good" | "bad";
  }[];
  readonly events?: Events;
  /** Block averages per channel or group of channels. */
  readonly responses: readonly {
    readonly name: string;
    readonly condition: string;
    /** Seconds from onset. */
    readonly time: ArrayLike<number>;
    /** mol/L. */
    readonly hbo: Curve;
    readonly hbr: Curve;
    readonly trials: number;
    /** Seconds the stimulus lasted. */
    readonly stimulus?: Seconds;
    readonly channels: readonly string[];
  }[];
  readonly tomography?: FnirsTomography;
  /** One channel's course over the whole recording, mol/L. */
  readonly course?: {
    readonly channel: string;
    readonly rate: number;
    readonly start: Seconds;
    readonly hbo: ArrayLike<number>;
    readonly hbr: ArrayLike<number>;
  };
}

export interface SessionClock {
  /** The clock all tracks are mapped to. */
  readonly name: string;
  /** Wall-clock time of second 0 (dates are shifted), when known. */
  readonly startedAt?: string;
  readonly tracks: readonly ClockTrack[];
  readonly note: string;
  /** Pairs of streams that share pulses. */
  readonly ties?: readonly ClockTieView[];
  /** Resets, drift, marks that stand twice, in sentences. */
  readonly findings?: readonly string[];
}

export interface ClockTieView {
  readonly from: string;
  readonly to: string;
  readonly pulses: string;
  readonly used: number;
  readonly refused: readonly unknown[];
  readonly jitter?: Seconds;
  /** Deviations from the fitted line, on the clock `from`. */
  readonly residuals: readonly { readonly time: Seconds; readonly residual: Seconds }[];
  /** Why they could not be tied. */
  readonly why?: string;
}

/** One stream on the session's time line. */
export interface ClockTrack {
  readonly modality: Modality;
  readonly name: string;
  /** The stream's own clock. */
  readonly clock: string;
  /** Absent: how this clock lies to the session's is unknown, and the report says so. */
  readonly map?: TimeMap;
  /** Frames of an image, stretches of a recording; on the stream's own clock. */
  readonly blocks: readonly { readonly start: Seconds; readonly duration: Seconds; readonly label?: string }[];
  /** Injections, triggers. */
  readonly instants: readonly { readonly time: Seconds; readonly label: string }[];
}

export interface Provenance {
  readonly inputs: readonly InputFile[];
  readonly steps: readonly ProvenanceStep[];
  /** Engine, cores, versions of the parts that computed. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface InputFile {
  /** Relative to the data set; a Measure's `sources` name these. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes?: number;
  readonly modality?: Modality;
}

export interface ProvenanceStep {
  readonly name: string;
  readonly version: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  /** Taken from the cache in this run. */
  readonly cached?: boolean;
  /** Paths of input files or names of steps before. */
  readonly inputs: readonly string[];
  readonly outputs: readonly { readonly path: string; readonly sha256?: string }[];
}
