/** The course at the strongest peak beside what the model says, both without drift and motion. */
import { toVoxel, type Volume, voxelCount } from "@quintet/core";
import { type Design, glm } from "@quintet/kernels";
import type { Activation } from "@quintet/modalities/mri";

export interface PeakCourse {
  readonly contrast: string;
  /** % of the voxel's mean, one per volume. */
  readonly measured: Float64Array;
  readonly fitted: Float64Array;
}

/**
 * y - N n and T b at the strongest voxel of all contrasts, for y = T b + N n + e with T the columns of the events and N all
 * others; ordinary least squares.
 *
 * @returns undefined when nothing is significant
 */
export function peakCourse(smooth: Volume, found: Activation, design: Design): PeakCourse | undefined {
  const peaks = found.maps.flatMap(({ name, clusters }) => clusters.slice(0, 1).map((cluster) => ({ name, cluster })));
  const [top] = peaks.sort((a, b) => Math.abs(b.cluster.peak) - Math.abs(a.cluster.peak));
  if (!top) return undefined;
  const [x, y, z] = toVoxel(smooth, top.cluster.peakPosition).map(Math.round) as [number, number, number];
  const [nx, ny] = smooth.shape;
  const [at, n, frames] = [x + nx * (y + ny * z), voxelCount(smooth), smooth.frames.length];
  const raw = Float32Array.from({ length: frames }, (_, t) => smooth.data[t * n + at] as number);
  const mean = raw.reduce((sum, v) => sum + v, 0) / frames;
  const percent = raw.map((v) => (100 * v) / mean);
  const weights = design.names.map((name) => (name === top.name ? 1 : 0));
  const contrast = weights.includes(1) ? weights : design.names.map((_, j) => (j === 0 ? 1 : 0));
  const grid = { shape: [1, 1, 1] as const, affine: smooth.affine, space: smooth.space };
  const { coefficients } = glm(percent, grid, Uint8Array.of(1), design.rows, [{ name: top.name, rows: [contrast] }], {
    noise: "ols",
  });
  const b = coefficients.map((column) => column[0] as number);
  const own = new Set(design.conditions.flatMap(({ columns }) => columns));
  const part = (t: number, ofTask: boolean): number =>
    (design.rows[t] as Float64Array).reduce((sum, v, j) => sum + (own.has(j) === ofTask ? v * (b[j] as number) : 0), 0);
  return {
    contrast: top.name,
    measured: Float64Array.from(percent, (v, t) => v - part(t, false)),
    fitted: Float64Array.from({ length: frames }, (_, t) => part(t, true)),
  };
}
