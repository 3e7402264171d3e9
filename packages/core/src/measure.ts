/** Numbers with units and errors, and what they say together. */
import type { Point } from "./affine.ts";
import type { Modality } from "./study.ts";

export type Side = "left" | "right" | "midline";

/** One row of sub-XX_measures.tsv. */
export interface Measure {
  readonly region: string;
  readonly side?: Side;
  readonly modality: Modality;
  /** suvr, asymmetry-index, volume, alpha-power, hbo-amplitude ... */
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly standardError?: number;
  /** 95 % confidence interval. */
  readonly interval?: readonly [number, number];
  /** Voxels, epochs, trials behind the value. */
  readonly n?: number;
  /** Against a normative table, for age and sex; absent without one. */
  readonly z?: number;
  /** The same for age, sex and intracranial volume: of volumes of the MRI alone. */
  readonly w?: number;
  /** Formula or method in one line, with its paper. */
  readonly method: string;
  /** Files (relative paths) the value came from. */
  readonly sources: readonly string[];
}

/** One modality pointing at one place. */
export interface Evidence {
  readonly modality: Modality;
  /** siscom-hyperperfusion, fdg-hypometabolism, eeg-focal-slowing ... */
  readonly kind: string;
  readonly region: string;
  readonly side: Side;
  /** Where, RAS mm in `space`; a modality that only lateralises gives none. */
  readonly position?: Point;
  readonly space?: string;
  /** One-sigma uncertainty of the position, mm. */
  readonly positionError?: number;
  /** Extent in mL. */
  readonly volume?: number;
  /** Effect on its own scale and how unlikely it is by chance. */
  readonly score: number;
  readonly scoreName: string;
  /** Probability that a scan without any finding shows one this strong somewhere (family-wise). */
  readonly chance?: number;
  readonly note: string;
}

/** What several modalities say about one region. Research use, unvalidated. */
export interface Concordance {
  readonly region: string;
  readonly side: Side;
  readonly evidence: readonly Evidence[];
  /** How many of the modalities that are there point here. */
  readonly pointing: number;
  readonly available: number;
  readonly rank: number;
  /** Sum over the available modalities of ln((p + floor) / (prior + floor)): how much better than a random place. */
  readonly score?: number;
  /** Joint probability that this concordance arose by chance; unvalidated. */
  readonly chance?: number;
  readonly position?: Point;
  readonly positionError?: number;
}

/** A value that quality control found, with its verdict. */
export interface QcFinding {
  readonly modality: Modality;
  readonly name: string;
  readonly value: number | string;
  readonly unit?: string;
  readonly verdict: "ok" | "warn" | "bad";
  readonly note: string;
}
