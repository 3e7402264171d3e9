import { loadKernels } from "@quintet/kernels/node";
import { type HeadSegmentation, headWithDeepNuclei } from "@quintet/modalities/mri";
import type { Absent, Step } from "../../engine/step.ts";
import type { NormalisedHead } from "./outcome.ts";

/** Deep grey nuclei by the template's regions; without a template or regions the tissues as they were. */
export const headNucleiStep: Step<
  { tissues: HeadSegmentation; normalised: NormalisedHead | Absent },
  object,
  HeadSegmentation
> = {
  name: "head-nuclei",
  version: 1,
  title: "Deep nuclei",
  async run({ tissues, normalised }) {
    await loadKernels();
    const regions = "absent" in normalised ? undefined : normalised.regions;
    return regions ? headWithDeepNuclei(tissues, regions) : tissues;
  },
};
