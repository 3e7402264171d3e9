import { type Channel, channelData, DataError, type Recording, type Seconds } from "@quintet/core";
import { averageEpochs, cutEpochs, groupOf } from "@quintet/kernels";
import { isBrain } from "../correct/electrode-name.ts";
import type { Evoked } from "./epoch-average.ts";
import type { SpikeDetection } from "./spikes.ts";

export interface SpikeClusterOptions {
  /** s around the peak; default -0.3 to 0.5. */
  readonly window?: readonly [Seconds, Seconds];
  /** Least correlation of two maps that are of one kind; default 0.8. */
  readonly alike?: number;
  /** Fewest discharges of a kind; default 3. */
  readonly fewest?: number;
}

export interface SpikeCluster {
  /** Which detections, by their place in the list, and when each peaks, s. */
  readonly members: readonly number[];
  readonly peaks: readonly Seconds[];
  /** Mean over them, time 0 at the peak; each map against its window's mean before the peak. */
  readonly average: Evoked;
  /** s before the peak at which the average's global field power has risen half way: where its sources are least spread. */
  readonly halfRise: Seconds;
  /** Channel of the largest voltage at the peak, and that voltage, V. */
  readonly channel: string;
  readonly amplitude: number;
}

/** s around a detection in which its peak of global field power is looked for. */
const search = 0.05;
/** s before the peak that count as baseline: from the window's start to here. */
const baselineEnd = -0.1;

/**
 * Discharges of one kind, by the maps at their peaks: each is timed anew at the largest global field power (standard deviation over the
 * good channels) within 50 ms, then clusters grow by average linkage of the maps' correlations (signed: a spike of the other polarity
 * is another) until no two are as alike as asked for.
 *
 * @returns clusters of at least `fewest`, the largest first
 * @throws DataError `no-channels`, `several-rates`, `no-spikes` (no detection whose window lies in the recording), `bad-window`
 */
export function clusterSpikes(
  recording: Recording,
  spikes: readonly SpikeDetection[],
  { window = [-0.3, 0.5], alike = 0.8, fewest = 3 }: SpikeClusterOptions = {},
): SpikeCluster[] {
  const group = groupOf(recording, isEeg);
  const good = group.channels.flatMap((channel, index) => (isBrain(channel) ? [index] : []));
  const timed = spikes.flatMap(({ time }, index) => {
    const segment = group.segments.find(({ start, data }) => {
      const n = data.length / group.channels.length;
      return time >= start && time < start + n / group.rate;
    });
    if (!segment) return [];
    const rows = good.map((c) => channelData(group, segment, c));
    const n = rows[0]?.length ?? 0;
    const [from, to] = [-search, search].map((d) => Math.round((time + d - segment.start) * group.rate)) as [
      number,
      number,
    ];
    let [best, most, map] = [-1, -1, new Float64Array(0)];
    for (let t = Math.max(0, from); t <= Math.min(n - 1, to); t++) {
      const values = Float64Array.from(rows, (row) => row[t] as number);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const centred = values.map((v) => v - mean);
      const power = Math.hypot(...centred);
      if (power > most) [best, most, map] = [t, power, centred];
    }
    return best < 0 || !(most > 0)
      ? []
      : [{ index, peak: segment.start + best / group.rate, map: map.map((v) => v / most) }];
  });
  const clusters = linked(
    timed.map(({ map }) => map),
    alike,
  ).filter((list) => list.length >= fewest);
  const inside = clusters.flatMap((list) => {
    const cluster = averaged(
      recording,
      list.map((k) => timed[k] as (typeof timed)[number]),
      window,
      fewest,
    );
    return cluster ? [cluster] : [];
  });
  if (timed.length === 0)
    throw new DataError("no-spikes", "no discharge lies in the recording", { found: `${spikes.length} detections` });
  return inside.sort((a, b) => b.members.length - a.members.length);
}

const isEeg = ({ kind }: Channel): boolean => kind === "eeg";

function averaged(
  recording: Recording,
  list: readonly { readonly index: number; readonly peak: Seconds }[],
  window: readonly [Seconds, Seconds],
  fewest: number,
): SpikeCluster | undefined {
  const events = {
    clock: recording.clock,
    list: list.map(({ peak }) => ({ onset: peak, duration: 0, type: "spike" })),
  };
  const epochs = cutEpochs(recording, events, isEeg, {
    window,
    baseline: [window[0], Math.max(window[0], baselineEnd)],
  });
  if (epochs.data.length < fewest) return undefined;
  const kept = list.filter(({ peak }) => !epochs.outside.some(({ onset }) => onset === peak));
  const { mean, standardError } = averageEpochs(epochs.data);
  const average: Evoked = {
    type: "spike",
    times: epochs.times,
    channels: epochs.channels,
    mean,
    standardError,
    n: epochs.data.length,
    outside: epochs.outside.length,
    rejected: 0,
  };
  const zero = epochs.times.findIndex((t) => t >= -1e-9);
  const power = globalFieldPower(average);
  let half = zero;
  while (half > 0 && (power[half - 1] as number) > (power[zero] as number) / 2) half--;
  const top = epochs.channels.reduce((best, { status }, c) => {
    const size = (k: number): number => Math.abs(mean[k * epochs.times.length + zero] as number);
    return status !== "bad" && size(c) > size(best) ? c : best;
  }, 0);
  return {
    members: kept.map(({ index }) => index),
    peaks: kept.map(({ peak }) => peak),
    average,
    halfRise: epochs.times[Math.max(0, half)] as number,
    channel: epochs.channels[top]?.name as string,
    amplitude: mean[top * epochs.times.length + zero] as number,
  };
}

/** Standard deviation over the good channels at each time. */
function globalFieldPower({ channels, times, mean }: Evoked): Float64Array {
  const rows = channels.flatMap(({ status }, c) => (status === "bad" ? [] : [c]));
  return times.map((_, t) => {
    const values = rows.map((c) => mean[c * times.length + t] as number);
    const middle = values.reduce((a, b) => a + b, 0) / values.length;
    return Math.sqrt(values.reduce((s, v) => s + (v - middle) ** 2, 0) / values.length);
  });
}

/** Average linkage: the two clusters with the largest mean correlation join until it is below `alike`. */
function linked(maps: readonly Float64Array[], alike: number): number[][] {
  let clusters = maps.map((_, k) => [k]);
  let likeness = maps.map((a) => Float64Array.from(maps, (b) => a.reduce((s, v, i) => s + v * (b[i] as number), 0)));
  while (clusters.length > 1) {
    let [one, other, most] = [0, 0, Number.NEGATIVE_INFINITY];
    for (const [i, row] of likeness.entries())
      for (let j = 0; j < i; j++) if ((row[j] as number) > most) [one, other, most] = [j, i, row[j] as number];
    if (most < alike) break;
    const [a, b] = [clusters[one] as number[], clusters[other] as number[]];
    const joined = likeness.map(
      (row) => (a.length * (row[one] as number) + b.length * (row[other] as number)) / (a.length + b.length),
    );
    likeness = likeness.flatMap((row, i) =>
      i === other
        ? []
        : [Float64Array.from([...row].flatMap((v, j) => (j === other ? [] : j === one ? [joined[i] as number] : [v])))],
    );
    likeness[one] = Float64Array.from(joined.flatMap((v, j) => (j === other ? [] : [v])));
    clusters = clusters.flatMap((list, k) => (k === other ? [] : k === one ? [[...a, ...b]] : [list]));
  }
  return clusters;
}
