import {
  DataError,
  type Grid,
  type LabelVolume,
  type Mask,
  type Millimetres,
  sameGrid,
  spacing,
  toWorld,
  voxelVolume,
} from "@quintet/core";
import { distanceTransform, sideOf } from "@quintet/kernels";

export type StriatalSide = "left" | "right";

/** Regions of a dopamine transporter scan, on the image's grid. */
export interface DatRegions {
  /** Caudate, putamen, its anterior and posterior half, whole striatum, of each side. */
  readonly striatal: LabelVolume;
  /** Caudate and putamen of each side. */
  readonly striata: Readonly<Record<StriatalSide, Mask>>;
  /** Large volumes of brain round each striatum: whatever the camera spreads of it lies inside. */
  readonly large: Readonly<Record<StriatalSide, Mask>>;
  readonly brain?: Mask;
  readonly occipital?: Mask;
  /** Brain without its rim and without both large volumes. */
  readonly wholeBrain?: Mask;
}

export interface DatRegionOptions {
  /** How far the large volume reaches beyond the striatum, mm; 20 by default: twice the FWHM of a brain SPECT. */
  readonly margin?: Millimetres;
  /** Of the brain that is left out, mm; 10 by default. */
  readonly rim?: Millimetres;
}

/**
 * Regions from an atlas that names caudate, putamen and occipital cortex with their sides.
 *
 * A large volume holds all within `margin` of its own striatum that is not nearer to the other one; where a brain is given, only what lies
 * deeper than half the rim: skull and air within the margin would count as background that lost all its activity, 1 mL of them as 0.1 of a
 * ratio.
 *
 * Of the occipital cortex only what lies deeper than the rim is the reference, where a brain is given and 2 mL of it do. The putamen is halved at the middle of its extent along the world's y axis (front to back).
 *
 * @param labels "left caudate", "Left-Putamen", "right medial-occipital" ...
 * @param brain for the whole-brain reference; absent without
 * @throws DataError `grid-mismatch`, `missing-region` without a caudate or putamen on either side
 */
export function datRegions(
  labels: LabelVolume,
  brain: Mask | undefined,
  { margin = 20, rim = 10 }: DatRegionOptions = {},
): DatRegions {
  if (brain && !sameGrid(labels, brain)) throw new DataError("grid-mismatch", "regions and brain must lie on one grid");
  const grid: Grid = { shape: labels.shape, affine: labels.affine, space: labels.space };
  const pick = (side: StriatalSide | undefined, name: RegExp): Uint8Array => {
    const wanted = new Set(
      [...labels.names].flatMap(([label, text]) => {
        const { side: own, base } = sideOf(text);
        return (side === undefined || own === side) && name.test(base) ? [label] : [];
      }),
    );
    return Uint8Array.from(labels.data, (label) => (wanted.has(label) ? 1 : 0));
  };
  const part = (side: StriatalSide, name: RegExp, called: string): Uint8Array => {
    const data = pick(side, name);
    if (data.includes(1)) return data;
    throw new DataError("missing-region", "regions of a dopamine transporter scan", {
      expected: `${side} ${called}`,
      found: [...labels.names.values()].slice(0, 8).join(", ") || "no names",
    });
  };
  const data = new Uint8Array(labels.data.length);
  const names = new Map<number, string>();
  const striata = {} as Record<StriatalSide, Mask>;
  for (const [k, side] of (["left", "right"] as const).entries()) {
    const [caudate, putamen] = [part(side, /caudate/i, "caudate"), part(side, /putamen/i, "putamen")];
    const middle = middleAlongY(grid, putamen);
    const base = 3 * k;
    const [nx, ny] = grid.shape;
    for (let v = 0; v < data.length; v++) {
      if (caudate[v] !== 0) data[v] = base + 1;
      else if (putamen[v] !== 0) {
        const y = toWorld(grid, [v % nx, Math.floor(v / nx) % ny, Math.floor(v / (nx * ny))])[1];
        data[v] = y > middle ? base + 2 : base + 3;
      }
    }
    for (const [n, name] of ["caudate", "anterior putamen", "posterior putamen"].entries())
      names.set(base + 1 + n, `${side} ${name}`);
    striata[side] = { ...grid, data: caudate.map((m, v) => (m || putamen[v] ? 1 : 0)) };
  }
  const far = {
    left: distanceTransform(striata.left.data, grid.shape, spacing(grid)),
    right: distanceTransform(striata.right.data, grid.shape, spacing(grid)),
  };
  const largeOf = (own: Float32Array, other: Float32Array): Mask => ({
    ...grid,
    data: Uint8Array.from(own, (mm, v) => (mm <= margin && mm <= (other[v] as number) ? 1 : 0)),
  });
  const around = { left: largeOf(far.left, far.right), right: largeOf(far.right, far.left) };
  const back = pick(undefined, /occipital|calcarine|cuneus$|lingual/i).map((m, v) =>
    m && (far.left[v] as number) > margin && (far.right[v] as number) > margin ? 1 : 0,
  );
  const depth = brain && depthIn(brain);
  const ofBrain = (side: StriatalSide): Mask =>
    depth
      ? { ...grid, data: around[side].data.map((m, v) => (m && (depth[v] as number) > rim / 2 ? 1 : 0)) }
      : around[side];
  const large = { left: ofBrain("left"), right: ofBrain("right") };
  const occipital = deepPart(back, depth, rim, voxelVolume(labels));
  return {
    striatal: { ...grid, data, names },
    striata,
    large,
    ...(brain ? { brain } : {}),
    ...(occipital.includes(1) ? { occipital: { ...grid, data: occipital } } : {}),
    ...(brain && depth ? { wholeBrain: insideOf(brain, around, depth, rim) } : {}),
  };
}

function middleAlongY(grid: Grid, mask: Uint8Array): number {
  const [nx, ny] = grid.shape;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let v = 0; v < mask.length; v++) {
    if (mask[v] === 0) continue;
    const y = toWorld(grid, [v % nx, Math.floor(v / nx) % ny, Math.floor(v / (nx * ny))])[1];
    [low, high] = [Math.min(low, y), Math.max(high, y)];
  }
  return (low + high) / 2;
}

/** mm from the nearest voxel outside. */
function depthIn(brain: Mask): Float32Array {
  const outside = brain.data.map((m) => (m === 0 ? 1 : 0));
  return distanceTransform(outside, brain.shape, spacing(brain));
}

/** mL that a reference needs at least. */
const leastReference = 2;

/**
 * What of the occipital cortex lies deeper than the rim: nearer to the skull the camera's blur takes counts away, and a reference too
 * low by a tenth puts 1 and more on a ratio by total counts. All of it where no brain is known or too little lies deep.
 */
function deepPart(region: Uint8Array, depth: Float32Array | undefined, rim: number, voxel: number): Uint8Array {
  if (!depth) return region;
  const deep = region.map((m, v) => (m && (depth[v] as number) > rim ? 1 : 0));
  return deep.reduce((n, m) => n + m, 0) * voxel >= leastReference ? deep : region;
}

function insideOf(brain: Mask, large: DatRegions["large"], depth: Float32Array, rim: number): Mask {
  return {
    ...brain,
    data: brain.data.map((m, v) =>
      m && (depth[v] as number) > rim && !large.left.data[v] && !large.right.data[v] ? 1 : 0,
    ),
  };
}
