import { type Channel, type ChannelGroup, channelData, DataError, type Recording } from "@quintet/core";

/** A channel whose intensity is not positive somewhere: no logarithm exists there. */
export interface DarkChannel {
  readonly channel: Channel;
  /** Samples that are zero, negative or not a number. */
  readonly count: number;
}

/** Intensity channels with samples that are not positive, for the caller to leave out (`withoutPairs`) or to refuse. */
export function darkChannels(recording: Recording): DarkChannel[] {
  return recording.groups.flatMap((group) =>
    group.channels.flatMap((channel, index) => {
      if (channel.kind !== "nirs-intensity") return [];
      let count = 0;
      for (const segment of group.segments) for (const x of channelData(group, segment, index)) if (!(x > 0)) count++;
      return count > 0 ? [{ channel, count }] : [];
    }),
  );
}

/**
 * Change of optical density from light intensity,
 *
 *   dOD(t) = -ln( I(t) / mean I )
 *
 * natural logarithm, mean of each channel over all its segments. Channels that are not light stay as they are.
 *
 * @returns the recording with "nirs-intensity" channels turned into "nirs-od", unit "{od}", float64
 * @throws DataError `no-channels`, `not-positive` (naming the channels and how many samples)
 * @see Delpy et al., Phys Med Biol 1988;33:1433-42
 */
export function opticalDensity(recording: Recording): Recording {
  if (!recording.groups.some(({ channels }) => channels.some(({ kind }) => kind === "nirs-intensity"))) {
    throw new DataError("no-channels", "the recording has no light intensity");
  }
  const dark = darkChannels(recording);
  if (dark.length > 0) {
    const told = dark.slice(0, 8).map(({ channel, count }) => `${channel.name} (${count} samples)`);
    throw new DataError("not-positive", "light intensity must be positive", {
      expected: "every sample above 0",
      found: `${dark.length} channels with others: ${told.join(", ")}${dark.length > 8 ? ", ..." : ""}`,
    });
  }
  return { ...recording, groups: recording.groups.map(groupDensity) };
}

function groupDensity(group: ChannelGroup): ChannelGroup {
  const light = group.channels.flatMap(({ kind }, index) => (kind === "nirs-intensity" ? [index] : []));
  if (light.length === 0) return group;
  const means = light.map((index) => {
    let [sum, n] = [0, 0];
    for (const segment of group.segments) {
      for (const x of channelData(group, segment, index)) sum += x;
      n += segment.data.length / group.channels.length;
    }
    return sum / n;
  });
  const segments = group.segments.map((segment) => {
    const data = Float64Array.from(segment.data);
    const n = data.length / group.channels.length;
    light.forEach((index, i) => {
      for (let t = index * n; t < (index + 1) * n; t++) data[t] = -Math.log((data[t] as number) / (means[i] as number));
    });
    return { start: segment.start, data };
  });
  const channels = group.channels.map(
    (channel): Channel => (channel.kind === "nirs-intensity" ? { ...channel, kind: "nirs-od", unit: "{od}" } : channel),
  );
  return { ...group, channels, segments };
}
