import { type Channel, type ChannelGroup, channelData, DataError, type Recording, type Seconds } from "@quintet/core";
import { groupOf, mapFilter, matchedScores, median } from "@quintet/kernels";
import { isBrain } from "../correct/electrode-name.ts";
import type { Evoked } from "./epoch-average.ts";

export interface MatchOptions {
  /** Standard deviations of the matched output; default 4: once in some minutes in Gaussian noise. */
  readonly threshold?: number;
  /** s around the peak that are matched; default -0.1 to 0.3. */
  readonly window?: readonly [Seconds, Seconds];
  /** Two finds nearer than this are one, s; default 0.2. */
  readonly together?: Seconds;
}

export interface MatchedSpikes {
  readonly found: readonly { readonly time: Seconds; readonly score: number }[];
  /** Mean score of a discharge exactly like the average, in standard deviations: below about 4 most stay below the threshold. */
  readonly detectability: number;
}

/**
 * More discharges of a kind that is known: what of the recording looks like its average, in space and in time. With a the map at the
 * average's peak, C the covariance of the channels, y = w'x,  w = C^-1 a / (a' C^-1 a) (the beamformer that lets the map through and
 * as little else as there can be), g the average seen through w, R the Toeplitz covariance of y:
 *
 *   h = R^-1 g,   score(t) = sum_k h_k y(t + k) / sqrt(g' R^-1 g)
 *
 * of variance 1 without discharges and mean sqrt(g' R^-1 g) at one: the best that a linear detector can do in Gaussian noise. The
 * variance is measured from the scores themselves by their median size, so that discharges and artefacts do not count.
 *
 * @param recording filtered as the average was
 * @param average of the kind, time 0 at the peak (`clusterSpikes`, or of spikes that a reader marked)
 * @throws DataError `no-channels`, `several-rates`, `no-such-channel` (good channels of the recording that the average has not),
 *   `bad-window`, `not-positive`, `segment-too-short` (none is longer than the window), `flat` (the average is)
 * @see Van Trees, Detection, Estimation, and Modulation Theory I, section 4.3
 */
export function matchSpikes(
  recording: Recording,
  average: Pick<Evoked, "channels" | "times" | "mean">,
  { threshold = 4, window = [-0.1, 0.3], together = 0.2 }: MatchOptions = {},
): MatchedSpikes {
  if (!(threshold > 0)) throw new DataError("not-positive", "a threshold is above 0", { found: `${threshold}` });
  const group = groupOf(recording, ({ kind }: Channel) => kind === "eeg");
  const good = group.channels.flatMap((channel, row) => (isBrain(channel) ? [row] : []));
  if (good.length < 2)
    throw new DataError("no-channels", "a map is matched over channels", { found: `${good.length}` });
  const template = templateOf(group, good, average, window);
  const length = template.course[0]?.length ?? 0;
  const parts = group.segments
    .map((segment) => ({ start: segment.start, rows: good.map((row) => channelData(group, segment, row)) }))
    .filter(({ rows }) => (rows[0]?.length ?? 0) > length);
  if (parts.length === 0)
    throw new DataError("segment-too-short", "a stretch is longer than what is matched", {
      expected: `${length} samples`,
    });
  const weights = mapFilter(
    parts.map(({ rows }) => rows),
    template.map,
  );
  const through = (rows: readonly ArrayLike<number>[]): Float64Array => {
    const y = new Float64Array(rows[0]?.length ?? 0);
    for (const [c, row] of rows.entries())
      for (let t = 0; t < y.length; t++) y[t] = (y[t] as number) + (weights[c] as number) * (row[t] as number);
    return y;
  };
  const seen = parts.map(({ rows }) => through(rows));
  const g = through(template.course);
  const { scores, power } = matchedScores(seen, g);
  // The median size of a normal value is 0.6745 standard deviations.
  const sd = median(scores.flatMap((s) => Array.from(s, Math.abs))) / 0.6745;
  const found = scores.flatMap((score, p) => {
    const from = (parts[p]?.start ?? 0) + template.before / group.rate;
    return peaks(score, threshold * sd, Math.round(together * group.rate)).map((t) => ({
      time: from + t / group.rate,
      score: (score[t] as number) / sd,
    }));
  });
  return { found, detectability: power / sd };
}

interface Template {
  readonly map: Float64Array;
  /** [channel][sample] of the window. */
  readonly course: readonly Float64Array[];
  /** Samples from the window's start to the peak. */
  readonly before: number;
}

function templateOf(
  group: ChannelGroup,
  good: readonly number[],
  { channels, times, mean }: Pick<Evoked, "channels" | "times" | "mean">,
  [from, to]: readonly [Seconds, Seconds],
): Template {
  const inside = [...times.keys()].filter(
    (t) => (times[t] as number) >= from - 1e-9 && (times[t] as number) <= to + 1e-9,
  );
  const [first] = inside;
  const zero = times.findIndex((t) => t >= -1e-9);
  const [start, end, step] = [times[0] ?? 0, times.at(-1) ?? 0, (times[1] ?? 0) - (times[0] ?? 0)];
  if (first === undefined || inside.length < 3 || zero < first || start > from + step || end < to - step)
    throw new DataError("bad-window", "the average holds its peak and the window", {
      expected: `${from} to ${to} s about 0`,
      found: `${start} to ${end} s`,
    });
  const rows = good.map((row) => {
    const name = group.channels[row]?.name;
    const at = channels.findIndex((channel) => channel.name === name);
    if (at < 0) throw new DataError("no-such-channel", "the average has every good channel", { expected: `${name}` });
    return mean.subarray(at * times.length, (at + 1) * times.length);
  });
  const map = Float64Array.from(rows, (row) => row[zero] as number);
  if (!map.some((v) => v !== 0)) throw new DataError("flat", "the average has no map at its peak");
  return { map, course: rows.map((row) => row.slice(first, first + inside.length)), before: zero - first };
}

/** Local maxima above a limit, the larger first, none within `reach` of a larger one; in order of time. */
function peaks(score: Float64Array, limit: number, reach: number): number[] {
  const all = [...score.keys()].filter((t) => {
    const here = score[t] as number;
    return here > limit && here >= (score[t - 1] ?? here) && here >= (score[t + 1] ?? here);
  });
  const kept: number[] = [];
  for (const t of all.sort((a, b) => (score[b] as number) - (score[a] as number)))
    if (kept.every((other) => Math.abs(other - t) > reach)) kept.push(t);
  return kept.sort((a, b) => a - b);
}
