import { type LabelVolume, type Measure, voxelVolume } from "@quintet/core";
import { intracranialMask } from "@quintet/modalities/mri";

/** All that lies within the inner surface of the skull: CSF, grey and white matter, without the spinal canal. */
export function intracranialVolume(labels: LabelVolume, source: string): Measure {
  const n = intracranialMask(labels).data.reduce((sum, inside) => sum + inside, 0);
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
