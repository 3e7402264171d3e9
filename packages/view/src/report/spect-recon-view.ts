/** What is shown of a SPECT reconstruction: nothing computed here but pictures. */
import type { Millimetres, QcFinding, Volume } from "@quintet/core";
import type { ReconSettings } from "./recon-settings.ts";

/** What the views held, small enough to go along with the image. */
export interface SpectViews {
  readonly columns: number;
  /** Across, of one column. */
  readonly columnSize: Millimetres;
  /** The row with most counts, from 1. */
  readonly row: number;
  /** Counts of that row, [view][column]. */
  readonly sinogram: ArrayLike<number>;
  /** Counts of each view. */
  readonly counts: ArrayLike<number>;
  /** Centre of each view's counts along the columns, from their middle. */
  readonly centres: ArrayLike<Millimetres>;
}

export interface SpectReconView {
  /** The file's name. */
  readonly source: string;
  /** Algorithm, iterations, subsets, filter, projector. */
  readonly settings: ReconSettings;
  /** Terms of the model, one line each. */
  readonly terms: readonly string[];
  readonly notes: readonly string[];
  readonly findings: readonly QcFinding[];
  readonly views: SpectViews;
  readonly image?: Volume;
}
