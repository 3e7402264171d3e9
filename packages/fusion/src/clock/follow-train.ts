import type { Seconds } from "@quintet/core";
import { nearest } from "./offset-vote.ts";

/** Pairs of pulses: index into the one train and into the other. */
export type Pair = readonly [mine: number, other: number];

export interface Followed {
  readonly pairs: readonly Pair[];
  /** First pulse that was not looked at: the clock seems to have jumped before it. */
  readonly next: number;
}

/** How many pulses in a row may find no partner before the clock is taken to have jumped. */
const patience = 12;
/** How many pulses before a pair say whether it stands alone. */
const neighbours = 8;
/** Pairs that the running line remembers. */
const memory = 40;

/**
 * Follows two trains from a known offset: each next pulse is looked for where the line through the last pairs puts it,
 * within `tolerance` and what the largest drift adds since the last pair.
 *
 * @param first pulse of `mine` to begin with @param offset other - mine there, s
 * @param drift largest difference of the two rates, a share
 */
export function followTrain(
  mine: Float64Array,
  others: Float64Array,
  first: number,
  offset: Seconds,
  tolerance: Seconds,
  drift: number,
  direction: 1 | -1 = 1,
): Followed {
  const pairs: Pair[] = [];
  let [level, slope, last, missed] = [offset, 0, mine[first] as number, 0];
  let i = first;
  for (; i >= 0 && i < mine.length; i += direction) {
    const time = mine[i] as number;
    const expected = time + level + slope * (time - last);
    const j = nearest(others, expected);
    const reach = tolerance + (pairs.length < 8 ? drift : drift / 10) * Math.abs(time - last);
    if (j < 0 || Math.abs((others[j] as number) - expected) > reach) {
      missed++;
      if (missed > patience) break;
      continue;
    }
    missed = 0;
    pairs.push([i, j]);
    [level, slope] = runningLine(mine, others, pairs.slice(-memory), drift);
    last = time;
    level += slope * (last - meanOf(mine, pairs.slice(-memory)));
  }
  if (missed <= patience) return { pairs, next: i };
  // Behind a jump a pulse finds a partner by chance now and then: such pairs stand alone.
  while (pairs.length > neighbours && alone(pairs)) pairs.pop();
  const end = pairs.at(-1)?.[0] ?? first;
  return { pairs, next: end + direction };
}

/** Fewer than half of the pulses before the last pair have partners. */
function alone(pairs: readonly Pair[]): boolean {
  const [last, before] = [pairs.at(-1) as Pair, pairs.at(-1 - neighbours / 2) as Pair];
  return Math.abs(last[0] - before[0]) > neighbours;
}

const meanOf = (mine: Float64Array, pairs: readonly Pair[]): number =>
  pairs.reduce((sum, [i]) => sum + (mine[i] as number) / pairs.length, 0);

/** Mean and slope of other - mine about the mean of mine; the slope is held within the largest drift. */
function runningLine(
  mine: Float64Array,
  others: Float64Array,
  pairs: readonly Pair[],
  drift: number,
): [number, number] {
  const middle = meanOf(mine, pairs);
  let [mean, up, down] = [0, 0, 0];
  for (const [i, j] of pairs) {
    const difference = (others[j] as number) - (mine[i] as number);
    mean += difference / pairs.length;
    up += difference * ((mine[i] as number) - middle);
    down += ((mine[i] as number) - middle) ** 2;
  }
  // Few pairs tell the level, not the rate.
  const slope = pairs.length < 8 || down === 0 ? 0 : up / down;
  return [mean, Math.max(-drift, Math.min(drift, slope))];
}
