import { seededRandom } from "@quintet/kernels";

export interface PairOutlier {
  /** Value in standard deviations of the pairs that do not stand out. */
  readonly score: number;
  /** Chance that any set of pairs stands out as far when all have one spread; 1 for a pair that does not. */
  readonly familywise: number;
}

/** Fewer pairs say nothing about the common spread. */
export const fewestPairs = 4;
const draws = 10_000;

/** Statistics of `draws` sets of independent standard normal values. */
interface Null {
  /** [k - 1]: sorted T_k. */
  readonly statistics: readonly Float64Array[];
  /** [k - 1]: mean root mean square of all but the k largest. */
  readonly scales: readonly number[];
  /** Sorted smallest p over k. */
  readonly smallest: Float64Array;
}
const nulls = new Map<number, Null>();

/**
 * Which of several left-minus-right values stand out, the head being symmetric but for them.
 *
 *   T_k = k-th largest |d| / max( rms of the other d, least ),   k = 1 .. half of the pairs
 *
 * Each T_k is compared with that of independent normal values of one spread; the k with the smallest p names the pairs.
 * The smallest p itself is compared with the smallest p of the normal sets, so that the chance of naming any pair where
 * none differs is what `familywise` says (10 000 seeded draws). A focus over several neighbouring pairs thus does not
 * hide itself by widening the spread (masking); `least` can only make the test more careful.
 *
 * @see Rosner, Technometrics 1983;25:165-72 (many outliers at once)
 */
export function pairOutliers(differences: readonly number[], least: number): PairOutlier[] {
  const order = differences.map((_, i) => i).sort((a, b) => size(differences, b) - size(differences, a));
  const sizes = order.map((i) => size(differences, i));
  const reference = nullOf(sizes.length);
  let [best, bestP] = [1, Number.POSITIVE_INFINITY];
  reference.statistics.forEach((statistic, i) => {
    const scale = Math.max(spreadOf(sizes, i + 1), least * (reference.scales[i] as number));
    const p = tail(statistic, (sizes[i] as number) / scale);
    if (p < bestP) [best, bestP] = [i + 1, p];
  });
  const familywise = (countAtMost(reference.smallest, bestP) + 1) / (draws + 1);
  const spread = Math.max(spreadOf(sizes, best) / (reference.scales[best - 1] as number), least);
  const standing = new Set(order.slice(0, best));
  return differences.map((difference, i) => ({
    score: difference / spread,
    familywise: standing.has(i) ? familywise : 1,
  }));
}

function size(values: readonly number[], i: number): number {
  return Math.abs(values[i] as number);
}

/** Root mean square of descending `sizes` from `first` on. */
function spreadOf(sizes: ArrayLike<number>, first: number): number {
  let sum = 0;
  for (let i = first; i < sizes.length; i++) sum += (sizes[i] as number) ** 2;
  return Math.sqrt(sum / (sizes.length - first));
}

/** Share of the sorted values that are at least as large. */
function tail(sorted: Float64Array, value: number): number {
  return (sorted.length - countBelow(sorted, value) + 1) / (draws + 1);
}

function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countAtMost(sorted: Float64Array, value: number): number {
  // The next larger double: p values are multiples of 1 / (draws + 1).
  return countBelow(sorted, value + 0.5 / (draws + 1));
}

function nullOf(pairs: number): Null {
  const known = nulls.get(pairs);
  if (known) return known;
  const most = Math.max(1, Math.min(Math.floor(pairs / 2), pairs - 3));
  const random = seededRandom(pairs);
  const values = Array.from({ length: most }, () => new Float64Array(draws));
  const scales = Array.from({ length: most }, () => 0);
  for (let draw = 0; draw < draws; draw++) {
    const sizes = Float64Array.from({ length: pairs }, () => Math.abs(random.normal()))
      .sort()
      .reverse();
    values.forEach((value, i) => {
      const scale = spreadOf(sizes, i + 1);
      value[draw] = (sizes[i] as number) / scale;
      scales[i] = (scales[i] as number) + scale / draws;
    });
  }
  const statistics = values.map((value) => value.slice().sort());
  const smallest = Float64Array.from({ length: draws }, (_, draw) =>
    values.reduce((p, value, i) => Math.min(p, tail(statistics[i] as Float64Array, value[draw] as number)), 1),
  ).sort();
  const made = { statistics, scales, smallest };
  nulls.set(pairs, made);
  return made;
}
