import { type AnyStep, registryOf, type StepRegistry } from "../../engine/step.ts";
import { templateStep } from "../five/template-step.ts";
import { headBiasStep, headBrainStep } from "./brain-step.ts";
import { headCortexStep, importedCortexStep } from "./cortex-step.ts";
import { headNormaliseStep } from "./normalise-step.ts";
import { headNucleiStep } from "./nuclei-step.ts";
import { headPartsStep } from "./parts-step.ts";
import { headRegionsStep } from "./regions-step.ts";
import { headSurfacesStep } from "./surfaces-step.ts";
import { headTissuesStep } from "./tissues-step.ts";
import { headVolumesStep } from "./volumes-step.ts";

const all: readonly unknown[] = [
  headBrainStep,
  headBiasStep,
  headTissuesStep,
  headRegionsStep,
  headNucleiStep,
  templateStep,
  headNormaliseStep,
  headSurfacesStep,
  headPartsStep,
  headCortexStep,
  importedCortexStep,
  headVolumesStep,
];

export const headSteps: StepRegistry = registryOf(all as readonly AnyStep[]);
