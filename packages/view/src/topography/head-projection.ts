/**
 * From the head to a flat disc seen from above, nose up: azimuthal equidistant about the vertex.
 *
 *   theta = angle between (p - c) and +z,  phi = atan2(y - c_y, x - c_x)
 *   (u, v) = theta / (pi / 2) (cos phi, sin phi),  u to the patient's RIGHT, v to the nose
 *
 * c is the centre of the sphere fitted to the sensors by linear least squares. The viewer's right is the patient's
 * RIGHT: the other way round than in radiological slices, and every picture says so.
 */
import type { Point, Sensor } from "@quintet/core";
import { solve } from "./solve.ts";

export interface FlatSensor {
  readonly name: string;
  readonly kind: Sensor["kind"];
  readonly u: number;
  readonly v: number;
}

/** |p|^2 = 2 c.p + (r^2 - |c|^2), four unknowns. Fewer than four points, or points in a plane: their mean, lowered. */
export function sphereCentre(points: readonly Point[]): Point {
  const normal = Array.from({ length: 4 }, () => new Float64Array(4));
  const right = new Float64Array(4);
  for (const [x, y, z] of points) {
    const row = [2 * x, 2 * y, 2 * z, 1];
    const value = x * x + y * y + z * z;
    for (let i = 0; i < 4; i++) {
      right[i] = (right[i] as number) + (row[i] as number) * value;
      for (let j = 0; j < 4; j++)
        (normal[i] as Float64Array)[j] =
          ((normal[i] as Float64Array)[j] as number) + (row[i] as number) * (row[j] as number);
    }
  }
  const found = points.length >= 4 ? solve(normal, right) : undefined;
  const radius = found
    ? Math.sqrt(
        (found[3] as number) + (found[0] as number) ** 2 + (found[1] as number) ** 2 + (found[2] as number) ** 2,
      )
    : Number.NaN;
  // Adult heads have radii of 70-120 mm; a fit far outside comes from sensors in one small patch.
  if (found && radius > 60 && radius < 140) return [found[0] as number, found[1] as number, found[2] as number];
  const mean = [0, 1, 2].map((k) => points.reduce((sum, p) => sum + (p[k] as number), 0) / Math.max(1, points.length));
  const highest = Math.max(...points.map((p) => p[2]), 0);
  return [0, mean[1] as number, highest - 90];
}

/** Sensors with positions, flattened; `centre` keeps two montages on one disc. */
export function flatten(sensors: readonly Sensor[], centre?: Point): FlatSensor[] {
  const placed = sensors.flatMap((s) => (s.position ? [{ ...s, position: s.position }] : []));
  const c = centre ?? sphereCentre(placed.filter((s) => s.kind !== "fiducial").map((s) => s.position));
  return placed.map(({ name, kind, position }) => {
    const [x, y, z] = [position[0] - c[0], position[1] - c[1], position[2] - c[2]];
    const theta = Math.atan2(Math.hypot(x, y), z) / (Math.PI / 2);
    const phi = Math.atan2(y, x);
    return { name, kind, u: theta * Math.cos(phi), v: theta * Math.sin(phi) };
  });
}
