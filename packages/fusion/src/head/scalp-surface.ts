import {
  DataError,
  type Grid,
  identityAffine,
  type Mask,
  type Surface,
  spacing,
  toWorld,
  voxelCount,
} from "@quintet/core";
import { isosurface, resample, smoothGaussian } from "@quintet/kernels";

/** Voxel edge at which the outline is drawn, mm: finer than an electrode, coarse enough to be smooth. */
const outlineSpacing = 3;

/**
 * The scalp as a closed mesh: the half level of the head mask after a Gaussian of one outline voxel.
 *
 * @param head head against air, cavities filled
 * @returns mesh in the mask's space, mm, faces counter-clockwise from outside
 * @throws DataError `empty-region`, and those of isosurface
 */
export function scalpSurface(head: Mask): Surface {
  if (!head.data.includes(1)) throw new DataError("empty-region", "the head mask is empty");
  const edges = spacing(head);
  const grid = padded(head, outlineSpacing);
  const soft = resample(
    { ...head, unit: "1", frames: [{ start: 0, duration: 0 }], clock: "none", data: smoothed(head, edges) },
    grid,
    identityAffine(),
  );
  return isosurface(soft.data, grid, 0.5);
}

/** Anti-aliasing before the mask is sampled more coarsely. */
function smoothed(head: Mask, edges: readonly number[]): Float32Array {
  const [x, y, z] = edges.map((edge) => outlineSpacing / 2 / edge) as [number, number, number];
  return smoothGaussian(Float32Array.from(head.data.subarray(0, voxelCount(head))), head.shape, [x, y, z]);
}

/** The same box and axes with `edge`-mm voxels and a rim, so that a head that touches the border closes. */
function padded(grid: Grid, edge: number): Grid {
  const edges = spacing(grid);
  const rim = 2;
  const shape = grid.shape.map((n, axis) => Math.ceil(((n - 1) * (edges[axis] as number)) / edge) + 1 + 2 * rim) as [
    number,
    number,
    number,
  ];
  const affine = grid.affine.slice();
  for (let column = 0; column < 3; column++) {
    for (let row = 0; row < 3; row++)
      affine[row * 4 + column] = ((grid.affine[row * 4 + column] as number) * edge) / (edges[column] as number);
  }
  const corner = toWorld({ ...grid, affine }, [-rim, -rim, -rim]);
  for (let row = 0; row < 3; row++) affine[row * 4 + 3] = corner[row] as number;
  return { shape, affine, space: grid.space };
}
