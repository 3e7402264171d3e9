import {
  type Channel,
  type ChannelGroup,
  channelData,
  DataError,
  type Montage,
  type Recording,
  sampleCount,
} from "@quintet/core";
import { infinityWeights } from "@quintet/kernels";
import { isBrain } from "./electrode-name.ts";
import { type ChannelSum, sumChannels, withGroups } from "./linear-channels.ts";
import { placedChannels } from "./placed-channels.ts";

/**
 * Average reference: every EEG channel minus the mean of the good EEG channels of its group,
 *
 *   v_i'(t) = v_i(t) - 1/N sum_j v_j(t)
 *
 * Bad channels do not enter the mean, but are referenced by it. Other kinds stay.
 *
 * @throws DataError `no-channels` when no group has two good EEG channels
 */
export function averageReference(recording: Recording): Recording {
  const able = recording.groups.some(({ channels }) => channels.filter(isReference).length > 1);
  if (!able) throw new DataError("no-channels", "an average reference needs two good EEG channels");
  return withGroups(
    recording,
    (group) => {
      const good = indices(group, isReference);
      return good.length > 1 ? minusMean(group, good) : group;
    },
    { reference: "average of the good EEG channels" },
  );
}

/**
 * Reference to named electrodes: every EEG channel minus their mean; two mastoids make linked mastoids.
 *
 * @param names channels of the recording; they keep their rows, which then hold what they differ from their mean
 * @throws DataError `no-channels` (no name given), `no-such-channel`, `bad-channel` (a reference that was marked bad)
 */
export function referenceTo(recording: Recording, names: readonly string[]): Recording {
  if (names.length === 0) throw new DataError("no-channels", "a reference needs an electrode's name");
  const wanted = new Set(names);
  const known = recording.groups.flatMap(({ channels }) => channels).filter(({ kind }) => kind === "eeg");
  for (const name of names) {
    const channel = known.find((candidate) => candidate.name === name);
    if (!channel)
      throw new DataError("no-such-channel", `there is no EEG channel called ${name}`, {
        found: known.map((candidate) => candidate.name).join(", "),
      });
    if (channel.status === "bad") throw new DataError("bad-channel", `${name} is bad and can be no reference`);
  }
  return withGroups(
    recording,
    (group) => {
      const reference = indices(group, ({ kind, name }) => kind === "eeg" && wanted.has(name));
      if (reference.length > 0 && reference.length < wanted.size)
        throw new DataError("no-such-channel", "the electrodes of a reference have one sampling rate", {
          found: `only ${reference.map((i) => group.channels[i]?.name).join(", ")} at ${group.rate} Hz`,
        });
      return reference.length > 0 ? minusMean(group, reference) : group;
    },
    { reference: names.join(", ") },
  );
}

/**
 * Reference to a point at infinity (REST), estimated from a layer of dipoles in a head of three spheres.
 *
 * @param montage places of the electrodes; channels without one, and bad ones, stay as they are
 * @throws DataError `no-positions` (fewer than eight good EEG channels have a place)
 * @see Yao, Physiol Meas 2001;22:693-711
 */
export function infinityReference(recording: Recording, montage: Montage): Recording {
  let found = 0;
  const done = withGroups(
    recording,
    (group) => {
      const placed = placedChannels(group, montage, isReference);
      found = Math.max(found, placed.length);
      if (placed.length < fewestPlaced) return group;
      const weights = infinityWeights(placed.map(({ position }) => position));
      const from = placed.map(({ index }) => index);
      const sums = from.map((channel, i): ChannelSum => ({ channel, from, weights: weights[i] as Float64Array }));
      return sumChannels(group, sums);
    },
    { reference: "infinity (REST), three spheres" },
  );
  if (found < fewestPlaced)
    throw new DataError("no-positions", "a reference at infinity needs the places of the electrodes", {
      expected: `${fewestPlaced} good EEG channels with a place`,
      found: `${found}`,
    });
  return done;
}

const fewestPlaced = 8;

function isReference(channel: Channel): boolean {
  return channel.kind === "eeg" && isBrain(channel);
}

function indices(group: ChannelGroup, wanted: (channel: Channel) => boolean): number[] {
  return group.channels.flatMap((channel, index) => (wanted(channel) ? [index] : []));
}

/** Every EEG channel minus the mean of some. */
function minusMean(group: ChannelGroup, reference: readonly number[]): ChannelGroup {
  const eeg = indices(group, ({ kind }) => kind === "eeg");
  const segments = group.segments.map((segment) => {
    const n = sampleCount(group, segment);
    const mean = new Float64Array(n);
    for (const index of reference) {
      const x = channelData(group, segment, index);
      for (let t = 0; t < n; t++) mean[t] = (mean[t] as number) + (x[t] as number) / reference.length;
    }
    const data = segment.data.slice();
    for (const index of eeg)
      for (let t = 0; t < n; t++) data[index * n + t] = (data[index * n + t] as number) - (mean[t] as number);
    return { start: segment.start, data };
  });
  return { ...group, segments };
}
