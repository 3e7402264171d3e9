import { DataError } from "@quintet/core";
import { warpMap } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  type HeadSegmentation,
  type Hemispheres,
  hemispheres,
  type RegionHead,
  regionMarkers,
  templateMarkers,
} from "@quintet/modalities/mri";
import type { Absent, Step } from "../../engine/step.ts";
import type { NormalisedHead } from "./outcome.ts";

/** Left and right cerebrum: by the imported labels where there are any, else by the place in the template. */
export const headPartsStep: Step<
  { tissues: HeadSegmentation; normalised: NormalisedHead | Absent },
  object,
  Hemispheres
> = {
  name: "head-parts",
  version: 1,
  title: "Left and right cerebrum",
  async run({ tissues, normalised }) {
    await loadKernels();
    const { labels, probabilities } = tissues;
    const csf = probabilities.csf.data;
    if ("regions" in tissues) {
      const { regions } = tissues as RegionHead;
      return hemispheres(labels, csf, () => regionMarkers(regions));
    }
    if ("absent" in normalised)
      throw new DataError("no-template", `without a template the brain is not parted: ${normalised.absent}`);
    const toTemplate = warpMap(normalised.toTemplate);
    return hemispheres(labels, csf, (inside) => templateMarkers(labels, inside, toTemplate));
  },
};
