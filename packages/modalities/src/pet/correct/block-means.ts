import type { Grid } from "@quintet/core";
import { imageGrid } from "@quintet/kernels";

export interface Blocks {
  readonly shape: readonly [nx: number, ny: number, nz: number];
  readonly size: readonly [x: number, y: number, z: number];
  /** Centre of the first block, mm. */
  readonly origin: readonly [x: number, y: number, z: number];
  readonly data: Float32Array;
}

/**
 * Means over blocks of voxels. Blocks start at the first voxel; one that sticks out at the far border counts what lies
 * beyond as 0, so that the integral over the image is kept.
 * @param steps voxels of a block along x, y, z
 */
export function blockMeans(grid: Grid, data: Float32Array, steps: readonly [number, number, number]): Blocks {
  const { shape, size, origin } = imageGrid(grid);
  const blocks = shape.map((n, c) => Math.ceil(n / (steps[c] as number))) as [number, number, number];
  const sums = new Float64Array(blocks[0] * blocks[1] * blocks[2]);
  for (let z = 0, i = 0; z < shape[2]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      const row = blocks[0] * (Math.floor(y / steps[1]) + blocks[1] * Math.floor(z / steps[2]));
      for (let x = 0; x < shape[0]; x++, i++) {
        const to = row + Math.floor(x / steps[0]);
        sums[to] = (sums[to] as number) + (data[i] as number);
      }
    }
  }
  const count = steps[0] * steps[1] * steps[2];
  const three = (of: (c: 0 | 1 | 2) => number): [number, number, number] => [of(0), of(1), of(2)];
  return {
    shape: blocks,
    size: three((c) => size[c] * steps[c]),
    origin: three((c) => origin[c] + ((steps[c] - 1) / 2) * size[c]),
    data: new Float32Array(sums.length).map((_, i) => (sums[i] as number) / count),
  };
}
