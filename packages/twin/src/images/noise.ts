/** Random fields on a grid. */
import type { Grid } from "@quintet/core";
import { spacing, voxelCount } from "@quintet/core";
import type { Random } from "@quintet/kernels";
import { fwhmPerSigma, smoothGaussian } from "@quintet/kernels";

/** Gaussian random field with mean 0, variance 1 over the grid, correlated over `fwhm` mm. */
export function smoothField(random: Random, grid: Grid, fwhm: number): Float32Array {
  const white = new Float32Array(voxelCount(grid));
  for (let i = 0; i < white.length; i++) white[i] = random.normal();
  return standardise(blur(white, grid, fwhm));
}

/** Convolution with a Gaussian of `fwhm` mm; 0 or less leaves the data as they are. */
export function blur(data: Float32Array, grid: Grid, fwhm: number): Float32Array {
  if (!(fwhm > 0)) return data;
  const sigma = spacing(grid).map((edge) => fwhm / fwhmPerSigma / edge) as [number, number, number];
  return smoothGaussian(data, grid.shape, sigma);
}

function standardise(field: Float32Array): Float32Array {
  let [sum, squares] = [0, 0];
  for (const v of field) {
    sum += v;
    squares += v * v;
  }
  const mean = sum / field.length;
  const scale = 1 / Math.sqrt(Math.max(1e-30, squares / field.length - mean * mean));
  return field.map((v) => (v - mean) * scale);
}
