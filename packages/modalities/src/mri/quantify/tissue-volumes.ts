import { type Measure, voxelVolume } from "@quintet/core";
import { type TissueSegmentation, tissues } from "./tissue.ts";

/** A voxel's error is shared by the 26 around it (blur, noise correlation): the safe side. */
const sharedBy = 27;

/**
 * Volumes of the tissues and of the whole brain mask in mL.
 *
 *   V_k = v sum_i p_k(i),   se(V_k) = v sqrt(27 sum_i p_k(i) (1 - p_k(i)))
 *
 * The standard error is what partial volume and noise leave open, each voxel a trial that fails together with its 26
 * neighbours; it does not hold the method's own bias (docs/science/mri.md: Dice 0.88 to 0.96 against MNI152's maps).
 */
export function tissueVolumes(
  { probabilities }: TissueSegmentation,
  { sources = [] }: { sources?: readonly string[] } = {},
): Measure[] {
  const voxel = voxelVolume(probabilities.csf);
  const row = (region: string, value: number, standardError: number | undefined, n: number): Measure => ({
    region,
    side: "midline",
    modality: "mri",
    measure: "volume",
    value,
    unit: "mL",
    ...(standardError === undefined ? {} : { standardError }),
    n,
    method: "sum of tissue shares, Gaussian mixture with a Markov random field (Zhang 2001)",
    sources,
  });
  const sums = tissues.map((tissue) => {
    let [sum, open, n] = [0, 0, 0];
    for (const p of probabilities[tissue].data) {
      if (p === 0) continue;
      sum += p;
      open += p * (1 - p);
      n++;
    }
    return { tissue, volume: voxel * sum, se: voxel * Math.sqrt(sharedBy * open), n };
  });
  const names = { csf: "CSF", grey: "grey matter", white: "white matter" } as const;
  const total = sums.reduce((sum, { volume }) => sum + volume, 0);
  return [
    ...sums.map(({ tissue, volume, se, n }) => row(names[tissue], volume, se, n)),
    row("brain with CSF", total, undefined, Math.round(total / voxel)),
  ];
}
