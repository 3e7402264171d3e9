/** Averages around the events of a visit's EEG, for the report: curves, single trials, the field at its largest. */
import { type Channel, DataError, type Events, type Recording } from "@quintet/core";
import { averageEpochs, cutEpochs } from "@quintet/kernels";
import type { EegTrials, EegView, Topography } from "@quintet/view";

type AverageView = NonNullable<EegView["evoked"]>[number];

/** Channels drawn of an average. */
const drawn = 4;
/** Fewest events of a kind that an average says something of, and most kinds that are shown. */
const [fewest, mostKinds] = [20, 3];
/** s around an event; MNE-Python's and EEGLAB's usual epoch. */
const window = [-0.2, 0.8] as const;
/** Largest swing of a good channel in an epoch that is kept, V: MNE-Python's usual limit for EEG is 150 uV or less. */
const largestSwing = 200e-6;

/** Averages of the events that happened often enough, the most frequent first. */
export function eventAverages(clean: Recording, events: Events): readonly AverageView[] {
  const counts = new Map<string, number>();
  for (const { type } of events.list) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts]
    .filter(([type, n]) => n >= fewest && !/boundary/i.test(type))
    .sort((a, b) => b[1] - a[1])
    .slice(0, mostKinds)
    .flatMap(([type]) => {
      try {
        const view = averageOf(clean, events, type);
        return view ? [view] : [];
      } catch (error) {
        if (error instanceof DataError) return [];
        throw error;
      }
    });
}

function averageOf(clean: Recording, events: Events, type: string): AverageView | undefined {
  const list = events.list.filter((event) => event.type === type);
  const epochs = cutEpochs(clean, { ...events, list }, ({ kind }) => kind === "eeg", {
    window,
    baseline: [window[0], 0],
  });
  const n = epochs.times.length;
  const good = epochs.channels.flatMap(({ status }, c) => (status === "bad" ? [] : [c]));
  const kept = epochs.data.filter((epoch) =>
    good.every((c) => {
      const row = epoch.subarray(c * n, (c + 1) * n);
      return row.reduce((a, v) => Math.max(a, v), -1) - row.reduce((a, v) => Math.min(a, v), 1) <= largestSwing;
    }),
  );
  if (kept.length < fewest) return undefined;
  const average = { ...averageEpochs(kept), channels: epochs.channels, times: epochs.times, n: kept.length };
  const peak = strongest(average);
  return {
    name: type,
    ...averageCurves(average),
    single: singleTrials(epochs, kept, largestChannel(average)),
    maps: [mapAt(average, peak, `${Math.round(1000 * (epochs.times[peak] as number))} ms`)],
  };
}

export interface ChannelAverage {
  readonly channels: readonly Channel[];
  readonly times: Float64Array;
  readonly mean: Float64Array;
  readonly standardError: Float64Array;
  readonly n: number;
}

/** The channels with the largest voltage. */
export function averageCurves(average: ChannelAverage): Pick<AverageView, "time" | "trials" | "channels"> {
  const { channels, times, mean, standardError, n: trials } = average;
  const n = times.length;
  return {
    time: times,
    trials,
    channels: bySize(average)
      .slice(0, drawn)
      .map((c) => ({
        name: channels[c]?.name ?? "",
        mean: mean.slice(c * n, (c + 1) * n),
        se: standardError.slice(c * n, (c + 1) * n),
      })),
  };
}

function bySize({ channels, times, mean }: ChannelAverage): number[] {
  const n = times.length;
  const size = channels.map((_, c) => mean.subarray(c * n, (c + 1) * n).reduce((a, v) => Math.max(a, Math.abs(v)), 0));
  return channels
    .flatMap(({ status }, c) => (status === "bad" ? [] : [c]))
    .sort((a, b) => (size[b] as number) - (size[a] as number));
}

export const largestChannel = (average: ChannelAverage): number => bySize(average)[0] ?? 0;

/** Sample of the largest global field power after time 0. */
function strongest({ channels, times, mean }: ChannelAverage): number {
  const good = channels.flatMap(({ status }, c) => (status === "bad" ? [] : [c]));
  const power = (t: number): number => good.reduce((sum, c) => sum + (mean[c * times.length + t] as number) ** 2, 0);
  return [...times.keys()].reduce((best, t) => ((times[t] as number) > 0 && power(t) > power(best) ? t : best), 0);
}

export function singleTrials(
  { times, channels }: { readonly times: Float64Array; readonly channels: readonly Channel[] },
  epochs: readonly Float64Array[],
  row: number,
): EegTrials {
  const n = times.length;
  return { channel: channels[row]?.name ?? "", times, trials: epochs.map((e) => e.slice(row * n, (row + 1) * n)) };
}

export function mapAt({ channels, times, mean }: ChannelAverage, sample: number, name: string): Topography {
  return {
    name,
    unit: "µV",
    scale: 1e6,
    colourMap: "cool-warm",
    values: channels.flatMap(({ name: channel, status }, c) =>
      status === "bad" ? [] : [{ channel, value: mean[c * times.length + sample] as number }],
    ),
  };
}
