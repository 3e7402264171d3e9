import type { Channel, Montage, Side } from "@quintet/core";
import { sensorNamed } from "@quintet/core";

const brainKinds = new Set<Channel["kind"]>(["eeg", "seeg", "ecog"]);

export function isBrain({ kind, status }: Channel): boolean {
  return brainKinds.has(kind) && status !== "bad";
}

/** "EEG Fp1-REF" -> "Fp1": the electrode's name without what recorders put around it. */
export function electrodeName(channel: string): string {
  return channel
    .trim()
    .replace(/^EEG[\s_-]*/i, "")
    .replace(/[-\s](REF|LE|AVG?|CAR|A1|A2|M1|M2|A1A2)$/i, "")
    .trim();
}

interface SystemName {
  readonly stem: string;
  readonly number: number;
  readonly tail: string;
}

/** A name of the 10-20, 10-10 or 10-5 system: letters, a number or z, perhaps h. */
function systemName(channel: string): SystemName | undefined {
  const match =
    /^(Fp|AFF|AFp|AF|FFT|FFC|FTT|FCC|FT|FC|F|TTP|TPP|TP|T|CCP|CPP|CP|C|PPO|POO|PO|P|OI|O|I|N)(10|[1-9]|z)(h?)$/i.exec(
      electrodeName(channel),
    );
  if (!match) return undefined;
  const [, stem = "", place = "", tail = ""] = match;
  return {
    stem: stem.toLowerCase(),
    number: place.toLowerCase() === "z" ? 0 : Number(place),
    tail: tail.toLowerCase(),
  };
}

/** Odd numbers are left, even ones right, z is the midline (Jasper 1958); undefined for another naming. */
export function sideByName(channel: string): Side | undefined {
  const name = systemName(channel);
  return name && (name.number === 0 ? "midline" : name.number % 2 === 1 ? "left" : "right");
}

/** A left and a right channel over mirrored places. */
export interface HomologousPair {
  /** Indices into the list of channels. */
  readonly left: number;
  readonly right: number;
}

/** Mirrored positions may be this far apart, mm. */
const mirrorTolerance = 15;

/**
 * Pairs of channels over mirrored places: by 10-20 names (F3 and F4, T7 and T8), and for other names by positions
 * mirrored at x = 0, each other's nearest within 15 mm.
 */
export function homologousPairs(channels: readonly Channel[], montage?: Montage): HomologousPair[] {
  const names = isBlockNaming(channels) ? [] : channels.map(({ name }) => systemName(name));
  const pairs = names.flatMap((name, left): HomologousPair[] => {
    if (!name || name.number % 2 === 0) return [];
    const right = names.findIndex(
      (other) => other?.stem === name.stem && other.number === name.number + 1 && other.tail === name.tail,
    );
    return right < 0 ? [] : [{ left, right }];
  });
  if (pairs.length > 0 || !montage) return pairs;
  return mirroredPairs(channels, montage);
}

/** Caps numbered in blocks (A1 .. A32, B1 .. B32, ...) use letters that are no places. */
function isBlockNaming(channels: readonly Channel[]): boolean {
  return channels.some(({ name }) => /^[A-H](1[1-9]|2\d|3[0-2])$/.test(electrodeName(name)));
}

function mirroredPairs(channels: readonly Channel[], montage: Montage): HomologousPair[] {
  const places = channels.map((channel) => channelPosition(channel, montage));
  const mirror = (from: number): number => {
    const a = places[from];
    if (!a) return -1;
    let [best, least] = [-1, mirrorTolerance];
    places.forEach((b, index) => {
      if (!b || index === from || a[0] * b[0] >= 0) return;
      const apart = Math.hypot(a[0] + b[0], a[1] - b[1], a[2] - b[2]);
      if (apart <= least) [best, least] = [index, apart];
    });
    return best;
  };
  return places.flatMap((place, left) => {
    if (!place || place[0] >= 0) return [];
    const right = mirror(left);
    return right >= 0 && mirror(right) === left ? [{ left, right }] : [];
  });
}

/** RAS mm of a channel's electrode, when the montage has it. */
export function channelPosition(channel: Channel, montage: Montage): readonly [number, number, number] | undefined {
  const sensor = sensorNamed(montage, channel.sensors[0] ?? channel.name) ?? sensorNamed(montage, channel.name);
  return sensor?.position;
}

/** Side of a channel by its name, else by its position (|x| < 5 mm: midline). */
export function channelSide(channel: Channel, montage?: Montage): Side | undefined {
  const named = sideByName(channel.name);
  if (named || !montage) return named;
  const x = channelPosition(channel, montage)?.[0];
  if (x === undefined) return undefined;
  return Math.abs(x) < 5 ? "midline" : x < 0 ? "left" : "right";
}
