import { identityAffine, type Mask, type Millimetres, spacing, type Volume } from "@quintet/core";
import { distanceTransform, resample } from "@quintet/kernels";
import { type TissueSegmentation, tissues } from "../tissue.ts";
import { cavityOf } from "./cavity.ts";
import { columnsOf } from "./columns.ts";
import { facialBone } from "./facial-bone.ts";
import { headTissues } from "./head-tissues.ts";
import { type SkullShell, skullShell } from "./skull-shell.ts";
import { spinalCanal } from "./spinal-canal.ts";

export interface OuterTissue {
  /** `headTissues` in the head outside the brain; 0 in the brain and outside the head. */
  readonly labels: Uint8Array;
  readonly shell: SkullShell;
}

/** How far a voxel's own brightness may move the outer surface of the skull, mm. */
const freedom: Millimetres = 1.5;

/**
 * What lies between brain and air: CSF up to the inner surface of the skull, the skull as a closed shell (skullShell), soft
 * tissue outside, in which bone of face and neck is dark and thin (facialBone).
 */
export function outerTissue(t1: Volume, brain: Mask, head: Mask, inside: TissueSegmentation): OuterTissue {
  const cavity = cavityOf(brain);
  const columns = columnsOf(cavity, t1, brain, head);
  const csf = deepCsf(t1, inside);
  const shell = skullShell(columns, cavity, { csf, grey: inside.means[1] as number });
  const full = (field: Volume, outside: number): Float32Array =>
    resample(field, t1, identityAffine(), { outside }).data;
  const [inner, outer] = [full(shell.beyondInner, 99), full(shell.beyondOuter, 99)];
  const middle = (shell.levels.bone + shell.levels.soft) / 2;
  const edge = full(shell.scalpEdge, middle);
  const labels = new Uint8Array(head.data.length).map((_, i) => {
    const within = head.data[i] as number;
    if (within === 0 || brain.data[i] !== 0) return headTissues.air;
    if ((inner[i] as number) < 0) return headTissues.csf;
    const far = outer[i] as number;
    if (far < -freedom) return headTissues.skull;
    if (far > freedom) return headTissues.scalp;
    return (t1.data[i] as number) > (edge[i] as number) ? headTissues.scalp : headTissues.skull;
  });
  facialBone(t1, head, outer, { ...shell.levels, csf }, labels);
  closeDiploe(labels, t1, outer);
  spinalCanal(t1, brain, labels, { ...shell.levels, csf, white: inside.means[2] as number });
  closeShell(labels, brain);
  return { labels, shell };
}

/** Half the widest diploe between two tables that is closed over, mm, and how far outside the shell it is sought. */
const diploe = { half: 2.2, reach: 6 };

/**
 * Soft tissue between the shell and dark bone just outside it is diploe: at the base columns leave the skull aslant and may
 * end at its inner table. Morphological closing of bone by `diploe.half`.
 */
function closeDiploe(labels: Uint8Array, t1: Volume, outer: Float32Array): void {
  const edges = spacing(t1);
  const bone = labels.map((label) => (label === headTissues.skull ? 1 : 0));
  const near = distanceTransform(bone, t1.shape, edges);
  for (let i = 0; i < bone.length; i++) bone[i] = (near[i] as number) > diploe.half ? 1 : 0;
  const beyond = distanceTransform(bone, t1.shape, edges);
  for (let i = 0; i < labels.length; i++)
    if (labels[i] === headTissues.scalp && (outer[i] as number) < diploe.reach && (beyond[i] as number) > diploe.half)
      labels[i] = headTissues.skull;
}

/** Soft tissue and air that touch CSF, brain or cord become bone: the shell has no holes. */
function closeShell(labels: Uint8Array, brain: Mask): void {
  const [nx, ny] = brain.shape;
  const within = brain.data.map((b, i) => (b !== 0 || (labels[i] as number) >= headTissues.csf ? 1 : 0));
  for (let i = 0; i < labels.length; i++) {
    if (within[i] === 0) continue;
    for (const step of [1, -1, nx, -nx, nx * ny, -nx * ny])
      if (within[i + step] === 0) labels[i + step] = headTissues.skull;
  }
}

/** The median of CSF all of whose neighbours are CSF: partial volume raises the mean of the class. */
function deepCsf(t1: Volume, { labels, means }: TissueSegmentation): number {
  const [nx, ny] = t1.shape;
  const strides = [1, -1, nx, -nx, nx * ny, -nx * ny];
  const label = tissues.indexOf("csf") + 1;
  const values: number[] = [];
  for (let i = 0; i < labels.data.length; i++)
    if (labels.data[i] === label && strides.every((s) => labels.data[i + s] === label))
      values.push(t1.data[i] as number);
  return values.length > 100 ? (values.sort((a, b) => a - b)[values.length >> 1] as number) : (means[0] as number);
}
