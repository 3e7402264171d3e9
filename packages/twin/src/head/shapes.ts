/**
 * Signed distances (mm) to simple solids: negative inside, positive outside, zero on the surface.
 * Ellipsoids use the first-order distance k0 (k0 - 1) / k1 with k0 = |p/r|, k1 = |p/r^2|: exact on the surface,
 * within a few per cent in the millimetres around it where partial volume is decided.
 */

export function ellipsoid(x: number, y: number, z: number, rx: number, ry: number, rz: number): number {
  const ax = x / rx;
  const ay = y / ry;
  const az = z / rz;
  const k0 = Math.sqrt(ax * ax + ay * ay + az * az);
  if (k0 < 1e-6) return -Math.min(rx, ry, rz);
  const bx = ax / rx;
  const by = ay / ry;
  const bz = az / rz;
  return (k0 * (k0 - 1)) / Math.sqrt(bx * bx + by * by + bz * bz);
}

/** A capsule from a to b whose radius runs linearly from `ra` to `rb`. */
export function taperedCapsule(
  x: number,
  y: number,
  z: number,
  a: readonly [number, number, number],
  b: readonly [number, number, number],
  ra: number,
  rb: number,
): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const dz = b[2] - a[2];
  const px = x - a[0];
  const py = y - a[1];
  const pz = z - a[2];
  const t = Math.min(1, Math.max(0, (px * dx + py * dy + pz * dz) / (dx * dx + dy * dy + dz * dz)));
  const ex = px - t * dx;
  const ey = py - t * dy;
  const ez = pz - t * dz;
  return Math.sqrt(ex * ex + ey * ey + ez * ez) - (ra + t * (rb - ra));
}

/** Union of two solids with a fillet of about `k` mm (polynomial smooth minimum). */
export function smoothUnion(a: number, b: number, k: number): number {
  const h = Math.max(0, k - Math.abs(a - b)) / k;
  return Math.min(a, b) - h * h * k * 0.25;
}

/** What share of a voxel of edge `width` lies inside a surface at signed distance `d` from its centre. */
export function coverage(d: number, width: number): number {
  const inside = 0.5 - d / width;
  return inside <= 0 ? 0 : Math.min(inside, 1);
}
