import {
  identityAffine,
  type Mask,
  type Millimetres,
  type QcFinding,
  spacing,
  type Volume,
  voxelVolume,
} from "@quintet/core";
import {
  connectedComponents,
  dilate,
  erode,
  fillHoles,
  gaussianMixture,
  histogram,
  largestComponent,
  resample,
} from "@quintet/kernels";
import { brainAtEdge } from "./brain-edge.ts";
import { type BrightBorder, borderFinding, brightBorder } from "./bright-border.ts";
import { signedDistance } from "./head-tissue/cavity.ts";
import { icosphere } from "./sphere.ts";
import { evolveSurface, fillSurface } from "./surface-evolution.ts";
import { cutTo, laidInto, maskBox } from "./surfaces/mask-box.ts";
import { type WorkingImage, workingImage } from "./working-image.ts";

export interface BrainMask extends Mask {
  /** mL. */
  readonly volume: number;
  /** The image held nothing but the brain when it came. */
  readonly alreadyStripped: boolean;
  /** Meninges and sinuses brighter than white matter lie along its border, as after a contrast agent; the mask holds them. */
  readonly enhanced: boolean;
  readonly qc: readonly QcFinding[];
}

const step: Millimetres = 2;
/** Bridges between brain and dura, eyes and neck are narrower than twice this. */
const bridge: Millimetres = 4;
/** Sulci are closed over by a ball of this radius. */
const sulcus: Millimetres = 8;

/**
 * The brain (with the CSF of its sulci and ventricles) in a T1-weighted image, without a template.
 *
 * 1. A sphere grows onto the rim of the brain (evolveSurface, Smith 2002) on a 2-mm copy: a hull that holds the brain.
 * 2. Three Gaussian classes of the hull's intensities; tissue lies above CSF + 0.25 (grey - CSF), below white + 3 SD.
 * 3. Tissue is opened by 4 mm, which cuts it off dura and eyes, the large pieces kept and grown back into tissue.
 * 4. Sulci are closed by 8 mm, holes filled, the signed distance to the rim is interpolated to full resolution.
 * Where voxels are coarser than 1 mm, half-filled rim voxels fall below the tissue threshold: the rim moves out by
 * voxel - 1 mm. An image without scalp and skull keeps what it has.
 *
 * @param t1 any positive scale, any orientation
 * @throws DataError `not-finite`, `constant-data`, `no-head`
 * @see Smith, Hum Brain Mapp 2002;17:143-55; Shattuck et al., NeuroImage 2001;13:856-76 (opening and closing)
 */
export function brainMask(t1: Volume): BrainMask {
  const work = workingImage(t1, step);
  const { image } = work;
  const hull = brainHull(work);
  const support = headSupport(image, work.levels);
  // Scalp, skull and neck more than double what a hull encloses. A hull that stuck inside (a wide ventricle) encloses
  // nothing to compare with: then a background of one single value tells that somebody cut the brain out.
  const brainSized = millilitres(support) < plausible.high * 1.2;
  const stuck = millilitres(hull) < plausible.low / 2 && emptyOutside(t1, work.levels);
  const alreadyStripped = brainSized && (count(support) < 1.35 * count(support, hull) || stuck);
  if (alreadyStripped) return described(t1, headSupport(t1, work.levels), true);
  const coarse = Math.max(0, Math.max(...spacing(t1)) - 1);
  const border = brightBorder(image, hull, (mask) => hullClasses(image, work.levels, mask));
  const rim = signedDistance(refined(work, hull, border.bright), image.shape, step);
  const full = resample({ ...image, data: rim }, t1, identityAffine(), { outside: 1000 }).data;
  const data = new Uint8Array(full.length).map((_, i) => ((full[i] as number) <= coarse ? 1 : 0));
  return described(t1, data, false, border);
}

function millilitres(mask: Uint8Array): number {
  return (count(mask) * step ** 3) / 1000;
}

/** Nearly all voxels outside the support hold the image's least value, as no scanner leaves them. */
function emptyOutside(t1: Volume, levels: WorkingImage["levels"]): boolean {
  const support = headSupport(t1, levels);
  let [least, outside, bare] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const value of t1.data) least = Math.min(least, value);
  for (const [i, value] of t1.data.entries()) {
    if (support[i] !== 0) continue;
    outside++;
    if (value === least) bare++;
  }
  return bare > 0.95 * outside;
}

/** Everything above background, in one piece, without holes. */
function headSupport({ data, shape }: Volume, { low, high }: WorkingImage["levels"]): Uint8Array {
  const above = new Uint8Array(data.length).map((_, i) => ((data[i] as number) > low + 0.05 * (high - low) ? 1 : 0));
  return fillHoles(largestComponent(above, shape, 6), shape);
}

function described(t1: Volume, data: Uint8Array, alreadyStripped: boolean, border?: BrightBorder): BrainMask {
  const { shape, affine, space } = t1;
  const volume = count(data) * voxelVolume(t1);
  return {
    shape,
    affine,
    space,
    data,
    volume,
    alreadyStripped,
    enhanced: border?.bright !== undefined,
    qc: [...findings(t1, data, volume), ...(border ? [borderFinding(border)] : [])],
  };
}

/**
 * Brain, CSF and some dura, mL: a larger hull has most likely leaked into neck or face, and the next, stricter setting is
 * tried. The first keeps a cerebellum that CSF parts from the cerebrum; the later ones stop at darker necks.
 */
const largestHull = 2100;
const settings: readonly { readonly fraction: number; readonly inward: readonly [number, number] }[] = [
  { fraction: 0.5, inward: [20, 10] },
  { fraction: 0.6, inward: [14, 7] },
  { fraction: 0.6, inward: [20, 10] },
  { fraction: 0.7, inward: [20, 10] },
];

function brainHull({ image, levels, centre, radius }: WorkingImage): Uint8Array {
  const mesh = icosphere(4);
  const start = mesh.vertices.map((u, i) => step * (centre[i % 3] as number) + (u * radius) / 2);
  const field = { data: image.data, shape: image.shape, step };
  let hull: Uint8Array = new Uint8Array(0);
  for (const setting of settings) {
    const options = { iterations: 600, stiffness: 1, ...setting };
    hull = fillSurface(evolveSurface(start, mesh, field, levels, options), mesh, image.shape, step);
    if (millilitres(hull) <= largestHull) break;
  }
  return hull;
}

function refined({ image, levels }: WorkingImage, hull: Uint8Array, bright: Uint8Array | undefined): Uint8Array {
  const fitted = bright ? hull.map((inside, i) => (inside !== 0 && bright[i] === 0 ? 1 : 0)) : hull;
  const { means, variances } = hullClasses(image, levels, fitted);
  const [csf, grey, white] = means as [number, number, number];
  const lowest = csf + 0.25 * (grey - csf);
  const highest = white + 3 * Math.sqrt(variances[2] as number);
  const tissue = fitted.map((inside, i) => {
    const value = image.data[i] as number;
    return inside !== 0 && value > lowest && value < highest ? 1 : 0;
  });
  // Nothing below reaches farther than a sulcus beyond the hull: its box alone is worked on.
  const box = maskBox({ ...image, data: hull }, sulcus / step + 2);
  const inBox = cutTo(tissue, image, box);
  const core = largePieces(erode(inBox, box.shape, bridge / step), box.shape);
  const grown = grownBack(core, inBox, box.shape);
  const whole = bright ? withBorder(grown, cutTo(bright, image, box), cutTo(hull, image, box), box.shape) : grown;
  const closed = erode(dilate(whole, box.shape, sulcus / step), box.shape, sulcus / step);
  return laidInto(fillHoles(closed, box.shape), image, box);
}

/** Bright meninges and sinuses within 8 mm of the brain belong to what the skull encloses. */
function withBorder(
  brain: Uint8Array,
  bright: Uint8Array,
  hull: Uint8Array,
  shape: readonly [number, number, number],
): Uint8Array {
  const near = dilate(brain, shape, sulcus / step);
  return brain.map((inside, i) => (inside !== 0 || (bright[i] !== 0 && hull[i] !== 0 && near[i] !== 0) ? 1 : 0));
}

function hullClasses(
  image: Volume,
  levels: WorkingImage["levels"],
  mask: Uint8Array,
): Pick<ReturnType<typeof gaussianMixture>, "means" | "variances"> {
  const top = levels.low + 1.3 * (levels.high - levels.low);
  const seen = histogram(image.data, { bins: 256, low: levels.low, high: top, mask });
  const values = Array.from(seen.counts, (_, bin) => seen.low + (bin + 0.5) * seen.width);
  const from = (share: number): number => levels.low + share * (levels.middle - levels.low);
  return gaussianMixture(values, {
    components: 3,
    counts: seen.counts,
    means: [from(0.35), from(0.95), from(1.35)],
    minimumSd: 0.05 * (levels.high - levels.low), // an image scaled to a fixed white value must not end in a spike
  });
}

/** The tentorium may part cerebellum from cerebrum; eyes and strips of dura are smaller than this share of the largest piece. */
const smallestPiece = 0.03;

function largePieces(mask: Uint8Array, shape: readonly [number, number, number]): Uint8Array {
  const { labels, sizes } = connectedComponents(mask, shape, 6);
  const least = smallestPiece * (sizes[0] ?? 0);
  return new Uint8Array(labels.length).map((_, i) =>
    (labels[i] as number) > 0 && (sizes[(labels[i] as number) - 1] as number) >= least ? 1 : 0,
  );
}

/**
 * The core with the tissue within the opening's radius of it that is reached through tissue: marrow behind the skull's
 * inner table is as near, but beyond a dark layer.
 */
function grownBack(core: Uint8Array, tissue: Uint8Array, shape: readonly [number, number, number]): Uint8Array {
  const near = dilate(core, shape, bridge / step + 0.5).map((close, i) => (close !== 0 && tissue[i] !== 0 ? 1 : 0));
  let reached = core;
  for (let round = 0; round < Math.ceil(bridge / step) + 1; round++)
    reached = dilate(reached, shape, Math.SQRT2).map((close, i) => (close !== 0 && near[i] !== 0 ? 1 : 0));
  return reached;
}

function count(mask: Uint8Array, and?: Uint8Array): number {
  return mask.reduce((n, m, i) => n + (m !== 0 && (and === undefined || and[i] !== 0) ? 1 : 0), 0);
}

/**
 * Intracranial contents of adults lie at 1,100 to 1,700 mL; 900 to 2,000 mL takes in children from two years and large
 * heads. From the literature, not re-checked.
 */
const plausible = { low: 900, high: 2000 };

function findings({ shape, affine, space }: Volume, data: Uint8Array, volume: number): QcFinding[] {
  const verdict =
    volume >= plausible.low && volume <= plausible.high ? "ok" : volume > 600 && volume < 2400 ? "warn" : "bad";
  return [
    {
      modality: "mri",
      name: "brain-volume",
      value: volume,
      unit: "mL",
      verdict,
      note: `expected ${plausible.low} to ${plausible.high} mL with sulcal and ventricular CSF`,
    },
    brainAtEdge({ shape, affine, space, data }),
  ];
}
