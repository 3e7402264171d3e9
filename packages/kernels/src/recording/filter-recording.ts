import {
  type Channel,
  type ChannelGroup,
  channelData,
  DataError,
  type Recording,
  type Segment,
  sampleCount,
} from "@quintet/core";
import { convolveFir } from "../fir/convolve-fir.ts";
import { type FirBand, firDesign } from "../fir/fir-design.ts";
import { butterworth } from "../iir/butterworth.ts";
import { filtfilt } from "../iir/filtfilt.ts";

type Samples = Float32Array | Float64Array;

/** New samples for some signals of one segment, in their order; written to `out` where it can, else its own arrays. */
type SignalFilter = (
  signals: readonly Samples[],
  group: ChannelGroup,
  out: readonly Samples[],
) => readonly ArrayLike<number>[];

/**
 * The recording with the channels that `chosen` names put through `filter`, segment by segment: a gap is never crossed.
 * Other channels stay as they are. Computed in float64, kept in the precision of the input.
 *
 * @throws DataError what the filter throws, naming the segment
 */
export function mapSignals(
  recording: Recording,
  chosen: (channel: Channel) => boolean,
  filter: SignalFilter,
): Recording {
  return { ...recording, groups: recording.groups.map((group) => mapGroup(group, chosen, filter)) };
}

function mapGroup(group: ChannelGroup, chosen: (channel: Channel) => boolean, filter: SignalFilter): ChannelGroup {
  const picked = group.channels.flatMap((channel, index) => (chosen(channel) ? [index] : []));
  if (picked.length === 0) return group;
  const segments = group.segments.map((segment): Segment => {
    const n = sampleCount(group, segment);
    const signals = picked.map((index) => channelData(group, segment, index));
    const { length } = segment.data;
    const data = segment.data instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
    const row = (index: number): Samples => data.subarray(index * n, (index + 1) * n);
    for (let index = 0; index < group.channels.length; index++)
      if (!picked.includes(index)) row(index).set(channelData(group, segment, index));
    const out = picked.map(row);
    filtered(filter, signals, group, segment, out).forEach((signal, i) => {
      if (signal !== out[i]) out[i]?.set(signal);
    });
    return { start: segment.start, data };
  });
  return { ...group, segments };
}

function filtered(
  filter: SignalFilter,
  signals: readonly Samples[],
  group: ChannelGroup,
  segment: Segment,
  out: readonly Samples[],
): readonly ArrayLike<number>[] {
  try {
    return filter(signals, group, out);
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "segment-too-short") throw error;
    const seconds = sampleCount(group, segment) / group.rate;
    throw new DataError(
      error.code,
      `the segment at ${segment.start} s (${seconds.toFixed(3)} s, ${group.rate} Hz) cannot be filtered: ${error.message}`,
      { cause: error },
    );
  }
}

/**
 * Zero-phase FIR filter of a recording (`firDesign`, `convolveFir`), each group with taps for its own rate.
 *
 * @throws DataError `bad-band`, `segment-too-short` (a segment must be at least as long as the filter)
 */
export function firFilterRecording(
  recording: Recording,
  band: FirBand,
  chosen: (channel: Channel) => boolean,
): Recording {
  return mapSignals(recording, chosen, (signals, { rate }, out) => convolveFir(signals, firDesign(rate, band), out));
}

/**
 * Zero-phase Butterworth filter of a recording: low-pass at `high` first, then high-pass at `low`, each forwards and
 * backwards.
 *
 * @throws DataError `bad-band`, `segment-too-short`
 */
export function butterworthRecording(
  recording: Recording,
  band: { readonly low?: number; readonly high?: number; readonly lowOrder: number; readonly highOrder: number },
  chosen: (channel: Channel) => boolean,
): Recording {
  if (band.low === undefined && band.high === undefined) throw new DataError("bad-band", "a filter needs an edge");
  return mapSignals(recording, chosen, (signals, { rate }) => {
    const stages = [
      ...(band.high === undefined ? [] : [butterworth(band.highOrder, "low", band.high, rate)]),
      ...(band.low === undefined ? [] : [butterworth(band.lowOrder, "high", band.low, rate)]),
    ];
    return signals.map((signal) =>
      stages.reduce<Float64Array>((x, sections) => filtfilt(sections, x), Float64Array.from(signal)),
    );
  });
}
