import { madToSigma, median, seededRandom } from "@quintet/kernels";

export interface PairOutlier {
  /** Value over the pairs' common spread. */
  readonly score: number;
  /** Chance that the largest of all pairs' scores is as large when no pair differs from the others. */
  readonly familywise: number;
}

/** Fewer pairs say nothing about the common spread. */
export const fewestPairs = 4;
const draws = 10_000;
const nulls = new Map<number, Float64Array>();

/**
 * Which of several left-minus-right values stands out, the head being symmetric but for it.
 *
 *   score_j = d_j / max( 1.4826 median_k |d_k|, least )
 *
 * The spread is taken around 0 and by the median: up to half of the pairs may belong to the focus. `familywise` compares
 * |score_j| with the largest |score| of as many independent normal values, over 10 000 seeded draws: a family-wise error
 * rate under normal asymmetries of one spread; `least` makes it smaller still.
 */
export function pairOutliers(differences: readonly number[], least: number): PairOutlier[] {
  const spread = Math.max(madToSigma * median(differences.map(Math.abs)), least);
  const largest = nullOfLargest(differences.length);
  return differences.map((difference) => {
    const score = difference / spread;
    return { score, familywise: (countAtLeast(largest, Math.abs(score)) + 1) / (draws + 1) };
  });
}

/** Sorted largest |score| of `pairs` independent normal values. */
function nullOfLargest(pairs: number): Float64Array {
  const known = nulls.get(pairs);
  if (known) return known;
  const random = seededRandom(pairs);
  const largest = Float64Array.from({ length: draws }, () => {
    const sizes = Float64Array.from({ length: pairs }, () => Math.abs(random.normal())).sort();
    const [low, high] = [sizes[Math.floor((pairs - 1) / 2)] as number, sizes[Math.ceil((pairs - 1) / 2)] as number];
    return (sizes[pairs - 1] as number) / ((madToSigma * (low + high)) / 2);
  }).sort();
  nulls.set(pairs, largest);
  return largest;
}

function countAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return sorted.length - low;
}
