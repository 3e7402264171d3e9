import { type Channel, DataError, type Events, type Recording } from "@quintet/core";
import { averageEpochs, cutEpochs, type EpochWindow } from "@quintet/kernels";

/** An event-related potential. */
export interface Evoked {
  readonly type: string;
  /** Seconds from the event. */
  readonly times: Float64Array;
  readonly channels: readonly Channel[];
  /** [channel][time], V. */
  readonly mean: Float64Array;
  /** [channel][time], of the mean over epochs, V. */
  readonly standardError: Float64Array;
  /** Epochs averaged. */
  readonly n: number;
  /** Epochs left out: window outside the recording or across a gap; peak to peak above the limit. */
  readonly outside: number;
  readonly rejected: number;
}

export interface EpochOptions {
  /** Event type; all events when left out. */
  readonly type?: string;
  /** Seconds around the event, both ends included; default -0.2 .. 0.8. */
  readonly window?: EpochWindow;
  /** Default: the window's start to 0. */
  readonly baseline?: EpochWindow;
  /** Largest peak-to-peak voltage of any channel in an epoch that is kept, V; default no limit. */
  readonly peakToPeak?: number;
}

/**
 * Average of epochs around events with its standard error,
 *
 *   y(t) = 1/N sum_i [ v(t_i + t) - mean over baseline ],   SE(t) = sd_i / sqrt N
 *
 * over all EEG channels (bad ones too, but these do not reject). An event falls on its nearest sample.
 *
 * @throws DataError `no-channels`, `several-rates`, `clock-mismatch`, `bad-window`, `no-events`
 */
export function epochAverage(recording: Recording, events: Events, options: EpochOptions = {}): Evoked {
  const { type, window = [-0.2, 0.8], peakToPeak = Number.POSITIVE_INFINITY } = options;
  const baseline = options.baseline ?? [window[0], Math.min(0, window[1])];
  const list = type === undefined ? events.list : events.list.filter((event) => event.type === type);
  const epochs = cutEpochs(recording, { ...events, list }, ({ kind }) => kind === "eeg", { window, baseline });
  const kept = epochs.data.filter((epoch) => largestSwing(epoch, epochs.channels, epochs.times.length) <= peakToPeak);
  if (kept.length === 0) {
    throw new DataError("no-events", "no epoch is left to average", {
      expected: type ?? "any event",
      found: `${list.length} events, ${epochs.outside.length} outside, ${epochs.data.length} above the limit`,
    });
  }
  return {
    type: type ?? "all",
    times: epochs.times,
    channels: epochs.channels,
    ...averageEpochs(kept),
    n: kept.length,
    outside: epochs.outside.length,
    rejected: epochs.data.length - kept.length,
  };
}

function largestSwing(epoch: Float64Array, channels: readonly Channel[], length: number): number {
  return channels.reduce((largest, { status }, row) => {
    if (status === "bad") return largest;
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let t = row * length; t < (row + 1) * length; t++) {
      low = Math.min(low, epoch[t] as number);
      high = Math.max(high, epoch[t] as number);
    }
    return Math.max(largest, high - low);
  }, 0);
}

export interface EvokedPeak {
  readonly channel: string;
  /** Seconds. */
  readonly latency: number;
  /** V. */
  readonly amplitude: number;
  readonly standardError: number;
}

/** The most positive (or negative) point of each channel inside a time range. @throws DataError `bad-window` */
export function evokedPeaks(evoked: Evoked, [from, to]: EpochWindow, sign: 1 | -1 = 1): EvokedPeak[] {
  const n = evoked.times.length;
  const inside = [...evoked.times.keys()].filter(
    (t) => (evoked.times[t] as number) >= from && (evoked.times[t] as number) <= to,
  );
  if (inside.length === 0)
    throw new DataError("bad-window", "no sample lies in the window", { found: `${from} .. ${to} s` });
  return evoked.channels.map(({ name }, row) => {
    const top = inside.reduce((best, t) =>
      sign * (evoked.mean[row * n + t] as number) > sign * (evoked.mean[row * n + best] as number) ? t : best,
    );
    return {
      channel: name,
      latency: evoked.times[top] as number,
      amplitude: evoked.mean[row * n + top] as number,
      standardError: evoked.standardError[row * n + top] as number,
    };
  });
}
