import { DataError, type Radionuclide, type Tacs } from "@quintet/core";
import { decayConstant } from "@quintet/kernels";

export type WeightScheme = "none" | "duration" | "decay" | "counts" | "given";
export const weightSchemes: readonly WeightScheme[] = ["none", "duration", "decay", "counts", "given"];

/**
 * Weights of the frames, mean 1, that stand for one over the variance of a decay-corrected mean:
 *
 *   none       1
 *   duration   d
 *   decay      d exp(-lambda t)                 counts of a constant corrected activity, t the middle of the frame
 *   counts     d exp(-lambda t) / C             Poisson: var C = C exp(lambda t) / d, C the mean curve of all regions
 *   given      those of the file
 *
 * A frame whose mean curve is not positive has weight 0 under "counts".
 *
 * @throws DataError `missing-weights` ("given" without any), `missing-radionuclide`, `bad-frames` (no durations)
 * @see Thiele & Buchert, Nucl Med Commun 2008;29:179-88 (from the literature, not re-checked)
 */
export function frameWeights(tacs: Tacs, scheme: WeightScheme, radionuclide?: Radionuclide): Float64Array {
  const { frames, regions, weights } = tacs;
  if (scheme === "none") return new Float64Array(frames.length).fill(1);
  if (scheme === "given") {
    if (weights) return toMeanOne(weights);
    throw new DataError("missing-weights", "the file gives no weights", { expected: "a column weight", found: "none" });
  }
  if (frames.some(({ duration }) => !(duration > 0))) {
    throw new DataError("bad-frames", "weights by duration need frames with a duration", { found: "samples without" });
  }
  const lengths = Float64Array.from(frames, ({ duration }) => duration);
  if (scheme === "duration") return toMeanOne(lengths);
  if (radionuclide === undefined) {
    throw new DataError("missing-radionuclide", `weights "${scheme}" need the radionuclide's half-life`);
  }
  const lambda = decayConstant(radionuclide);
  const raw = frames.map(({ start, duration }, i) => {
    const measured = duration * Math.exp(-lambda * (start + duration / 2));
    if (scheme === "decay") return measured;
    const mean = regions.reduce((sum, { values }) => sum + (values[i] as number), 0) / regions.length;
    return mean > 0 ? measured / mean : 0;
  });
  return toMeanOne(Float64Array.from(raw));
}

function toMeanOne(weights: Float64Array): Float64Array {
  const mean = weights.reduce((a, b) => a + b, 0) / weights.length;
  if (!(mean > 0)) throw new DataError("bad-weights", "at least one weight is above 0", { found: `mean ${mean}` });
  return weights.map((w) => w / mean);
}
