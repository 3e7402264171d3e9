import { median } from "../statistics/robust.ts";
import { type ArtefactTiming, margin, readOccurrences } from "./occurrences.ts";

/** Occurrences on either side that are compared. */
const beside = 5;
/** How many times what chance makes; found and reasoned in docs/science/eeg-scanner.md. */
const limit = 3;

/**
 * Where a repeated artefact changed its shape at once (a head moved): the mean of the 5 occurrences before k is compared
 * with the mean of the 5 after it,
 *
 *   s_k = sum |mean after - mean before|^2 / (2/5 v),   v = half the median of sum |x_(k+1) - x_k|^2,
 *
 * over the samples' differences (which weigh the artefact above the EEG) of all signals, each occurrence brought to one
 * amplitude first. Without a step s is about 1; a step is a largest value above 3 that is also 3 times what is 5
 * occurrences before and after it. The sample within the occurrence is where before and after, changed there, fit it best.
 *
 * @returns places in samples, rising
 */
export function shapeSteps(signals: readonly ArrayLike<number>[], timing: ArtefactTiming): number[] {
  const count = timing.onsets.length;
  if (count < 2 * beside + 1) return [];
  const score = new Float64Array(count).fill(1);
  const changes = signals.map((signal) => steepness(signal, timing));
  let noise = 0;
  const total = new Float64Array(count);
  for (const epochs of changes) {
    noise += median(epochs.slice(1).map((epoch, k) => distance(epoch, epochs[k]))) / 2;
    for (let k = beside; k < count - beside; k++)
      total[k] += distance(meanOf(epochs, k - beside, k), meanOf(epochs, k + 1, k + 1 + beside));
  }
  for (let k = beside; k < count - beside; k++) score[k] = total[k] / ((2 / beside) * noise);
  const steps: number[] = [];
  for (let k = beside; k < count - beside; k++) {
    const near = score.subarray(Math.max(0, k - beside), k + beside + 1);
    const apart = Math.max(score[k - beside], score[Math.min(count - 1, k + beside)], 1);
    if (score[k] > limit && score[k] >= Math.max(...near) && score[k] > limit * apart)
      steps.push(timing.onsets[k] + splitPlace(changes, k));
  }
  return steps;
}

/** Differences of the samples of each occurrence, scaled to the mean's amplitude. */
function steepness(signal: ArrayLike<number>, timing: ArtefactTiming): Float64Array[] {
  const length = Math.floor(timing.period);
  const epochs = readOccurrences(signal, timing).map((one) =>
    Float64Array.from({ length }, (_, i) => one[margin + i + 1] - one[margin + i]),
  );
  const mean = meanOf(epochs, 0, epochs.length);
  const power = product(mean, mean);
  return epochs.map((epoch) => {
    const scale = product(epoch, mean) / power;
    return scale > 0 ? epoch.map((value) => value / scale) : epoch;
  });
}

function splitPlace(changes: readonly (readonly Float64Array[])[], k: number): number {
  const length = changes[0][k].length;
  const gain = new Float64Array(length + 1);
  for (const epochs of changes) {
    const [before, after] = [meanOf(epochs, k - beside, k), meanOf(epochs, k + 1, k + 1 + beside)];
    let sum = 0;
    for (let i = 0; i < length; i++) {
      sum += (epochs[k][i] - after[i]) ** 2 - (epochs[k][i] - before[i]) ** 2;
      gain[i + 1] += sum;
    }
  }
  let best = 0;
  for (let i = 1; i <= length; i++) if (gain[i] > gain[best]) best = i;
  return best;
}

function meanOf(epochs: readonly Float64Array[], from: number, to: number): Float64Array {
  const mean = new Float64Array(epochs[from].length);
  for (let k = from; k < to; k++) for (let i = 0; i < mean.length; i++) mean[i] += epochs[k][i] / (to - from);
  return mean;
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
