import {
  type Channel,
  type ChannelGroup,
  channelData,
  DataError,
  type Recording,
  type Segment,
  sampleCount,
} from "@quintet/core";
import { electrodeName } from "./electrode-name.ts";

/** A derivation: first electrode minus second. */
export type Derivation = readonly [plus: string, minus: string];

/** What the 10-20 system called T3, T4, T5 and T6 is T7, T8, P7 and P8 in the 10-10 system. */
const older: Readonly<Record<string, string>> = { t3: "t7", t4: "t8", t5: "p7", t6: "p8" };

/** Front to back, left above right: left temple, left parasagittal, midline, right parasagittal, right temple. */
const chains: readonly (readonly string[])[] = [
  ["Fp1", "F7", "T7", "P7", "O1"],
  ["Fp1", "F3", "C3", "P3", "O1"],
  ["Fz", "Cz", "Pz"],
  ["Fp2", "F4", "C4", "P4", "O2"],
  ["Fp2", "F8", "T8", "P8", "O2"],
];

/**
 * The longitudinal bipolar montage ("double banana"): each electrode of a chain minus the next.
 *
 * @see American Clinical Neurophysiology Society, Guideline 3: standard montages (Acharya et al. 2016), longitudinal bipolar
 */
export const doubleBanana: readonly Derivation[] = chains.flatMap((chain) =>
  chain.slice(1).map((name, k): Derivation => [chain[k] as string, name]),
);

/**
 * Differences of pairs of EEG channels of the same group,
 *
 *   v_ab(t) = v_a(t) - v_b(t),
 *
 * in the order of `pairs`; electrodes are found by name (T3 is T7). A pair that is not there is left out; a pair with a
 * bad end is bad. Other kinds of channels and groups without a pair are left out.
 *
 * @throws DataError `no-pairs` when none of the pairs is there
 */
export function bipolar(recording: Recording, pairs: readonly Derivation[]): Recording {
  const groups = recording.groups.flatMap((group): readonly ChannelGroup[] => {
    const at = new Map(
      group.channels.flatMap((channel, index) =>
        channel.kind === "eeg" ? [[keyOf(channel.name), index] as const] : [],
      ),
    );
    const found = pairs.flatMap(([plus, minus]) => {
      const [a, b] = [at.get(keyOf(plus)), at.get(keyOf(minus))];
      return a === undefined || b === undefined ? [] : [[a, b] as const];
    });
    return found.length === 0 ? [] : [derived(group, found)];
  });
  if (groups.length === 0)
    throw new DataError("no-pairs", "none of the montage's pairs is among the EEG channels", {
      expected: pairs
        .slice(0, 3)
        .map((pair) => pair.join("-"))
        .join(", "),
      found: recording.groups.flatMap(({ channels }) => channels.slice(0, 6).map(({ name }) => name)).join(", "),
    });
  return { ...recording, groups, notes: { ...recording.notes, reference: "bipolar" } };
}

function derived(group: ChannelGroup, pairs: readonly (readonly [number, number])[]): ChannelGroup {
  const channels = pairs.map(([a, b]): Channel => {
    const [plus, minus] = [group.channels[a] as Channel, group.channels[b] as Channel];
    const [one, other] = [electrodeName(plus.name), electrodeName(minus.name)];
    const bad = plus.status === "bad" || minus.status === "bad";
    return {
      name: `${one}-${other}`,
      kind: "eeg",
      unit: plus.unit,
      sensors: [...plus.sensors, ...minus.sensors],
      ...(bad ? { status: "bad" } : {}),
    };
  });
  const segments = group.segments.map((segment): Segment => {
    const n = sampleCount(group, segment);
    const data =
      segment.data instanceof Float64Array ? new Float64Array(pairs.length * n) : new Float32Array(pairs.length * n);
    for (const [row, [a, b]] of pairs.entries()) {
      const [x, y] = [channelData(group, segment, a), channelData(group, segment, b)];
      for (let t = 0; t < n; t++) data[row * n + t] = (x[t] as number) - (y[t] as number);
    }
    return { start: segment.start, data };
  });
  return { rate: group.rate, channels, segments };
}

function keyOf(name: string): string {
  const bare = electrodeName(name).toLowerCase();
  return older[bare] ?? bare;
}
