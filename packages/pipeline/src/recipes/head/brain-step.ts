import { readVolume } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { type BiasCorrection, brainMask, correctBias } from "@quintet/modalities/mri";
import type { Step } from "../../engine/step.ts";
import type { T1WithBrain } from "./outcome.ts";

export const headBrainStep: Step<{ file: string }, object, T1WithBrain> = {
  name: "head-brain",
  version: 3,
  title: "Brain mask",
  async run({ file }, _, { progress }) {
    await loadKernels();
    const t1 = await readVolume(file, { space: "subject:T1w", clock: "mri" });
    progress(0.1, "brain");
    return { t1, brain: brainMask(t1) };
  },
};

export const headBiasStep: Step<{ head: T1WithBrain }, object, BiasCorrection> = {
  name: "head-bias",
  version: 2,
  title: "Bias field",
  async run({ head: { t1, brain } }) {
    await loadKernels();
    return correctBias(t1, brain);
  },
};
