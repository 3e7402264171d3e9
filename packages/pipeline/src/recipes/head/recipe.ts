/** One T1-weighted image to a head in five tissues, its surfaces, its place in a template and its volumes. */
import type { Participant } from "@quintet/core";
import type { NormTable } from "@quintet/fusion/fuse";
import type { CortexFiles } from "@quintet/io/node";
import type { BiasCorrection, HeadSegmentation, HemisphereSide, Hemispheres } from "@quintet/modalities/mri";
import { Recipe, type Ref } from "../../engine/graph.ts";
import { type TemplateChoice, templateStep } from "../five/template-step.ts";
import { headBiasStep, headBrainStep } from "./brain-step.ts";
import { headCortexStep, importedCortexStep } from "./cortex-step.ts";
import { headNormaliseStep } from "./normalise-step.ts";
import { headNucleiStep } from "./nuclei-step.ts";
import type { HeadCortex, HeadSurfaces, HeadVolumes, NormalisedHead, T1WithBrain } from "./outcome.ts";
import { headPartsStep } from "./parts-step.ts";
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
  /** Files of a cortex, by side: a mid-grey surface, or white and pial. They take precedence. */
  readonly cortex?: ReadonlyMap<HemisphereSide, ImportedCortexFiles>;
}

export type ImportedCortexFiles = { readonly surface: string } | CortexFiles;

export interface HeadRecipe {
  readonly recipe: Recipe;
  readonly head: Ref<T1WithBrain>;
  readonly bias: Ref<BiasCorrection>;
  readonly tissues: Ref<HeadSegmentation>;
  readonly normalised: Ref<NormalisedHead>;
  readonly surfaces: Ref<HeadSurfaces>;
  readonly parts: Ref<Hemispheres>;
  /** Left, right. */
  readonly cortex: readonly Ref<HeadCortex>[];
  readonly volumes: Ref<HeadVolumes>;
}

/** Tissues and normalisation both wait for the brain mask alone, so two threads do them side by side; so do hemispheres. */
export function headRecipe(t1: string, options: HeadRecipeOptions): HeadRecipe {
  const { template: choice, resolution, source, participant, norms, labels, cortex: given } = options;
  const recipe = new Recipe();
  const head = recipe.add("head-brain", headBrainStep, {}, { file: { file: t1 } });
  const template = recipe.add("template", templateStep, choice, {});
  const normalised = recipe.add("head-normalise", headNormaliseStep, { resolution }, { head, template });
  const bias = recipe.add("head-bias", headBiasStep, {}, { head });
  const own = recipe.add("head-tissues", headTissuesStep, {}, { head, bias });
  const tissues: Ref<HeadSegmentation> = labels
    ? recipe.add("head-regions", headRegionsStep, {}, { tissues: own, file: { file: labels } })
    : recipe.add("head-nuclei", headNucleiStep, {}, { tissues: own, normalised }, ["normalised"]);
  // Surfaces and cortex need no nuclei: grey matter within white matter would be a surface of its own.
  const outline = labels ? tissues : own;
  const surfaces = recipe.add("head-surfaces", headSurfacesStep, {}, { tissues: outline });
  const parts = recipe.add("head-parts", headPartsStep, {}, { tissues: outline, normalised }, ["normalised"]);
  const cortex = (["left", "right"] as const).map((side) => cortexOf(recipe, side, parts, given?.get(side)));
  const volumes = recipe.add(
    "head-volumes",
    headVolumesStep,
    { source, participant, ...(norms ? { norms } : {}) },
    { tissues, normalised },
    ["normalised"],
  );
  return { recipe, head, bias, tissues, normalised, surfaces, parts, cortex, volumes };
}

function cortexOf(
  recipe: Recipe,
  side: HemisphereSide,
  parts: Ref<Hemispheres>,
  files: ImportedCortexFiles | undefined,
): Ref<HeadCortex> {
  const name = `head-cortex-${side}`;
  if (files === undefined) return recipe.add(name, headCortexStep, { side }, { parts });
  return "surface" in files
    ? recipe.add(name, importedCortexStep, { side }, { parts, surface: { file: files.surface } })
    : recipe.add(
        name,
        importedCortexStep,
        { side },
        { parts, white: { file: files.white }, pial: { file: files.pial } },
      );
}
