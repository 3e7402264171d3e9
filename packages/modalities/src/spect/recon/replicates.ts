import { DataError, type Grid, type SpectProjections } from "@quintet/core";
import type { Random } from "@quintet/kernels";
import { spectProjector } from "../forward/spect-projector.ts";
import type { SpectTerms } from "./reconstruct.ts";

/**
 * Counts that a camera expects of an image in each bin: f (A x) + s, data [view][row][column].
 *
 * @param image of `grid`, counts per mm of line
 * @throws DataError those of spectProjector
 */
export function expectedCounts(
  geometry: Omit<SpectProjections, "data">,
  grid: Grid,
  { response, attenuation, scatter, factor }: SpectTerms,
  image: Float32Array,
): Float32Array {
  const projector = spectProjector(geometry, grid, { response, attenuation });
  try {
    return projector
      .forward(image)
      .map(
        (line, i) =>
          (factor === "none" ? 1 : (factor[i] as number)) * line + (scatter === "none" ? 0 : (scatter[i] as number)),
      );
  } finally {
    projector.close();
  }
}

/**
 * The scan as it might have come out another time: Poisson counts about what is expected of each bin (parametric bootstrap). What
 * replicates of a scan spread by once they are reconstructed and measured as the scan was is its standard error: nothing is taken to
 * be linear, even, uncorrelated or at a known resolution, and whatever is done after the counts is in it.
 *
 * Expected counts come from the image that the scan gave, not from the scan's own counts: replicates about noisy counts would be
 * twice as noisy, which an iteration that keeps activity above zero answers with a shift.
 *
 * @throws DataError `bad-counts` (an expectation below 0 or not a number)
 * @see Haynor and Woods, IEEE Trans Med Imaging 1989;8:436-53 (resampling of emission tomography); Buvat, Phys Med Biol
 *   2002;47:1761-75 (bootstrap of SPECT and PET images); both from the literature, not re-checked
 */
export function replicateCounts(expected: Float32Array, random: Random): Float32Array {
  return expected.map((mean, i) => {
    if (mean >= 0 && mean < Number.POSITIVE_INFINITY) return random.poisson(mean);
    throw new DataError("bad-counts", "counts expected of a bin", { expected: "0 or more", found: `${mean} in ${i}` });
  });
}

/**
 * How counts scatter about their expectation, by what Poisson counts do: sum (y - e)^2 / sum e. 1 for counts as they were measured; a
 * for counts that were multiplied by a; below 1 where they were smoothed. The image follows a part of the noise, so that it lies
 * somewhat below 1 by itself.
 *
 * @throws DataError `no-counts` where nothing is expected
 */
export function countDispersion(counts: Float32Array, expected: Float32Array): number {
  let [squares, sum] = [0, 0];
  for (let i = 0; i < counts.length; i++) {
    squares += ((counts[i] as number) - (expected[i] as number)) ** 2;
    sum += expected[i] as number;
  }
  if (sum > 0) return squares / sum;
  throw new DataError("no-counts", "no counts are expected in any bin");
}
