/** MRI: tissue, its volumes, and regional grey matter left against right. */

import type { LabelVolume } from "@quintet/core";
import { type Measure, type Volume, voxelVolume } from "@quintet/core";
import { regionName } from "@quintet/fusion/fuse";
import { asymmetry, pairHomologues, regionStatistics } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { tissueVolumes } from "@quintet/modalities/mri";
import type { Absent, Step } from "../../engine/step.ts";
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

/** Grey matter per region: the sum of its share over the region's voxels, and AI = 200 (L - R) / (L + R) of each pair. */
function greyVolumes(grey: Volume, regions: LabelVolume, source: string): Measure[] {
  const voxel = voxelVolume(grey);
  const statistics = regionStatistics(grey, regions);
  const rows = statistics.map(
    ({ name, n, mean }): Measure => ({
      ...regionName(name),
      modality: "mri",
      measure: "grey-volume",
      value: mean * n * voxel,
      unit: "mL",
      n,
      method: "sum of grey-matter shares inside the region",
      sources: [source],
    }),
  );
  const pairs = pairHomologues(statistics).flatMap(({ region, left, right }): Measure[] => {
    const [l, r] = [left.mean * left.n * voxel, right.mean * right.n * voxel];
    if (!(l + r > 0)) return [];
    const { value } = asymmetry({ value: l, standardError: Number.NaN }, { value: r, standardError: Number.NaN });
    return [
      {
        region,
        modality: "mri",
        measure: "grey-volume-asymmetry",
        value,
        unit: "%",
        n: left.n + right.n,
        method: "AI = 200 (L - R) / (L + R) of grey volume; positive: left larger",
        sources: [source],
      },
    ];
  });
  return [...rows, ...pairs];
}
