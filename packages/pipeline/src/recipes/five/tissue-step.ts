/** Tissue of the T1, and what an emission tracer would show of it. */
import type { LabelVolume, QcFinding, Volume } from "@quintet/core";
import { identityAffine } from "@quintet/core";
import { resample } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { correctBias, emissionLike, segmentHead, type TissueSegmentation } from "@quintet/modalities/mri";
import type { Step } from "../../engine/step.ts";
import type { Anatomy } from "./outcome.ts";
import { workGrid } from "./work-grid.ts";

export interface TissueMaps {
  readonly corrected: Volume;
  readonly segmented: TissueSegmentation;
  /** Scalp, skull, CSF, grey and white matter. */
  readonly head: LabelVolume;
  readonly qc: readonly QcFinding[];
}

export const tissueStep: Step<{ anatomy: Anatomy }, object, TissueMaps> = {
  name: "tissue",
  version: 4,
  title: "MRI: bias field and tissue",
  async run({ anatomy }, _, { progress }) {
    await loadKernels();
    const { t1, brain } = anatomy;
    const bias = correctBias(t1, brain);
    progress(0.3, "tissue");
    const { labels, tissue, corrected, qc } = segmentHead(t1, { brain, bias });
    const known = new Set(brain.qc.map(({ name }) => name)); // the anatomy step has told them
    return { corrected, segmented: tissue, head: labels, qc: qc.filter(({ name }) => !known.has(name)) };
  },
};

/** On the 2-mm work grid: small enough for every registration to read in no time. */
export const emissionStep: Step<{ anatomy: Anatomy; tissue: TissueMaps }, object, Volume> = {
  name: "emission-like",
  version: 1,
  title: "Expected emission image",
  async run({ anatomy, tissue }) {
    await loadKernels();
    return resample(emissionLike(tissue.segmented), workGrid(anatomy.brain), identityAffine());
  },
};
