import type { Point } from "./affine.ts";
import type { Seconds } from "./units.ts";
import type { Space } from "./volume.ts";

/** Where a readout stands in the loops of the measurement; each counts from 0. */
export interface EncodingCounters {
  /** First phase encoding step (ky). */
  readonly line: number;
  /** Second phase encoding step (kz). */
  readonly partition: number;
  readonly slice: number;
  readonly average: number;
  /** Echo of a multi-echo sequence. */
  readonly contrast: number;
  /** Of the heart. */
  readonly phase: number;
  readonly repetition: number;
  readonly set: number;
  readonly segment: number;
}

/**
 * What a readout is for. "image-and-calibration" serves both; "navigator" is an echo without phase encoding that tells
 * the phase between forward and reversed lines; "other" is for the scanner's own loops.
 */
export type ReadoutPurpose = "image" | "calibration" | "image-and-calibration" | "noise" | "navigator" | "other";

/** One readout of all coils, with where and when it was measured. */
export interface Readout {
  readonly purpose: ReadoutPurpose;
  readonly counters: EncodingCounters;
  /** The read gradient ran backwards: time runs from +kx to -kx. */
  readonly reversed: boolean;
  readonly samples: number;
  /** Index of the sample at kx = 0. */
  readonly centre: number;
  /** Samples to be left out at the start and at the end. */
  readonly discard: readonly [before: number, after: number];
  /** From sample to sample. */
  readonly dwell: Seconds;
  /** Which of the encodings it belongs to. */
  readonly encoding: number;
  /** On the scanner's clock, in its ticks. */
  readonly stamp: number;
  /** Ticks since the last trigger of each physiological signal. */
  readonly physiology: readonly number[];
  /** Centre of the encoded volume, mm in the k-space's space. */
  readonly position: Point;
  /** Unit vectors from the first to the last voxel along read, phase and slice; all zero when the file does not tell. */
  readonly directions: readonly [read: Point, phase: Point, slice: Point];
  /** Off the grid: [sample][axis], cycles per voxel of the encoded matrix; absent when the file stores none. */
  readonly trajectory?: { readonly axes: number; readonly data: Float32Array };
  /** [coil][sample], interleaved re, im, in the receiver's units. */
  readonly data: Float32Array;
}

export interface KSpaceGrid {
  readonly matrix: readonly [x: number, y: number, z: number];
  /** mm */
  readonly fieldOfView: readonly [x: number, y: number, z: number];
}

/** First, last and zero-frequency step along a phase encoding. */
export interface StepLimits {
  readonly first: number;
  readonly last: number;
  readonly centre: number;
}

/** One way of encoding: what was measured, and what the image should be. */
export interface KSpaceEncoding {
  readonly encoded: KSpaceGrid;
  readonly image: KSpaceGrid;
  readonly trajectory: "cartesian" | "epi" | "radial" | "spiral" | "other";
  readonly lines?: StepLimits;
  readonly partitions?: StepLimits;
  /** Every how many lines and partitions the header says were measured. */
  readonly acceleration?: readonly [lines: number, partitions: number];
  /** The read gradient of ramp-sampled lines, seconds. */
  readonly ramp?: {
    readonly up: Seconds;
    readonly flat: Seconds;
    readonly down: Seconds;
    /** From the start of the ramp to the middle of the first sample. */
    readonly delay: Seconds;
    readonly dwell: Seconds;
  };
}

/** Physiology recorded beside the readouts. */
export interface KSpaceWaveform {
  readonly name: string;
  readonly channels: number;
  /** On the scanner's clock, in its ticks: the first sample. */
  readonly stamp: number;
  readonly dwell: Seconds;
  /** [channel][sample], in the recorder's own numbers. */
  readonly data: Float64Array;
  /** The channel that is not 0 where the scanner saw a trigger. */
  readonly triggerChannel?: number;
}

/** Raw MRI: readouts as they came from the receiver, and what their header says of them. */
export interface KSpace {
  readonly space: Space;
  /** The named clock of the stamps. */
  readonly clock: string;
  /** Seconds of one tick; absent when the file does not tell, and then no time follows from a stamp. */
  readonly tick?: Seconds;
  readonly coils: number;
  readonly encodings: readonly KSpaceEncoding[];
  readonly readouts: readonly Readout[];
  readonly waveforms: readonly KSpaceWaveform[];
  /** Noise bandwidth of the receiver over 1 / dwell; 1 when the file does not tell. */
  readonly receiverBandwidth: number;
  /** What the header tells besides: scanner, sequence, TR, TE ... in its own words; nothing that names a person. */
  readonly facts: Readonly<Record<string, string | number>>;
}
