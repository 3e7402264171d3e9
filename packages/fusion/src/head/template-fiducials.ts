/** Fiducials of template heads and how they come to a person's own. */
import type { Montage, Point, Space, Surface } from "@quintet/core";
import { nearestVertex } from "./place-montage.ts";
import type { Fiducials } from "./positions-1005.ts";

/**
 * Fiducials of the Colin27 head in MNI space, RAS mm: the standard 10-5 set of Oostenveld & Praamstra (Clin Neurophysiol
 * 2001;112:713-9) as distributed with the field's EEG tools. They stand for every MNI152 space: heads of these templates
 * differ by some millimetres there, and the scalp of the person decides in the end.
 */
const mni: Fiducials = {
  Nz: [0.0083, 86.811, -39.983],
  Iz: [0.0045, -118.565, -23.078],
  LPA: [-86.0761, -19.9897, -47.986],
  RPA: [85.7939, -20.0093, -48.031],
};

/** Undefined for a space whose fiducials are not known here. */
export function templateFiducials(space: Space): Fiducials | undefined {
  return /mni|icbm|colin/i.test(space) ? mni : undefined;
}

/** A template's fiducials on a person's scalp: mapped, then moved to the nearest scalp point. */
export function headFiducials(template: Fiducials, toSubject: (point: Point) => Point, scalp: Surface): Montage {
  const nearest = nearestVertex(scalp);
  const sensors = (Object.entries(template) as [keyof Fiducials, Point][]).map(([name, point]) => ({
    name,
    kind: "fiducial" as const,
    position: nearest(toSubject(point)),
  }));
  return { space: scalp.space, sensors };
}
