import { DataError, type Seconds, type TimeMap, type TimeMapPiece } from "@quintet/core";
import { quantile } from "@quintet/kernels";
import { followTrain, type Pair } from "./follow-train.ts";
import { nearest, type OffsetVote, voteOffsets } from "./offset-vote.ts";
import { cleanTrain, type PulseTrain, type Refused } from "./pulse-train.ts";
import { type FittedLine, robustLine } from "./robust-line.ts";
import { commonTickVariance, jitterOf, withQuartzRate } from "./tick-error.ts";

export interface MatchOptions {
  /** Largest difference of the two rates, a share. Default 2e-4: quartz stays within 100 ppm each. */
  readonly drift?: number;
  /** How far a pulse may lie from where its partner puts it, s. Default 30 ms, or a fifth of a short interval if less, and either's tick. */
  readonly tolerance?: Seconds;
  /** What is known of the offset (other - mine) beforehand, e.g. by wall clock, and its sigma. */
  readonly prior?: { readonly offset: Seconds; readonly sigma: Seconds };
}

export interface PulseMatch {
  readonly map: TimeMap;
  /** Indices into the two trains as given. */
  readonly pairs: readonly Pair[];
  /** other - map(mine) for each pair, s. */
  readonly residuals: Float64Array;
  readonly used: readonly boolean[];
  readonly refusedMine: readonly Refused[];
  readonly refusedOther: readonly Refused[];
  /** Standard deviation of one pair about the line, s. */
  readonly jitter: Seconds;
}

/** Pulses that vote for an offset at a time. */
const voters = 48;
/** Pairs without which nothing is claimed. */
const fewest = 5;

/**
 * One device's clock on another's by pulses that both recorded: missing, extra and bounced ones on either side.
 *
 * 1. Offset: the first pulses vote for the offset at which most find a partner. When a second offset explains nearly as
 *    many pulses (a strictly periodic train, such as one trigger per volume), a prior decides if it can, else the match
 *    is refused: a train that fits itself one period later tells the rate, not the time.
 * 2. Pairs: the trains are followed forwards and backwards; where twelve pulses in a row find no partner the clock has
 *    jumped, and a new vote begins a new piece.
 * 3. Each piece is a robust line (robustLine) with its covariance; no residual variance below
 *    (tick_mine^2 + tick_other^2) / 12, more where the roundings of all pulses are alike (commonTickVariance), and its rate
 *    is that of quartz where the pulses tell less (withQuartzRate).
 *
 * @throws DataError `no-match`, `ambiguous-train`, `not-finite`, `not-ascending`
 */
export function matchPulses(mine: PulseTrain, other: PulseTrain, options: MatchOptions = {}): PulseMatch {
  const [a, b] = [cleanTrain(mine), cleanTrain(other)];
  const { drift = 2e-4, prior } = options;
  const none = new DataError("no-match", `no run of pulses on ${mine.clock} fits one on ${other.clock}`, {
    expected: `at least ${fewest} pulses seen by both`,
    found: `${a.times.length} and ${b.times.length} pulses`,
  });
  if (a.times.length < fewest || b.times.length < fewest) throw none;
  // A stamp told in ticks lies up to half a tick off, and so may those before it, to the other side: leaving such pulses
  // out would bend the line.
  const ticks = (mine.tick ?? 0) + (other.tick ?? 0);
  const tolerance = options.tolerance ?? Math.min(0.03, shortInterval(a.times) / 5, shortInterval(b.times) / 5) + ticks;
  const runs: Pair[][] = [];
  let [from, taken] = [0, prior];
  while (from <= a.times.length - fewest) {
    const run = nextRun(a.times, b.times, from, { drift, tolerance, prior: taken, names: [mine.clock, other.clock] });
    if (run === undefined) break;
    if (run.pairs.length > 0) runs.push(run.pairs);
    from = run.next;
    // After a jump nothing is known of the new offset.
    taken = undefined;
  }
  if (runs.length === 0) throw none;
  const floor = Math.hypot(mine.tick ?? 0, other.tick ?? 0) / Math.sqrt(12);
  const pieces: TimeMapPiece[] = [];
  const [pairs, residuals, used]: [Pair[], number[], boolean[]] = [[], [], []];
  let squares = 0;
  for (const [k, run] of runs.entries()) {
    const points = { x: run.map(([i]) => a.times[i] as number), y: run.map(([, j]) => b.times[j] as number) };
    const line = quartzLine(points, robustLine(points, { floor }), [mine.tick ?? 0, other.tick ?? 0], drift);
    const [end, next] = [run.at(-1), runs[k + 1]?.[0]];
    // The jump lies somewhere between the last pulse before it and the first behind it.
    const until =
      next === undefined || end === undefined
        ? Number.POSITIVE_INFINITY
        : ((a.times[end[0]] as number) + (a.times[next[0]] as number)) / 2;
    pieces.push({ ...line.piece, until });
    for (const [n, pair] of run.entries()) {
      pairs.push([a.index[pair[0]] as number, b.index[pair[1]] as number]);
      residuals.push(line.residuals[n] as number);
      used.push(line.used[n] === true);
    }
    squares += line.scale ** 2 * run.length;
  }
  const [mineIn, otherIn] = [new Set(pairs.map(([i]) => i)), new Set(pairs.map(([, j]) => j))];
  const outlying = new Set(pairs.filter((_, k) => used[k] !== true).map(([i]) => i));
  return {
    map: { from: mine.clock, to: other.clock, method: "shared-triggers", pieces: pieces as [TimeMapPiece] },
    pairs,
    residuals: Float64Array.from(residuals),
    used,
    refusedMine: refusals(a, mineIn, outlying),
    refusedOther: refusals(b, otherIn, new Set()),
    jitter: Math.sqrt(squares / pairs.length),
  };
}

/** The fitted line with what the two ticks add to its error, and a rate that quartz can have. */
function quartzLine(
  { x, y }: { readonly x: readonly Seconds[]; readonly y: readonly Seconds[] },
  line: FittedLine,
  [tickX, tickY]: readonly [Seconds, Seconds],
  drift: number,
): FittedLine {
  const { anchor, offset, rate, covariance } = line.piece;
  const counted = [...x.keys()].filter((k) => line.used[k] === true);
  const jitter = jitterOf(counted.map((k) => line.residuals[k] as number));
  // Where the pulses truly lay between the ticks, as the other side tells it, at a rate that is possible.
  const possible = Math.min(1 + drift, Math.max(1 - drift, rate));
  const onY = counted.map((k) => offset + possible * ((x[k] as number) - anchor));
  const onX = counted.map((k) => anchor + ((y[k] as number) - offset) / possible);
  const ofX = commonTickVariance(onX, anchor, tickX, jitter);
  const ofY = commonTickVariance(onY, offset, tickY, jitter);
  const [c00, c01, c11] = covariance;
  const piece = withQuartzRate(
    { ...line.piece, covariance: [c00 + ofX.offset + ofY.offset, c01, c11 + ofX.rate + ofY.rate] },
    drift,
  );
  const residuals = Float64Array.from(y, (v, k) => v - piece.offset - piece.rate * ((x[k] as number) - piece.anchor));
  return { ...line, piece, residuals };
}

function refusals(
  train: ReturnType<typeof cleanTrain>,
  paired: Set<number>,
  outlying: Set<number>,
): readonly Refused[] {
  const rest = Array.from(train.index, (index, k): Refused | undefined => {
    const time = train.times[k] as number;
    if (outlying.has(index)) return { index, time, why: "outlying" };
    return paired.has(index) ? undefined : { index, time, why: "unmatched" };
  }).filter((row) => row !== undefined);
  return [...train.refused, ...rest].sort((x, y) => x.index - y.index);
}

function shortInterval(times: Float64Array): Seconds {
  return quantile(
    times.subarray(1).map((t, i) => t - (times[i] as number)),
    0.1,
  );
}

interface Search {
  readonly drift: number;
  readonly tolerance: Seconds;
  readonly prior: MatchOptions["prior"];
  readonly names: readonly [string, string];
}

/** The next uninterrupted run of pairs at or behind pulse `from`; undefined when there is none. */
function nextRun(
  mine: Float64Array,
  others: Float64Array,
  from: number,
  search: Search,
): { readonly pairs: Pair[]; readonly next: number } | undefined {
  const { drift, tolerance, prior, names } = search;
  for (let first = from; first <= mine.length - fewest; first += voters) {
    const some = mine.subarray(first, first + voters);
    const span = (some.at(-1) as number) - (some[0] as number);
    const within: [Seconds, Seconds] =
      prior === undefined
        ? [(others[0] as number) - (mine.at(-1) as number), (others.at(-1) as number) - (mine[0] as number)]
        : [prior.offset - 5 * prior.sigma, prior.offset + 5 * prior.sigma];
    const votes = voteOffsets(some, others, 2 * tolerance + drift * span, within);
    const tried = votes
      .filter(({ votes: n }) => n >= Math.max(3, 0.4 * some.length))
      .map((vote) => {
        const start = best(some, first, others, vote, 2 * tolerance + drift * span);
        return { ...vote, ...both(mine, others, start, from, tolerance, drift) };
      });
    const [top, second] = tried.sort((x, y) => y.pairs.length - x.pairs.length);
    if (top === undefined || top.pairs.length < fewest) continue;
    if (second !== undefined && second.pairs.length > 0.9 * top.pairs.length - 2) {
      const named = [top, second].map(({ offset }) => offset);
      if (
        prior === undefined ||
        Math.min(...named.map((o) => Math.abs(o - prior.offset))) > 3 * prior.sigma ||
        Math.abs(Math.abs((named[0] as number) - prior.offset) - Math.abs((named[1] as number) - prior.offset)) <
          2 * prior.sigma
      )
        throw new DataError(
          "ambiguous-train",
          `the pulses on ${names[0]} fit those on ${names[1]} in more than one way`,
          {
            expected: "an irregular train, or a prior offset that tells the two apart",
            found: `${top.pairs.length} pairs at ${top.offset.toFixed(3)} s, ${second.pairs.length} at ${second.offset.toFixed(3)} s`,
          },
        );
      const chosen = Math.abs(top.offset - prior.offset) <= Math.abs(second.offset - prior.offset) ? top : second;
      return chosen;
    }
    return top;
  }
  return undefined;
}

/** The pulse of the stretch, and its offset, from which the most neighbours agree: where following begins. */
function best(
  some: Float64Array,
  first: number,
  others: Float64Array,
  { offset }: OffsetVote,
  width: Seconds,
): { readonly pulse: number; readonly offset: Seconds } {
  const found = Array.from(some, (time, k) => {
    const here = (others[nearest(others, time + offset)] as number) - time;
    return { pulse: first + k, offset: here };
  }).filter(({ offset: here }) => Math.abs(here - offset) <= width / 2);
  const middle = quantile(
    found.map(({ offset: o }) => o),
    0.5,
  );
  return found.reduce((x, y) => (Math.abs(y.offset - middle) < Math.abs(x.offset - middle) ? y : x));
}

/** Forwards from the start and backwards to `from`. */
function both(
  mine: Float64Array,
  others: Float64Array,
  { pulse, offset }: { readonly pulse: number; readonly offset: Seconds },
  from: number,
  tolerance: Seconds,
  drift: number,
): { readonly pairs: Pair[]; readonly next: number } {
  const ahead = followTrain(mine, others, pulse, offset, tolerance, drift);
  const behind = followTrain(mine, others, pulse, offset, tolerance, drift, -1);
  const pairs = new Map<number, number>([...behind.pairs, ...ahead.pairs].filter(([i]) => i >= from));
  // A pulse of the other train has one partner: the nearest.
  const taken = new Map<number, Pair>();
  for (const [i, j] of pairs) {
    const rival = taken.get(j);
    const miss = (p: Pair): number => Math.abs((others[p[1]] as number) - (mine[p[0]] as number) - offset);
    if (rival === undefined || miss([i, j]) < miss(rival)) taken.set(j, [i, j]);
  }
  return { pairs: [...taken.values()].sort((x, y) => x[0] - y[0]), next: Math.max(ahead.next, pulse + 1) };
}
