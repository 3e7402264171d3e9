/** What is shown of a PET phantom: nothing computed here but pictures. */
import type { Millimetres, QcFinding, Volume } from "@quintet/core";

/** Above `warn` a reader should look, above `bad` it fails. */
export interface QcLimit {
  readonly warn: number;
  readonly bad: number;
}

export interface PetQcSlice {
  readonly z: Millimetres;
  readonly regions: number;
  readonly mean: number;
  /** Shares of the mean. */
  readonly variation: number;
  readonly above: number;
  readonly below: number;
}

export interface PetQcSphere {
  readonly diameter: Millimetres;
  /** True activity over the background's. */
  readonly ratio: number;
  readonly measuredRatio: number;
  readonly contrast: number;
  readonly standardError: number;
  readonly variability: number;
  readonly mean?: number;
  readonly max?: number;
}

/** 1/s. */
export interface PetQcRate {
  /** Bq. */
  readonly activity?: number;
  readonly prompts: number;
  readonly trues: number;
  readonly randoms: number;
  readonly scatter: number;
  readonly scatterFraction: number;
  readonly randomsFraction: number;
  readonly noiseEquivalent: number;
  readonly noiseEquivalentError: number;
}

export interface PetQcView {
  /** The image's file name. */
  readonly source: string;
  readonly image: Volume;
  readonly findings: readonly QcFinding[];
  readonly uniformity?: {
    readonly cylinder: { readonly radius: Millimetres; readonly from: Millimetres; readonly to: Millimetres };
    readonly mean: number;
    readonly standardError: number;
    readonly slices: readonly PetQcSlice[];
  };
  readonly recovery?: {
    readonly background: number;
    readonly circles: number;
    readonly spheres: readonly PetQcSphere[];
  };
  readonly calibration?: {
    /** Bq/mL. */
    readonly measured: number;
    readonly measuredError: number;
    readonly expected: number;
    readonly expectedError: number;
    /** expected / measured. */
    readonly factor: number;
    readonly standardError: number;
  };
  readonly counts?: {
    readonly rates: readonly PetQcRate[];
    readonly peak?: { readonly activity: number; readonly noiseEquivalent: number };
  };
  readonly limits: {
    readonly nonUniformity: QcLimit;
    readonly axial: QcLimit;
    readonly calibration: QcLimit;
    readonly recovery: { readonly least: number; readonly most: number };
  };
}
