import { identityAffine, type Mask, type Millimetres, spacing, type Volume } from "@quintet/core";
import {
  connectedComponents,
  distanceTransform,
  finiteRange,
  histogram,
  histogramQuantile,
  resample,
} from "@quintet/kernels";
import { type TissueSegmentation, tissues } from "../tissue.ts";
import { cavityOf } from "./cavity.ts";
import { columnsOf } from "./columns.ts";
import { headTissues } from "./head-tissues.ts";
import { fillMarrow } from "./marrow.ts";
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
  facialBone(t1, head, outer, shell, csf, labels);
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

/** Dark pieces thicker than twice this are no bone: air, or the eye's vitreous body. */
const halfBone: Millimetres = 3;
/** Walls of air cells where they are brighter than halfway from air to bone, mm. */
const thinWall: Millimetres = 2;
/** Skin over the bones of the face, mm. */
const skin: Millimetres = 2.5;
/** Bone is told from air by its brightness when it is this many noise SDs brighter: a mean over 7 voxels then errs in 2 %. */
const apart = 1.6;

/**
 * Bone and air of face and neck, outside the shell: dark voxels deeper than the skin. Pieces thicker than 6 mm that are
 * brighter than halfway from air to CSF are the eye's vitreous body and stay soft. Of the rest bone is what is brighter
 * than halfway from air to bone, in the mean over a dark voxel and its dark neighbours. Where the image's noise hides the
 * difference, thin pieces and the walls of thick ones are bone. What bone closes in within a slice is bone too (fillMarrow).
 */
function facialBone(
  t1: Volume,
  head: Mask,
  outer: Float32Array,
  { levels }: SkullShell,
  csf: number,
  labels: Uint8Array,
): void {
  const { shape } = t1;
  const edges = spacing(t1);
  const middle = (levels.bone + levels.soft) / 2;
  const depth = distanceTransform(
    head.data.map((inside) => (inside === 0 ? 1 : 0)),
    shape,
    edges,
  );
  const dark = labels.map((label, i) =>
    label === headTissues.scalp && (t1.data[i] as number) < middle && (depth[i] as number) > skin ? 1 : 0,
  );
  const [light, thick] = [new Uint8Array(dark.length), new Uint8Array(dark.length)];
  for (let i = 0; i < dark.length; i++) light[i] = 1 - (dark[i] as number);
  const rim = distanceTransform(light, shape, edges);
  for (let i = 0; i < dark.length; i++) thick[i] = (rim[i] as number) > halfBone ? 1 : 0;
  const toThick = distanceTransform(thick, shape, edges);
  const caves = dark.map((d, i) => (d !== 0 && (toThick[i] as number) <= halfBone ? 1 : 0));
  const { labels: pieces, sizes } = connectedComponents(caves, shape, 6);
  const sums = new Float64Array(sizes.length + 1);
  for (let i = 0; i < caves.length; i++)
    if (caves[i] !== 0) sums[pieces[i] as number] = (sums[pieces[i] as number] as number) + (t1.data[i] as number);
  const air = airLevel(t1, head);
  const airy = (air.level + levels.bone) / 2;
  const told = levels.bone - air.level > apart * air.noise;
  for (let i = 0; i < labels.length; i++) {
    if (dark[i] === 0) continue;
    const piece = pieces[i] as number;
    if (piece > 0 && (sums[piece] as number) / (sizes[piece - 1] as number) >= csf / 2) continue;
    const bone = told
      ? darkMean(t1, dark, i) > airy
      : piece === 0 || ((rim[i] as number) <= thinWall && (t1.data[i] as number) > airy);
    labels[i] = bone ? headTissues.skull : headTissues.air;
  }
  fillMarrow(labels, t1, outer);
}

/** The mean over a dark voxel and those of its six neighbours that are dark. */
function darkMean({ data, shape: [nx, ny] }: Volume, dark: Uint8Array, i: number): number {
  let [sum, n] = [data[i] as number, 1];
  for (const stride of [1, -1, nx, -nx, nx * ny, -nx * ny])
    if (dark[i + stride] === 1) {
      sum += data[i + stride] as number;
      n++;
    }
  return sum / n;
}

/** What lies outside the head, noise alone, whose mean is above 0 in a magnitude image: median, and half of the middle 68 %. */
function airLevel({ data }: Volume, head: Mask): { level: number; noise: number } {
  const mask = head.data.map((inside) => (inside === 0 ? 1 : 0));
  const [low, high] = finiteRange(data);
  if (!mask.includes(1) || !(high > low)) return { level: low, noise: 0 };
  const seen = histogram(data, { bins: 4096, low, high, mask });
  const at = (share: number): number => histogramQuantile(seen, share);
  return { level: at(0.5), noise: (at(0.84) - at(0.16)) / 2 };
}
