import { composeTimeMaps, DataError, invertTimeMap, type Seconds, type TimeMap, timeSigma } from "@quintet/core";
import { matchPulses, type PulseMatch } from "./match-pulses.ts";
import type { PulseTrain } from "./pulse-train.ts";
import { instant, wallClockMap } from "./wall-clock.ts";

/** One device's data of a visit, as the clock sees it. */
export interface ClockStream {
  /** Its own clock; unique in the visit. */
  readonly clock: string;
  /** Wall-clock time of its second 0, ISO 8601, when a file tells it. */
  readonly startedAt?: string;
  /** Middle of its data on its own clock, s: where its error is judged. */
  readonly middle: Seconds;
  /** Trains of pulses by what they mean: "volume", "trigger/5". Two streams are compared by trains of one name. */
  readonly pulses: Readonly<Record<string, ArrayLike<Seconds>>>;
  readonly tick?: Seconds;
  readonly rounding?: PulseTrain["rounding"];
}

/** Two devices tied, or why they could not be. */
export interface ClockLink {
  readonly from: string;
  readonly to: string;
  /** Which pulses. */
  readonly pulses: string;
  readonly match?: PulseMatch;
  readonly why?: string;
}

export interface StudyClock {
  /** Wall-clock time of second 0, when any stream tells its own. */
  readonly startedAt?: string;
  /** The stream whose clock the study's is, when pulses tie others to it. */
  readonly reference?: string;
  /** Each stream's clock on the study's; a stream that nothing ties is not in it. */
  readonly maps: ReadonlyMap<string, TimeMap<string, "study">>;
  readonly links: readonly ClockLink[];
}

const fewest = 5;

/**
 * All streams of a visit on one clock.
 *
 * Streams that share pulses are tied by them. The clock of the stream with the most such ties is then the study's, by
 * definition without error, and the others reach it over the links of least sigma; wall clocks (seconds of sigma, on both
 * ends) tie only what nothing better does. Without any shared pulse every stream is placed by its own wall clock.
 */
export function studyClock(streams: readonly ClockStream[]): StudyClock {
  const links = pairsOf(streams).flatMap(([a, b]) => link(a, b));
  const tied = links.filter((one): one is ClockLink & { match: PulseMatch } => one.match !== undefined);
  const startedAt = earliest(streams);
  const walls = new Map(
    streams.flatMap(({ clock, startedAt: own }) =>
      own === undefined || startedAt === undefined ? [] : [[clock, wallClockMap(clock, own, startedAt)] as const],
    ),
  );
  const begun = startedAt === undefined ? {} : { startedAt };
  if (tied.length === 0) return { ...begun, maps: walls, links };
  const count = (clock: string): number => tied.filter(({ from, to }) => from === clock || to === clock).length;
  const reference = streams.reduce((best, one) => (count(one.clock) > count(best.clock) ? one : best)).clock;
  return { ...begun, reference, maps: reach(streams, tied, walls, reference), links };
}

function pairsOf(streams: readonly ClockStream[]): readonly (readonly [ClockStream, ClockStream])[] {
  return streams.flatMap((a, i) => streams.slice(i + 1).map((b) => [a, b] as const));
}

/** The best train that both have, or why the trains do not fit. */
function link(a: ClockStream, b: ClockStream): readonly ClockLink[] {
  const shared = Object.keys(a.pulses)
    .filter((name) => (a.pulses[name]?.length ?? 0) >= fewest && (b.pulses[name]?.length ?? 0) >= fewest)
    .sort((x, y) => (a.pulses[y]?.length ?? 0) - (a.pulses[x]?.length ?? 0));
  let refused: ClockLink | undefined;
  for (const name of shared) {
    const ends = { from: a.clock, to: b.clock, pulses: name };
    const [mine, other] = [a, b].map((stream) => trainOf(stream, name)) as [PulseTrain, PulseTrain];
    for (const prior of priors(a, b, mine, other)) {
      try {
        return [{ ...ends, match: matchPulses(mine, other, prior === undefined ? {} : { prior }) }];
      } catch (cause) {
        if (!(cause instanceof DataError)) throw cause;
        refused ??= { ...ends, why: cause.message };
      }
    }
  }
  return refused === undefined ? [] : [refused];
}

function trainOf({ clock, pulses, tick, rounding }: ClockStream, name: string): PulseTrain {
  return {
    clock,
    times: pulses[name] as ArrayLike<Seconds>,
    ...(tick === undefined ? {} : { tick }),
    ...(rounding === undefined ? {} : { rounding }),
  };
}

/**
 * What may be known of the offset beforehand, in the order tried: nothing; equally many pulses, so that the first is the
 * first; the wall clocks.
 */
function priors(
  a: ClockStream,
  b: ClockStream,
  { times: mine }: PulseTrain,
  { times: other }: PulseTrain,
): readonly ({ readonly offset: Seconds; readonly sigma: Seconds } | undefined)[] {
  const known: ({ offset: Seconds; sigma: Seconds } | undefined)[] = [undefined];
  const [first, second] = [mine[0] as number, other[0] as number];
  if (mine.length === other.length) known.push({ offset: second - first, sigma: ((mine[1] as number) - first) / 8 });
  if (a.startedAt !== undefined && b.startedAt !== undefined) {
    const [x, y] = [wallClockMap(a.clock, a.startedAt, a.startedAt), wallClockMap(b.clock, b.startedAt, a.startedAt)];
    const offset = (instant(a.startedAt) - instant(b.startedAt)) / 1000;
    known.push({ offset, sigma: Math.hypot(timeSigma(x, 0), timeSigma(y, 0)) });
  }
  return known;
}

function earliest(streams: readonly ClockStream[]): string | undefined {
  return streams
    .flatMap(({ startedAt }) => (startedAt === undefined ? [] : [startedAt]))
    .toSorted((a, b) => instant(a) - instant(b))[0];
}

/** Dijkstra over the links by variance at each stream's middle. */
function reach(
  streams: readonly ClockStream[],
  tied: readonly (ClockLink & { readonly match: PulseMatch })[],
  walls: ReadonlyMap<string, TimeMap<string, "study">>,
  reference: string,
): ReadonlyMap<string, TimeMap<string, "study">> {
  const placed = new Map<string, TimeMap<string, "study">>();
  placed.set(reference, origin(reference, walls.get(reference)));
  const edges = tied.flatMap(({ match }) => [match.map, invertTimeMap(match.map)]);
  for (;;) {
    const candidates = streams.flatMap(({ clock, middle }) => {
      if (placed.has(clock)) return [];
      return edges
        .filter(({ from, to }) => from === clock && placed.has(to))
        .map((edge) => {
          const map = composeTimeMaps(edge, placed.get(edge.to) as TimeMap<string, "study">);
          return {
            clock,
            map: edge.to === reference ? { ...map, method: edge.method } : map,
            sigma: timeSigma(map, middle),
          };
        });
    });
    const best = candidates.toSorted((a, b) => a.sigma - b.sigma)[0];
    if (best === undefined) break;
    placed.set(best.clock, best.map);
  }
  const wall = walls.get(reference);
  for (const { clock } of streams) {
    const own = walls.get(clock);
    if (placed.has(clock) || own === undefined || wall === undefined) continue;
    // The reference's wall clock may be off as well as this one's.
    const [piece] = own.pieces;
    const variance = piece.covariance[0] + wall.pieces[0].covariance[0];
    placed.set(clock, { ...own, pieces: [{ ...piece, covariance: [variance, 0, 0] }] });
  }
  return placed;
}

/** The study's clock is the reference's, moved so that its second 0 is the visit's first. */
function origin(reference: string, wall: TimeMap<string, "study"> | undefined): TimeMap<string, "study"> {
  const offset = wall?.pieces[0].offset ?? 0;
  const piece = { until: Number.POSITIVE_INFINITY, anchor: 0, offset, rate: 1, covariance: [0, 0, 0] } as const;
  return { from: reference, to: "study", method: "reference", pieces: [piece] };
}
