/**
 * What the workstation shows of one person, as JSON: the door between the server that reads a study and
 * the page that draws it. World is RAS+ mm of the anatomy's space; times are seconds on the study clock
 * unless a field says otherwise; sigma null means unknown and is shown as unknown, never as 0.
 * Addresses are relative to the server's root and hold ids of this scene only, never a path.
 */
import type { Concordance, Evidence, Measure, Modality, QcFinding } from "@quintet/core";
import type { ColourMapName } from "../colour/colour-map.ts";
import type { Availability } from "../report/model.ts";

export interface Scene {
  readonly study: string;
  readonly subjects: readonly string[];
  /** Label without "sub-"; the name of the file when a bare file was opened. */
  readonly subject: string;
  /** Space of all positions, "subject:T1w". */
  readonly space: string;
  readonly volumes: readonly SceneVolume[];
  readonly surfaces: readonly SceneSurface[];
  readonly sensors: readonly SceneSensor[];
  /** Current dipoles of EEG, where a table of them is among the results. */
  readonly sources: readonly SceneSource[];
  readonly recordings: readonly SceneRecording[];
  readonly clock: SceneClock;
  readonly registrations: readonly SceneRegistration[];
  readonly measures: readonly Measure[];
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Concordance[];
  readonly qc: readonly QcFinding[];
  /** One row per modality, five in all; a modality that is not there says why. Empty before the first run. */
  readonly availability: readonly Availability[];
  /** What this server can do with this study: a bare file has no events to save and nothing to run. */
  readonly can: { readonly run: boolean; readonly edit: boolean; readonly decide: boolean; readonly record: boolean };
  /** Where both cursors start. */
  readonly start: { readonly position: readonly [number, number, number]; readonly time: number };
  /** A broken file among good ones: what it is and why it is not shown. */
  readonly problems: readonly { readonly path: string; readonly code: string; readonly message: string }[];
  /** Recordings and surfaces are still being opened: the whole scene, asked for next, has them. */
  readonly pending?: boolean;
  /** Address of the report when there is one. */
  readonly report?: string;
}

export interface SceneVolume {
  readonly id: string;
  readonly modality: Modality;
  readonly name: string;
  /** As shown; shown value = stored value * scale. */
  readonly unit: string;
  readonly scale: number;
  /** Every unit it can be shown in, its own first; absent when there is only that. `scale` as above. */
  readonly units?: readonly { readonly unit: string; readonly scale: number; readonly formula: string }[];
  readonly shape: readonly [nx: number, ny: number, nz: number];
  /** Voxel index -> world mm of the anatomy, row-major 4x4 (registration already applied). */
  readonly affine: readonly number[];
  /** Voxel data: little-endian values of `type`, C order [t][z][y][x]; frame k is a byte range. */
  readonly url: string;
  readonly type: "float32" | "uint8" | "uint16" | "int16";
  readonly frames: readonly { readonly start: number; readonly duration: number; readonly sigma: number | null }[];
  /** false: nothing links the image's clock to the study's, and frames are on the image's own. */
  readonly onStudyClock: boolean;
  /** Relative path of the file, for the reader's eye. */
  readonly source: string;
  /** The SceneRegistration that places it: a nudge moves it. */
  readonly registration?: string;
  /** Anatomy is drawn first and opaque. */
  readonly role: "anatomy" | "layer" | "labels" | "confidence";
  readonly range: readonly [number, number];
  readonly threshold?: number;
  readonly colourMap: ColourMapName;
  readonly opacity: number;
  readonly visible: boolean;
  /** Expected registration error, mm; absent for the anatomy and what was made on its grid. */
  readonly registrationError?: number;
  /** Of label volumes. */
  readonly labels?: Readonly<Record<number, string>>;
  /** A second volume (0 ... 1) whose value modulates opacity. */
  readonly confidence?: string;
  /** Meant to be shown only where this label volume is not 0. */
  readonly inside?: string;
  readonly note: string;
}

export interface SceneSurface {
  readonly id: string;
  readonly name: string;
  readonly colour: string;
  /** A copy of the surface `of`, blown up to show its folds: vertex k is vertex k there, and nothing of it lies in the head. */
  readonly inflated?: { readonly of: string };
  /** Not shown until asked for. */
  readonly hidden?: boolean;
  /** mm below it (along its inward normal) where maps are read; 0 when absent. */
  readonly depth?: number;
  readonly vertexCount: number;
  readonly faceCount: number;
  /** float32 xyz of all vertices, then uint32 triples of all faces, little-endian. */
  readonly url: string;
}

export interface SceneSource {
  readonly name: string;
  readonly position: readonly [number, number, number];
  /** Along the current, in `unit`. */
  readonly moment: readonly [number, number, number];
  readonly unit: "nA m";
}

export interface SceneSensor {
  readonly name: string;
  /** Names are unique within a modality only. */
  readonly modality: Modality;
  readonly kind: "electrode" | "source" | "detector";
  readonly position: readonly [number, number, number];
  /** Cortex under it. */
  readonly cortex?: readonly [number, number, number];
  readonly bad?: boolean;
}

export interface SceneRecording {
  readonly id: string;
  readonly modality: Modality;
  readonly name: string;
  /** Relative path of the file, for the reader's eye. */
  readonly source: string;
  /** s, gaps included. */
  readonly duration: number;
  readonly groups: readonly {
    readonly rate: number;
    readonly channels: readonly {
      readonly name: string;
      readonly kind: string;
      readonly unit: string;
      readonly bad: boolean;
      /** Names of SceneSensor of the recording's modality: one electrode, or source and detector. */
      readonly sensors: readonly string[];
      /** Where a click on the trace takes the crosshair. */
      readonly cortex?: readonly [number, number, number];
    }[];
    /** Start on the recording's own clock, samples per channel. */
    readonly segments: readonly { readonly start: number; readonly samples: number }[];
  }[];
  /** Own clock -> study clock; absent when no link is known. */
  readonly map?: SceneTimeMap;
  /** Window of samples or of min-max pairs: RecordingWindow in api.ts. */
  readonly url: string;
  /** Courses derived from it that the same address gives with `derived=`: "od", "hb". */
  readonly derived: readonly string[];
  /** Named montages that the same address gives with `montage=`: "average", "double-banana". */
  readonly montages: readonly string[];
  /** Events of the recording on its own clock (EventsTable in api.ts); PUT saves where `can.edit`. */
  readonly eventsUrl: string;
}

/** to = offset + rate * (from - anchor) for from < until; until null has no end. Sigma as timeSigma of core says. */
export interface SceneTimeMap {
  /** "wall-clock", "shared-triggers" ... */
  readonly method: string;
  /** |bias| that no data can show, s; not part of sigma. */
  readonly biasBound?: number;
  readonly pieces: readonly {
    readonly until: number | null;
    readonly anchor: number;
    readonly offset: number;
    readonly rate: number;
    readonly covariance: readonly [number, number, number];
  }[];
}

export interface SceneClock {
  readonly name: string;
  readonly startedAt?: string;
  readonly tracks: readonly {
    readonly modality: Modality;
    readonly name: string;
    /** The SceneVolume or SceneRecording it is the track of, where that is shown. */
    readonly of?: string;
    /** false: nothing links this stream to the study clock; its times are its own and cannot be compared. */
    readonly onStudyClock: boolean;
    readonly blocks: readonly { readonly start: number; readonly duration: number; readonly label?: string }[];
    readonly instants: readonly { readonly time: number; readonly label: string }[];
    /** Clock uncertainty at the track's middle, s. */
    readonly sigma: number | null;
  }[];
}

export interface SceneRegistration {
  readonly id: string;
  readonly modality: Modality;
  readonly name: string;
  /** SceneVolume of the moving image; absent when its file is not at hand. */
  readonly volume?: string;
  readonly expectedError: number;
  readonly verdict: string;
  readonly note: string;
  /** What a reader decided; nudge is a row-major 4x4 in world mm applied after the registration. */
  readonly decision?: SceneDecision;
}

export interface SceneDecision {
  readonly verdict: "accepted" | "rejected";
  /** Row-major 4x4 in world mm: what the next run will move the image by, from where it is shown. */
  readonly nudge?: readonly number[];
  /** ISO 8601. */
  readonly at: string;
  /** The registration has changed since: the decision is not used. */
  readonly stale?: boolean;
  /** It was already used by the run whose results are shown: the nudge is part of the images. */
  readonly applied?: boolean;
}
