import { type ChannelGroup, channelData, type Recording, sampleCount } from "@quintet/core";

/** Replaces channel `channel` of a group by sum_j weights[j] x_(from[j])(t), sample by sample. */
export interface ChannelSum {
  readonly channel: number;
  readonly from: readonly number[];
  readonly weights: ArrayLike<number>;
}

/** All sums are of the channels as they were; samples at one time only, so nothing crosses a gap. */
export function sumChannels(group: ChannelGroup, sums: readonly ChannelSum[]): ChannelGroup {
  const segments = group.segments.map((segment) => {
    const n = sampleCount(group, segment);
    const data = segment.data.slice();
    const sum = new Float64Array(n);
    for (const { channel, from, weights } of sums) {
      sum.fill(0);
      for (const [j, source] of from.entries()) {
        const [x, w] = [channelData(group, segment, source), weights[j] as number];
        if (w === 0) continue;
        for (let t = 0; t < n; t++) sum[t] = (sum[t] as number) + w * (x[t] as number);
      }
      data.set(sum, channel * n);
    }
    return { start: segment.start, data };
  });
  return { ...group, segments };
}

/** The recording with some groups made anew and a note on what was done. */
export function withGroups(
  recording: Recording,
  make: (group: ChannelGroup) => ChannelGroup,
  notes: Readonly<Record<string, string>>,
): Recording {
  return { ...recording, groups: recording.groups.map(make), notes: { ...recording.notes, ...notes } };
}
