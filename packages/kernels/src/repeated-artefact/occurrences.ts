import { readBetweenSamples, sincReach } from "../fir/fractional-delay.ts";

/** Where a repeated artefact is. */
export interface ArtefactTiming {
  /** Samples, rising, with fractions. */
  readonly onsets: Float64Array;
  /** Samples that one occurrence lasts at the most. */
  readonly period: number;
  /** Places (samples) where its shape changed at once, as when a head moves; default none. */
  readonly steps?: readonly number[];
}

/** Samples read on either side of an occurrence, so that it can be read between samples once more. */
export const margin: number = sincReach + 1;

/** Samples of an occurrence that are kept: the longest that lies between two onsets, and the margins. */
export function occurrenceLength(period: number): number {
  return Math.ceil(period) + 2 + 2 * margin;
}

/** Each occurrence on one grid, beginning `margin` samples before its onset. */
export function readOccurrences(signal: ArrayLike<number>, { onsets, period }: ArtefactTiming): Float64Array[] {
  const length = occurrenceLength(period);
  return Array.from(onsets, (onset) => readBetweenSamples(signal, onset - margin, length));
}

/** First sample of occurrence k and the one after its last: up to the next onset, or one period. */
export function reach({ onsets, period }: ArtefactTiming, k: number, samples: number): readonly [number, number] {
  const next = k + 1 < onsets.length ? Math.min(onsets[k + 1], onsets[k] + period + 1) : onsets[k] + period;
  return [Math.max(0, Math.ceil(onsets[k])), Math.min(samples, Math.ceil(next))];
}

/** Whether occurrence k lies inside the signal whole. */
export function isWhole({ onsets, period }: ArtefactTiming, k: number, samples: number): boolean {
  return onsets[k] >= 0 && onsets[k] + period <= samples;
}
