/** Windows of a recording as they are drawn: montage and filters with the margins that make them equal to the whole's. */
import { type Channel, DataError, type Recording } from "@quintet/core";
import type { LazyGroup, LazyRecording } from "@quintet/io/node";
import { type FirBand, firDesign, firFilterRecording } from "@quintet/kernels";
import { averageReference, bipolar, doubleBanana } from "@quintet/modalities/eeg";
import type { Treatment } from "./job.ts";

/** Samples of one group, and how they come. */
export interface TreatedGroup {
  readonly rate: number;
  readonly channels: readonly Channel[];
  readonly segments: LazyGroup["segments"];
  readonly note: string;
  /** [channel][sample] of samples [first, end) of a segment. */
  read(segment: number, first: number, end: number): Float32Array | Float64Array;
}

/** Triggers and what nobody named are numbers, not waves. */
const isSignal = ({ kind }: Channel): boolean => kind !== "trigger" && kind !== "misc";

/** -6 dB points 1 Hz apart, transitions of 1 Hz: the wing's notch. */
const notchReach = 1;

/** Band-pass and notch as one list of filters, each with its taps' count at this rate. */
function filtersOf(
  { low, high, notch }: Treatment,
  rate: number,
): readonly { readonly band: FirBand; readonly taps: number }[] {
  const bands: FirBand[] = [];
  if (low !== undefined || high !== undefined)
    bands.push({ ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) });
  if (notch !== undefined)
    bands.push({ high: notch - notchReach, low: notch + notchReach, highTransition: 1, lowTransition: 1 });
  return bands.map((band) => ({ band, taps: firDesign(rate, band).length }));
}

/**
 * One group under a treatment. Filters are the wings' zero-phase FIR filters; as much is read on both sides as they
 * reach, so a window equals the same stretch of the whole segment filtered at once (rounding apart). A segment that is
 * shorter than a filter is NaN: there is nothing honest to draw.
 *
 * @param bad names of channels that count for no average
 * @throws DataError `bad-group`, `bad-band`, `bad-montage`, `no-channels`, `no-pairs`
 */
export function treatGroup(
  open: Pick<LazyRecording, "clock" | "groups" | "read">,
  index: number,
  treatment: Treatment,
  bad: readonly string[],
): TreatedGroup {
  const group = open.groups[index];
  if (!group)
    throw new DataError("bad-group", "the recording has no such group of channels", {
      expected: `0 to ${open.groups.length - 1}`,
      found: `${index}`,
    });
  const { rate, segments } = group;
  const unusable = new Set(bad);
  const marked = group.channels.map(
    (channel): Channel => (unusable.has(channel.name) ? { ...channel, status: "bad" } : channel),
  );
  const filters = filtersOf(treatment, rate);
  const reach = filters.reduce((sum, { taps }) => sum + (taps - 1) / 2, 0);
  const longest = filters.reduce((most, { taps }) => Math.max(most, taps), 0);
  const recordingOf = (start: number, data: Float32Array | Float64Array): Recording => ({
    clock: open.clock,
    groups: [{ rate, channels: marked, segments: [{ start, data }] }],
  });
  const referenced = (recording: Recording): Recording =>
    treatment.montage === "average"
      ? averageReference(recording)
      : treatment.montage === "double-banana"
        ? bipolar(recording, doubleBanana)
        : recording;
  // Which channels come out is known from an empty stretch.
  const [shape] = referenced(recordingOf(0, new Float32Array())).groups;
  const channels = shape?.channels ?? [];
  return {
    rate,
    channels,
    segments,
    note: noteOf(treatment),
    read(segment, first, end) {
      const whole = segments[segment];
      if (!whole || end <= first) return new Float32Array();
      if (filters.length === 0 && treatment.montage === undefined) return open.read(index, segment, first, end);
      if (whole.samples < longest) return new Float32Array(channels.length * (end - first)).fill(Number.NaN);
      // The filter's own rule asks for as many samples as it has taps, also at the ends.
      const [from, to] = widened(first - reach, end + reach, longest, whole.samples);
      const raw = Float64Array.from(open.read(index, segment, from, to));
      const filtered = filters.reduce<Recording>(
        (recording, { band }) => firFilterRecording(recording, band, isSignal),
        referenced(recordingOf(0, raw)),
      );
      const data = filtered.groups[0]?.segments[0]?.data ?? raw;
      const n = to - from;
      const out = new Float64Array(channels.length * (end - first));
      for (let c = 0; c < channels.length; c++)
        out.set(data.subarray(c * n + first - from, c * n + end - from), c * (end - first));
      return out;
    },
  };
}

/** [from, to) inside 0 ... samples and at least `least` long. */
function widened(from: number, to: number, least: number, samples: number): readonly [number, number] {
  let [a, b] = [Math.max(0, from), Math.min(samples, to)];
  if (b - a < least) {
    b = Math.min(samples, a + least);
    a = Math.max(0, b - least);
  }
  return [a, b];
}

function noteOf({ derived, montage, low, high, notch }: Treatment): string {
  const words = [
    { od: "optical density", hb: "haemoglobin as the run computes it" }[derived as string],
    { average: "average reference of the good channels", "double-banana": "longitudinal bipolar" }[montage as string] ??
      "as recorded",
    low === undefined && high === undefined ? undefined : `zero-phase FIR ${low ?? 0}-${high ?? "Nyquist"} Hz`,
    notch === undefined ? undefined : `notch ${notch} Hz`,
  ];
  return words.filter((word) => word !== undefined).join("; ");
}
