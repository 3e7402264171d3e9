/**
 * What may be said of a person, and words that may not.
 *
 * Two nets, one behind the other: only listed keys and listed words pass at all, and of these none that holds a word
 * found in an identity field of any of the person's files.
 */
import type { Event, Events } from "@quintet/core";

/** Words of the identity fields seen so far; kept in memory only. */
export class IdentityWords {
  readonly #words = new Set<string>();

  /** Takes up the words of an identity field: a name, a number, a date, an address. */
  add(field: string | undefined): void {
    for (const word of (field ?? "").split(/[^\p{L}\p{N}]+/u)) {
      const plain = word.toLowerCase();
      if (plain.length >= 3 && !harmless.has(plain)) this.#words.add(plain);
    }
  }

  /** Does the text hold one of them? */
  in(text: string): boolean {
    const plain = text.toLowerCase();
    const words = new Set(plain.split(/[^\p{L}\p{N}]+/u));
    return [...this.#words].some((word) => (word.length >= 5 ? plain.includes(word) : words.has(word)));
  }
}

/** Words that identity fields hold without naming anyone. */
const harmless = new Set([
  "anonymous",
  "anonymized",
  "unknown",
  "none",
  "patient",
  "subject",
  "sub",
  "test",
  "startdate",
  "eeg",
  "xxx",
  "phantom",
]);

/** Words that occur in annotations of recordings and name no one. */
const vocabulary = new Set(
  `a absence active after aligned alpha amp and arm artefact artifact asleep audio auditory awake baseline before begin beta
  big blink block blocks body boundary bored break burst button calibration closed clonic closure code comment complex cond
  condition control correct cue dc delta discharge discontinuity down drowsy ec ecg eeg eeglab electrode electrographic end eo emg
  epoch error event eye eyes eyesclosed eyesopen face feedback finger fingertapping fixation flash focal foot frequent fz gain
  generalized go hand head high hit house hv hyperventilation hz ictal image impedance incorrect instruction inter interictal
  intertrial jaw jump k keypress latency left leg lost low marker math mental microsleep miss motion motor movement moving
  muscle music n n1 n2 n3 nback network new nogo noise novel object odd oddball of off on onset offset open opening oz p300
  packet paradigm pause periodic photic pictures polyspike post posttest practice pre press pretest probe pulse r rare
  record recording ref rem repeat response rest resting restingstate right rt run s saccade scan scanner seconds segment
  seizure sequence sharp short sleep slow small sound speech spike spikes spindle square stage standard start stim
  stimulation stimulus stop swallow sync tactile talking tap tapping target task temporal test theta tone tonic touch train
  trial trigger up verbal version vertex video visual volume w wake wakefulness walking wave waves word word1 words working
  memory x y z sham padding`.split(/\s+/),
);

const number = /^\d{1,3}$/;
const code = /^(?:[a-z]{1,2}\d{1,3}|\d{1,3}(?:hz|ms|s|back))$/;

/** May this annotation be kept as it is? Only words of the list, codes such as "S 12" or "R128", and short numbers. */
function harmlessText(text: string, allowed: ReadonlySet<string>): boolean {
  if (allowed.has(text)) return true;
  if (text.length > 60) return false;
  const words = text
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  return words.every((word) => vocabulary.has(word) || number.test(word) || code.test(word));
}

export interface CleanEvents {
  readonly events: Events;
  /** How many different texts were replaced. */
  readonly replaced: number;
}

/**
 * Events whose texts name no one: a text that is not made of listed words becomes "text1", "text2" ..., the same text the
 * same number, so that conditions stay apart. `allowed` are whole texts the user vouches for; of the channels an event names, those in `channels` stay.
 */
export function cleanEvents(
  events: Events,
  words: IdentityWords,
  allowed: ReadonlySet<string>,
  channels: ReadonlySet<string>,
): CleanEvents {
  const replaced = new Map<string, string>();
  const clean = (text: string): string => {
    if (harmlessText(text, allowed) && !words.in(text)) return text;
    const known = replaced.get(text) ?? `text${replaced.size + 1}`;
    replaced.set(text, known);
    return known;
  };
  const list = events.list.map(({ channels: named, ...event }): Event => {
    const kept = named?.filter((name) => channels.has(name)) ?? [];
    return { ...event, type: clean(event.type), ...(kept.length > 0 ? { channels: kept } : {}) };
  });
  return { events: { clock: events.clock, list }, replaced: replaced.size };
}
