/**
 * Statistics of a volume in a region drawn by hand.
 *
 * - sphere: voxels whose centre lies within `radius` of `centre` (mm), whatever the grid.
 * - iso-contour: of these, those at or above `share` of the sphere's largest value that hang together (6 neighbours)
 *   with the voxel of that value, as a VOI "at 50 %" is understood.
 *
 * A region smaller than a voxel takes the nearest one. Standard deviation is that of the sample (n - 1).
 */
import type { Affine, Point } from "@quintet/core";
import { apply, determinant, invert, voxelSizes } from "@quintet/core";

export interface HandRegion {
  readonly centre: Point;
  readonly radius: number;
  /** 0 ... 1; undefined: the whole sphere. */
  readonly share?: number;
}

export interface RegionStats {
  readonly voxels: number;
  /** mL. */
  readonly volume: number;
  readonly mean: number;
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
}

type Shape = readonly [number, number, number];

/** Indices of the region's voxels with a finite value; [z][y][x] order. */
export function regionVoxels(data: ArrayLike<number>, shape: Shape, affine: Affine, region: HandRegion): number[] {
  const [nx, ny, nz] = shape;
  const inverse = invert(affine);
  const middle = apply(inverse, region.centre);
  const sizes = voxelSizes(affine);
  // A box that surely holds the sphere, also in a sheared grid.
  const reach = Math.ceil(region.radius / Math.min(...sizes)) + 1;
  const range = (k: 0 | 1 | 2, n: number): [number, number] => [
    Math.max(0, Math.floor(middle[k] - reach)),
    Math.min(n - 1, Math.ceil(middle[k] + reach)),
  ];
  const [[x0, x1], [y0, y1], [z0, z1]] = [range(0, nx), range(1, ny), range(2, nz)];
  const found: number[] = [];
  for (let z = z0; z <= z1; z++)
    for (let y = y0; y <= y1; y++)
      for (let x = x0; x <= x1; x++) {
        const p = apply(affine, [x, y, z]);
        const i = (z * ny + y) * nx + x;
        const away = Math.hypot(p[0] - region.centre[0], p[1] - region.centre[1], p[2] - region.centre[2]);
        if (away <= region.radius && Number.isFinite(data[i])) found.push(i);
      }
  if (found.length === 0) {
    const [x, y, z] = middle.map(Math.round) as [number, number, number];
    const i = (z * ny + y) * nx + x;
    if (x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz && Number.isFinite(data[i])) found.push(i);
  }
  return region.share === undefined ? found : hangingTogether(data, shape, found, region.share);
}

function hangingTogether(data: ArrayLike<number>, [nx, ny]: Shape, sphere: readonly number[], share: number): number[] {
  const first = sphere.reduce((best, i) => ((data[i] as number) > (data[best] as number) ? i : best), sphere[0] ?? -1);
  if (first < 0) return [];
  const least = share * (data[first] as number);
  const open = new Set(sphere.filter((i) => (data[i] as number) >= least));
  const found = [first];
  open.delete(first);
  for (let k = 0; k < found.length; k++) {
    const i = found[k] as number;
    const [x, y] = [i % nx, Math.floor(i / nx) % ny];
    // A step must not wrap into the next row or slice.
    for (const [step, inside] of [
      [1, x < nx - 1],
      [-1, x > 0],
      [nx, y < ny - 1],
      [-nx, y > 0],
      [nx * ny, true],
      [-nx * ny, true],
    ] as const)
      if (inside && open.delete(i + step)) found.push(i + step);
  }
  return found.sort((a, b) => a - b);
}

/** @param scale shown value = voxel value * scale */
export function regionStats(
  data: ArrayLike<number>,
  shape: Shape,
  affine: Affine,
  region: HandRegion,
  scale = 1,
): RegionStats | undefined {
  const voxels = regionVoxels(data, shape, affine, region);
  if (voxels.length === 0) return undefined;
  const values = voxels.map((i) => (data[i] as number) * scale);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return {
    voxels: values.length,
    volume: (values.length * Math.abs(determinant(affine))) / 1000,
    mean,
    deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : Number.NaN,
    least: values.reduce((a, b) => Math.min(a, b)),
    most: values.reduce((a, b) => Math.max(a, b)),
  };
}
