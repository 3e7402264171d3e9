/** One T1-weighted image to a head in five tissues, its surfaces, its place in a template and its volumes. */
import type { Participant } from "@quintet/core";
import type { NormTable } from "@quintet/fusion/fuse";
import type { BiasCorrection, HeadSegmentation } from "@quintet/modalities/mri";
import { Recipe, type Ref } from "../../engine/graph.ts";
import { type TemplateChoice, templateStep } from "../five/template-step.ts";
import { headBiasStep, headBrainStep } from "./brain-step.ts";
import { headNormaliseStep } from "./normalise-step.ts";
import type { HeadSurfaces, HeadVolumes, NormalisedHead, T1WithBrain } from "./outcome.ts";
import { headRegionsStep } from "./regions-step.ts";
import { headSurfacesStep } from "./surfaces-step.ts";
import { headTissuesStep } from "./tissues-step.ts";
import { headVolumesStep } from "./volumes-step.ts";

export interface HeadRecipeOptions {
  readonly template: TemplateChoice;
  readonly resolution: 1 | 2;
  /** As the tables name it. */
  readonly source: string;
  readonly participant: Participant;
  readonly norms?: NormTable;
  /** A label image of FreeSurfer, FastSurfer or SynthSeg, which takes precedence. */
  readonly labels?: string;
}

export interface HeadRecipe {
  readonly recipe: Recipe;
  readonly head: Ref<T1WithBrain>;
  readonly bias: Ref<BiasCorrection>;
  readonly tissues: Ref<HeadSegmentation>;
  readonly normalised: Ref<NormalisedHead>;
  readonly surfaces: Ref<HeadSurfaces>;
  readonly volumes: Ref<HeadVolumes>;
}

/** Tissues and normalisation both wait for the brain mask alone, so two threads do them side by side. */
export function headRecipe(t1: string, options: HeadRecipeOptions): HeadRecipe {
  const { template: choice, resolution, source, participant, norms, labels } = options;
  const recipe = new Recipe();
  const head = recipe.add("head-brain", headBrainStep, {}, { file: { file: t1 } });
  const template = recipe.add("template", templateStep, choice, {});
  const normalised = recipe.add("head-normalise", headNormaliseStep, { resolution }, { head, template });
  const bias = recipe.add("head-bias", headBiasStep, {}, { head });
  const own = recipe.add("head-tissues", headTissuesStep, {}, { head, bias });
  const tissues: Ref<HeadSegmentation> = labels
    ? recipe.add("head-regions", headRegionsStep, {}, { tissues: own, file: { file: labels } })
    : own;
  const surfaces = recipe.add("head-surfaces", headSurfacesStep, {}, { tissues });
  const volumes = recipe.add(
    "head-volumes",
    headVolumesStep,
    { source, participant, ...(norms ? { norms } : {}) },
    { tissues, normalised },
    ["normalised"],
  );
  return { recipe, head, bias, tissues, normalised, surfaces, volumes };
}
