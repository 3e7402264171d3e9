import type { Montage, Point, Sensor } from "@quintet/core";
import { type MatValue, matField, matLength, matNumber, matText } from "../mat/mat-value.ts";
import { fiducialName } from "../signal/fiducial.ts";

/** Radius given to positions that lie on a sphere of radius 1: EEGLAB's own head sphere, in mm. */
const sphereRadius = 85; // EEGLAB: readlocs, default spherical template radius

/**
 * Electrode positions. EEGLAB's axes are X to the nose, Y to the left ear, Z up; RAS is (-Y, X, Z). The file gives no
 * unit: it is told from the mean distance to the origin, and said. A channel with polar coordinates only (theta from
 * the nose to the right, radius 0.5 at the equator) is placed on the sphere:
 * azimuth = -theta, elevation = (0.5 - radius) 180 degrees.
 */
export function eeglabMontage(
  chanlocs: MatValue | undefined,
  extra: MatValue | undefined,
  problems: string[],
): Montage | undefined {
  const points: { name: string; point: Point; polar: boolean }[] = [];
  for (const table of [chanlocs, extra]) {
    for (let i = 0; i < matLength(table); i++) {
      const name = (matText(matField(table, "labels", i)) ?? "").trim();
      const number = (field: string): number => matNumber(matField(table, field, i)) ?? Number.NaN;
      const [x, y, z] = [number("X"), number("Y"), number("Z")];
      if (name === "") continue;
      if ([x, y, z].every(Number.isFinite) && Math.hypot(x, y, z) > 0)
        points.push({ name, point: [x, y, z], polar: false });
      else if (Number.isFinite(number("theta")) && Number.isFinite(number("radius"))) {
        const [azimuth, elevation] = [(-number("theta") * Math.PI) / 180, (0.5 - number("radius")) * Math.PI];
        const [c, s] = [Math.cos(elevation), Math.sin(elevation)];
        points.push({ name, point: [c * Math.cos(azimuth), c * Math.sin(azimuth), s], polar: true });
      }
    }
  }
  if (points.length === 0) return undefined;
  const cartesian = points.filter((p) => !p.polar).map((p) => Math.hypot(...p.point));
  const radius = cartesian.length > 0 ? cartesian.reduce((a, b) => a + b, 0) / cartesian.length : 1;
  const { scale, sphere } = guessScale(radius, problems);
  const sensors = points.map(({ name, point: [x, y, z], polar }): Sensor => {
    const mm = polar ? sphereRadius : scale;
    const fiducial = fiducialName(name);
    return {
      name: fiducial ?? name,
      kind: fiducial === undefined ? "electrode" : "fiducial",
      position: [-y * mm, x * mm, z * mm],
      ...(polar || sphere ? { template: true } : {}),
    };
  });
  return { space: "eeglab:head", sensors };
}

function guessScale(radius: number, problems: string[]): { scale: number; sphere: boolean } {
  const say = (unit: string): void => {
    problems.push(
      `electrode positions carry no unit; from their mean radius of ${radius.toPrecision(3)} they were taken as ${unit}`,
    );
  };
  if (radius < 0.3) {
    say("metres");
    return { scale: 1000, sphere: false };
  }
  if (radius < 3) {
    say(`a sphere of radius 1, drawn at ${sphereRadius} mm`);
    return { scale: sphereRadius / radius, sphere: true };
  }
  if (radius < 30) {
    say("centimetres");
    return { scale: 10, sphere: false };
  }
  say("millimetres");
  return { scale: 1, sphere: false };
}
