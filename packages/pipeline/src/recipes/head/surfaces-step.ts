import type { LabelVolume } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import { bemSurfaces, type HeadSegmentation, headTissues } from "@quintet/modalities/mri";
import type { Step } from "../../engine/step.ts";
import type { HeadSurfaces } from "./outcome.ts";

/** Scalp, outer and inner skull; none for an image that holds the brain alone. */
export const headSurfacesStep: Step<{ tissues: HeadSegmentation }, object, HeadSurfaces> = {
  name: "head-surfaces",
  version: 1,
  title: "Scalp and skull surfaces",
  async run({ tissues: { labels } }) {
    await loadKernels();
    return nestedSurfaces(labels);
  },
};

/** @throws DataError those of `bemSurfaces` */
export function nestedSurfaces(labels: LabelVolume): HeadSurfaces {
  if (!hasSkull(labels)) return { surfaces: new Map(), qc: [] };
  const { scalp, outerSkull, innerSkull, qc } = bemSurfaces(labels);
  const surfaces = new Map([
    ["scalp", scalp],
    ["outer-skull", outerSkull],
    ["inner-skull", innerSkull],
  ]);
  return { surfaces, qc };
}

function hasSkull({ data }: LabelVolume): boolean {
  return data.some((label) => label === headTissues.skull);
}
