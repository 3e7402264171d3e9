/** Samples that follow each other without a gap: [first, end), the first of them at `start` seconds. */
export interface Cut {
  readonly first: number;
  readonly end: number;
  readonly start: number;
}

/** The cut that holds `sample`, of cuts in ascending order; the first one for what lies before it. */
export function cutAt(cuts: readonly Cut[], sample: number): Cut | undefined {
  let [low, high] = [0, cuts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((cuts[middle] as Cut).first <= sample) low = middle;
    else high = middle - 1;
  }
  return cuts[low];
}
