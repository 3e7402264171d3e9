import { type Channel, type ChannelGroup, type Montage, type Point, sensorNamed } from "@quintet/core";
import { electrodeName } from "./electrode-name.ts";

export interface PlacedChannel {
  /** Row of the group. */
  readonly index: number;
  readonly channel: Channel;
  /** mm in the montage's space. */
  readonly position: Point;
}

/** Channels of a group whose electrode has a place, by the channel's sensor, its name, or its electrode's name. */
export function placedChannels(
  group: ChannelGroup,
  montage: Montage,
  wanted: (channel: Channel) => boolean,
): readonly PlacedChannel[] {
  return group.channels.flatMap((channel, index) => {
    if (!wanted(channel)) return [];
    const names = [...channel.sensors, channel.name, electrodeName(channel.name)];
    for (const name of names) {
      const position = sensorNamed(montage, name)?.position;
      if (position) return [{ index, channel, position }];
    }
    return [];
  });
}
