import { type LabelVolume, type Measure, voxelVolume } from "@quintet/core";
import { headTissues } from "@quintet/modalities/mri";

/** All that lies within the inner surface of the skull: CSF, grey and white matter. */
export function intracranialVolume(labels: LabelVolume, source: string): Measure {
  let n = 0;
  for (const label of labels.data) if (label >= headTissues.csf) n++;
  return {
    region: "intracranial",
    side: "midline",
    modality: "mri",
    measure: "volume",
    value: n * voxelVolume(labels),
    unit: "mL",
    n,
    method: "voxels inside the inner surface of the skull",
    sources: [source],
  };
}
