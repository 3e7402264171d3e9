/**
 * Potential on the surface of a homogeneous conducting sphere due to a current dipole inside, against its mean.
 *
 *   V = (1 / 4 pi sigma R^2) [ p_r v_r + p_t cos(phi) v_t ],   b = r0 / R, c = cos(theta), D = sqrt(1 + b^2 - 2 b c)
 *   v_r = 2 (c - b) / D^3 + (1 / b)(1 / D - 1)
 *   v_t = sin(theta) [ 2 / D^3 + (1 + D) / (D (1 + D - b c)) ]
 *
 * theta is the angle between dipole position and electrode, phi the azimuth from the tangential moment. At b = 0 only
 * the first harmonic is left: V = 3 p . e / (4 pi sigma R^2). One shell of conductivity: the skull's smearing is left
 * out, so scalp maps are more focal than a real head's.
 * @see Frank, J Appl Phys 1952;23:1225-8 (from the literature, not re-checked); checked against the tabulated values
 */
import type { Point } from "@quintet/core";
import { cross, direction, dot, minus, scale } from "./positions.ts";

export interface Sphere {
  readonly centre: Point;
  /** mm. */
  readonly radius: number;
}

/** S/m, brain and soft tissue. */
const conductivity = 0.33;

/**
 * @param position of the dipole, mm; must lie inside the sphere
 * @param moment A m
 * @param electrode mm; its direction from the centre counts, the potential is the one on the sphere there
 * @returns V
 */
export function spherePotential(sphere: Sphere, position: Point, moment: Point, electrode: Point): number {
  const metres = sphere.radius / 1000;
  const unit = 1 / (4 * Math.PI * conductivity * metres * metres);
  const e = direction(minus(electrode, sphere.centre));
  const offset = minus(position, sphere.centre);
  const b = Math.hypot(...offset) / sphere.radius;
  if (b < 1e-6) return 3 * unit * dot(moment, e);
  const r = direction(offset);
  const c = Math.max(-1, Math.min(1, dot(r, e)));
  const s = Math.sqrt(1 - c * c);
  const d = Math.sqrt(1 + b * b - 2 * b * c);
  const radial = (2 * (c - b)) / d ** 3 + (1 / d - 1) / b;
  const tangential = s * (2 / d ** 3 + (1 + d) / (d * (1 + d - b * c)));
  const moved = minus(moment, scale(r, dot(moment, r)));
  const towards = direction(cross(cross(r, e), r));
  return unit * (dot(moment, r) * radial + (s > 1e-9 ? dot(moved, towards) : 0) * tangential);
}

/** The sphere that fits points best in the least-squares sense: |p|^2 = 2 p.c + (R^2 - |c|^2). */
export function fitSphere(points: readonly Point[]): Sphere {
  const a = Array.from({ length: 4 }, () => new Float64Array(5));
  for (const [x, y, z] of points) {
    const row = [2 * x, 2 * y, 2 * z, 1];
    const right = x * x + y * y + z * z;
    for (let i = 0; i < 4; i++) {
      const line = a[i] as Float64Array;
      for (let j = 0; j < 4; j++) line[j] = (line[j] as number) + (row[i] as number) * (row[j] as number);
      line[4] = (line[4] as number) + (row[i] as number) * right;
    }
  }
  for (let i = 0; i < 4; i++) {
    const pivot = a[i] as Float64Array;
    for (let k = 0; k < 4; k++) {
      const line = a[k] as Float64Array;
      if (k === i) continue;
      const factor = (line[i] as number) / (pivot[i] as number);
      for (let j = i; j < 5; j++) line[j] = (line[j] as number) - factor * (pivot[j] as number);
    }
  }
  const [cx, cy, cz, rest] = a.map((line, i) => (line[4] as number) / (line[i] as number)) as [
    number,
    number,
    number,
    number,
  ];
  return { centre: [cx, cy, cz], radius: Math.sqrt(rest + cx * cx + cy * cy + cz * cz) };
}
