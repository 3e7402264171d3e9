import type { Surface } from "@quintet/core";
import { triangleGrid } from "./triangle-grid.ts";

type Mesh = Pick<Surface, "vertices" | "faces">;

/**
 * Pairs of triangles of one mesh that cut or touch where they should not: apart from the corners and edges that they
 * share as neighbours. A triangle that touches, or is so near that float64 cannot tell, counts: none found means none.
 *
 * @param among only pairs with one of these faces; all without it
 * @returns first and second face of each pair
 * @throws DataError `empty-region`, `not-finite`
 * @see Möller, J Graphics Tools 1997;2:25-30 (segments of one triangle against the other is the same test)
 */
export function selfIntersections(mesh: Mesh, among?: Iterable<number>): readonly (readonly [number, number])[] {
  return crossingPairs(mesh, mesh, true, among);
}

/** Pairs of triangles of two meshes that cut or touch. */
export function surfaceIntersections(a: Mesh, b: Mesh): readonly (readonly [number, number])[] {
  return crossingPairs(a, b, false);
}

function crossingPairs(
  a: Mesh,
  b: Mesh,
  same: boolean,
  among?: Iterable<number>,
): readonly (readonly [number, number])[] {
  const grid = triangleGrid(b);
  const { edge, origin, shape, start } = grid;
  const seen = new Int32Array(b.faces.length / 3).fill(-1);
  const found: [number, number][] = [];
  const [p, q, low, high] = [new Float64Array(9), new Float64Array(9), new Int32Array(3), new Int32Array(3)];
  const asked = among && new Uint8Array(a.faces.length / 3);
  const look = (f: number): void => {
    corners(a, f, p);
    for (let k = 0; k < 3; k++) {
      const [least, most] = [Math.min(p[k], p[3 + k], p[6 + k]), Math.max(p[k], p[3 + k], p[6 + k])];
      low[k] = Math.min(shape[k] - 1, Math.max(0, Math.floor((least - origin[k]) / edge)));
      high[k] = Math.min(shape[k] - 1, Math.max(0, Math.floor((most - origin[k]) / edge)));
    }
    for (let z = low[2]; z <= high[2]; z++)
      for (let y = low[1]; y <= high[1]; y++)
        for (let x = low[0]; x <= high[0]; x++) {
          const cube = x + shape[0] * (y + shape[1] * z);
          for (let i = start[cube]; i < start[cube + 1]; i++) {
            const g = grid.faces[i];
            // Of two faces that are both asked for the lower one tells of the pair.
            if (seen[g] === f || (same && g <= f && (!asked || g === f || asked[g] === 1))) continue;
            seen[g] = f;
            corners(b, g, q);
            if (boxesApart(p, q)) continue;
            if (meet(p, q, same ? sharedCorners(a.faces, f, g) : [])) found.push([f, g]);
          }
        }
  };
  if (among && asked) {
    const faces = [...new Set(among)];
    for (const f of faces) asked[f] = 1;
    for (const f of faces) look(f);
  } else for (let f = 0; f < a.faces.length / 3; f++) look(f);
  return found;
}

/** Nine coordinates of a face's corners. */
function corners({ vertices, faces }: Mesh, f: number, out: Float64Array): void {
  for (let j = 0; j < 3; j++) {
    const v = 3 * faces[3 * f + j];
    out[3 * j] = vertices[v];
    out[3 * j + 1] = vertices[v + 1];
    out[3 * j + 2] = vertices[v + 2];
  }
}

function boxesApart(p: Float64Array, q: Float64Array): boolean {
  for (let k = 0; k < 3; k++) {
    if (Math.max(p[k], p[3 + k], p[6 + k]) < Math.min(q[k], q[3 + k], q[6 + k])) return true;
    if (Math.max(q[k], q[3 + k], q[6 + k]) < Math.min(p[k], p[3 + k], p[6 + k])) return true;
  }
  return false;
}

/** Places (0 to 2) of the corners that two faces share: in the first, in the second. */
function sharedCorners(faces: Uint32Array, f: number, g: number): (readonly [number, number])[] {
  const out: (readonly [number, number])[] = [];
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) if (faces[3 * f + i] === faces[3 * g + j]) out.push([i, j]);
  return out;
}

function meet(p: Float64Array, q: Float64Array, shared: readonly (readonly [number, number])[]): boolean {
  if (shared.length === 3) return true;
  if (shared.length === 2) return foldedOver(p, q, shared);
  if (shared.length === 1) {
    const [i, j] = shared[0];
    // From the common corner the triangles leave each other unless the far edge of one cuts the other.
    return segmentMeets(p, (i + 1) % 3, (i + 2) % 3, q) || segmentMeets(q, (j + 1) % 3, (j + 2) % 3, p);
  }
  for (let k = 0; k < 3; k++) {
    if (segmentMeets(p, k, (k + 1) % 3, q) || segmentMeets(q, k, (k + 1) % 3, p)) return true;
  }
  return false;
}

/** Neighbours over an edge overlap only when they lie in one plane on the same side of it. */
function foldedOver(p: Float64Array, q: Float64Array, shared: readonly (readonly [number, number])[]): boolean {
  const [[i, m], [j, n]] = shared;
  const far = 3 - i - j;
  const other = 3 - m - n;
  if (orientation(p, 0, p, 3, p, 6, q, 3 * other) !== 0) return false;
  const edge = [0, 1, 2].map((k) => p[3 * j + k] - p[3 * i + k]);
  const length = edge[0] ** 2 + edge[1] ** 2 + edge[2] ** 2;
  const across = (t: Float64Array, at: number): number[] => {
    const w = [0, 1, 2].map((k) => t[3 * at + k] - p[3 * i + k]);
    const along = (w[0] * edge[0] + w[1] * edge[1] + w[2] * edge[2]) / length;
    return w.map((x, k) => x - along * edge[k]);
  };
  const [u, v] = [across(p, far), across(q, other)];
  return !(u[0] * v[0] + u[1] * v[1] + u[2] * v[2] < 0);
}

/** Whether the segment between corners i and j of p reaches triangle q, its rim included. */
function segmentMeets(p: Float64Array, i: number, j: number, q: Float64Array): boolean {
  const above = orientation(q, 0, q, 3, q, 6, p, 3 * i);
  const below = orientation(q, 0, q, 3, q, 6, p, 3 * j);
  if (above * below > 0) return false;
  if (above === 0 && below === 0) return segmentMeetsInPlane(p, i, j, q);
  let [positive, negative] = [false, false];
  for (let k = 0; k < 3; k++) {
    const side = orientation(p, 3 * i, p, 3 * j, q, 3 * k, q, 3 * ((k + 1) % 3));
    if (side > 0) positive = true;
    if (side < 0) negative = true;
  }
  return !(positive && negative);
}

/** In the plane of q, seen along its normal's largest component. */
function segmentMeetsInPlane(p: Float64Array, i: number, j: number, q: Float64Array): boolean {
  const normal = [0, 1, 2].map((k) => {
    const [s, t] = [(k + 1) % 3, (k + 2) % 3];
    return Math.abs((q[3 + s] - q[s]) * (q[6 + t] - q[t]) - (q[3 + t] - q[t]) * (q[6 + s] - q[s]));
  });
  const drop = normal.indexOf(Math.max(...normal));
  const [s, t] = [(drop + 1) % 3, (drop + 2) % 3];
  const side = (a: Float64Array, x: number, b: Float64Array, y: number, c: Float64Array, z: number): number =>
    Math.sign((b[y + s] - a[x + s]) * (c[z + t] - a[x + t]) - (b[y + t] - a[x + t]) * (c[z + s] - a[x + s]));
  const inside = (at: number): boolean => {
    const sides = [0, 1, 2].map((k) => side(q, 3 * k, q, 3 * ((k + 1) % 3), p, at));
    return !(sides.includes(1) && sides.includes(-1));
  };
  if (inside(3 * i) || inside(3 * j)) return true;
  for (let k = 0; k < 3; k++) {
    const [a, b] = [3 * k, 3 * ((k + 1) % 3)];
    const apart =
      side(p, 3 * i, p, 3 * j, q, a) * side(p, 3 * i, p, 3 * j, q, b) > 0 ||
      side(q, a, q, b, p, 3 * i) * side(q, a, q, b, p, 3 * j) > 0;
    if (!apart) return true;
  }
  return false;
}

/**
 * Sign of the volume of tetrahedron a, b, c, d; 0 when it is below what rounding can make of it.
 * Bound: Shewchuk, Discrete Comput Geom 1997;18:305-63, (7 + 56 e) e times the permanent.
 */
function orientation(
  a: Float64Array,
  ai: number,
  b: Float64Array,
  bi: number,
  c: Float64Array,
  ci: number,
  d: Float64Array,
  di: number,
): number {
  const [ax, ay, az] = [a[ai] - d[di], a[ai + 1] - d[di + 1], a[ai + 2] - d[di + 2]];
  const [bx, by, bz] = [b[bi] - d[di], b[bi + 1] - d[di + 1], b[bi + 2] - d[di + 2]];
  const [cx, cy, cz] = [c[ci] - d[di], c[ci + 1] - d[di + 1], c[ci + 2] - d[di + 2]];
  const value = az * (bx * cy - cx * by) + bz * (cx * ay - ax * cy) + cz * (ax * by - bx * ay);
  const permanent =
    Math.abs(az) * (Math.abs(bx * cy) + Math.abs(cx * by)) +
    Math.abs(bz) * (Math.abs(cx * ay) + Math.abs(ax * cy)) +
    Math.abs(cz) * (Math.abs(ax * by) + Math.abs(bx * ay));
  return Math.abs(value) <= 7.78e-16 * permanent ? 0 : Math.sign(value);
}
