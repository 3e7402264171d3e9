/** What the wings say together. */
import type { Concordance, Evidence, Measure, Modality, Participant } from "@quintet/core";
import { modalities } from "@quintet/core";
import { applyNorms, concordance, type NormTable, namedFinding } from "@quintet/fusion/fuse";
import type { Absent, Step } from "../../engine/step.ts";
import type { HeadFrame, WingOutcome } from "./outcome.ts";

export interface FuseInputs {
  readonly mri: WingOutcome | Absent;
  readonly pet: WingOutcome | Absent;
  readonly spect: WingOutcome | Absent;
  readonly eeg: WingOutcome | Absent;
  readonly fnirs: WingOutcome | Absent;
  readonly frame: HeadFrame | Absent;
}

export interface FuseParams {
  readonly participant: Participant;
  readonly norms?: NormTable;
  /** Joint chance up to which a concordance is named. */
  readonly alpha: number;
  /** Why no finding may be claimed at all (parts of different people). */
  readonly noClaim?: string;
}

export interface Fused {
  readonly measures: readonly Measure[];
  readonly evidence: readonly Evidence[];
  readonly ranked: readonly Concordance[];
  readonly named?: Concordance;
  readonly availability: readonly { readonly modality: Modality; readonly present: boolean; readonly note: string }[];
  /** Modalities that could have pointed somewhere. */
  readonly localising: readonly Modality[];
  /** How many z values there are, how many beyond 2 and how many chance alone would put there. */
  readonly norms?: {
    readonly group: string;
    readonly compared: number;
    readonly beyond: number;
    readonly byChance: number;
  };
}

export const fuseStep: Step<FuseInputs, FuseParams, Fused> = {
  name: "fuse",
  version: 2,
  title: "Fuse",
  run(inputs, { participant, norms, alpha, noClaim }) {
    const outcomes = modalities.map((modality) => ({ modality, outcome: inputs[modality] }));
    const present = outcomes.flatMap(({ outcome }) => ("absent" in outcome ? [] : [outcome]));
    const raw = present.flatMap(({ measures }) => measures);
    const measures = norms ? applyNorms(raw, norms, participant) : raw;
    const evidence = noClaim === undefined ? present.flatMap((outcome) => outcome.evidence) : [];
    const localising =
      noClaim === undefined ? present.filter(({ localises }) => localises).map(({ modality }) => modality) : [];
    const regions = "absent" in inputs.frame ? undefined : inputs.frame.regions;
    const ranked = regions ? concordance(evidence, localising, regions) : [];
    const named = namedFinding(ranked, alpha);
    const scored = measures.flatMap(({ z }) => (z === undefined ? [] : [z]));
    return {
      measures,
      evidence,
      ranked,
      ...(named ? { named } : {}),
      availability: outcomes.map(({ modality, outcome }) =>
        "absent" in outcome
          ? { modality, present: false, note: outcome.absent }
          : { modality, present: true, note: outcome.note },
      ),
      localising,
      ...(norms
        ? {
            norms: {
              group: norms.group,
              compared: scored.length,
              beyond: scored.filter((z) => Math.abs(z) > 2).length,
              byChance: 0.0455 * scored.length,
            },
          }
        : {}),
    };
  },
};
