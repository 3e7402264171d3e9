/** How the report names things, and the small marks it uses everywhere. Nothing is said by colour alone. */
import type { Modality, Participant, Point, QcFinding, Side } from "@quintet/core";
import { signed } from "../slices/slice-figure.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

export const modalityName: Readonly<Record<Modality, string>> = {
  mri: "MRI",
  pet: "PET",
  spect: "SPECT",
  fnirs: "fNIRS",
  eeg: "EEG",
};

export function modalityTag(modality: Modality): Html {
  return html`<span class="tag tag-${modality}">${modalityName[modality]}</span>`;
}

const verdicts: Readonly<Record<QcFinding["verdict"], { readonly icon: string; readonly word: string }>> = {
  ok: { icon: "✓", word: "ok" },
  warn: { icon: "!", word: "check" },
  bad: { icon: "✕", word: "bad" },
};

export function verdictMark(verdict: QcFinding["verdict"]): Html {
  const { icon, word } = verdicts[verdict];
  return html`<span class="verdict ${verdict}"><span aria-hidden="true">${icon}</span>${word}</span>`;
}

const acronyms: Readonly<Record<string, string>> = {
  fdg: "FDG",
  siscom: "SISCOM",
  eeg: "EEG",
  pet: "PET",
  spect: "SPECT",
  mri: "MRI",
  fnirs: "fNIRS",
  suvr: "SUVR",
  suv: "SUV",
  sbr: "SBR",
  hbo: "HbO",
  hbr: "HbR",
  hmpao: "HMPAO",
  sci: "SCI",
  csf: "CSF",
  dat: "DAT",
  snr: "SNR",
  z: "z",
  ratio: "ratio",
};

/** "siscom-hyperperfusion" -> "SISCOM hyperperfusion". */
export function phrase(kebab: string): string {
  return kebab
    .split(/[-_ ]+/)
    .map((word) => acronyms[word.toLowerCase()] ?? word)
    .join(" ");
}

export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "left temporal lobe", "midline cerebellum", "temporal lobe". */
export function placeName(region: string, side?: Side): string {
  const name = phrase(region);
  return side && !name.toLowerCase().includes(side) ? `${side} ${name}` : name;
}

/** RAS mm with the side said in letters: "(−42, −8, −21) mm". */
export function pointText([x, y, z]: Point): string {
  return `(${signed(x)}, ${signed(y)}, ${signed(z)}) mm`;
}

export function participantFacts({ age, sex, weight, height, handedness }: Participant): string[] {
  const facts: string[] = [];
  if (age !== undefined) facts.push(`${age} years`);
  if (sex) facts.push({ F: "female", M: "male", O: "other sex" }[sex]);
  if (handedness) facts.push({ L: "left-handed", R: "right-handed", A: "ambidextrous" }[handedness]);
  if (weight !== undefined) facts.push(`${weight} kg`);
  if (height !== undefined) facts.push(`${height} m`);
  return facts;
}

/** z with its sign and two decimals. */
export function zText(z: number): string {
  return signed(z, 2);
}

/** "1 warning", "3 warnings". */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
