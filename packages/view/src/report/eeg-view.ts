/** What the report shows of an EEG besides its traces, spectra and maps: how it was cleaned, single trials, sources. */
import type { Point, QcFinding, Seconds, Surface } from "@quintet/core";

/** Median over channels of the power spectral density, V^2/Hz. */
export interface MedianSpectrum {
  readonly frequencies: Float64Array;
  readonly density: Float64Array;
}

/** An independent component as it was judged. */
export interface EegComponentView {
  readonly index: number;
  readonly label: string;
  readonly rule: string;
  readonly removed: boolean;
  /** Of the signals' variance. */
  readonly share: number;
  /** uV per standard deviation of the source. */
  readonly pattern: readonly { readonly channel: string; readonly value: number }[];
}

/** What cleaning found and did. */
export interface EegCleaning {
  /** What was done, one sentence each, in order. */
  readonly steps: readonly string[];
  /** Artefacts in dB, alpha that was kept, components, bad channels. */
  readonly findings: readonly QcFinding[];
  readonly before: MedianSpectrum;
  readonly after: MedianSpectrum;
  readonly components: readonly EegComponentView[];
}

/** One channel, trial by trial. */
export interface EegTrials {
  readonly channel: string;
  /** s from the event. */
  readonly times: ArrayLike<number>;
  /** V, in the order they happened. */
  readonly trials: readonly ArrayLike<number>[];
}

/** Where an average comes from. */
export interface EegSources {
  /** Method, model and limits in words. */
  readonly note: string;
  /** s from the event or peak at which they are shown. */
  readonly time: Seconds;
  /** The layer that holds them as a volume. */
  readonly layer: string;
  /** Largest of the volume, RAS mm. */
  readonly largest: Point;
  readonly dipole?: {
    readonly position: Point;
    /** Share of the field that it explains, 0 to 1. */
    readonly goodness: number;
    /** Half axes of the 95 % ellipsoid, mm. */
    readonly axes: readonly number[];
  };
  /** Estimated anew on the cortex, moments mostly across it. */
  readonly cortex?: {
    readonly parts: readonly { readonly name: "L" | "R"; readonly surface: Surface; readonly values: Float32Array }[];
    readonly unit: string;
    readonly range: readonly [number, number];
    /** Below it the cortex is plain gray. */
    readonly threshold: number;
    readonly note: string;
  };
}
