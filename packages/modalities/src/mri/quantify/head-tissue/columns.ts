import { type Affine, type Grid, invert, type Mask, type Millimetres, multiply, type Volume } from "@quintet/core";
import { smoothGaussian } from "@quintet/kernels";
import type { Cavity } from "./cavity.ts";

/** Lines that leave the closed brain's rim along its normals, and what the image shows along them. */
export interface Columns {
  readonly count: number;
  /** Voxel of the cavity's grid that each column starts in. */
  readonly voxel: Int32Array;
  /** mm from the rim of each sample. */
  readonly at: readonly Millimetres[];
  /** [column][sample] */
  readonly profile: Float32Array;
  /** mm from the rim at which the column leaves the brain and the head. */
  readonly entry: Float32Array;
  readonly exit: Float32Array;
}

/** From inside the brain's rim to beyond the thickest scalp, mm. */
const reach = { from: -12, to: 32, step: 0.5 };

/** One column per voxel of the cavity's grid within half a voxel of the rim. */
export function columnsOf({ distance, step }: Cavity, image: Volume, brain: Mask, head: Mask): Columns {
  const { data: phi, shape } = distance;
  const [nx, ny] = shape;
  const voxels: number[] = [];
  for (let i = 0; i < phi.length; i++) if (Math.abs(phi[i] as number) < step / 2) voxels.push(i);
  const samples = Math.round((reach.to - reach.from) / reach.step) + 1;
  const at = Array.from({ length: samples }, (_, k) => reach.from + k * reach.step);
  const profile = new Float32Array(voxels.length * samples);
  const [entry, exit] = [new Float32Array(voxels.length), new Float32Array(voxels.length)];
  const toImage = multiply(invert(image.affine), distance.affine);
  const read = trilinear(image.data, image.shape);
  for (const [c, i] of voxels.entries()) {
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    const n = slope(phi, shape, i);
    const offset = phi[i] as number;
    let [first, last] = [reach.from, 0];
    for (let k = 0; k < samples; k++) {
      const t = ((at[k] as number) - offset) / step;
      const [u, v, w] = carried(toImage, x + t * n[0], y + t * n[1], z + t * n[2]);
      profile[c * samples + k] = read(u, v, w);
      if (insideMask(brain, u, v, w)) first = at[k] as number;
      if (insideMask(head, u, v, w)) last = at[k] as number;
    }
    entry[c] = first;
    exit[c] = last;
  }
  return { count: voxels.length, voxel: Int32Array.from(voxels), at, profile, entry, exit };
}

/** Unit vector along which the distance grows, in the grid's axes. */
export function slope(phi: Float32Array, [nx, ny]: Grid["shape"], i: number): [number, number, number] {
  const rise = (stride: number): number => ((phi[i + stride] ?? 0) as number) - ((phi[i - stride] ?? 0) as number);
  const [x, y, z] = [rise(1), rise(nx), rise(nx * ny)];
  const length = Math.hypot(x, y, z) || 1;
  return [x / length, y / length, z / length];
}

function carried(m: Affine, x: number, y: number, z: number): [number, number, number] {
  const row = (r: number): number =>
    (m[r] as number) * x + (m[r + 1] as number) * y + (m[r + 2] as number) * z + (m[r + 3] as number);
  return [row(0), row(4), row(8)];
}

function insideMask({ data, shape: [nx, ny, nz] }: Mask, u: number, v: number, w: number): boolean {
  const [x, y, z] = [Math.round(u), Math.round(v), Math.round(w)];
  return x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz && data[x + nx * (y + ny * z)] !== 0;
}

/** Linear interpolation; 0 outside. */
function trilinear(data: Float32Array, [nx, ny, nz]: Grid["shape"]): (u: number, v: number, w: number) => number {
  return (u, v, w) => {
    const [x, y, z] = [Math.floor(u), Math.floor(v), Math.floor(w)];
    if (x < 0 || y < 0 || z < 0 || x >= nx - 1 || y >= ny - 1 || z >= nz - 1) return 0;
    const [a, b, c] = [u - x, v - y, w - z];
    const i = x + nx * (y + ny * z);
    const along = (j: number): number => (data[j] as number) * (1 - a) + (data[j + 1] as number) * a;
    const near = along(i) * (1 - b) + along(i + nx) * b;
    const far = along(i + nx * ny) * (1 - b) + along(i + nx * ny + nx) * b;
    return near * (1 - c) + far * c;
  };
}

/** Voxels kept around the rim: what is carried down the slope to the rim may land beside it. */
const beside = 3;

/**
 * A value per column as a smooth field near the rim: G_sigma * (w v) / G_sigma * w; the mean of all columns away from it.
 *
 * @param sigma mm
 */
export function smoothOverRim(
  columns: Columns,
  { distance, step }: Cavity,
  values: Float32Array,
  weights: Float32Array,
  sigma: Millimetres,
): Float32Array {
  const [nx, ny] = distance.shape;
  const [low, high] = rimBox(columns, distance.shape);
  const size = low.map((from, k) => (high[k] as number) - from + 1) as [number, number, number];
  const [sum, weight] = [new Float32Array(size[0] * size[1] * size[2]), new Float32Array(size[0] * size[1] * size[2])];
  let [total, mass] = [0, 0];
  for (let c = 0; c < columns.count; c++) {
    const [i, w, v] = [columns.voxel[c] as number, weights[c] as number, values[c] as number];
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    const at = x - low[0] + size[0] * (y - low[1] + size[1] * (z - low[2]));
    sum[at] = w * v;
    weight[at] = w;
    total += w * v;
    mass += w;
  }
  const width = sigma / step;
  const [top, under] = [sum, weight].map((x) => smoothGaussian(x, size, [width, width, width])) as [
    Float32Array,
    Float32Array,
  ];
  const out = new Float32Array(distance.data.length).fill(mass > 0 ? total / mass : 0);
  for (let z = 0, at = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++) {
      const row = low[0] + nx * (y + low[1] + ny * (z + low[2]));
      for (let x = 0; x < size[0]; x++, at++)
        if ((under[at] as number) > 1e-7) out[row + x] = (top[at] as number) / (under[at] as number);
    }
  return out;
}

/** First and last voxel, along each axis, of the box that holds all columns' starts. */
function rimBox({ voxel }: Columns, shape: Grid["shape"]): [low: [number, number, number], high: number[]] {
  const [nx, ny] = shape;
  const [low, high]: [[number, number, number], number[]] = [[...shape], [-1, -1, -1]];
  for (const i of voxel)
    for (const [k, at] of [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))].entries()) {
      low[k] = Math.max(0, Math.min(low[k] as number, at - beside));
      high[k] = Math.min((shape[k] as number) - 1, Math.max(high[k] as number, at + beside));
    }
  return [low, high];
}
