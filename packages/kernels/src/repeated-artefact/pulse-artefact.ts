import { DataError } from "@quintet/core";
import { readBetweenSamples } from "../fir/fractional-delay.ts";
import { margin } from "./occurrences.ts";
import { principalShapes, projectionWeights } from "./residual-basis.ts";

export interface PulseOptions {
  /** `obs` fits the mean and components of all beats; `median` and `mean` a moving template. Default `obs`. */
  readonly method?: "obs" | "median" | "mean";
  /** Shapes fitted with `obs`, the mean among them; default 4. */
  readonly components?: number;
  /** Beats a moving template is made of; default 30. */
  readonly window?: number;
  /** Samples from the R peak to the artefact's middle. */
  readonly delay: number;
  /** Share of the middle interval on either side that a shape covers; default 0.75. */
  readonly halfWidth?: number;
}

/**
 * What the heart beat adds to a signal in the magnet: about each beat (its R peak plus a delay) the artefact is fitted and
 * taken over half the way to the neighbours; there two beats' fits are blended over a tenth of the interval.
 *
 *   obs:    x = m a + sum_j u_j b_j + c,   m the mean of all beats, u_j the components of what differs from it
 *   median: x = m_k a + c,   m_k the median (or mean) of the nearest beats
 *
 * @param signal high-passed
 * @param beats R peaks in samples, rising; fractions count
 * @returns [sample] the artefact
 * @throws DataError `too-few-epochs` (fewer than 5 whole beats)
 * @see Allen et al., NeuroImage 1998;8:229-239; Niazy et al., NeuroImage 2005;28:720-737
 */
export function pulseArtefact(
  signal: ArrayLike<number>,
  beats: ArrayLike<number>,
  { method = "obs", components = 4, window = 30, delay, halfWidth = 0.75 }: PulseOptions,
): Float64Array {
  const n = signal.length;
  const middles = Array.from(beats, (beat) => beat + delay);
  const gaps = middles
    .slice(1)
    .map((at, k) => at - middles[k])
    .sort((a, b) => a - b);
  const interval = gaps[gaps.length >> 1] ?? 0;
  const half = Math.round(halfWidth * interval);
  const whole = middles.flatMap((at, k) => (at - half >= 0 && at + half < n ? [k] : []));
  if (whole.length < 5)
    throw new DataError("too-few-epochs", "a pulse artefact is learnt from whole beats", {
      expected: "5 or more",
      found: `${whole.length}`,
    });
  const length = 2 * half + 1 + 2 * margin;
  const epochs = whole.map((k) => centred(readBetweenSamples(signal, middles[k] - half - margin, length)));
  const shared = method === "obs" ? basisOf(epochs, components) : undefined;
  const artefact = new Float64Array(n);
  const weight = new Float64Array(n);
  const blend = interval / 20;
  for (const [k, at] of middles.entries()) {
    const [from, to] = [Math.max(0, Math.ceil(at - half)), Math.min(n, Math.floor(at + half) + 1)];
    if (to <= from) continue;
    const shapes = shared ?? [typical(epochs, whole, k, window, method === "mean")];
    const cut = shapes.map((shape) => readBetweenSamples(shape, margin + from - (at - half), to - from));
    const constant = new Float64Array(to - from).fill(1);
    // The constant takes the level, which is no artefact, and is not subtracted.
    const shares = projectionWeights(signal, [...cut, constant], from);
    const before = k > 0 ? (at + middles[k - 1]) / 2 : Number.NEGATIVE_INFINITY;
    const after = k + 1 < middles.length ? (at + middles[k + 1]) / 2 : Number.POSITIVE_INFINITY;
    for (let i = from; i < to; i++) {
      const rise = Math.min(1, (i - before + blend) / (2 * blend));
      const fall = Math.min(1, (after + blend - i) / (2 * blend));
      const w = Math.min(rise, fall);
      if (!(w > 0)) continue;
      let fit = 0;
      for (let j = 0; j < shapes.length; j++) fit += shares[j] * cut[j][i - from];
      artefact[i] += w * fit;
      weight[i] += w;
    }
  }
  return artefact.map((value, i) => (weight[i] > 1 ? value / weight[i] : value));
}

/** The mean beat and the components of what differs from it. */
function basisOf(epochs: readonly Float64Array[], components: number): Float64Array[] {
  const mean = averaged(epochs);
  const rest = epochs.map((epoch) => epoch.map((value, i) => value - mean[i]));
  return [mean, ...principalShapes(rest, components - 1)];
}

/** Middle of the beats nearest to beat k, sample by sample. */
function typical(
  epochs: readonly Float64Array[],
  whole: readonly number[],
  k: number,
  window: number,
  asMean: boolean,
): Float64Array {
  const size = Math.min(window, epochs.length);
  const place = whole.filter((other) => other < k).length;
  const low = Math.max(0, Math.min(epochs.length - size, place - (size >> 1)));
  const near = epochs.slice(low, low + size);
  if (asMean) return averaged(near);
  const column = new Float64Array(near.length);
  return near[0].map((_, i) => {
    for (let e = 0; e < near.length; e++) column[e] = near[e][i];
    column.sort();
    return (column[(size - 1) >> 1] + column[size >> 1]) / 2;
  });
}

function averaged(epochs: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(epochs[0].length);
  for (const epoch of epochs) for (let i = 0; i < mean.length; i++) mean[i] += epoch[i] / epochs.length;
  return mean;
}

function centred(x: Float64Array): Float64Array {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return x.map((value) => value - mean);
}
