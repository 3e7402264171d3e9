/** A cylinder of few crystals for tests of PET: one block along the axis, crystals at one pitch. */
import type { PetScanner } from "../packages/core/src/index.ts";

export function smallScanner(
  ring: { readonly detectors: number; readonly radius: number },
  axial: { readonly crystals: number; readonly pitch: number },
  more: Partial<PetScanner> = {},
): PetScanner {
  return {
    name: "small",
    source: "made up for tests",
    ring: { kind: "cylinder", ...ring },
    axial: { blocks: 1, ...axial, blockPitch: axial.crystals * axial.pitch },
    depth: 5,
    tilt: 0,
    ...more,
  };
}
