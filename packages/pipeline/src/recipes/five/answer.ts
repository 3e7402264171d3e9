/** The first screen in words: what was found, where, how sure, what is missing. */
import type { Concordance, Modality } from "@quintet/core";
import type { Answer } from "@quintet/view";
import type { Fused } from "./fuse-step.ts";

const spoken: Readonly<Record<Modality, string>> = {
  mri: "MRI",
  pet: "PET",
  spect: "SPECT",
  fnirs: "fNIRS",
  eeg: "EEG",
};

/** What each kind of evidence means in a sentence. */
const kinds: Readonly<Record<string, string>> = {
  "siscom-hyperperfusion": "perfusion rose during the seizure",
  "fdg-hypometabolism": "glucose uptake is lower than on the other side",
  "eeg-focal-slowing": "slow activity stands out",
  "eeg-spikes": "sharp transients stand out",
};

export function placeName({ region, side }: Pick<Concordance, "region" | "side">): string {
  const words = region.replaceAll("-", " ");
  return side === "midline" ? words : `${side} ${words}`;
}

export function answerOf(fused: Fused, warnings: readonly string[], noClaim: string | undefined): Answer {
  const missing = fused.availability
    .filter(({ present }) => !present)
    .map(({ modality, note }) => `${spoken[modality]}: ${note}`);
  if (noClaim !== undefined) {
    return {
      found: false,
      headline: "No finding is claimed",
      summary: noClaim,
      confidence: "The measures below stand each for its own image or recording.",
      missing,
      warnings,
    };
  }
  const m = fused.localising.length;
  const { named } = fused;
  if (!named) {
    const [first] = fused.ranked;
    const weak = first
      ? ` The strongest sign, in the ${placeName(first)}, could be chance (joint chance ${percent(first.chance)}).`
      : "";
    return {
      found: false,
      headline: "No finding",
      summary:
        m === 0
          ? "None of the modalities that are there can point at a place."
          : `Nothing stands out from its own noise in what could point at a place (${fused.localising.map((x) => spoken[x]).join(", ")}).${weak}`,
      confidence: "Absence of a finding is not evidence of a healthy brain: small or bilateral changes can be missed.",
      missing,
      warnings,
    };
  }
  const where = named.position
    ? ` around ${named.position.map((v) => v.toFixed(0)).join(", ")} mm (RAS of the T1; ± ${(named.positionError ?? 0).toFixed(0)} mm per axis)`
    : "";
  const reasons = named.evidence.map(
    ({ modality, kind }) => `${spoken[modality]}: ${kinds[kind] ?? kind.replaceAll("-", " ")}`,
  );
  return {
    found: true,
    headline: `${capital(placeName(named))}`,
    summary: `${reasons.join("; ")}${where}.`,
    confidence: `${named.pointing} of the ${m} that can point at a place (${fused.localising.map((x) => spoken[x]).join(", ")}) ${named.pointing === 1 ? "points" : "point"} here; joint chance ${percent(named.chance)}. The score is unvalidated.`,
    missing,
    warnings,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function percent(chance: number | undefined): string {
  if (chance === undefined) return "unknown";
  return chance < 1e-4 ? "below 0.01 %" : `${(100 * chance).toPrecision(2)} %`;
}
