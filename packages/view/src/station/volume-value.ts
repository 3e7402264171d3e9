/**
 * The value of a volume at a world point, for the readout: trilinear as it is drawn, or the nearest voxel's for labels.
 *
 * Voxel centres are at integer indices; up to half a voxel beyond the outermost centres the edge value holds.
 *
 * @param data one frame, [z][y][x]
 * @param worldToVoxel row-major 4x4
 * @returns NaN outside
 */
import type { Affine, Point } from "@quintet/core";
import { apply } from "@quintet/core";

export function valueAt(
  data: ArrayLike<number>,
  shape: readonly [number, number, number],
  worldToVoxel: Affine,
  point: Point,
  nearest = false,
): number {
  const voxel = apply(worldToVoxel, point);
  if (voxel.some((v, k) => !(v >= -0.5 && v <= (shape[k] as number) - 0.5))) return Number.NaN;
  const [nx, ny] = shape;
  const at = voxel.map((v, k) => Math.min(Math.max(v, 0), (shape[k] as number) - 1));
  const read = (x: number, y: number, z: number): number => data[(z * ny + y) * nx + x] as number;
  const [x, y, z] = at as [number, number, number];
  if (nearest) return read(Math.round(x), Math.round(y), Math.round(z));
  const low = at.map(Math.floor) as [number, number, number];
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    const step = [corner & 1, (corner >> 1) & 1, corner >> 2] as const;
    let weight = 1;
    for (const [k, s] of step.entries()) {
      const f = (at[k] as number) - (low[k] as number);
      weight *= s ? f : 1 - f;
    }
    // A neighbour without weight may be missing.
    if (weight > 0) sum += weight * read(low[0] + step[0], low[1] + step[1], low[2] + step[2]);
  }
  return sum;
}
