import { DataError } from "@quintet/core";
import type { EmissionFit, EmissionProgress, ReconstructionProgress, ReconstructionState } from "@quintet/kernels";

/** Share of the whole work that scatter takes. */
export const scatterShare = 0.4;
/** Iterations of an image that scatter is computed from. */
export const scatterIterations = 2;

/**
 * Share of the way from the image before to the new one at which the scatter is taken. The first image, without scatter, is too high
 * in the middle and so is its scatter; the next image is then too low: errors alternate, in a cylinder of 180 mm with half of
 * each one left (its middle +1.9 % after two rounds, -1.0 % after three). On the way to it they cancel: chosen where two rounds
 * gave the true scatter in cylinders of 150 and 180 mm, scaled to its tails.
 */
const relaxation = 5 / 6;

/**
 * Scatter in rounds: an image without it, the scatter of that image, an image with that, the scatter of one between both, ...
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
  let image: Float32Array | undefined = scatterImage;
  let scatter = image ? scatterOf(image) : undefined;
  for (let round = done; round < rounds; round++) {
    const stage = `scatter, round ${round + 1} of ${rounds}`;
    const part = (within: number): number => (scatterShare * (round + within)) / rounds;
    const steps = imageWith(scatter);
    for (;;) {
      const step = steps.next();
      if (step.done) {
        image = between(image, step.value.image);
        break;
      }
      const { fraction, iteration } = step.value;
      yield { stage, fraction: part(0.7 * fraction), iteration };
    }
    yield { stage, fraction: part(0.8) };
    scatter = scatterOf(image);
    yield { stage, fraction: part(1), state: { rounds: round + 1, scatterImage: image, history: [] } };
  }
  return { ...(scatter === undefined ? {} : { scatter }), ...(image ? { image } : {}) };
}

function between(before: Float32Array | undefined, next: Float32Array): Float32Array {
  if (!before) return next;
  return next.map((x, i) => (before[i] as number) + relaxation * (x - (before[i] as number)));
}
