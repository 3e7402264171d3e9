import { loadKernels } from "@quintet/kernels/node";
import { type BiasCorrection, type HeadSegmentation, segmentHead } from "@quintet/modalities/mri";
import type { Step } from "../../engine/step.ts";
import type { T1WithBrain } from "./outcome.ts";

export const headTissuesStep: Step<{ head: T1WithBrain; bias: BiasCorrection }, object, HeadSegmentation> = {
  name: "head-tissues",
  version: 3,
  title: "Scalp, skull, CSF, grey and white matter",
  async run({ head: { t1, brain }, bias }) {
    await loadKernels();
    return segmentHead(t1, { brain, bias });
  },
};
