import {
  DataError,
  type Grid,
  type LabelVolume,
  type Mask,
  type QcFinding,
  type Surface,
  sameGrid,
  spacing,
} from "@quintet/core";
import {
  ballShaped,
  closing,
  distanceTransform,
  fillHoles,
  inflateSurface,
  isosurface,
  isSphere,
  meshTopology,
  selfIntersections,
  simplifySurface,
  smoothGaussian,
  smoothSurface,
  vertexNormals,
} from "@quintet/kernels";
import { headTissues } from "../head-tissue/head-tissues.ts";
import { cutTo, maskBox } from "./mask-box.ts";

export interface CortexOptions {
  /** Vertices of the surface; default 20,000. */
  readonly vertices?: number;
  /** Taken as white matter: ventricles and deep grey matter, on the labels' grid, where they are known. */
  readonly filled?: Mask;
}

export interface Cortex {
  /** Half way between white matter and the outer border of grey matter, world mm. */
  readonly surface: Surface;
  /** Outward unit normals, [vertex][x y z]. */
  readonly normals: Float32Array;
  /** The same faces, unfolded for viewing. */
  readonly inflated: Surface;
  readonly qc: readonly QcFinding[];
}

/** White matter is closed by a ball of this radius before its holes are filled, mm: narrow ventricles. */
const closed = 3;
/** Standard deviation of the smoothing of the fractional depth, voxels. */
const smoothing = 0.7;
const rounds = 8;
/** Voxels kept around the hemisphere. */
const rim = 6;
/** Values nearer to the surface's level than this are moved off it where the topology says so. */
const off = 0.02;

/**
 * The mid-grey surface of one hemisphere, closed and of genus 0.
 *
 *   f = d_w / (d_w + d_o) in grey matter,   the surface is f = 1/2
 *
 * with d_w the distance to white matter and d_o that to the outside of grey matter, each from voxel border to voxel
 * border. {f < 1/2} is grown as a ball from the depth of white matter, so that gyri which touch are parted and handles
 * cut; its border is smoothed (Taubin) and simplified, which keep the topology.
 *
 * @param labels `headTissues`, voxels of at most 2 mm
 * @param hemisphere the cerebrum of one side, without cerebellum and brainstem
 * @throws DataError `grid-mismatch`, `empty-region`, `too-coarse`
 */
export function midGreyCortex(labels: LabelVolume, hemisphere: Mask, options: CortexOptions = {}): Cortex {
  const { vertices = 20_000, filled } = options;
  for (const mask of [hemisphere, ...(filled ? [filled] : [])]) {
    if (!sameGrid(labels, mask)) throw new DataError("grid-mismatch", "the masks must lie on the labels' grid");
  }
  if (Math.max(...spacing(labels)) > 2 + 1e-3) {
    throw new DataError("too-coarse", "a cortex of 2 to 4 mm cannot be followed in such voxels", {
      expected: "voxels of at most 2 mm",
      found: spacing(labels)
        .map((mm) => `${mm.toFixed(1)} mm`)
        .join(", "),
    });
  }
  const box = maskBox(hemisphere, rim);
  const part = (data: ArrayLike<number>): Uint8Array => cutTo(data, labels, box);
  const depth = fractionalDepth(part(labels.data), part(hemisphere.data), box, filled && part(filled.data));
  const body = ballShaped(depth, box.shape);
  const settled = depth.map((v, i) => (body[i] === 1 ? Math.max(v, off) : Math.min(v, -off)));
  const dense = smoothSurface(isosurface(settled, box, 0), rounds);
  const surface = simplifySurface(dense, vertices);
  const { surface: inflated, areaDistortion } = inflateSurface(surface);
  return { surface, normals: vertexNormals(surface), inflated, qc: findings(surface, areaDistortion) };
}

/** 1/2 - f in grey matter, up to 1 in the depth of white matter, -1 outside. */
function fractionalDepth(labels: Uint8Array, side: Uint8Array, grid: Grid, filled?: Uint8Array): Float32Array {
  const { shape } = grid;
  const edges = spacing(grid);
  const core = labels.map((label, i) =>
    side[i] !== 0 && (label === headTissues.white || (filled !== undefined && filled[i] !== 0)) ? 1 : 0,
  );
  const white = fillHoles(closing(core, shape, closed / Math.min(...edges)), shape);
  const cortex = white.map((w, i) => (w === 1 || (side[i] !== 0 && labels[i] === headTissues.grey) ? 1 : 0));
  const complement = (mask: Uint8Array): Uint8Array => mask.map((m) => (m === 0 ? 1 : 0));
  const toWhite = distanceTransform(white, shape, edges);
  const toOutside = distanceTransform(complement(cortex), shape, edges);
  const inWhite = distanceTransform(complement(white), shape, edges);
  const half = Math.min(...edges) / 2;
  const value = Float32Array.from(white, (w, i) => {
    if (w === 1) return 0.5 + Math.min(inWhite[i] as number, 10) / 20;
    if (cortex[i] === 0) return -1;
    const [a, b] = [(toWhite[i] as number) - half, (toOutside[i] as number) - half];
    return 0.5 - a / (a + b);
  });
  return smoothGaussian(value, shape, [smoothing, smoothing, smoothing]);
}

function findings(surface: Surface, areaDistortion: number): QcFinding[] {
  const topology = meshTopology(surface);
  const crossings = selfIntersections(surface).length;
  return [
    {
      modality: "mri",
      name: "cortex-genus",
      value: topology.genus,
      verdict: isSphere(topology) ? "ok" : "bad",
      note: `${topology.vertices} vertices, ${topology.faces} faces, ${topology.area.toFixed(0)} cm2, ${topology.parts} part(s)`,
    },
    {
      modality: "mri",
      name: "cortex-self-intersections",
      value: crossings,
      verdict: crossings > topology.faces / 100 ? "warn" : "ok",
      note: "pairs of faces that cut or touch; 1 % of the faces chosen here",
    },
    {
      modality: "mri",
      name: "cortex-inflated-area-distortion",
      value: areaDistortion,
      verdict: "ok",
      note: "standard deviation of ln(area inflated / area folded) over the vertices",
    },
  ];
}
