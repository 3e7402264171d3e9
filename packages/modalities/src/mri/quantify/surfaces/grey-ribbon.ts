import { apply, invert, type LabelVolume, type Mask, type Surface, spacing } from "@quintet/core";
import { closing, distanceTransform, fillHoles, sampler, smoothGaussian } from "@quintet/kernels";
import { headTissues } from "../head-tissue/head-tissues.ts";
import { cutTo, type GridBox, maskBox } from "./mask-box.ts";

/** Without a known depth white matter is closed by a ball of this radius before its holes are filled, mm: narrow ventricles. */
const closed = 3;
/** Standard deviation of the smoothing of the fractional depth, voxels. */
const smoothing = 0.7;
/** Voxels kept around the hemisphere. */
const rim = 6;

/** The grey matter of one hemisphere between its white matter and what lies outside, on a box of the grid. */
export interface GreyRibbon {
  readonly box: GridBox;
  /** 1 in white matter, ventricles and deep nuclei. */
  readonly white: Uint8Array;
  readonly grey: Uint8Array;
  /** Distance to the nearest voxel of white matter, and to the nearest outside, mm; 0 in them. */
  readonly toWhite: Float32Array;
  readonly toOutside: Float32Array;
}

/**
 * @param labels `headTissues`
 * @param hemisphere the cerebrum of one side
 * @param filled taken as white matter, whatever its tissue
 * @throws DataError `empty-region`
 */
export function greyRibbon(labels: LabelVolume, hemisphere: Mask, filled?: Mask): GreyRibbon {
  const box = maskBox(hemisphere, rim);
  const edges = spacing(box);
  const { shape } = box;
  const [tissue, side] = [cutTo(labels.data, labels, box), cutTo(hemisphere.data, labels, box)];
  const deep = filled && cutTo(filled.data, labels, box);
  const core = tissue.map((label, i) =>
    side[i] !== 0 && (label === headTissues.white || (deep !== undefined && deep[i] !== 0)) ? 1 : 0,
  );
  // Where the depth is known nothing wider than a hole needs to be closed, and no narrow sulcus is.
  const white = fillHoles(deep ? core : closing(core, shape, closed / Math.min(...edges)), shape);
  const grey = white.map((w, i) => (w === 0 && side[i] !== 0 && tissue[i] === headTissues.grey ? 1 : 0));
  const outside = white.map((w, i) => (w === 0 && grey[i] === 0 ? 1 : 0));
  return {
    box,
    white,
    grey,
    toWhite: distanceTransform(white, shape, edges),
    toOutside: distanceTransform(outside, shape, edges),
  };
}

/**
 * 1/2 - f in grey matter, f = d_w / (d_w + d_o) with distances from voxel border to voxel border; up to 1 in the depth of
 * white matter, -1 outside. Smoothed.
 */
export function fractionalDepth({ box, white, grey, toWhite, toOutside }: GreyRibbon): Float32Array {
  const edges = spacing(box);
  const half = Math.min(...edges) / 2;
  const notWhite = white.map((w) => (w === 0 ? 1 : 0));
  const inWhite = distanceTransform(notWhite, box.shape, edges);
  const value = new Float32Array(white.length).fill(-1);
  for (let i = 0; i < value.length; i++) {
    const [a, b] = [(toWhite[i] as number) - half, (toOutside[i] as number) - half];
    if (white[i] === 1) value[i] = 0.5 + Math.min(inWhite[i] as number, 10) / 20;
    else if (grey[i] === 1) value[i] = 0.5 - a / (a + b);
  }
  return smoothGaussian(value, box.shape, [smoothing, smoothing, smoothing]);
}

/**
 * How far the vertices that lie in grey matter are from its middle, (d_w - d_o) / 2 in mm: positive towards the outside.
 * Vertices elsewhere (medial wall, deep parts) are left out.
 */
export function ribbonOffsets({ vertices }: Surface, { box, grey, toWhite, toOutside }: GreyRibbon): Float64Array {
  const toVoxel = invert(box.affine);
  const [nx, ny] = box.shape;
  const [white, outside] = [sampler(toWhite, box.shape, "linear", 0), sampler(toOutside, box.shape, "linear", 0)];
  const found: number[] = [];
  for (let v = 0; v < vertices.length; v += 3) {
    const at = apply(toVoxel, [vertices[v] as number, vertices[v + 1] as number, vertices[v + 2] as number]);
    const [x, y, z] = at.map(Math.round) as [number, number, number];
    if (grey[x + nx * (y + ny * z)] === 1) found.push((white(...at) - outside(...at)) / 2);
  }
  return Float64Array.from(found);
}
