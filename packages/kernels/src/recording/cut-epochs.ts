import {
  type Channel,
  type ChannelGroup,
  channelData,
  DataError,
  type Event,
  type Events,
  type Recording,
  type Seconds,
  sampleCount,
} from "@quintet/core";

/** Seconds before (negative) and after an event, both ends included. */
export type EpochWindow = readonly [from: Seconds, to: Seconds];

/** Stretches of the same length around events, from one channel group. */
export interface Epochs {
  readonly rate: number;
  readonly channels: readonly Channel[];
  /** Seconds from the event, one per sample: k / rate. */
  readonly times: Float64Array;
  /** The events kept, in order of the list. */
  readonly events: readonly Event[];
  /** [epoch]: [channel][sample], float64, baseline removed. */
  readonly data: readonly Float64Array[];
  /** Events whose window does not lie wholly inside one segment. */
  readonly outside: readonly Event[];
}

/**
 * Cuts `window` around each event and removes each epoch's mean over `baseline`.
 *
 * An event falls on its nearest sample; window and baseline hold the samples whose times lie inside them, ends included.
 * No epoch crosses a gap: such events are counted in `outside`.
 *
 * @throws DataError `clock-mismatch`, `no-channels`, `bad-window`
 */
export function cutEpochs(
  recording: Recording,
  events: Events,
  chosen: (channel: Channel) => boolean,
  { window, baseline }: { readonly window: EpochWindow; readonly baseline?: EpochWindow },
): Epochs {
  if (recording.clock !== events.clock) {
    throw new DataError("clock-mismatch", "events and recording are on different clocks", {
      expected: recording.clock,
      found: events.clock,
    });
  }
  const group = groupOf(recording, chosen);
  const { rate } = group;
  const [from, to] = sampleRange(window, rate);
  const length = to - from + 1;
  const base = baseline === undefined ? undefined : sampleRange(baseline, rate);
  if (base && (base[0] < from || base[1] > to)) {
    throw new DataError("bad-window", "the baseline lies outside the window", {
      expected: `inside ${window.join(" .. ")} s`,
      found: (baseline ?? []).join(" .. "),
    });
  }
  const picked = group.channels.flatMap((channel, index) => (chosen(channel) ? [index] : []));
  const kept: Event[] = [];
  const outside: Event[] = [];
  const data: Float64Array[] = [];
  for (const event of events.list) {
    const home = group.segments.find((segment) => {
      const at = Math.round((event.onset - segment.start) * rate);
      return at + from >= 0 && at + to < sampleCount(group, segment);
    });
    if (!home) {
      outside.push(event);
      continue;
    }
    const first = Math.round((event.onset - home.start) * rate) + from;
    const epoch = new Float64Array(picked.length * length);
    picked.forEach((index, row) => {
      const source = channelData(group, home, index).subarray(first, first + length);
      const offset = base === undefined ? 0 : meanBetween(source, base[0] - from, base[1] - from);
      for (let t = 0; t < length; t++) epoch[row * length + t] = (source[t] as number) - offset;
    });
    kept.push(event);
    data.push(epoch);
  }
  return {
    rate,
    channels: picked.map((index) => group.channels[index] as Channel),
    times: Float64Array.from({ length }, (_, t) => (from + t) / rate),
    events: kept,
    data,
    outside,
  };
}

/** The one group that holds the chosen channels. @throws DataError `no-channels`, `several-rates` */
export function groupOf(recording: Recording, chosen: (channel: Channel) => boolean): ChannelGroup {
  const groups = recording.groups.filter((group) => group.channels.some(chosen));
  if (groups.length > 1) {
    throw new DataError("several-rates", "the channels asked for are sampled at different rates", {
      expected: "one group",
      found: groups.map((group) => `${group.rate} Hz`).join(", "),
    });
  }
  if (!groups[0]) throw new DataError("no-channels", "the recording has no channel of the kind asked for");
  return groups[0];
}

/** Samples by which a rate that is off by a little (5.0003 for 5 Hz) may push one over a window's edge. */
const edgeSlack = 0.05;

/** First and last sample whose time lies inside the window. */
function sampleRange([from, to]: EpochWindow, rate: number): [number, number] {
  const range: [number, number] = [Math.ceil(from * rate - edgeSlack), Math.floor(to * rate + edgeSlack)];
  if (!(range[1] >= range[0])) {
    throw new DataError("bad-window", "a window ends after it starts", { found: `${from} .. ${to} s` });
  }
  return range;
}

function meanBetween(x: ArrayLike<number>, first: number, last: number): number {
  let sum = 0;
  for (let i = first; i <= last; i++) sum += x[i] as number;
  return sum / (last - first + 1);
}

/** Mean and standard error over epochs at every channel and sample; SE is NaN below two epochs. */
export function averageEpochs(epochs: readonly Float64Array[]): {
  readonly mean: Float64Array;
  readonly standardError: Float64Array;
} {
  const n = epochs.length;
  const size = epochs[0]?.length ?? 0;
  const [mean, standardError] = [new Float64Array(size), new Float64Array(size)];
  for (const epoch of epochs) for (let i = 0; i < size; i++) mean[i] = (mean[i] as number) + (epoch[i] as number) / n;
  for (const epoch of epochs) {
    for (let i = 0; i < size; i++)
      standardError[i] = (standardError[i] as number) + ((epoch[i] as number) - (mean[i] as number)) ** 2;
  }
  for (let i = 0; i < size; i++) {
    standardError[i] = n > 1 ? Math.sqrt((standardError[i] as number) / (n - 1) / n) : Number.NaN;
  }
  return { mean, standardError };
}
