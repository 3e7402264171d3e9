import { DataError } from "@quintet/core";
import type { Nufft } from "./nufft.ts";

export interface DensityCompensation {
  /** Area (2-D) or volume (3-D) of k-space that each sample stands for, in (cycles per voxel)^axes. */
  readonly weights: Float32Array;
  /** Of each iteration: root mean square of (P P' w) - 1 before it. */
  readonly history: readonly number[];
}

/**
 * Density compensation of samples off the grid, by the fixed point
 *
 *   w <- w / (P P' w),   P = interpolation by the window
 *
 * which makes the density of the weighted samples, seen through the window, flat (Pipe & Menon, Magn Reson Med
 * 1999;41:179-86, equation 9). Scaled so that the weights are areas: each
 * sample of a complete Cartesian grid of n points weighs 1 / n (within 1 %, the ripple of the window), and for the
 * transform of norm `none` adjoint(w y) is the image itself as far as k-space is covered.
 *
 * @throws DataError `not-positive` when a sample is not reached by its own window
 */
export function densityCompensation(
  transform: Nufft,
  { iterations = 20 }: { readonly iterations?: number } = {},
): DensityCompensation {
  const { samples, gridding, gridShape, windows } = transform;
  const weights = new Float32Array(2 * samples);
  for (let j = 0; j < samples; j++) weights[2 * j] = 1;
  const [grid, seen] = [new Float32Array(2 * gridding.cells), new Float32Array(2 * samples)];
  const history: number[] = [];
  for (let i = 0; i < iterations; i++) {
    gridding.interpolate(gridding.spread(weights, grid), seen);
    let square = 0;
    for (let j = 0; j < samples; j++) {
      const density = seen[2 * j];
      if (!(density > 0)) {
        throw new DataError("not-positive", "the sampling density", { found: `${density} at sample ${j}` });
      }
      square += (density - 1) ** 2;
      weights[2 * j] /= density;
    }
    history.push(Math.sqrt(square / samples));
  }
  // P P' sees a density of one sample an area A of k-space as the window's integral squared over the cells in it.
  const area = gridShape.reduce((product, size, axis) => (product * windows[axis].transform(0) ** 2) / size, 1);
  return { weights: Float32Array.from({ length: samples }, (_, j) => weights[2 * j] * area), history };
}
