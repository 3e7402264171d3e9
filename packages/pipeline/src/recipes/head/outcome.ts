/** What the steps of the head recipe hand on. */
import type { LabelVolume, Measure, QcFinding, Surface, Volume, Warp } from "@quintet/core";
import type { InverseConsistency } from "@quintet/fusion/register";
import type { BrainMask, HemisphereSide } from "@quintet/modalities/mri";

export interface T1WithBrain {
  readonly t1: Volume;
  readonly brain: BrainMask;
}

/** The head in the words of a template. */
export interface NormalisedHead {
  readonly template: { readonly name: string; readonly space: string; readonly source: string };
  /** Subject world -> template world. */
  readonly toTemplate: Warp;
  readonly fromTemplate: Warp;
  /** The template's regions on the T1's grid, where it brings any. */
  readonly regions?: LabelVolume;
  readonly inverseConsistency: InverseConsistency;
  readonly leastJacobian: number;
  readonly qc: readonly QcFinding[];
}

export interface HeadSurfaces {
  /** By name: scalp, outer-skull, inner-skull. */
  readonly surfaces: ReadonlyMap<string, Surface>;
  readonly qc: readonly QcFinding[];
}

/** The cortex of one hemisphere; where it could not be made a finding says why. */
export interface HeadCortex {
  readonly side: HemisphereSide;
  readonly made?: {
    /** Mid-grey, subject mm. */
    readonly surface: Surface;
    /** Outward unit normals, [vertex][x y z]. */
    readonly normals: Float32Array;
    readonly inflated: Surface;
    readonly source: "own" | "imported";
  };
  readonly qc: readonly QcFinding[];
}

export interface HeadVolumes {
  readonly measures: readonly Measure[];
}
