/** Where a point of a triangle lies: its coordinates, and the weights of the three corners. */
export type NearestOnTriangle = Float64Array;

/**
 * The point of triangle abc nearest to p, by the Voronoi region p lies in.
 *
 * @param points [a, b, c] as nine coordinates at `at`, `bt`, `ct` of one array
 * @param out x, y, z; weights of a, b, c
 * @see Ericson, Real-Time Collision Detection (2005), 5.1.5
 */
export function nearestOnTriangle(
  px: number,
  py: number,
  pz: number,
  points: ArrayLike<number>,
  at: number,
  bt: number,
  ct: number,
  out: NearestOnTriangle,
): NearestOnTriangle {
  const [ax, ay, az] = [points[at] as number, points[at + 1] as number, points[at + 2] as number];
  const [ux, uy, uz] = [(points[bt] as number) - ax, (points[bt + 1] as number) - ay, (points[bt + 2] as number) - az];
  const [vx, vy, vz] = [(points[ct] as number) - ax, (points[ct + 1] as number) - ay, (points[ct + 2] as number) - az];
  const put = (b: number, c: number): NearestOnTriangle => {
    out[0] = ax + b * ux + c * vx;
    out[1] = ay + b * uy + c * vy;
    out[2] = az + b * uz + c * vz;
    out[3] = 1 - b - c;
    out[4] = b;
    out[5] = c;
    return out;
  };
  const [wx, wy, wz] = [px - ax, py - ay, pz - az];
  const d1 = ux * wx + uy * wy + uz * wz;
  const d2 = vx * wx + vy * wy + vz * wz;
  if (d1 <= 0 && d2 <= 0) return put(0, 0);
  const d3 = d1 - (ux * ux + uy * uy + uz * uz);
  const uv = ux * vx + uy * vy + uz * vz;
  const d4 = d2 - uv;
  if (d3 >= 0 && d4 <= d3) return put(1, 0);
  const vc = d1 * d4 - d3 * d2;
  if (vc <= 0 && d1 >= 0 && d3 <= 0) return put(d1 / (d1 - d3), 0);
  const d5 = d1 - uv;
  const d6 = d2 - (vx * vx + vy * vy + vz * vz);
  if (d6 >= 0 && d5 <= d6) return put(0, 1);
  const vb = d5 * d2 - d1 * d6;
  if (vb <= 0 && d2 >= 0 && d6 <= 0) return put(0, d2 / (d2 - d6));
  const va = d3 * d6 - d5 * d4;
  if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) {
    const t = (d4 - d3) / (d4 - d3 + d5 - d6);
    return put(1 - t, t);
  }
  const total = va + vb + vc;
  return put(vb / total, vc / total);
}
