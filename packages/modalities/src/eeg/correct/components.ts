import { type Channel, type ChannelGroup, channelData, DataError, type Recording, sampleCount } from "@quintet/core";
import {
  firFilterRecording,
  type IcaOptions,
  type IndependentComponents,
  independentComponents,
} from "@quintet/kernels";

/** Independent components of a recording's EEG channels. */
export interface EegComponents extends IndependentComponents {
  /** The channels they are patterns over, in order. */
  readonly channels: readonly string[];
  readonly rate: number;
}

export interface SeparateOptions extends IcaOptions {
  /** Hz from which components are learnt; default 1: slow drifts are no sources. */
  readonly highPass?: number;
}

/**
 * Independent components of the good EEG channels, over all segments together (a mixture has no memory, so nothing is
 * crossed), learnt from a copy that is high-passed at 1 Hz.
 *
 * @throws DataError `no-channels` (fewer than two good EEG channels), `several-rates`, `duplicate-channels`,
 *   `segment-too-short`, `rank-deficient`, `not-finite`, `no-convergence`
 */
export function separateComponents(
  recording: Recording,
  { highPass = 1, ...options }: SeparateOptions = {},
): EegComponents {
  const { group, rows } = unmixedGroup(recording);
  const high = firFilterRecording(
    { ...recording, groups: [group] },
    { low: highPass, lowTransition: highPass },
    isUnmixed,
  );
  const signals = joinedRows(high.groups[0] as ChannelGroup, rows);
  const found = independentComponents(signals, options);
  return { ...found, channels: rows.map((row) => group.channels[row]?.name as string), rate: group.rate };
}

/**
 * The recording without some of its components: x - A_k W_k (x - mean), where A_k and W_k are those components' columns
 * and rows. Means, bad channels and other kinds stay as they are.
 *
 * @param removed indices into the components
 * @throws DataError `no-such-component`, `no-such-channel` (not the channels that the components were learnt from)
 */
export function removeComponents(
  recording: Recording,
  components: EegComponents,
  removed: readonly number[],
): Recording {
  for (const k of removed)
    if (!components.sources[k])
      throw new DataError("no-such-component", "components are counted from 0", {
        expected: `0 to ${components.sources.length - 1}`,
        found: `${k}`,
      });
  const { group, rows } = unmixedGroup(recording);
  const names = rows.map((row) => group.channels[row]?.name);
  if (names.length !== components.channels.length || names.some((name, i) => name !== components.channels[i]))
    throw new DataError("no-such-channel", "the components belong to other channels", {
      expected: components.channels.join(", "),
      found: names.join(", "),
    });
  const segments = group.segments.map((segment) => {
    const n = sampleCount(group, segment);
    const data = segment.data.slice();
    const signals = rows.map((row) => channelData(group, segment, row));
    const source = new Float64Array(n);
    for (const k of removed) {
      source.fill(0);
      const weights = components.unmixing[k] as Float64Array;
      for (const [c, x] of signals.entries()) {
        const [w, mean] = [weights[c] as number, average(x)];
        for (let t = 0; t < n; t++) source[t] = (source[t] as number) + w * ((x[t] as number) - mean);
      }
      for (const [c, row] of rows.entries()) {
        const a = components.mixing[c]?.[k] as number;
        for (let t = 0; t < n; t++) data[row * n + t] = (data[row * n + t] as number) - a * (source[t] as number);
      }
    }
    return { start: segment.start, data };
  });
  const groups = recording.groups.map((other) => (other === group ? { ...group, segments } : other));
  const told = `${removed.length} of ${components.sources.length} (${components.method})`;
  return { ...recording, groups, notes: { ...recording.notes, components: `removed ${told}` } };
}

function isUnmixed({ kind, status }: Channel): boolean {
  return kind === "eeg" && status !== "bad";
}

function unmixedGroup(recording: Recording): { readonly group: ChannelGroup; readonly rows: readonly number[] } {
  const groups = recording.groups.filter(({ channels }) => channels.some(isUnmixed));
  if (groups.length > 1)
    throw new DataError("several-rates", "components are found among channels of one rate", {
      found: groups.map(({ rate }) => `${rate} Hz`).join(", "),
    });
  const [group] = groups;
  const rows = group?.channels.flatMap((channel, row) => (isUnmixed(channel) ? [row] : [])) ?? [];
  if (!group || rows.length < 2)
    throw new DataError("no-channels", "components are found among channels", {
      expected: "2 or more good EEG channels",
      found: `${rows.length}`,
    });
  const names = rows.map((row) => group.channels[row]?.name as string);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length > 0)
    throw new DataError("duplicate-channels", "channels are known by their names", { found: twice.join(", ") });
  return { group, rows };
}

/** Rows of all segments one after the other. */
export function joinedRows(group: ChannelGroup, rows: readonly number[]): Float64Array[] {
  const counts = group.segments.map((segment) => sampleCount(group, segment));
  const total = counts.reduce((a, b) => a + b, 0);
  return rows.map((row) => {
    const out = new Float64Array(total);
    let at = 0;
    for (const [s, segment] of group.segments.entries()) {
      out.set(channelData(group, segment, row), at);
      at += counts[s] as number;
    }
    return out;
  });
}

function average(x: ArrayLike<number>): number {
  let sum = 0;
  for (let t = 0; t < x.length; t++) sum += x[t] as number;
  return sum / x.length;
}
