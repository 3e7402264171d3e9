/**
 * What the workstation's server answers besides the Scene. All answers are JSON unless a line says binary;
 * every refusal is {error, code} with a status of 400 or above. The table of addresses is docs/workstation.md.
 */

/**
 * Head of the binary answer of GET /api/recording/ID: uint32 length of the head, the head as JSON, zeros up to the
 * next multiple of 4, then float32 values, little-endian. For "samples" a channel of a segment is `count` values,
 * for "min-max" `count` pairs (min, max); a segment's channels follow one another.
 */
export interface RecordingWindow {
  readonly kind: "samples" | "min-max";
  readonly group: number;
  readonly channels: readonly { readonly name: string; readonly unit: string }[];
  /** Values or pairs per second. */
  readonly rate: number;
  readonly segments: readonly {
    /** Time of the first value on the recording's own clock, s. A pair holds what begins at its time. */
    readonly start: number;
    readonly count: number;
    /** Index of its first float32 behind the head. */
    readonly at: number;
  }[];
  /** Filters and montage as applied, in words. */
  readonly note: string;
}

/**
 * GET and PUT of eventsUrl. A PUT gives `version` as it was read; another version is refused (409). POST with
 * {"do": "undo" | "redo", "version"} takes the last save back or does it again. All three answer with the table.
 */
export interface EventsTable {
  readonly version: string;
  readonly events: readonly StationEvent[];
  /** Edits that can be taken back or done again, also after a reload. */
  readonly undo: number;
  readonly redo: number;
}

export interface StationEvent {
  /** s on the recording's own clock. */
  readonly onset: number;
  readonly duration: number;
  readonly type: string;
  readonly value?: number;
  readonly channels?: readonly string[];
  /** Further columns of the table, as written; give them back and they are kept. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** POST /api/decisions/REGISTRATION; answered with the SceneDecision. verdict null takes a decision back. */
export interface DecisionRequest {
  readonly verdict: "accepted" | "rejected" | null;
  /** Row-major 4x4, world mm of the anatomy, applied after the registration; rigid. */
  readonly nudge?: readonly number[];
}

/** What the socket /api/runs tells: first the state, then every change. */
export type RunMessage =
  | { readonly kind: "state"; readonly running: boolean; readonly log: readonly string[] }
  | {
      readonly kind: "step";
      /** "start" | "progress" | "ran" | "cached" | "failed" | "skipped". */
      readonly event: string;
      readonly subject: string;
      readonly step: string;
      readonly title: string;
      readonly fraction?: number;
      readonly done?: number;
      readonly total?: number;
      readonly note?: string;
    }
  | { readonly kind: "log"; readonly line: string }
  /** code 0 done, 1 failed, 130 cancelled; the scene is worth asking for again. */
  | { readonly kind: "end"; readonly code: number; readonly seconds: number };

/** GET /api/curves?subject=&volume=ID&position=x,y,z or &region=NAME. */
export interface StationCurve {
  readonly name: string;
  /** As shown. */
  readonly unit: string;
  /** Study clock when the volume is on it; middle of each frame. */
  readonly times: readonly number[];
  readonly durations: readonly number[];
  readonly values: readonly (number | null)[];
  /** A fitted model on the same times, where the pipeline made one. */
  readonly fit?: { readonly name: string; readonly values: readonly (number | null)[]; readonly note: string };
  /** Voxels behind each value, where it was taken from an image just now. */
  readonly voxels?: number;
}

export interface FittedCurve extends StationCurve {
  readonly modality: "pet" | "mri";
  /** pet, bold: whose clock the times came from. */
  readonly stream: string;
  readonly region?: string;
}

/** GET /api/plots?subject=: what the run found over time and frequency. */
export interface StationPlots {
  readonly responses: readonly {
    readonly modality: "fnirs" | "mri" | "eeg";
    readonly name: string;
    readonly condition: string;
    readonly unit: string;
    /** s from onset. */
    readonly time: readonly number[];
    readonly series: readonly {
      readonly name: string;
      readonly values: readonly number[];
      readonly se?: readonly number[];
    }[];
    readonly channels: readonly string[];
    readonly trials: number;
  }[];
  readonly spectra?: {
    readonly frequencies: readonly number[];
    readonly unit: string;
    readonly channels: readonly { readonly name: string; readonly values: readonly number[] }[];
    readonly marked: readonly string[];
    readonly bands: readonly { readonly name: string; readonly low: number; readonly high: number }[];
    readonly method: string;
  };
  readonly topographies: readonly {
    readonly modality: "eeg" | "fnirs";
    readonly name: string;
    readonly unit: string;
    readonly values: readonly { readonly channel: string; readonly value: number }[];
  }[];
  /** Curves that the run fitted: regions of a dynamic PET scan, the strongest BOLD peak. */
  readonly curves: readonly FittedCurve[];
  readonly fingerprint: readonly FingerprintRow[];
}

/** A region's value in one modality, made comparable; null where nothing makes it so. */
export interface FingerprintRow {
  readonly region: string;
  readonly side?: "left" | "right" | "midline";
  readonly cells: readonly {
    readonly modality: "mri" | "pet" | "spect" | "fnirs" | "eeg";
    readonly measure: string;
    readonly value: number;
    readonly unit: string;
    /** Against the normative table. */
    readonly z?: number;
    /** 100 * value / the mean of all regions of this measure in this person; no norm, only a shape. */
    readonly percentOfMean?: number;
    /** 100 * (value - other side) / mean of both. */
    readonly asymmetry?: number;
  }[];
}
