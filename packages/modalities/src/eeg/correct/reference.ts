import { type ChannelGroup, channelData, DataError, type Recording, sampleCount } from "@quintet/core";
import { isBrain } from "./electrode-name.ts";

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
  const groups = recording.groups.map((group) =>
    group.channels.filter(isReference).length > 1 ? referenced(group) : group,
  );
  return { ...recording, groups, notes: { ...recording.notes, reference: "average of the good EEG channels" } };
}

function isReference(channel: ChannelGroup["channels"][number]): boolean {
  return channel.kind === "eeg" && isBrain(channel);
}

function referenced(group: ChannelGroup): ChannelGroup {
  const good = group.channels.flatMap((channel, index) => (isReference(channel) ? [index] : []));
  const segments = group.segments.map((segment) => {
    const n = sampleCount(group, segment);
    const mean = new Float64Array(n);
    for (const index of good) {
      const x = channelData(group, segment, index);
      for (let t = 0; t < n; t++) mean[t] = (mean[t] as number) + (x[t] as number) / good.length;
    }
    const data = segment.data.slice();
    group.channels.forEach(({ kind }, index) => {
      if (kind !== "eeg") return;
      for (let t = 0; t < n; t++) data[index * n + t] = (data[index * n + t] as number) - (mean[t] as number);
    });
    return { start: segment.start, data };
  });
  return { ...group, segments };
}
