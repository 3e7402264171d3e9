/** The doors of the spectral kernels to recordings: multitaper, Morlet, connectivity, the aperiodic part. */
import {
  type Channel,
  type ChannelGroup,
  channelData,
  DataError,
  type Events,
  type Recording,
  type Seconds,
  sampleCount,
} from "@quintet/core";
import {
  type AperiodicFit,
  type AperiodicOptions,
  type Connectivity,
  connectivity,
  cutEpochs,
  type EpochWindow,
  fitAperiodic,
  type MultitaperOptions,
  morletPower,
  multitapers,
} from "@quintet/kernels";
import { isBrain } from "../correct/electrode-name.ts";
import { type WelchWindows, welch } from "./welch.ts";

export interface ChannelDensity {
  readonly channel: string;
  /** Hz. */
  readonly frequencies: Float64Array;
  /** V^2/Hz, mean over windows. */
  readonly density: Float64Array;
  readonly windows: number;
}

/**
 * Multitaper density of every good EEG channel, mean over windows that lie inside a segment.
 *
 * @param seconds length of a window; default 4
 * @throws DataError `no-channels`, `segment-too-short`, `bad-taper`
 */
export function multitaperDensity(
  recording: Recording,
  { seconds = 4, ...options }: MultitaperOptions & { readonly seconds?: Seconds } = {},
): ChannelDensity[] {
  const rows = recording.groups.flatMap((group) =>
    group.channels.flatMap((channel, row) =>
      isBrain(channel) ? [densityOf(group, channel, row, seconds, options)] : [],
    ),
  );
  if (rows.length === 0) throw new DataError("no-channels", "the recording has no good EEG channel");
  return rows;
}

function densityOf(
  group: ChannelGroup,
  channel: Channel,
  row: number,
  seconds: Seconds,
  options: MultitaperOptions,
): ChannelDensity {
  const parts = windowsOf(group, row, Math.round(seconds * group.rate), seconds, channel.name);
  const spectra = multitapers(parts, group.rate, options);
  const { frequencies } = spectra[0] as (typeof spectra)[number];
  const density = frequencies.map(
    (_, k) => spectra.reduce((sum, s) => sum + (s.density[k] as number), 0) / spectra.length,
  );
  return { channel: channel.name, frequencies, density, windows: parts.length };
}

/** Whole windows of a row, none across a gap. */
function windowsOf(
  group: ChannelGroup,
  row: number,
  length: number,
  seconds: Seconds,
  name: string,
): ArrayLike<number>[] {
  const parts = group.segments.flatMap((segment) => {
    const x = channelData(group, segment, row);
    return Array.from({ length: Math.floor(sampleCount(group, segment) / length) }, (_, w) =>
      x.subarray(w * length, (w + 1) * length),
    );
  });
  if (parts.length === 0)
    throw new DataError("segment-too-short", `no segment of ${name} holds a window`, {
      expected: `at least ${seconds} s`,
    });
  return parts;
}

/** Power over time and frequency about events. */
export interface EventPower {
  readonly channels: readonly string[];
  /** Seconds from the event. */
  readonly times: Float64Array;
  /** Hz. */
  readonly frequencies: readonly number[];
  /** [channel][frequency][time]: mean over epochs of |w x|^2, V^2; NaN where a wavelet reaches beyond the epoch. */
  readonly power: Float64Array;
  readonly n: number;
}

/**
 * Mean Morlet power about events (total power: evoked and induced).
 *
 * @param frequencies Hz
 * @param options `cycles` default 7, or one per frequency
 * @throws DataError `no-events`, `segment-too-short` (a wavelet longer than the epoch), as `cutEpochs` and `morletPower`
 */
export function eventPower(
  recording: Recording,
  events: Events,
  frequencies: readonly number[],
  {
    type,
    window = [-1, 2],
    cycles = 7,
  }: { readonly type?: string; readonly window?: EpochWindow; readonly cycles?: number | readonly number[] } = {},
): EventPower {
  const list = type === undefined ? events.list : events.list.filter((event) => event.type === type);
  const epochs = cutEpochs(recording, { ...events, list }, isBrain, { window });
  if (epochs.data.length === 0)
    throw new DataError("no-events", "no epoch lies inside the recording", { expected: type ?? "any event" });
  const n = epochs.times.length;
  const rows = epochs.channels.length;
  const signals = epochs.data.map((epoch) => epochs.channels.map((_, row) => epoch.subarray(row * n, (row + 1) * n)));
  const { power: found, edge } = morletPower(signals, epochs.rate, frequencies, cycles);
  const power = new Float64Array(rows * frequencies.length * n).fill(Number.NaN);
  for (const [row, of] of found.entries())
    for (const [k, values] of of.entries()) {
      const rim = edge[k] as number;
      power.set(values.subarray(rim, n - rim), (row * frequencies.length + k) * n + rim);
    }
  return {
    channels: epochs.channels.map(({ name }) => name),
    times: epochs.times,
    frequencies,
    power,
    n: epochs.data.length,
  };
}

/** How two channels go together. */
export interface ChannelPair extends Connectivity {
  readonly channels: readonly [string, string];
}

/**
 * Coherence, imaginary coherence, phase locking, weighted phase lag of pairs of channels over windows of the recording.
 * A shared reference and the skull's spread make coherence by themselves: the imaginary part and the phase lags do not see it.
 *
 * @param pairs names; all pairs of good EEG channels when left out
 * @param options `seconds` of a window, default 2
 * @throws DataError `no-channels`, `no-such-channel`, `segment-too-short`, `too-few-epochs`
 */
export function channelConnectivity(
  recording: Recording,
  pairs?: readonly (readonly [string, string])[],
  { seconds = 2, ...options }: MultitaperOptions & { readonly seconds?: Seconds } = {},
): ChannelPair[] {
  const group = recording.groups.find(({ channels }) => channels.some(isBrain));
  if (!group) throw new DataError("no-channels", "the recording has no good EEG channel");
  const names = group.channels.flatMap((channel) => (isBrain(channel) ? [channel.name] : []));
  const wanted = pairs ?? names.flatMap((a, i) => names.slice(i + 1).map((b): readonly [string, string] => [a, b]));
  const length = Math.round(seconds * group.rate);
  const known = new Map<string, ArrayLike<number>[]>();
  const windows = (name: string): ArrayLike<number>[] => {
    const made = known.get(name);
    if (made) return made;
    const row = group.channels.findIndex((channel) => channel.name === name && isBrain(channel));
    if (row < 0)
      throw new DataError("no-such-channel", `there is no good EEG channel called ${name}`, {
        found: names.join(", "),
      });
    const cut = windowsOf(group, row, length, seconds, name);
    known.set(name, cut);
    return cut;
  };
  return wanted.map(([a, b]) => ({ ...connectivity(windows(a), windows(b), group.rate, options), channels: [a, b] }));
}

/** The aperiodic part of a channel's Welch spectrum and the peaks above it. */
export interface ChannelAperiodic extends AperiodicFit {
  readonly channel: string;
}

/** @throws DataError as `welch` and `fitAperiodic` */
export function aperiodicFits(recording: Recording, options: AperiodicOptions & WelchWindows = {}): ChannelAperiodic[] {
  return welch(recording, { overlap: 0.5, ...options }).map(({ channel, frequencies, density }) => ({
    channel: channel.name,
    ...fitAperiodic({ frequencies, density }, options),
  }));
}
