import { readSurferOutput } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { type HeadSegmentation, type RegionHead, withRegions } from "@quintet/modalities/mri";
import type { Step } from "../../engine/step.ts";

/** The brain as FreeSurfer, FastSurfer or SynthSeg parted it, which takes precedence over our own classes. */
export const headRegionsStep: Step<{ tissues: HeadSegmentation; file: string }, object, RegionHead> = {
  name: "head-regions",
  version: 1,
  title: "Imported regions",
  async run({ tissues, file }) {
    await loadKernels();
    return withRegions(tissues, (await readSurferOutput(file)).regions);
  },
};
