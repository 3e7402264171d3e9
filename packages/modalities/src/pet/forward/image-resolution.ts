import { DataError, type Grid, type Millimetres, spacing, voxelCount } from "@quintet/core";
import { fwhmPerSigma, type LinearOperator, smoothGaussian } from "@quintet/kernels";

/**
 * The scanner's resolution in image space: A = P G with the projector P and a separable Gaussian G.
 *
 *   G = exp(-r^2 / 2 sigma^2) / sum, sigma = fwhm / (2 sqrt(2 ln 2)), along each axis; reflected at the image's faces
 *
 * Reflection makes G symmetric, so it is its own adjoint. Composed with a projector by composeOperators(G, P).
 *
 * @param fwhm one width, or one along each axis
 * @throws DataError `bad-fwhm`
 */
export function imageResolution(
  grid: Grid,
  fwhm: Millimetres | readonly [Millimetres, Millimetres, Millimetres],
): LinearOperator {
  const widths = typeof fwhm === "number" ? [fwhm, fwhm, fwhm] : fwhm;
  if (!widths.every((width) => width >= 0 && width < 100)) {
    throw new DataError("bad-fwhm", "a resolution is a width in mm", { expected: "0 to 100", found: `${fwhm}` });
  }
  const size = spacing(grid);
  const sigma = [0, 1, 2].map((k) => (widths[k] as number) / fwhmPerSigma / (size[k] as number));
  const voxels = voxelCount(grid);
  const blur = (image: Float32Array): Float32Array =>
    smoothGaussian(image, grid.shape, sigma as [number, number, number]);
  return { domain: voxels, range: voxels, forward: blur, adjoint: blur };
}
