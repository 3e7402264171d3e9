/** Where a plane cuts a closed surface, and the taut curve over the cut: what a measuring tape does on a head. */
import { DataError, type Point, type Surface } from "@quintet/core";

export type Vector = readonly [number, number, number];

export const subtract = (a: Point, b: Point): [number, number, number] => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Vector, b: Vector): [number, number, number] => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

export function unit(v: Vector): [number, number, number] {
  const length = Math.hypot(...v);
  if (!(length > 1e-9)) throw new DataError("collinear", "three points on one line span no plane");
  return [v[0] / length, v[1] / length, v[2] / length];
}

/**
 * The taut curve from `from` over `over` to `to` in their common plane: the convex hull of the plane's cut through the
 * surface, between the two ends. A tape spans hollows, so the hull and not the skin itself is what 10-20 lengths mean.
 *
 * @returns points in order from `from` to `to`, both included
 * @throws DataError `collinear`, `no-cut` when the plane misses the surface
 */
export function tautCurve(surface: Surface, from: Point, over: Point, to: Point): readonly Point[] {
  const across = unit(subtract(to, from));
  const normal = unit(cross(across, subtract(over, from)));
  const up = cross(normal, across);
  const origin = from;
  const flat = (p: Point): [number, number] => {
    const d = subtract(p, origin);
    return [dot(d, across), dot(d, up)];
  };
  const solid = ([u, v]: readonly [number, number]): [number, number, number] => [
    origin[0] + u * across[0] + v * up[0],
    origin[1] + u * across[1] + v * up[1],
    origin[2] + u * across[2] + v * up[2],
  ];
  const height = Math.sign(flat(over)[1]) || 1;
  const span = flat(to)[0];
  const cut = crossings(surface, origin, normal).map(flat);
  if (cut.length < 3) throw new DataError("no-cut", "the plane of the three points does not cut the scalp");
  const above = cut.filter(([u, v]) => v * height > 0 && u > -0.5 * span && u < 1.5 * span);
  const path = hullPath(
    above.map(([u, v]) => [u, v * height] as const),
    span,
  );
  return path.map(([u, v]) => solid([u, v * height]));
}

/** Points in which the surface's edges cross the plane. */
function crossings({ vertices, faces }: Surface, origin: Point, normal: Vector): Point[] {
  const n = vertices.length / 3;
  const side = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    side[i] =
      ((vertices[3 * i] as number) - origin[0]) * normal[0] +
      ((vertices[3 * i + 1] as number) - origin[1]) * normal[1] +
      ((vertices[3 * i + 2] as number) - origin[2]) * normal[2];
  }
  const out: Point[] = [];
  for (let f = 0; f < faces.length; f += 3) {
    for (let k = 0; k < 3; k++) {
      const [a, b] = [faces[f + k] as number, faces[f + ((k + 1) % 3)] as number];
      const [da, db] = [side[a] as number, side[b] as number];
      if (a > b || da < 0 === db < 0) continue;
      const t = da / (da - db);
      const at = (axis: number): number =>
        (1 - t) * (vertices[3 * a + axis] as number) + t * (vertices[3 * b + axis] as number);
      out.push([at(0), at(1), at(2)]);
    }
  }
  return out;
}

type Flat = readonly [number, number];

/**
 * From (0, 0) over the points (all with v > 0) to (span, 0) along their convex hull, by Andrew's monotone chain
 * (Inf Process Lett 1979;9:216-9). The ends are the lowest points, so both are corners and neighbours of the hull.
 */
function hullPath(points: readonly Flat[], span: number): readonly Flat[] {
  const [first, last]: [Flat, Flat] = [
    [0, 0],
    [span, 0],
  ];
  const sorted = [...points.filter(([, v]) => v > 1e-6), first, last].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const ring = [...chain(sorted), ...chain(sorted.toReversed())];
  const start = ring.indexOf(last);
  const turned = [...ring.slice(start), ...ring.slice(0, start)];
  return turned.slice(0, turned.indexOf(first) + 1).reverse();
}

/** One side of the hull, counter-clockwise, without its last point. */
function chain(points: readonly Flat[]): Flat[] {
  const side: Flat[] = [];
  for (const p of points) {
    while (side.length >= 2) {
      const [a, b] = [side[side.length - 2] as Flat, side[side.length - 1] as Flat];
      if ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0) break;
      side.pop();
    }
    side.push(p);
  }
  return side.slice(0, -1);
}

/** Cumulative lengths along a polyline. */
export function lengths(curve: readonly Point[]): Float64Array {
  const out = new Float64Array(curve.length);
  for (let i = 1; i < curve.length; i++)
    out[i] = (out[i - 1] as number) + distance(curve[i - 1] as Point, curve[i] as Point);
  return out;
}

/** The point at share `t` (0..1) of a polyline's length. */
export function along(curve: readonly Point[], t: number): Point {
  const at = lengths(curve);
  const wanted = t * (at.at(-1) as number);
  let i = 1;
  while (i < curve.length - 1 && (at[i] as number) < wanted) i++;
  const [a, b] = [curve[i - 1] as Point, curve[i] as Point];
  const piece = (at[i] as number) - (at[i - 1] as number);
  const s = piece > 0 ? (wanted - (at[i - 1] as number)) / piece : 0;
  return [a[0] + s * (b[0] - a[0]), a[1] + s * (b[1] - a[1]), a[2] + s * (b[2] - a[2])];
}
