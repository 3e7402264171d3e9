import { DataError, type Point, type Surface } from "@quintet/core";
import { add, cross, dot, norm, scaled, subtract } from "./mesh.ts";

/**
 * A tape laid over the head from `a` to `b` through `via`: the cut of the scalp with their plane, taut over hollows.
 *
 * @returns the tape's corners from a to b
 * @throws DataError `collinear` when the three points span no plane, `no-contour` when the plane misses the scalp
 */
export function tape(scalp: Surface, a: Point, via: Point, b: Point): Point[] {
  const normal = cross(subtract(via, a), subtract(b, a));
  const size = norm(normal);
  if (!(size > 1)) throw new DataError("collinear", "three points on one line span no plane over the head");
  const loops = planeCut(scalp, a, scaled(normal, 1 / size));
  if (loops.length === 0) throw new DataError("no-contour", "this plane does not cut the scalp");
  const cost = (loop: readonly Point[]): number =>
    [a, via, b].reduce((sum, p) => sum + distanceTo(loop, p).distance, 0);
  const loop = loops.reduce((best, next) => (cost(next) < cost(best) ? next : best));
  const [ia, ib] = [distanceTo(loop, a).index, distanceTo(loop, b).index];
  const forth = walk(loop, ia, ib);
  const back = walk(loop, ib, ia).reverse();
  const over = distanceTo(forth, via).distance <= distanceTo(back, via).distance ? forth : back;
  return taut([a, ...over.slice(1, -1), b], via);
}

/** Point at a fraction of the tape's length. */
export function along(line: readonly Point[], fraction: number): Point {
  const lengths = line.slice(1).map((p, i) => norm(subtract(p, line[i] as Point)));
  let rest = fraction * lengths.reduce((x, y) => x + y, 0);
  for (const [i, length] of lengths.entries()) {
    if (rest <= length || i === lengths.length - 1) {
      const from = line[i] as Point;
      return add(from, subtract(line[i + 1] as Point, from), length > 0 ? Math.min(1, rest / length) : 0);
    }
    rest -= length;
  }
  return line[0] as Point;
}

/** Closed lines in which a plane cuts a closed mesh. */
function planeCut({ vertices, faces }: Surface, origin: Point, normal: Point): Point[][] {
  const count = vertices.length / 3;
  const heights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const x = (vertices[i * 3] as number) - origin[0];
    const y = (vertices[i * 3 + 1] as number) - origin[1];
    const z = (vertices[i * 3 + 2] as number) - origin[2];
    // a vertex exactly on the plane counts as above it, so that every crossing lies inside an edge
    heights[i] = x * normal[0] + y * normal[1] + z * normal[2] || Number.MIN_VALUE;
  }
  const neighbours = new Map<number, number[]>();
  const link = (p: number, q: number): void => {
    const list = neighbours.get(p);
    if (list) list.push(q);
    else neighbours.set(p, [q]);
  };
  for (let f = 0; f < faces.length; f += 3) {
    const up = (k: number): boolean => (heights[faces[f + k] as number] as number) > 0;
    if (up(0) === up(1) && up(1) === up(2)) continue; // most faces
    const crossed: number[] = [];
    for (let k = 0; k < 3; k++) {
      const [p, q] = [faces[f + k] as number, faces[f + ((k + 1) % 3)] as number];
      if (up(k) !== up((k + 1) % 3)) crossed.push(Math.min(p, q) * count + Math.max(p, q));
    }
    if (crossed.length === 2) {
      link(crossed[0] as number, crossed[1] as number);
      link(crossed[1] as number, crossed[0] as number);
    }
  }
  const point = (edge: number): Point => {
    const [p, q] = [Math.floor(edge / count), edge % count];
    const t = (heights[p] as number) / ((heights[p] as number) - (heights[q] as number));
    const at = (i: number, c: number): number => vertices[i * 3 + c] as number;
    return [0, 1, 2].map((c) => at(p, c) + t * (at(q, c) - at(p, c))) as unknown as Point;
  };
  const loops: Point[][] = [];
  const seen = new Set<number>();
  for (const start of neighbours.keys()) {
    if (seen.has(start)) continue;
    const loop: Point[] = [];
    for (let at: number | undefined = start; at !== undefined; ) {
      seen.add(at);
      loop.push(point(at));
      at = neighbours.get(at)?.find((next) => !seen.has(next));
    }
    loops.push(loop);
  }
  return loops;
}

function distanceTo(line: readonly Point[], p: Point): { index: number; distance: number } {
  let [index, distance] = [0, Number.POSITIVE_INFINITY];
  for (const [i, q] of line.entries()) {
    const d = norm(subtract(p, q));
    if (d < distance) [index, distance] = [i, d];
  }
  return { index, distance };
}

/** From index i on to index j, round the end if need be. */
function walk(loop: readonly Point[], i: number, j: number): Point[] {
  return i <= j ? loop.slice(i, j + 1) : [...loop.slice(i), ...loop.slice(0, j + 1)];
}

/** Drops every corner where the line bends away from `via`'s side: what a tape pulled tight would not touch. */
function taut(line: readonly Point[], via: Point): Point[] {
  const [a, b] = [line[0] as Point, line.at(-1) as Point];
  const right = subtract(b, a);
  const plane = cross(right, subtract(via, a));
  const out: Point[] = [];
  for (const p of line) {
    while (out.length > 1) {
      const [q, r] = [out.at(-2) as Point, out.at(-1) as Point];
      // going from a over via to b turns against `plane`
      if (dot(cross(subtract(r, q), subtract(p, r)), plane) < 0) break;
      out.pop();
    }
    out.push(p);
  }
  return out;
}
