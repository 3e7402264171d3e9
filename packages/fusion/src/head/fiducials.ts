import { apply, DataError, type Montage, type Point, type Surface, type Transform, type Warp } from "@quintet/core";
import { warpMap } from "@quintet/kernels";
import { nearestOn } from "./mesh.ts";

/**
 * Fiducials of the Colin27 head in MNI millimetres, to 0.1 mm: nasion, preauricular points, inion.
 * Source: standard_1005.elc of FieldTrip, as MNE-Python distributes it (10-05 fitted to Colin27's scalp after
 * Oostenveld & Praamstra 2001).
 */
export const templateFiducials: ReadonlyMap<string, Point> = new Map([
  ["Nz", [0.0, 86.8, -40.0]],
  ["LPA", [-86.1, -20.0, -48.0]],
  ["RPA", [85.8, -20.0, -48.0]],
  ["Iz", [0.0, -118.6, -23.1]],
]);

const spellings: Readonly<Record<string, string>> = {
  nz: "Nz",
  nas: "Nz",
  nasion: "Nz",
  fidnz: "Nz",
  lpa: "LPA",
  leftpreauricular: "LPA",
  al: "LPA",
  fidt9: "LPA",
  rpa: "RPA",
  rightpreauricular: "RPA",
  ar: "RPA",
  fidt10: "RPA",
  iz: "Iz",
  ini: "Iz",
  inion: "Iz",
};

/** Nz, LPA, RPA, Iz of a montage under any of their usual spellings. */
export function fiducialsOf(montage: Montage): Map<string, Point> {
  const found = new Map<string, Point>();
  for (const { name, position } of montage.sensors) {
    const known = spellings[name.toLowerCase().replace(/[^a-z0-9]/g, "")];
    if (known !== undefined && position !== undefined && !found.has(known)) found.set(known, position);
  }
  return found;
}

/**
 * The subject's fiducials: the template's, carried by the registration and put on the nearest scalp point.
 *
 * @param template fiducials in the template's space; MNI space when not given
 * @param templateToSubject e.g. `inverse` of `registerToTemplate`, or its affine turned round
 * @throws DataError `space-mismatch`; `fiducial-off-head` when one lands farther than 25 mm from the scalp
 */
export function headFiducials(
  templateToSubject: Transform | Warp,
  scalp: Surface,
  template: ReadonlyMap<string, Point> = templateFiducials,
): Montage {
  if (templateToSubject.to !== scalp.space) {
    throw new DataError("space-mismatch", "the registration must lead to the scalp's space", {
      expected: scalp.space,
      found: templateToSubject.to,
    });
  }
  const map = isWarp(templateToSubject)
    ? warpMap(templateToSubject)
    : (p: Point): Point => apply(templateToSubject.matrix, p);
  const nearest = nearestOn(scalp);
  const sensors = [...template].map(([name, position]) => {
    const { point, distance } = nearest(map(position));
    if (!(distance <= 25)) {
      throw new DataError("fiducial-off-head", `${name} lies off the scalp: is the registration right?`, {
        expected: "at most 25 mm from the scalp",
        found: `${distance.toFixed(1)} mm`,
      });
    }
    return { name, kind: "fiducial" as const, position: point, template: true };
  });
  return { space: scalp.space, sensors };
}

function isWarp(map: Transform | Warp): map is Warp {
  return "displacement" in map;
}
