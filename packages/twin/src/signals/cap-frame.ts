/**
 * The frame a digitiser writes sensor positions in, made from three points of the head (BIDS "CapTrak"):
 * x from LPA to RPA, y from that line to Nz, z up; the origin is the foot of the perpendicular from Nz.
 * @see https://bids-specification.readthedocs.io/en/stable/appendices/coordinate-systems.html
 */
import type { Point, Transform } from "@quintet/core";
import { affineOf } from "@quintet/core";
import { cross, direction, dot, minus, plus, scale } from "./positions.ts";

/** From the space of the three points to the frame they make. */
export function capTrakFrame(space: string, nz: Point, lpa: Point, rpa: Point): Transform<string, "head:CapTrak"> {
  const x = direction(minus(rpa, lpa));
  const origin = plus(lpa, scale(x, dot(minus(nz, lpa), x)));
  const y = direction(minus(nz, origin));
  const z = cross(x, y);
  const rows = [x, y, z].flatMap((axis) => [...axis, -dot(axis, origin)]);
  return { from: space, to: "head:CapTrak", matrix: affineOf(rows), error: 0 };
}
