import { DataError, type Grid, multiply, spacing, type Transform, type Volume } from "@quintet/core";
import { fwhmPerSigma, resampleSpline, smoothGaussian } from "@quintet/kernels";
import type { HeadMotion } from "./motion.ts";

/**
 * The series with its motion taken out, on any grid, by one interpolation: the maps are composed first.
 *
 *   out_t(v) = I_t(W_t C^-1 A v),   W_t reference -> volume t, C reference -> the target's space
 *
 * @param target grid of the result; without `toTarget` it must lie in the series' own space
 * @throws DataError `space-mismatch`, `shape-mismatch`, `singular-affine`
 */
export function resampleBold<V extends Volume>(
  bold: V,
  motion: Pick<HeadMotion, "maps">,
  target: Grid,
  targetToReference?: Transform,
): V {
  const [from, to] = [targetToReference?.from ?? bold.space, targetToReference?.to ?? bold.space];
  if (from !== target.space || to !== bold.space) {
    throw new DataError("space-mismatch", "the map must lead from the target's space to the series'", {
      expected: `${target.space} -> ${bold.space}`,
      found: `${from} -> ${to}`,
    });
  }
  const maps = targetToReference ? motion.maps.map((map) => multiply(map, targetToReference.matrix)) : motion.maps;
  return resampleSpline(bold, target, maps);
}

/**
 * Gaussian smoothing of each frame by `fwhm` mm along every voxel axis; 0 leaves it as it is.
 * @throws DataError `bad-fwhm`, and those of smoothGaussian
 */
export function smoothBold<V extends Volume>(bold: V, fwhm: number): V {
  if (!(fwhm >= 0 && fwhm <= 100)) {
    throw new DataError("bad-fwhm", "smoothing is a width in mm", { expected: "0 to 100", found: `${fwhm}` });
  }
  if (fwhm === 0) return bold;
  const sigma = spacing(bold).map((mm) => fwhm / fwhmPerSigma / mm) as [number, number, number];
  return { ...bold, data: smoothGaussian(bold.data, bold.shape, sigma) };
}
