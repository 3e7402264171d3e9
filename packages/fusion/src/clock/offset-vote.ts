import type { Seconds } from "@quintet/core";

export interface OffsetVote {
  /** other - mine, s. */
  readonly offset: Seconds;
  /** Pulses of mine that then find one of the other's. */
  readonly votes: number;
}

/**
 * The offsets at which most pulses of a short stretch find a partner: all differences b_j - a_i, sorted, and a window of
 * `width` slid over them. Peaks nearer than `apart` to a higher one are the same.
 *
 * @param mine a few tens of pulses, s @param others ascending, s
 * @param within only offsets of [least, most]
 */
export function voteOffsets(
  mine: Float64Array,
  others: Float64Array,
  width: Seconds,
  within: readonly [Seconds, Seconds],
  most = 8,
): readonly OffsetVote[] {
  const differences: number[] = [];
  for (const a of mine) {
    for (let j = lowerBound(others, a + within[0]); j < others.length && (others[j] as number) <= a + within[1]; j++) {
      differences.push((others[j] as number) - a);
    }
  }
  const sorted = Float64Array.from(differences).sort();
  const windows: OffsetVote[] = [];
  for (let low = 0, high = 0; low < sorted.length; low++) {
    while (high < sorted.length && (sorted[high] as number) - (sorted[low] as number) <= width) high++;
    windows.push({ offset: ((sorted[low] as number) + (sorted[high - 1] as number)) / 2, votes: high - low });
  }
  windows.sort((x, y) => y.votes - x.votes);
  const peaks: OffsetVote[] = [];
  for (const candidate of windows) {
    if (peaks.length >= most) break;
    if (peaks.every(({ offset }) => Math.abs(offset - candidate.offset) > width)) peaks.push(candidate);
  }
  return peaks;
}

/** First index whose value is at least `value`. */
export function lowerBound(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index whose value lies nearest; -1 of none. */
export function nearest(sorted: Float64Array, value: number): number {
  const above = lowerBound(sorted, value);
  if (above >= sorted.length) return sorted.length - 1;
  if (above === 0) return 0;
  return value - (sorted[above - 1] as number) <= (sorted[above] as number) - value ? above - 1 : above;
}
