/** MRI: tissue, its volumes, and regional grey matter left against right. */

import { loadKernels } from "@quintet/kernels/node";
import { tissueVolumes } from "@quintet/modalities/mri";
import type { Absent, Step } from "../../engine/step.ts";
import { greyVolumes } from "../grey-volumes.ts";
import type { Anatomy, HeadFrame, KeptImage, WingOutcome } from "./outcome.ts";
import type { TissueMaps } from "./tissue-step.ts";

export const mriStep: Step<
  { anatomy: Anatomy; tissue: TissueMaps; frame: HeadFrame | Absent },
  { source: string },
  WingOutcome
> = {
  name: "mri",
  version: 2,
  title: "MRI: volumes",
  async run({ anatomy, tissue, frame }, { source }) {
    await loadKernels();
    const { t1, brain } = anatomy;
    const { corrected, segmented } = tissue;
    const regions = "absent" in frame ? undefined : frame.regions;
    const regional = regions ? greyVolumes(segmented.probabilities.grey, regions, source) : [];
    const images: KeptImage[] = [
      { datatype: "anat", suffix: "desc-preproc_T1w", volume: corrected },
      { datatype: "anat", suffix: "desc-tissue_dseg", volume: segmented.labels },
      { datatype: "anat", suffix: "desc-brain_mask", volume: { ...brain, names: new Map([[1, "brain"]]) } },
      ...(regions ? [{ datatype: "anat", suffix: "desc-sublobar_dseg", volume: regions }] : []),
    ];
    return {
      modality: "mri",
      note: `T1w, ${t1.shape.join(" x ")} voxels${regions ? "" : ", no atlas"}`,
      localises: false,
      measures: [...tissueVolumes(segmented, { sources: [source] }), ...regional],
      evidence: [],
      qc: [...anatomy.qc, ...tissue.qc],
      layers: [],
      registrations: [],
      tracks: [],
      images,
      warnings: [],
    };
  },
};
