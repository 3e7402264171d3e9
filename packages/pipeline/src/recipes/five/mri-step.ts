/** MRI: tissue, its volumes, regional grey matter left against right, and what a BOLD run adds. */

import type { LabelVolume } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import { tissueVolumes, withDeepNuclei } from "@quintet/modalities/mri";
import type { Layer } from "@quintet/view";
import type { Absent, Step } from "../../engine/step.ts";
import { greyVolumes } from "../grey-volumes.ts";
import { intracranialVolume } from "../intracranial-volume.ts";
import type { BoldPart } from "./bold-step.ts";
import type { Anatomy, HeadFrame, KeptImage, WingOutcome } from "./outcome.ts";
import type { TissueMaps } from "./tissue-step.ts";

export const mriStep: Step<
  { anatomy: Anatomy; tissue: TissueMaps; frame: HeadFrame | Absent; bold: BoldPart | Absent },
  { source: string },
  WingOutcome
> = {
  name: "mri",
  version: 5,
  title: "MRI: volumes",
  async run({ anatomy, tissue, frame, bold }, { source }) {
    await loadKernels();
    const { t1, brain } = anatomy;
    const { corrected, head } = tissue;
    const regions = "absent" in frame ? undefined : frame.regions;
    const segmented = regions ? withDeepNuclei(corrected, tissue.segmented, regions) : tissue.segmented;
    const regional = regions ? greyVolumes(segmented.probabilities.grey, regions, source) : [];
    const images: KeptImage[] = [
      { datatype: "anat", suffix: "desc-preproc_T1w", volume: corrected },
      { datatype: "anat", suffix: "desc-tissue_dseg", volume: segmented.labels },
      { datatype: "anat", suffix: "desc-head_dseg", volume: head },
      { datatype: "anat", suffix: "desc-brain_mask", volume: { ...brain, names: new Map([[1, "brain"]]) } },
      ...(regions ? [{ datatype: "anat", suffix: "desc-sublobar_dseg", volume: regions }] : []),
    ];
    const run = "absent" in bold ? undefined : bold;
    return {
      modality: "mri",
      note: `T1w, ${t1.shape.join(" x ")} voxels${regions ? "" : ", no atlas"}${run ? `; ${run.note}` : ""}`,
      localises: false,
      measures: [
        intracranialVolume(head, source),
        ...tissueVolumes(segmented, { sources: [source] }),
        ...regional,
        ...(run?.measures ?? []),
      ],
      evidence: [],
      qc: [...anatomy.qc, ...tissue.qc, ...(run?.qc ?? [])],
      layers: [tissueLayer(head), ...(run?.layers ?? [])],
      registrations: run?.registrations ?? [],
      tracks: [],
      images: [...images, ...(run?.images ?? [])],
      warnings: run?.warnings ?? [],
      ...(run ? { bold: run.view } : {}),
    };
  },
};

/** The tissues as steps of one colour scale over the T1; hidden until it is asked for. */
function tissueLayer(head: LabelVolume): Layer {
  return {
    kind: "image",
    id: "tissue",
    modality: "mri",
    name: "Tissue",
    unit: "label",
    volume: {
      ...head,
      unit: "1",
      frames: [{ start: 0, duration: 0 }],
      clock: "mri",
      data: Float32Array.from(head.data),
    },
    range: [0, 5],
    threshold: 0.5,
    colourMap: "cividis",
    opacity: 0,
    note: "1 scalp, 2 skull, 3 CSF, 4 grey matter, 5 white matter; from the T1 alone, without a template.",
    insideBrain: false,
  };
}
