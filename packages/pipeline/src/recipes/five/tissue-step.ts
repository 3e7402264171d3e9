/** Tissue of the T1, and what an emission tracer would show of it. */
import type { QcFinding, Volume } from "@quintet/core";
import { identityAffine } from "@quintet/core";
import { resample } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { correctBias, emissionLike, qc, type TissueSegmentation, tissueSegmentation } from "@quintet/modalities/mri";
import type { Step } from "../../engine/step.ts";
import type { Anatomy } from "./outcome.ts";
import { workGrid } from "./work-grid.ts";

export interface TissueMaps {
  readonly corrected: Volume;
  readonly segmented: TissueSegmentation;
  readonly qc: readonly QcFinding[];
}

export const tissueStep: Step<{ anatomy: Anatomy }, object, TissueMaps> = {
  name: "tissue",
  version: 1,
  title: "MRI: bias field and tissue",
  async run({ anatomy }, _, { progress }) {
    await loadKernels();
    const { t1, brain } = anatomy;
    const bias = correctBias(t1, brain);
    progress(0.5, "tissue");
    const segmented = tissueSegmentation(bias.corrected, brain);
    return { corrected: bias.corrected, segmented, qc: [...bias.qc, ...qc(t1, { brain, tissue: segmented })] };
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
