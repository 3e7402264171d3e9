/** Pulses of the MR scanner among the events of a recording made beside it. */
import type { Events } from "@quintet/core";

/** Volume triggers go by many names: BrainVision's R128, a first trigger bit, plain words. */
const volumeNames = /^(response\/)?r ?128$|^t? ?1_on$|^v ?1$|volume|^(mr|scanner)[ _]?(trigger|pulse|sync)?$|^tr$/i;

export const isVolumeTrigger = (type: string): boolean => volumeNames.test(type);

/** What happened to the person: the scanner's pulses tell the clock, they are no condition to average over. */
export function withoutVolumeTriggers({ clock, list }: Events): Events {
  return { clock, list: list.filter(({ type }) => !isVolumeTrigger(type)) };
}
