/** Phantom heads for the SISCOM study, each normalised to the canonical head. */
import { identityAffine, type Mask, type Transform, type Warp } from "@quintet/core";
import { registerToTemplate } from "@quintet/fusion/register";
import { seededRandom } from "@quintet/kernels";
import { type PhantomHead, phantomHead, t1wImage } from "@quintet/twin";
import { brainOf, maskAbove, posed, scanGrid } from "./spect-scan.ts";

export interface StudyHead {
  readonly seed: number;
  /** Canonical mm -> this head's mm, as registration found it. */
  readonly fromTemplate: Warp;
}

export const headResolution = 2;

export function headOfSeed(seed: number): PhantomHead {
  return phantomHead({ seed, resolution: headResolution });
}

/** T1 registered to the canonical head's, brain to brain. */
export async function studyHead(seed: number): Promise<StudyHead> {
  const random = seededRandom(seed).fork("t1");
  const [head, template] = [headOfSeed(seed), canonical()];
  const mask = maskAbove(brainOf(head), head.grid);
  const found = await registerToTemplate(
    t1wImage(head, random, { bias: 0.2, noise: 0.02 }),
    t1wImage(template, seededRandom(0), { bias: 0, noise: 0.01 }),
    { mask, templateMask: maskAbove(brainOf(template), template.grid) },
  );
  return { seed, fromTemplate: found.inverse };
}

let made: PhantomHead | undefined;
export function canonical(): PhantomHead {
  made ??= phantomHead({ seed: 0, variation: 0, resolution: headResolution, space: "phantom:canonical" });
  return made;
}

/** The canonical brain on the grid that maps are compared on: 4 mm. */
export function templateBrain(): Mask {
  const head = canonical();
  const grid = scanGrid({ edge: 4, matrix: 56, slices: 44, centre: [0, -17, 9] }, head.grid.space);
  const here: Transform = { from: head.grid.space, to: grid.space, matrix: identityAffine() };
  return maskAbove(posed(head, brainOf(head), grid, here), grid);
}
