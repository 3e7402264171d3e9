/** Every reader that is fuzzed; a new one is a file beside this and a line here. */
import { dicomTargets } from "./dicom.ts";
import { niftiTargets } from "./nifti.ts";
import type { FuzzTarget } from "./target.ts";

export const targets: readonly FuzzTarget[] = [...niftiTargets, ...dicomTargets];
