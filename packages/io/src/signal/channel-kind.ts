import type { ChannelKind, SignalUnit } from "@quintet/core";

/** Signal types that EDF+ labels, BIDS channels.tsv and EEGLAB chanlocs write before or beside a name. */
const typeWords: Readonly<Record<string, ChannelKind>> = {
  eeg: "eeg",
  eog: "eog",
  heog: "eog",
  veog: "eog",
  ecg: "ecg",
  ekg: "ecg",
  emg: "emg",
  meg: "meg",
  seeg: "seeg",
  ecog: "ecog",
  resp: "resp",
  gsr: "gsr",
  eda: "gsr",
  temp: "temperature",
  trig: "trigger",
  trigger: "trigger",
  pleth: "pulse",
  ppg: "pulse",
  acc: "accel",
  accel: "accel",
  gyro: "gyro",
};

const nameRules: readonly (readonly [RegExp, ChannelKind])[] = [
  [/^(status|sti(m)?\s?\d*|d?trig(ger)?\d*|dig dtrig|marker)$/i, "trigger"],
  [/^[hv]?eog|^eog/i, "eog"],
  [/^(ecg|ekg)/i, "ecg"],
  [/^emg/i, "emg"],
  [/^(acc|accel)/i, "accel"],
  [/^gyro/i, "gyro"],
  [/^(gsr|eda)/i, "gsr"],
  [/^resp/i, "resp"],
  [/^(ppg|pleth)/i, "pulse"],
  [/^(temp)/i, "temperature"],
];

/** The kind a type word names ("EEG", "EOG", "TRIG"), if it is one we know. */
export function kindOfType(type: string): ChannelKind | undefined {
  return typeWords[type.trim().toLowerCase()];
}

/** The kind a channel's own name tells, else EEG for a voltage and "misc" for the rest. */
export function kindOfName(name: string, unit: SignalUnit): ChannelKind {
  const [first = ""] = name.trim().split(/[\s_]/);
  const typed = name.trim() === first ? undefined : kindOfType(first);
  if (typed !== undefined) return typed;
  for (const [pattern, kind] of nameRules) if (pattern.test(name.trim())) return kind;
  return unit === "V" ? "eeg" : "misc";
}

/** A place of the 10-5 family: letters, then a number or z. */
const position = /^[A-Za-z]{1,3}(\d{1,2}|z)h?'?$/i;

/**
 * The electrodes a label speaks of: "EEG Fp1" -> Fp1, "Fpz-Cz" -> Fpz and Cz, "EEG C3-Ref" -> C3.
 * The label itself stays the channel's name, so that sidecar tables still match it.
 */
export function sensorsOfLabel(label: string): readonly string[] {
  const bare = label.trim().replace(/^(eeg|seeg|ecog)\s+/i, "");
  const parts = bare.split("-").map((part) => part.trim());
  const [active = "", reference = ""] = parts;
  if (parts.length === 2 && position.test(active)) {
    if (/^(ref|le|avg|av|ar)$/i.test(reference)) return [active];
    if (position.test(reference)) return [active, reference];
  }
  return bare === "" ? [] : [bare];
}
