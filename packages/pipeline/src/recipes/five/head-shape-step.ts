/** The head's surfaces in a study: scalp and skull from the tissues, and the brain cut into its sides for the cortex. */
import { DataError, type QcFinding } from "@quintet/core";
import { warpMap } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { type Hemispheres, hemispheres, templateMarkers } from "@quintet/modalities/mri";
import type { Step } from "../../engine/step.ts";
import type { HeadSurfaces } from "../head/outcome.ts";
import { nestedSurfaces } from "../head/surfaces-step.ts";
import { finding, type HeadFrame } from "./outcome.ts";
import type { TissueMaps } from "./tissue-step.ts";

/** A head in which no nested surfaces can be found has a finding instead. */
export const shapeStep: Step<{ tissue: TissueMaps }, object, HeadSurfaces> = {
  name: "head-shape",
  version: 1,
  title: "MRI: scalp and skull surfaces",
  async run({ tissue }) {
    await loadKernels();
    try {
      return nestedSurfaces(tissue.head);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const told: QcFinding = finding("mri", "head-surfaces", "none", "warn", error.message);
      return { surfaces: new Map(), qc: [told] };
    }
  },
};

export const sidesStep: Step<{ tissue: TissueMaps; frame: HeadFrame }, object, Hemispheres> = {
  name: "brain-sides",
  version: 1,
  title: "MRI: left and right cerebrum",
  async run({ tissue, frame }) {
    await loadKernels();
    const { head, segmented } = tissue;
    const toTemplate = warpMap(frame.toTemplate);
    return hemispheres(head, segmented.probabilities.csf.data, (inside) => templateMarkers(head, inside, toTemplate));
  },
};
