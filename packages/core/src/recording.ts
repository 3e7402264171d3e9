import type { Hertz, Nanometres, Seconds, SignalUnit } from "./units.ts";

export type ChannelKind =
  | "eeg"
  | "eog"
  | "ecg"
  | "emg"
  | "meg"
  | "seeg"
  | "ecog"
  | "nirs-intensity"
  | "nirs-od"
  | "hbo"
  | "hbr"
  | "hbt"
  | "trigger"
  | "resp"
  | "pulse"
  | "gsr"
  | "temperature"
  | "accel"
  | "gyro"
  | "misc";

export interface Channel {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly unit: SignalUnit;
  /** Keys into the Montage: one electrode, or source and detector of an optical channel. */
  readonly sensors: readonly string[];
  readonly wavelength?: Nanometres;
  readonly status?: "good" | "bad";
  /** Of the electrode, Ohm, as the amplifier measured it; Infinity where it said out of range. */
  readonly impedance?: number;
}

/** A stretch without gaps. Nothing filters, epochs or averages across two segments. */
export interface Segment {
  /** Time of the first sample on the recording's clock. */
  readonly start: Seconds;
  /** [channel][sample], in each channel's unit; length = channels x samples. */
  readonly data: Float32Array | Float64Array;
}

/** Channels that share a rate; a file may hold several groups. */
export interface ChannelGroup {
  readonly rate: Hertz;
  readonly channels: readonly Channel[];
  readonly segments: readonly Segment[];
}

/** EEG, fNIRS or physiology. */
export interface Recording {
  /** The named clock all times are on. */
  readonly clock: string;
  /** Wall-clock time of second 0 of `clock` as ISO 8601 without zone, when the file says it. */
  readonly startedAt?: string;
  readonly groups: readonly ChannelGroup[];
  /** What the file told of its own reference and filters, in its own words. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** Samples per channel in a segment. */
export function sampleCount(group: ChannelGroup, segment: Segment): number {
  return segment.data.length / group.channels.length;
}

/** One channel of a segment, a view. */
export function channelData(group: ChannelGroup, segment: Segment, channel: number): Float32Array | Float64Array {
  const n = sampleCount(group, segment);
  return segment.data.subarray(channel * n, (channel + 1) * n);
}

/** Seconds from the first to the last sample of a group, gaps included. */
export function duration(recording: Recording): Seconds {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const group of recording.groups) {
    for (const segment of group.segments) {
      first = Math.min(first, segment.start);
      last = Math.max(last, segment.start + sampleCount(group, segment) / group.rate);
    }
  }
  return last > first ? last - first : 0;
}
