import { type AnyStep, registryOf, type StepRegistry } from "../engine/step.ts";
import { spectPairStep } from "./pair-step.ts";

export const siscomSteps: StepRegistry = registryOf([spectPairStep as unknown as AnyStep]);
