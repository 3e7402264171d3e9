/** Plain geometry on triangle meshes: parts, nearest points. Nothing here changes its input. */
import { DataError, type Point, type Surface } from "@quintet/core";

/** Faces that hang together with the most vertices; the rest is dropped. */
export function largestPart(surface: Surface): Surface {
  const count = surface.vertices.length / 3;
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  };
  const { faces, vertices } = surface;
  for (let f = 0; f < faces.length; f += 3) {
    const a = root(faces[f] as number);
    parent[root(faces[f + 1] as number)] = a;
    parent[root(faces[f + 2] as number)] = a;
  }
  const sizes = new Int32Array(count);
  for (let i = 0; i < count; i++) sizes[root(i)] = (sizes[root(i)] as number) + 1;
  const main = sizes.indexOf(sizes.reduce((a, b) => Math.max(a, b), 0));
  const renamed = new Int32Array(count).fill(-1);
  const kept: number[] = [];
  for (let i = 0; i < count; i++) {
    if (root(i) !== main) continue;
    renamed[i] = kept.length / 3;
    kept.push(vertices[i * 3] as number, vertices[i * 3 + 1] as number, vertices[i * 3 + 2] as number);
  }
  const keptFaces = faces
    .map((v) => renamed[v] as number)
    .filter((_, k) => root(faces[k - (k % 3)] as number) === main);
  return { space: surface.space, vertices: Float32Array.from(kept), faces: keptFaces };
}

export interface NearestPoint {
  readonly point: Point;
  readonly distance: number;
  /** Unit, outward. */
  readonly normal: Point;
}

/** Prepares nearest-point queries. @throws DataError `empty-region` for a surface without faces */
export function nearestOn({ vertices, faces }: Surface): (point: Point) => NearestPoint {
  if (faces.length === 0) throw new DataError("empty-region", "the surface has no faces");
  const count = vertices.length / 3;
  const start = new Int32Array(count + 1);
  for (const v of faces) start[v + 1] = (start[v + 1] as number) + 1;
  for (let i = 0; i < count; i++) start[i + 1] = (start[i + 1] as number) + (start[i] as number);
  const fill = start.slice();
  const around = new Int32Array(faces.length);
  for (let k = 0; k < faces.length; k++) {
    const v = faces[k] as number;
    around[fill[v] as number] = k - (k % 3);
    fill[v] = (fill[v] as number) + 1;
  }
  const vertex = (i: number): Point => [
    vertices[i * 3] as number,
    vertices[i * 3 + 1] as number,
    vertices[i * 3 + 2] as number,
  ];
  const corners = (f: number): [Point, Point, Point] => [
    vertex(faces[f] as number),
    vertex(faces[f + 1] as number),
    vertex(faces[f + 2] as number),
  ];
  const facesAround = (v: number): number[] => [...around.subarray(start[v], start[v + 1])];
  return (point) => {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let i = 0, k = 0; i < count; i++, k += 3) {
      const x = (vertices[k] as number) - point[0];
      const y = (vertices[k + 1] as number) - point[1];
      const z = (vertices[k + 2] as number) - point[2];
      const d = x * x + y * y + z * z;
      if (d < least) [best, least] = [i, d];
    }
    let found = { point: vertex(best), distance: Math.sqrt(least) };
    let normal: Point = [0, 0, 0];
    // The nearest face need not touch the nearest vertex where faces are slivers: two rings are looked at.
    const ring = facesAround(best);
    for (const f of ring) {
      const [a, b, c] = corners(f);
      normal = add(normal, cross(subtract(b, a), subtract(c, a)), 1);
    }
    const wider = new Set(ring.flatMap((f) => [0, 1, 2].flatMap((j) => facesAround(faces[f + j] as number))));
    for (const f of wider) {
      const on = nearestOnTriangle(point, ...corners(f));
      const distance = norm(subtract(on, point));
      if (distance < found.distance) found = { point: on, distance };
    }
    return { ...found, normal: scaled(normal, 1 / (norm(normal) || 1)) };
  };
}

/** Ericson, Real-Time Collision Detection (2005), 5.1.5: by the Voronoi region the point lies in. */
function nearestOnTriangle(p: Point, a: Point, b: Point, c: Point): Point {
  const [ab, ac, ap] = [subtract(b, a), subtract(c, a), subtract(p, a)];
  const [d1, d2] = [dot(ab, ap), dot(ac, ap)];
  if (d1 <= 0 && d2 <= 0) return a;
  const bp = subtract(p, b);
  const [d3, d4] = [dot(ab, bp), dot(ac, bp)];
  if (d3 >= 0 && d4 <= d3) return b;
  const vc = d1 * d4 - d3 * d2;
  if (vc <= 0 && d1 >= 0 && d3 <= 0) return add(a, ab, d1 / (d1 - d3));
  const cp = subtract(p, c);
  const [d5, d6] = [dot(ab, cp), dot(ac, cp)];
  if (d6 >= 0 && d5 <= d6) return c;
  const vb = d5 * d2 - d1 * d6;
  if (vb <= 0 && d2 >= 0 && d6 <= 0) return add(a, ac, d2 / (d2 - d6));
  const va = d3 * d6 - d5 * d4;
  if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) return add(b, subtract(c, b), (d4 - d3) / (d4 - d3 + d5 - d6));
  const total = va + vb + vc;
  return add(add(a, ab, vb / total), ac, vc / total);
}

export function subtract(a: Point, b: Point): Point {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
/** a + t b */
export function add(a: Point, b: Point, t: number): Point {
  return [a[0] + t * b[0], a[1] + t * b[1], a[2] + t * b[2]];
}
export function scaled(a: Point, t: number): Point {
  return [a[0] * t, a[1] * t, a[2] * t];
}
export function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
export function cross(a: Point, b: Point): Point {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
export function norm(a: Point): number {
  return Math.hypot(a[0], a[1], a[2]);
}
