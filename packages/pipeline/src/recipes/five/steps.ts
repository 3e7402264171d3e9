import { type AnyStep, registryOf, type StepRegistry } from "../../engine/step.ts";
import { headCortexStep } from "../head/cortex-step.ts";
import { align } from "./align-step.ts";
import { anatomyStep } from "./anatomy-step.ts";
import { boldStep } from "./bold-step.ts";
import { clockStep } from "./clock-step.ts";
import { decideStep } from "./decide-step.ts";
import { eegStep } from "./eeg-step.ts";
import { fnirsStep } from "./fnirs-step.ts";
import { fnirsTomographyStep } from "./fnirs-tomography-step.ts";
import { fuseStep } from "./fuse-step.ts";
import { headFrameStep } from "./head-frame-step.ts";
import { shapeStep, sidesStep } from "./head-shape-step.ts";
import { keepImages } from "./keep-images.ts";
import { mriStep } from "./mri-step.ts";
import { petKineticsStep } from "./pet-kinetics-step.ts";
import { petRecordStep } from "./pet-record-step.ts";
import { petStep } from "./pet-step.ts";
import { spectRecordStep } from "./spect-record-step.ts";
import { spectStep } from "./spect-step.ts";
import { templateStep } from "./template-step.ts";
import { emissionStep, tissueStep } from "./tissue-step.ts";

const all: readonly unknown[] = [
  align,
  anatomyStep,
  boldStep,
  clockStep,
  decideStep,
  eegStep,
  fnirsStep,
  fnirsTomographyStep,
  fuseStep,
  headFrameStep,
  shapeStep,
  sidesStep,
  headCortexStep,
  keepImages,
  mriStep,
  petKineticsStep,
  petRecordStep,
  petStep,
  spectRecordStep,
  spectStep,
  tissueStep,
  emissionStep,
  templateStep,
];

export const steps: StepRegistry = registryOf(all as readonly AnyStep[]);
