import { DataError } from "@quintet/core";
import type { EmissionFit, EmissionProgress } from "@quintet/kernels";
import type { ReconstructionProgress, ReconstructionState } from "./algorithm.ts";

/** Share of the whole work that scatter takes. */
export const scatterShare = 0.4;
/** Iterations of an image that scatter is computed from. */
export const scatterIterations = 2;

/**
 * Scatter in rounds: an image without it, the scatter of that image, an image with that, ...
 *
 * @param imageWith an image by a few iterations, with the scatter known so far
 * @param scatterOf the scatter of an image
 * @returns the last round's, and the image it is of
 */
export function* scatterRounds<Scatter>(
  rounds: number,
  { rounds: done, scatterImage }: ReconstructionState,
  imageWith: (scatter: Scatter | undefined) => Generator<EmissionProgress, EmissionFit>,
  scatterOf: (image: Float32Array) => Scatter,
): Generator<ReconstructionProgress, { readonly scatter?: Scatter; readonly image?: Float32Array }> {
  if (done > 0 && !scatterImage) {
    throw new DataError("bad-resume", "scatter that was estimated is taken up with the image it is of");
  }
  let image = scatterImage;
  let scatter = image ? scatterOf(image) : undefined;
  for (let round = done; round < rounds; round++) {
    const stage = `scatter, round ${round + 1} of ${rounds}`;
    const share = (within: number): number => (scatterShare * (round + within)) / rounds;
    const steps = imageWith(scatter);
    for (;;) {
      const step = steps.next();
      if (step.done) {
        image = step.value.image;
        break;
      }
      const { fraction, iteration } = step.value;
      yield { stage, fraction: share(0.7 * fraction), iteration };
    }
    yield { stage, fraction: share(0.8) };
    scatter = scatterOf(image);
    yield { stage, fraction: share(1), state: { rounds: round + 1, scatterImage: image, history: [] } };
  }
  return { ...(scatter === undefined ? {} : { scatter }), ...(image ? { image } : {}) };
}
