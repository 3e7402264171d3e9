import {
  type Channel,
  type ChannelGroup,
  channelData,
  DataError,
  type Hertz,
  type Recording,
  sampleCount,
} from "@quintet/core";
import { rateRatio, resampledLength, resampleFourier, resamplePolyphase } from "@quintet/kernels";
import { withGroups } from "./linear-channels.ts";

export interface ResampleOptions {
  /** `fft` cuts the spectrum at the lower Nyquist frequency, `polyphase` filters locally; default `fft` (MNE-Python's). */
  readonly method?: "fft" | "polyphase";
}

/** Continuous signals; a trigger's value is a code, not a voltage. */
function isSignal({ kind }: Channel): boolean {
  return kind !== "trigger";
}

/**
 * Every group with an EEG, intracranial or MEG channel at another rate, segment by segment: nothing crosses a gap. Each
 * segment keeps the time of its first sample, so times of events (seconds on the recording's clock) stay what they were.
 * A trigger channel's new sample is the first value other than 0 of the old samples it stands for.
 *
 * @throws DataError `bad-rate`, `no-channels`, `segment-too-short` (a segment of fewer than 2 samples)
 */
export function resampleRecording(
  recording: Recording,
  rate: Hertz,
  { method = "fft" }: ResampleOptions = {},
): Recording {
  const chosen = ({ channels }: ChannelGroup): boolean =>
    channels.some(({ kind }) => kind === "eeg" || kind === "seeg" || kind === "ecog" || kind === "meg");
  if (!recording.groups.some(chosen)) throw new DataError("no-channels", "the recording has no EEG channel");
  const resample = method === "fft" ? resampleFourier : resamplePolyphase;
  return withGroups(recording, (group) => (chosen(group) ? resampled(group, rate, resample) : group), {});
}

function resampled(group: ChannelGroup, rate: Hertz, resample: typeof resampleFourier): ChannelGroup {
  const ratio = rateRatio(group.rate, rate);
  const segments = group.segments.map((segment) => {
    const n = sampleCount(group, segment);
    if (n < 2)
      throw new DataError("segment-too-short", `the segment at ${segment.start} s cannot be resampled`, {
        expected: "2 samples or more",
        found: `${n}`,
      });
    const length = resampledLength(n, ratio);
    const size = group.channels.length * length;
    const data = segment.data instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
    const rows = group.channels.flatMap((channel, row) => (isSignal(channel) ? [row] : []));
    const made = resample(
      rows.map((row) => channelData(group, segment, row)),
      group.rate,
      rate,
    );
    made.forEach((signal, i) => {
      data.set(signal, (rows[i] as number) * length);
    });
    group.channels.forEach((channel, row) => {
      if (isSignal(channel)) return;
      const codes = channelData(group, segment, row);
      for (let i = 0; i < length; i++)
        data[row * length + i] = firstCode(codes, (i * ratio.q) / ratio.p, ((i + 1) * ratio.q) / ratio.p);
    });
    return { start: segment.start, data };
  });
  return { ...group, rate, segments };
}

function firstCode(codes: ArrayLike<number>, from: number, to: number): number {
  const first = Math.min(codes.length - 1, Math.floor(from + 1e-9));
  for (let i = first; i < Math.min(codes.length, Math.ceil(to - 1e-9)); i++)
    if (codes[i] !== 0) return codes[i] as number;
  return codes[first] as number;
}
