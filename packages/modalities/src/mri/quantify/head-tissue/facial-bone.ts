import { type Mask, type Millimetres, spacing, type Volume } from "@quintet/core";
import { connectedComponents, distanceTransform, finiteRange, histogram, histogramQuantile } from "@quintet/kernels";
import { headTissues } from "./head-tissues.ts";
import { fillMarrow } from "./marrow.ts";
import type { BoneLevels } from "./skull-shell.ts";

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
 *
 * @param outer mm outside the outer surface of the skull
 * @param labels `headTissues`; scalp is written over
 */
export function facialBone(
  t1: Volume,
  head: Mask,
  outer: Float32Array,
  levels: BoneLevels & { readonly csf: number },
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
    if (piece > 0 && (sums[piece] as number) / (sizes[piece - 1] as number) >= levels.csf / 2) continue;
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
