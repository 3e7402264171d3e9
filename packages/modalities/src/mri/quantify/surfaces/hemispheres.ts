import { DataError, type LabelVolume, type Mask, type QcFinding, voxelCount } from "@quintet/core";
import { headTissues } from "../head-tissue/head-tissues.ts";
import { brainParts, partBrain } from "./brain-parts.ts";
import type { BrainMarkers } from "./template-markers.ts";

export type HemisphereSide = "left" | "right";

export interface Hemispheres {
  /** `headTissues`. */
  readonly labels: LabelVolume;
  /** `brainParts` of each voxel. */
  readonly parts: LabelVolume;
  /** Ventricles, deep nuclei, hippocampus and amygdala. */
  readonly deep: Mask;
  readonly qc: readonly QcFinding[];
}

const partNames: ReadonlyMap<number, string> = new Map([
  [brainParts.left, "left cerebrum"],
  [brainParts.right, "right cerebrum"],
  [brainParts.below, "cerebellum and brainstem"],
]);

/**
 * Cuts the brain of a head into left and right cerebrum and what lies below the tentorium.
 *
 * @param labels `headTissues`
 * @param csf share of CSF of each voxel, 0 to 1
 * @param mark what is sure: `templateMarkers` or `regionMarkers`, asked where CSF, grey or white matter lie
 * @throws DataError `shape-mismatch`, `empty-region`, and those of `mark`
 */
export function hemispheres(
  labels: LabelVolume,
  csf: Float32Array,
  mark: (inside: Uint8Array) => BrainMarkers,
): Hemispheres {
  const n = voxelCount(labels);
  if (csf.length !== n)
    throw new DataError("shape-mismatch", "the shares of CSF must lie on the labels' grid", {
      expected: `${n} voxels`,
      found: `${csf.length}`,
    });
  const [inside, white, grey, fluid] = [new Uint8Array(n), new Uint8Array(n), new Uint8Array(n), new Uint8Array(n)];
  for (let i = 0; i < n; i++) {
    const label = labels.data[i] as number;
    if (label >= headTissues.csf) inside[i] = 1;
    if (label === headTissues.white) white[i] = 1;
    if (label === headTissues.grey) grey[i] = 1;
  }
  const { markers, deep, ventricles } = mark(inside);
  for (let i = 0; i < n; i++)
    if (labels.data[i] === headTissues.csf && (deep[i] !== 0 || ventricles[i] !== 0)) fluid[i] = 1;
  const { parts, unreached } = partBrain(labels, markers, { white, grey, fluid }, csf);
  const { shape, affine, space } = labels;
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) if (fluid[i] === 0) counts[parts[i] as number] = (counts[parts[i] as number] ?? 0) + 1;
  return {
    labels,
    parts: { shape, affine, space, data: parts, names: partNames },
    deep: { shape, affine, space, data: fluid.map((is, i) => is | (deep[i] as number)) },
    qc: findings(counts as [number, number, number, number], unreached),
  };
}

/** The mask of one hemisphere, its deep fluid included. */
export function hemisphereMask({ parts }: Hemispheres, side: HemisphereSide): Mask {
  const { shape, affine, space, data } = parts;
  const mask = new Uint8Array(data.length);
  for (let i = 0; i < mask.length; i++) if (data[i] === brainParts[side]) mask[i] = 1;
  return { shape, affine, space, data: mask };
}

function findings([, left, right, below]: readonly [number, number, number, number], lost: number): QcFinding[] {
  const whole = left + right + below;
  const share = (100 * (left + right)) / whole;
  const apart = (200 * (left - right)) / (left + right);
  return [
    {
      modality: "mri",
      name: "cerebrum-share",
      value: share,
      unit: "%",
      verdict: share < 75 || share > 97 ? "bad" : share < 82 || share > 93 ? "warn" : "ok",
      note: "grey and white matter above the tentorium; 82 to 93 % in adults, limits chosen here",
    },
    {
      modality: "mri",
      name: "hemisphere-asymmetry",
      value: apart,
      unit: "%",
      verdict: Math.abs(apart) > 20 ? "bad" : Math.abs(apart) > 8 ? "warn" : "ok",
      note: "200 (L - R) / (L + R) of grey and white matter; limits of 8 and 20 % chosen here",
    },
    {
      modality: "mri",
      name: "brain-unparted",
      value: (100 * lost) / (whole + lost),
      unit: "%",
      verdict: lost > 0.02 * (whole + lost) ? "warn" : "ok",
      note: "grey and white matter joined to neither side nor cerebellum; 2 % chosen here",
    },
  ];
}
