/** Two SPECT scans of one head: ictal onto interictal onto T1, their difference there and in the template. */
import {
  compose,
  type Grid,
  type Mask,
  type Metadata,
  type Millimetres,
  type Transform,
  type Volume,
} from "@quintet/core";
import { type Registration, registerRigid } from "@quintet/fusion/register";
import { resampleWarped } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { comparedInTemplate, siscom } from "@quintet/modalities/spect";
import type { Step } from "../engine/step.ts";
import type { TemplateHead } from "../recipes/five/template-step.ts";
import { maskOnto, ontoGrid, workGrid } from "../recipes/five/work-grid.ts";
import type { NormalisedHead, T1WithBrain } from "../recipes/head/outcome.ts";
import { refuseCutBrain, refuseUnlikePair } from "./check-pair.ts";
import { readStatic, refuseSameImage } from "./static-scan.ts";

export interface PairParams {
  /** Side files: unit and frames of the stored numbers. */
  readonly metadata: { readonly ictal: Metadata; readonly interictal: Metadata };
  /** Whether only the difference in the template is wanted. */
  readonly normal: boolean;
}

export interface PairInputs {
  readonly ictal: string;
  readonly interictal: string;
  readonly head: T1WithBrain;
  readonly normalised: NormalisedHead;
  readonly template: TemplateHead;
}

export interface PlacedPair {
  /** On the work grid of the T1. */
  readonly ictal: Volume;
  readonly interictal: Volume;
  readonly brain: Mask;
  readonly checks: {
    readonly ictalToInterictal: Registration;
    readonly interictalToT1: Registration;
    /** Whole images in their own worlds, for the eye. */
    readonly interictal: Volume;
    readonly ictal: Volume;
    readonly ictalToT1: Transform;
  };
  /** Share of the T1's brain that the poorer of the two shows. */
  readonly seen: number;
}

export interface ComparedPair {
  /** Normalised difference on the template's work grid, motion taken out, smoothed (comparedInTemplate). */
  readonly difference: Volume<"1">;
  /** RMS misregistration that was taken out, mm. */
  readonly residualMotion: Millimetres;
  readonly templateBrain: Mask;
  /** Absent of normals. */
  readonly placed?: PlacedPair;
}

/** Smoothing of patient and normals before they are compared, mm. */
export const normalSmoothing: Millimetres = 12;

export const spectPairStep: Step<PairInputs, PairParams, ComparedPair> = {
  name: "spect-pair",
  version: 3,
  title: "Register and subtract a pair of SPECT scans",
  async run({ ictal, interictal, head, normalised, template }, { metadata, normal }, { progress }) {
    await loadKernels();
    progress(0.02, "reading");
    const [seizure, rest] = [
      await readStatic(ictal, "scanner:spect-ictal", metadata.ictal),
      await readStatic(interictal, "scanner:spect-interictal", metadata.interictal),
    ];
    refuseSameImage([
      { file: interictal, volume: rest },
      { file: ictal, volume: seizure },
    ]);
    progress(0.05, "ictal to interictal");
    const across = await registerRigid(rest, seizure);
    progress(0.45, "interictal to T1");
    const up = await registerRigid(head.t1, rest, { fixedMask: head.brain });
    progress(0.8, "difference");
    return comparedPair(
      { seizure, rest, ictalToInterictal: across, interictalToT1: up },
      { ictal, interictal, head, normalised, template },
      normal,
    );
  },
};

/** Both scans as they were read, and where they lie. */
export interface RegisteredPair {
  readonly seizure: Volume;
  readonly rest: Volume;
  readonly ictalToInterictal: Registration;
  readonly interictalToT1: Registration;
}

/** @throws DataError `field-of-view`, `unlike-pair`, those of siscom and comparedInTemplate */
export function comparedPair(
  { seizure, rest, ictalToInterictal: across, interictalToT1: up }: RegisteredPair,
  { ictal, interictal, head, normalised, template }: PairInputs,
  normal: boolean,
): ComparedPair {
  const toT1 = compose(across.transform, up.transform);
  const grid = workGrid(head.brain);
  const brain = maskOnto(head.brain, grid);
  const [a, b] = [ontoGrid(seizure, toT1, grid), ontoGrid(rest, up.transform, grid)];
  const seen = Math.min(refuseCutBrain(a, brain, ictal), refuseCutBrain(b, brain, interictal));
  refuseUnlikePair(a, b, brain, { ictal, interictal });
  const { difference, compared, residualMotion } = siscom(a, b, brain, { spread: "mad" });
  const templateBrain = brainOfTemplate(template, head, normalised);
  const inTemplate = comparedInTemplate(
    difference,
    compared,
    (map) => resampleWarped(map, templateBrain, normalised.fromTemplate),
    normalSmoothing,
  );
  if (normal) return { difference: inTemplate, residualMotion, templateBrain };
  const checks = {
    ictalToInterictal: across,
    interictalToT1: up,
    interictal: rest,
    ictal: seizure,
    ictalToT1: toT1,
  };
  return {
    difference: inTemplate,
    residualMotion,
    templateBrain,
    placed: { ictal: a, interictal: b, brain, checks, seen },
  };
}

/** The template's brain in 2-mm voxels, or the person's carried there where it brings none. */
function brainOfTemplate(template: TemplateHead, { brain: own }: T1WithBrain, { fromTemplate }: NormalisedHead): Mask {
  if (template.brain) {
    const brain = { ...template.brain, space: template.t1.space };
    return maskOnto(brain, workGrid(brain));
  }
  const soft: Volume<"1"> = {
    ...(own as Grid),
    unit: "1",
    frames: [{ start: 0, duration: 0 }],
    clock: "none",
    data: Float32Array.from(own.data),
  };
  const there = resampleWarped(soft, template.t1, fromTemplate);
  const mask: Mask = { ...(there as Grid), data: Uint8Array.from(there.data, (share) => (share >= 0.5 ? 1 : 0)) };
  return maskOnto(mask, workGrid(mask));
}
