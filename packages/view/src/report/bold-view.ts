import type { Events, Point, Seconds } from "@quintet/core";

/** A BOLD run as the report shows it; its maps are layers. */
export interface BoldView {
  /** What was measured and done, in words. */
  readonly note: string;
  /** One per volume, seconds on the series' clock. */
  readonly times: readonly Seconds[];
  /** mm and degrees from the reference, RAS. */
  readonly shift: readonly Point[];
  readonly degrees: readonly Point[];
  /** Framewise displacement, mm; 0 for the first volume. */
  readonly displacement: ArrayLike<number>;
  readonly displacementLimit: number;
  /** Standardised DVARS, about 1 in a clean series; 0 for the first volume. */
  readonly dvars: ArrayLike<number>;
  /** Volumes that moved too much and count for nothing in the model. */
  readonly censored: readonly number[];
  readonly design?: { readonly names: readonly string[]; readonly rows: readonly ArrayLike<number>[] };
  /** On the series' clock. */
  readonly events?: Events;
  readonly contrasts: readonly {
    readonly name: string;
    /** |z| from which on a voxel is significant. */
    readonly threshold?: number;
    readonly significantVoxels: number;
  }[];
  readonly clusters: readonly {
    readonly contrast: string;
    readonly z: number;
    /** Signal change at the peak, %. */
    readonly percent: number;
    readonly millilitres: number;
    /** RAS mm of the anatomy. */
    readonly position: Point;
    readonly region?: string;
  }[];
  /** The strongest peak's course in %, without drift and motion, and what the model says. */
  readonly course?: { readonly name: string; readonly measured: ArrayLike<number>; readonly fitted: ArrayLike<number> };
}
