import type { ChannelGroup } from "@quintet/core";
import { channelData } from "@quintet/core";

/** Channels that hold NaN or infinity are marked bad and told of; their numbers stay as they are. */
export function markNonFinite(group: ChannelGroup, problems: string[]): ChannelGroup {
  const bad = new Map<number, number>();
  for (const segment of group.segments) {
    for (let c = 0; c < group.channels.length; c++) {
      let count = 0;
      for (const value of channelData(group, segment, c)) if (!Number.isFinite(value)) count++;
      if (count > 0) bad.set(c, (bad.get(c) ?? 0) + count);
    }
  }
  if (bad.size === 0) return group;
  for (const [c, count] of bad) problems.push(`channel ${group.channels[c]?.name}: ${count} samples are not finite`);
  return {
    ...group,
    channels: group.channels.map((channel, c) => (bad.has(c) ? { ...channel, status: "bad" } : channel)),
  };
}
