import type { LabelVolume, Mask, QcFinding, Volume } from "@quintet/core";
import type { BrainMask } from "../brain-mask.ts";
import type { TissueSegmentation } from "../tissue.ts";

/** Labels of the five-tissue head. Scalp is all soft tissue outside the skull: skin, fat, muscle, eyes. */
export const headTissues = { air: 0, scalp: 1, skull: 2, csf: 3, grey: 4, white: 5 } as const;
export type HeadTissue = Exclude<keyof typeof headTissues, "air">;

/** A head in five tissues, all on the T1's grid. */
export interface HeadSegmentation {
  /** `headTissues`: the largest share. */
  readonly labels: LabelVolume;
  /** Share of each tissue per voxel; they add to 1 inside the head but for the air in it. */
  readonly probabilities: Readonly<Record<HeadTissue, Volume<"{probability}">>>;
  readonly brain: BrainMask;
  readonly head: Mask;
  /** The T1 without its bias field. */
  readonly corrected: Volume;
  /** The brain's classes with their means, as `tissueVolumes` and `emissionLike` take them. */
  readonly tissue: TissueSegmentation;
  readonly qc: readonly QcFinding[];
}

/** The names of `headTissues` by label, as a LabelVolume carries them. */
export const headTissueNames: ReadonlyMap<number, string> = new Map(
  Object.entries(headTissues)
    .filter(([, label]) => label > 0)
    .map(([name, label]) => [label, name]),
);
