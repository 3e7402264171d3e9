/** Every reader that is fuzzed; a new one is a file beside this and a line here. */
import { bidsTargets } from "./bids.ts";
import { brainVisionTargets } from "./brainvision.ts";
import { dicomTargets } from "./dicom.ts";
import { edfTargets } from "./edf.ts";
import { eeglabTargets } from "./eeglab.ts";
import { fifTargets } from "./fif.ts";
import { lslTargets } from "./lsl.ts";
import { matTargets } from "./mat.ts";
import { niftiTargets } from "./nifti.ts";
import { nirsTargets } from "./nirs.ts";
import { petFileTargets } from "./pet-files.ts";
import { rawMriTargets } from "./raw-mri.ts";
import { snirfTargets } from "./snirf.ts";
import { surfaceTargets } from "./surfaces.ts";
import type { FuzzTarget } from "./target.ts";
import { xdfTargets } from "./xdf.ts";

export const targets: readonly FuzzTarget[] = [
  ...bidsTargets,
  ...niftiTargets,
  ...dicomTargets,
  ...edfTargets,
  ...brainVisionTargets,
  ...fifTargets,
  ...lslTargets,
  ...matTargets,
  ...eeglabTargets,
  ...nirsTargets,
  ...petFileTargets,
  ...snirfTargets,
  ...surfaceTargets,
  ...rawMriTargets,
  ...xdfTargets,
];
