import type { Point, Transform, Volume } from "@quintet/core";
import { resampleWarped, warpMap } from "@quintet/kernels";
import type { Anatomy, HeadFrame } from "./outcome.ts";
import { ontoGrid, workGrid } from "./work-grid.ts";

/** A placed image on the template's 2-mm grid: first onto the anatomy, then through the warp. */
export function inTemplate<V extends Volume>(frame: HeadFrame, anatomy: Anatomy, image: V, toAnatomy: Transform): V {
  return resampleWarped(ontoGrid(image, toAnatomy, workGrid(anatomy.brain)), frame.templateBrain, frame.fromTemplate);
}

/** A template point in subject:T1w mm. */
export function pointToSubject(frame: HeadFrame, point: Point): [number, number, number] {
  return warpMap(frame.fromTemplate)(point);
}
