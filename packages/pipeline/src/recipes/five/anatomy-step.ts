/** The anatomy the others stand on: T1, brain, scalp. */
import type { Metadata } from "@quintet/core";
import { scalpSurface } from "@quintet/fusion/head";
import { readVolume } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { brainMask } from "@quintet/modalities/mri";
import type { Step } from "../../engine/step.ts";
import type { Anatomy } from "./outcome.ts";

export interface AnatomyParams {
  readonly source: string;
  readonly metadata: Metadata;
}

export const anatomyStep: Step<{ file: string }, AnatomyParams, Anatomy> = {
  name: "anatomy",
  version: 2,
  title: "MRI: brain and scalp",
  async run({ file }, { source }, { progress }) {
    await loadKernels();
    const t1 = await readVolume(file, { space: "subject:T1w", clock: "mri" });
    progress(0.1, "brain");
    const brain = brainMask(t1);
    progress(0.7, "scalp");
    const scalp = scalpSurface(t1);
    return {
      t1,
      brain,
      scalp,
      measures: [],
      qc: brain.qc,
      source,
      images: [],
    };
  },
};
