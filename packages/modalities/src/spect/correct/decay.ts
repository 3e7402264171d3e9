/** Decay of SPECT: projections of a long acquisition, two injections compared. */
import { DataError, type Radionuclide, type Seconds, type Volume, voxelCount } from "@quintet/core";
import { decayConstant, decayFactor, frameMeanFactor } from "@quintet/kernels";

/**
 * Corrects every frame for decay to one time.
 *
 *   A_i(T) = A_i lambda d_i / (1 - exp(-lambda d_i)) exp(lambda (s_i - T))
 *
 * with s_i, d_i the frame's start and duration; A_i is the mean over the frame.
 *
 * @param to T, seconds on the image's clock
 * @throws DataError `unknown-radionuclide`, `not-finite`, `not-positive`
 */
export function decayCorrect<V extends Volume>(
  image: V,
  { radionuclide, to }: { radionuclide: Radionuclide; to: Seconds },
): V {
  const lambda = decayConstant(radionuclide);
  if (!Number.isFinite(to)) throw new DataError("not-finite", "the reference time must be a time", { found: `${to}` });
  const factors = image.frames.map((frame) => frameMeanFactor(lambda, frame) * decayFactor(lambda, frame.start, to));
  const n = voxelCount(image);
  return { ...image, data: image.data.map((a, i) => a * (factors[Math.floor(i / n)] as number)) };
}
