import {
  type Channel,
  DataError,
  type Millimetres,
  type Montage,
  type Point,
  type Recording,
  sensorNamed,
} from "@quintet/core";

/** The channels of one source and one detector, by wavelength. */
export interface OpticalPair {
  /** "S1-D2" from the sensors' names. */
  readonly name: string;
  readonly source: string;
  readonly detector: string;
  /** Index into the group's channels and wavelength (nm), ascending in wavelength. */
  readonly members: readonly { readonly index: number; readonly wavelength: number }[];
}

const optical = new Set<Channel["kind"]>(["nirs-intensity", "nirs-od", "hbo", "hbr", "hbt"]);

export function isOptical({ kind }: Channel): boolean {
  return optical.has(kind);
}

/** "S1-D2": the pair a channel belongs to. @throws DataError `no-pair` */
export function pairName(channel: Channel): string {
  const [source, detector] = channel.sensors;
  if (source === undefined || detector === undefined) {
    throw new DataError("no-pair", `channel ${channel.name} names no source and detector`);
  }
  return `${source}-${detector}`;
}

/**
 * The source-detector pairs among channels of one kind, in order of first appearance.
 *
 * @throws DataError `no-pair` (a channel without source or detector), `no-wavelength`, `duplicate-channel`
 */
export function opticalPairs(channels: readonly Channel[], kind: "nirs-intensity" | "nirs-od"): OpticalPair[] {
  const pairs = new Map<string, { index: number; wavelength: number }[]>();
  channels.forEach((channel, index) => {
    if (channel.kind !== kind) return;
    const name = pairName(channel);
    if (channel.wavelength === undefined)
      throw new DataError("no-wavelength", `channel ${channel.name} states no wavelength`);
    const members = pairs.get(name) ?? [];
    if (members.some(({ wavelength }) => wavelength === channel.wavelength)) {
      throw new DataError("duplicate-channel", `pair ${name} has two channels at ${channel.wavelength} nm`);
    }
    members.push({ index, wavelength: channel.wavelength });
    pairs.set(name, members);
  });
  return [...pairs].map(([name, members]) => {
    const { sensors } = channels[members[0]?.index ?? 0] as Channel;
    return {
      name,
      source: sensors[0] as string,
      detector: sensors[1] as string,
      members: members.toSorted((a, b) => a.wavelength - b.wavelength),
    };
  });
}

/** Beyond these a position is in another unit or missing: no light of CW-fNIRS comes back from 10 cm. */
const plausibleDistance = [1, 100] as const;

/**
 * Straight distance from source to detector in mm.
 *
 * @throws DataError `no-position`, `bad-distance` (outside 1 to 100 mm: a wrong length unit)
 */
export function sourceDetectorDistance(montage: Montage, source: string, detector: string): Millimetres {
  const [a, b] = [positionOf(montage, source), positionOf(montage, detector)];
  const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  if (!(distance >= plausibleDistance[0] && distance <= plausibleDistance[1])) {
    throw new DataError("bad-distance", `source ${source} and detector ${detector} are ${distance} mm apart`, {
      expected: `${plausibleDistance[0]} to ${plausibleDistance[1]} mm`,
    });
  }
  return distance;
}

/** Middle between source and detector, in the montage's space. @throws DataError `no-position` */
export function pairMidpoint(montage: Montage, channel: Channel): Point {
  pairName(channel);
  const [a, b] = channel.sensors.slice(0, 2).map((name) => positionOf(montage, name)) as [Point, Point];
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
}

function positionOf(montage: Montage, name: string): Point {
  const position = sensorNamed(montage, name)?.position;
  if (!position) throw new DataError("no-position", `the montage has no position for ${name}`);
  return position;
}

/** The recording with only the channels that `keep` names; groups that lose all of theirs go too. */
export function selectChannels(recording: Recording, keep: (channel: Channel) => boolean): Recording {
  const groups = recording.groups.flatMap((group) => {
    const picked = group.channels.flatMap((channel, index) => (keep(channel) ? [index] : []));
    if (picked.length === group.channels.length) return [group];
    if (picked.length === 0) return [];
    const segments = group.segments.map(({ start, data }) => {
      const n = data.length / group.channels.length;
      const kept = data.slice(0, picked.length * n);
      picked.forEach((index, row) => {
        kept.set(data.subarray(index * n, (index + 1) * n), row * n);
      });
      return { start, data: kept };
    });
    return [{ ...group, channels: picked.map((index) => group.channels[index] as Channel), segments }];
  });
  return { ...recording, groups };
}

/** Without these pairs ("S1-D2"), all wavelengths of them; what is not optical stays. */
export function withoutPairs(recording: Recording, pairs: ReadonlySet<string>): Recording {
  return selectChannels(recording, (channel) => !(isOptical(channel) && pairs.has(pairName(channel))));
}

/**
 * Optical channels apart by source-detector distance: `short` ones (scalp only) up to `limit`, `long` ones (scalp and
 * cortex) beyond. Channels that are not optical are in neither.
 *
 * @param limit mm; default 15: between the usual 8 mm and 25 to 35 mm
 * @throws DataError `no-position`, `bad-distance`
 */
export function splitByDistance(
  recording: Recording,
  montage: Montage,
  limit: Millimetres = 15,
): { readonly short: Recording; readonly long: Recording } {
  const isShort = ({ sensors }: Channel): boolean =>
    sourceDetectorDistance(montage, sensors[0] ?? "", sensors[1] ?? "") <= limit;
  return {
    short: selectChannels(recording, (channel) => isOptical(channel) && isShort(channel)),
    long: selectChannels(recording, (channel) => isOptical(channel) && !isShort(channel)),
  };
}

/**
 * Pairs that cannot be of use by where they are: farther apart than `farthest`, without a place, or at a distance no probe has (a wrong
 * unit, a detector off the head). What is left has a distance.
 *
 * @param farthest mm; default 60: beyond it too little light comes back for the common sources
 */
export function channelsBeyond(
  recording: Recording,
  montage: Montage,
  farthest: Millimetres = 60,
): { readonly pair: string; readonly why: string }[] {
  const found = new Map<string, string>();
  for (const channel of recording.groups.flatMap(({ channels }) => channels.filter(isOptical))) {
    const pair = pairName(channel);
    if (found.has(pair)) continue;
    try {
      const distance = sourceDetectorDistance(montage, channel.sensors[0] as string, channel.sensors[1] as string);
      if (distance > farthest) found.set(pair, `${distance.toFixed(0)} mm apart, more than ${farthest} mm`);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      found.set(pair, error.message);
    }
  }
  return [...found].map(([pair, why]) => ({ pair, why }));
}
