import {
  affineOf,
  type Grid,
  identityAffine,
  invert,
  type LabelVolume,
  type Mask,
  type Millimetres,
  multiply,
  toWorld,
  type Volume,
} from "@quintet/core";
import { connectedComponents, resample, resampleLabels } from "@quintet/kernels";
import { headTissues } from "./head-tissues.ts";

export interface CanalLevels {
  readonly bone: number;
  readonly csf: number;
  /** Muscle and marrow. */
  readonly soft: number;
  readonly white: number;
}

/** What the canal is cut out of. */
const writable: ReadonlySet<number> = new Set([headTissues.scalp, headTissues.skull, headTissues.csf]);
/** A cord's cross section, mm2: smaller is lost in the voxels, larger no cord (about 80 in adults, the medulla 130; a judgement). */
const section = { least: 30, most: 280 };
/** CSF reaches no farther from the cord than this. */
const widest: Millimetres = 7;
/** Fewer layers of one millimetre are the end of a brain that the mask has cut, not a cord. */
const shortest = 8;
/** Where the cord is sought: beside the brain's middle, in front of and above its lowest point. */
const sought = { beside: 25, front: 10, above: 40 };

/**
 * The spinal canal below the brain: the cord as white matter, what lies round it as CSF. Skull, scalp and CSF of `labels`
 * are written over; the brain stays.
 *
 * On a 1-mm grid along the world axes, layer by layer downwards: the cord is a piece brighter than halfway from CSF to
 * white matter, of 30 to 280 mm2, at least half of which lies under brain or cord of the layer above. CSF is what is
 * reached from it within 7 mm of the layer through voxels brighter than halfway from bone to CSF and, beyond the first, darker
 * than halfway from CSF to soft tissue. A neck whose CSF is as dark as bone keeps the cord alone.
 */
export function spinalCanal(
  t1: Volume,
  brain: Mask,
  labels: Uint8Array,
  { bone, csf, soft, white }: CanalLevels,
): void {
  const grid = gridBelow(t1, brain);
  if (grid === undefined) return;
  const image = resample(t1, grid, identityAffine()).data;
  const on = (data: Uint8Array): Uint8Array => {
    const source: LabelVolume = { shape: t1.shape, affine: t1.affine, space: t1.space, data, names: new Map() };
    return Uint8Array.from(resampleLabels(source, grid, identityAffine()).data);
  };
  const within = on(Uint8Array.from(brain.data));
  const open = on(labels).map((label) => (writable.has(label) ? 1 : 0));
  const middle = (csf + white) / 2;
  const cord = followCord(image, within, open, grid.shape, middle);
  if (cord === undefined) return;
  const canal = withFluid(cord, image, open, grid.shape, {
    floor: (bone + csf) / 2,
    ceiling: (csf + soft) / 2,
    middle,
  });
  writeInto(labels, t1, canal, grid);
}

/** Writes what is not 0 on `grid` into the voxels of `labels` that lie there and may be written over. */
function writeInto(labels: Uint8Array, { shape, affine }: Grid, canal: Uint8Array, grid: Grid): void {
  const there = multiply(invert(grid.affine), affine);
  const [nx, ny, nz] = shape;
  const [gx, gy, gz] = grid.shape;
  const at = (row: number, x: number, y: number, z: number): number =>
    Math.round(
      (there[row] as number) * x +
        (there[row + 1] as number) * y +
        (there[row + 2] as number) * z +
        (there[row + 3] as number),
    );
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++) {
        const label = labels[i] as number;
        if (label !== headTissues.scalp && label !== headTissues.skull && label !== headTissues.csf) continue;
        const [u, v, w] = [at(0, x, y, z), at(4, x, y, z), at(8, x, y, z)];
        if (u < 0 || v < 0 || w < 0 || u >= gx || v >= gy || w >= gz) continue;
        const found = canal[u + gx * (v + gy * w)] as number;
        if (found !== 0) labels[i] = found;
      }
}

function gridBelow(t1: Volume, brain: Mask): Grid | undefined {
  const [nx, ny, nz] = t1.shape;
  const m = t1.affine;
  const world = (row: number, u: number, v: number, w: number): number =>
    (m[row] as number) * u + (m[row + 1] as number) * v + (m[row + 2] as number) * w + (m[row + 3] as number);
  let [x, y, n, lowest, back] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let w = 0, i = 0; w < nz; w++)
    for (let v = 0; v < ny; v++)
      for (let u = 0; u < nx; u++, i++) {
        if (brain.data[i] === 0) continue;
        const behind = world(4, u, v, w);
        x += world(0, u, v, w);
        y += behind;
        n++;
        lowest = Math.min(lowest, world(8, u, v, w));
        back = Math.min(back, behind);
      }
  if (n === 0) return undefined;
  const bottom = Math.min(
    ...[0, nx - 1].flatMap((u) => [0, ny - 1].flatMap((v) => [0, nz - 1].map((w) => toWorld(t1, [u, v, w])[2]))),
  );
  const front = y / n + sought.front;
  const corner = [x / n - sought.beside, back, bottom] as const;
  const shape = [
    2 * sought.beside + 1,
    Math.ceil(front - back) + 1,
    Math.ceil(lowest + sought.above - bottom) + 1,
  ] as const;
  return {
    shape,
    affine: affineOf([1, 0, 0, corner[0], 0, 1, 0, corner[1], 0, 0, 1, corner[2]]),
    space: t1.space,
  };
}

/** 1 in the cord; undefined where none is found. */
function followCord(
  image: Float32Array,
  brain: Uint8Array,
  open: Uint8Array,
  [nx, ny, nz]: Grid["shape"],
  bright: number,
): Uint8Array | undefined {
  const plane = nx * ny;
  const cord = new Uint8Array(image.length);
  let [above, layers]: [Uint8Array, number] = [new Uint8Array(plane), 0];
  for (let z = nz - 1; z >= 0; z--) {
    const from = z * plane;
    const seen = Uint8Array.from({ length: plane }, (_, k) =>
      (brain[from + k] !== 0 || open[from + k] !== 0) && (image[from + k] as number) > bright ? 1 : 0,
    );
    const { labels, sizes } = connectedComponents(seen, [nx, ny, 1], 6);
    const [under, outside] = [new Uint32Array(sizes.length + 1), new Uint32Array(sizes.length + 1)];
    for (let k = 0; k < plane; k++) {
      const piece = labels[k] as number;
      if (above[k] !== 0) under[piece] = (under[piece] as number) + 1;
      if (open[from + k] !== 0) outside[piece] = (outside[piece] as number) + 1;
    }
    const next = new Uint8Array(plane);
    let found = false;
    for (let k = 0; k < plane; k++) {
      const piece = labels[k] as number;
      if (piece === 0) continue;
      const size = sizes[piece - 1] as number;
      const fits = size >= section.least && size <= section.most && 2 * (under[piece] as number) >= size;
      if (brain[from + k] !== 0) next[k] = 1;
      else if (fits && (outside[piece] as number) > 0) {
        next[k] = 1;
        cord[from + k] = 1;
        found = true;
      }
    }
    if (found) layers++;
    above = next;
  }
  return layers >= shortest ? cord : undefined;
}

/** The cord and the fluid round it, as `headTissues`. */
function withFluid(
  cord: Uint8Array,
  image: Float32Array,
  open: Uint8Array,
  [nx, ny, nz]: Grid["shape"],
  { floor, ceiling, middle }: { readonly floor: number; readonly ceiling: number; readonly middle: number },
): Uint8Array {
  const out = new Uint8Array(nx * ny * nz);
  let rim: number[] = [];
  for (let i = 0; i < cord.length; i++)
    if (cord[i] !== 0) {
      out[i] = headTissues.white;
      rim.push(i);
    }
  for (let depth = 0; depth < widest; depth++) {
    // The voxels that touch the cord hold some of it.
    const most = depth === 0 ? middle : ceiling;
    const next: number[] = [];
    for (const i of rim)
      for (const stride of [1, -1, nx, -nx]) {
        const j = i + stride;
        const value = image[j] as number;
        if (open[j] !== 1 || out[j] !== 0 || !(value > floor && value < most)) continue;
        out[j] = headTissues.csf;
        next.push(j);
      }
    rim = next;
  }
  return out;
}
