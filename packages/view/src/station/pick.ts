/** What lies under the pointer: the first triangle along a line of sight, or the nearest sensor on the screen. */
import type { Point, Surface } from "@quintet/core";

/**
 * First hit of a ray with a triangle mesh (Möller and Trumbore 1997): with e1, e2 the edges from corner a,
 *
 *   h = d x e2,  det = e1 . h,  u = (o - a) . h / det,  q = (o - a) x e1,  v = d . q / det,  t = e2 . q / det
 *
 * hit where u, v >= 0, u + v <= 1, t > 0. Both sides of a triangle count.
 *
 * @returns world mm of the hit, undefined when the ray misses
 */
export function meshHit(
  { vertices, faces }: Pick<Surface, "vertices" | "faces">,
  origin: Point,
  direction: Point,
): Point | undefined {
  const [ox, oy, oz] = origin;
  const [dx, dy, dz] = direction;
  let nearest = Number.POSITIVE_INFINITY;
  for (let f = 0; f < faces.length; f += 3) {
    const a = 3 * (faces[f] as number);
    const b = 3 * (faces[f + 1] as number);
    const c = 3 * (faces[f + 2] as number);
    const at = (i: number): number => vertices[i] as number;
    const [e1x, e1y, e1z] = [at(b) - at(a), at(b + 1) - at(a + 1), at(b + 2) - at(a + 2)];
    const [e2x, e2y, e2z] = [at(c) - at(a), at(c + 1) - at(a + 1), at(c + 2) - at(a + 2)];
    const [hx, hy, hz] = [dy * e2z - dz * e2y, dz * e2x - dx * e2z, dx * e2y - dy * e2x];
    const det = e1x * hx + e1y * hy + e1z * hz;
    if (Math.abs(det) < 1e-12) continue;
    const [sx, sy, sz] = [ox - at(a), oy - at(a + 1), oz - at(a + 2)];
    const u = (sx * hx + sy * hy + sz * hz) / det;
    if (u < 0 || u > 1) continue;
    const [qx, qy, qz] = [sy * e1z - sz * e1y, sz * e1x - sx * e1z, sx * e1y - sy * e1x];
    const v = (dx * qx + dy * qy + dz * qz) / det;
    if (v < 0 || u + v > 1) continue;
    const t = (e2x * qx + e2y * qy + e2z * qz) / det;
    if (t > 0 && t < nearest) nearest = t;
  }
  if (nearest === Number.POSITIVE_INFINITY) return undefined;
  return [ox + nearest * dx, oy + nearest * dy, oz + nearest * dz];
}

export interface Spot {
  readonly x: number;
  readonly y: number;
  /** Larger is nearer to the eye. */
  readonly depth: number;
}

/** Index of the spot within `reach` pixels of (x, y): the nearest to the eye among those, then the nearest in the plane. */
export function spotAt(spots: readonly Spot[], x: number, y: number, reach = 9): number | undefined {
  let best: number | undefined;
  for (const [i, spot] of spots.entries()) {
    if (Math.hypot(spot.x - x, spot.y - y) > reach) continue;
    const held = best === undefined ? undefined : (spots[best] as Spot);
    const nearer = held && spot.depth - held.depth;
    if (nearer === undefined || nearer > 5) best = i;
    else if (held && Math.abs(nearer) <= 5 && Math.hypot(spot.x - x, spot.y - y) < Math.hypot(held.x - x, held.y - y))
      best = i;
  }
  return best;
}
