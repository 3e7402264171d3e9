import type { Recording } from "@quintet/core";
import { correlationImprovement } from "./correlation-improvement.ts";
import { type MotionOptions, motionArtefacts } from "./motion-artefacts.ts";
import { principalMotion } from "./principal-motion.ts";
import { splineMotion, splineSavitzkyGolay } from "./spline-motion.ts";
import { tddr } from "./tddr.ts";
import { waveletMotion } from "./wavelet-motion.ts";

/** Ways to repair motion, by the names of the field. */
export const motionMethods = ["none", "tddr", "wavelet", "spline", "spline-sg", "tpca", "cbsi"] as const;
export type MotionMethod = (typeof motionMethods)[number];

/**
 * Limits of the search when nothing else is asked for: 12 deviations, by the median. A jump at the begin of a recording, or the motion
 * itself, raises a standard deviation until nothing else is found.
 */
export const repairLimits: MotionOptions = { deviations: 12, spread: "median" };

/**
 * Optical density repaired by one method. "cbsi" works on concentrations and leaves the density alone: see
 * `repairConcentration`.
 *
 * @param options limits of motion for "spline" and "tpca", which search for it; default `repairLimits`
 * @throws DataError those of the method
 */
export function repairDensity(od: Recording, method: MotionMethod, options: MotionOptions = repairLimits): Recording {
  if (method === "tddr") return tddr(od);
  if (method === "wavelet") return waveletMotion(od);
  if (method === "spline") return splineMotion(od, motionArtefacts(od, options));
  if (method === "spline-sg") return splineSavitzkyGolay(od);
  if (method === "tpca") return principalMotion(od, options);
  return od;
}

/** Concentrations repaired by a method that works on them ("cbsi"); others leave them alone. @throws DataError as cbsi */
export function repairConcentration(concentration: Recording, method: MotionMethod): Recording {
  return method === "cbsi" ? correlationImprovement(concentration) : concentration;
}
