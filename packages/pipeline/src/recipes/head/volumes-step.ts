import type { Measure, Participant } from "@quintet/core";
import { applyNorms, type NormTable } from "@quintet/fusion/fuse";
import { loadKernels } from "@quintet/kernels/node";
import { type HeadSegmentation, type RegionHead, tissueVolumes } from "@quintet/modalities/mri";
import type { Absent, Step } from "../../engine/step.ts";
import { greyVolumes, regionVolumes } from "../grey-volumes.ts";
import { intracranialVolume } from "../intracranial-volume.ts";
import type { HeadVolumes, NormalisedHead } from "./outcome.ts";

export interface VolumesParams {
  readonly source: string;
  /** Age and sex, and healthy people's values, for the z and w of each measure. */
  readonly participant: Participant;
  readonly norms?: NormTable;
}

/** Volumes of the tissues and of regional grey matter, both also as a share of the intracranial volume, left against right. */
export const headVolumesStep: Step<
  { tissues: HeadSegmentation; normalised: NormalisedHead | Absent },
  VolumesParams,
  HeadVolumes
> = {
  name: "head-volumes",
  version: 3,
  title: "Volumes",
  async run({ tissues, normalised }, { source, participant, norms }) {
    await loadKernels();
    const intracranial = intracranialVolume(tissues.labels, source);
    const imported = "regions" in tissues ? (tissues as RegionHead).regions : undefined;
    const regions = imported ?? ("absent" in normalised ? undefined : normalised.regions);
    const plain = [
      ...tissueVolumes(tissues.tissue, { sources: [source] }),
      ...(imported ? regionVolumes(imported, source) : []),
      ...(regions ? greyVolumes(tissues.probabilities.grey, regions, source) : []),
    ];
    const measures = [intracranial, ...plain, ...plain.flatMap((row) => shareOf(row, intracranial.value))];
    return { measures: norms ? applyNorms(measures, norms, participant) : measures };
  },
};

/** V / TIV: what is compared with norms, so that a large head does not read as a large region. */
function shareOf(row: Measure, intracranial: number): Measure[] {
  if (row.unit !== "mL" || !(intracranial > 0)) return [];
  const { standardError, z: _, w: __, ...rest } = row;
  return [
    {
      ...rest,
      measure: `${row.measure}-share`,
      value: (100 * row.value) / intracranial,
      unit: "%",
      ...(standardError === undefined ? {} : { standardError: (100 * standardError) / intracranial }),
      method: `${row.method}; over the intracranial volume`,
    },
  ];
}
