import { DataError, type Surface } from "@quintet/core";
import { EdgeQueue } from "./edge-queue.ts";

/** A collapse must not turn a face by more than this: cos 60 degrees. */
const leastTurn = 0.5;

/**
 * A closed mesh with fewer vertices: the shortest edge is drawn together to its middle, again and again.
 *
 * An edge is left alone when its ends share more than two neighbours (the surface would pinch) or when a face would turn
 * by more than 60 degrees or vanish; so the topology stays what it was. Edges of one length go by their lower, then their
 * higher end. The collapses are those of `simplify.ref.ts`, one for one.
 *
 * @param target number of vertices to come down to; more remain when no edge may go
 * @throws DataError `bad-count`
 * @see Hoppe et al., SIGGRAPH 1993, 19-26 (edge collapse; the link condition)
 */
export function simplifySurface(surface: Surface, target: number): Surface {
  if (!(Number.isInteger(target) && target >= 4)) {
    throw new DataError("bad-count", "a closed surface has at least 4 vertices", { found: `${target}` });
  }
  const vertices = Float64Array.from(surface.vertices);
  const faces = surface.faces.slice();
  const count = vertices.length / 3;
  const corners = new CornerLists(faces, count);
  const { first, next } = corners;
  const gone = new Uint8Array(count);
  const length = (a: number, b: number): number => {
    const x = vertices[3 * a] - vertices[3 * b];
    const y = vertices[3 * a + 1] - vertices[3 * b + 1];
    const z = vertices[3 * a + 2] - vertices[3 * b + 2];
    return Math.sqrt(x * x + y * y + z * z);
  };
  let sum = 0;
  for (let c = 0; c < faces.length; c++) sum += length(faces[c], faces[c % 3 === 2 ? c - 2 : c + 1]);
  const queue = new EdgeQueue(faces.length / 2, sum / faces.length / 256 || 1);
  for (let f = 0; f < faces.length; f += 3) {
    for (let k = 0; k < 3; k++) {
      const [a, b] = [faces[f + k], faces[f + ((k + 1) % 3)]];
      if (a < b) queue.push(length(a, b), a, b);
    }
  }
  // Whose neighbour a vertex was last seen to be.
  const [aside, bside] = [new Int32Array(count).fill(-1), new Int32Array(count).fill(-1)];
  let [left, round] = [count, 0];
  while (left > target && queue.pop()) {
    const { a, b } = queue;
    if (gone[a] === 1 || gone[b] === 1 || length(a, b) !== queue.key) continue;
    round++;
    for (let c = first[a]; c >= 0; c = next[c]) {
      const f = c - (c % 3);
      for (let k = 0; k < 3; k++) aside[faces[f + k]] = round;
    }
    let common = 0;
    for (let c = first[b]; c >= 0; c = next[c]) {
      const f = c - (c % 3);
      for (let k = 0; k < 3; k++) {
        const v = faces[f + k];
        if (v === a || v === b || bside[v] === round) continue;
        bside[v] = round;
        if (aside[v] === round) common++;
      }
    }
    if (aside[b] !== round || common !== 2) continue;
    const x = (vertices[3 * a] + vertices[3 * b]) / 2;
    const y = (vertices[3 * a + 1] + vertices[3 * b + 1]) / 2;
    const z = (vertices[3 * a + 2] + vertices[3 * b + 2]) / 2;
    if (!staysUp(vertices, faces, corners, a, b, x, y, z) || !staysUp(vertices, faces, corners, b, a, x, y, z))
      continue;
    vertices[3 * a] = x;
    vertices[3 * a + 1] = y;
    vertices[3 * a + 2] = z;
    gone[b] = 1;
    left--;
    corners.merge(a, b);
    round++;
    for (let c = first[a]; c >= 0; c = next[c]) {
      const f = c - (c % 3);
      for (let k = 0; k < 3; k++) {
        const v = faces[f + k];
        if (v === a || aside[v] === round) continue;
        aside[v] = round;
        queue.push(length(a, v), Math.min(a, v), Math.max(a, v));
      }
    }
  }
  return packed(surface.space, vertices, corners);
}

/** The corners (places in `faces`) at each vertex, as linked lists. */
class CornerLists {
  readonly faces: Uint32Array;
  readonly first: Int32Array;
  readonly next: Int32Array;

  constructor(faces: Uint32Array, count: number) {
    this.faces = faces;
    this.first = new Int32Array(count).fill(-1);
    this.next = new Int32Array(faces.length);
    for (let c = faces.length - 1; c >= 0; c--) {
      this.next[c] = this.first[faces[c]];
      this.first[faces[c]] = c;
    }
  }

  /** Vertex b becomes a; the two faces of their edge leave all lists. */
  merge(a: number, b: number): void {
    const { faces, first, next } = this;
    for (let c = first[a]; c >= 0; c = next[c]) {
      const f = c - (c % 3);
      if (faces[f] !== b && faces[f + 1] !== b && faces[f + 2] !== b) continue;
      for (let k = 0; k < 3; k++) if (faces[f + k] !== a) this.#leave(f + k);
    }
    // What is left at b holds no a.
    for (let c = first[a], before = -1; c >= 0; c = next[c]) {
      if (this.#holds(c, b)) {
        if (before < 0) first[a] = next[c];
        else next[before] = next[c];
      } else before = c;
    }
    let last = -1;
    for (let c = first[b]; c >= 0; c = next[c]) {
      faces[c] = a;
      last = c;
    }
    if (last >= 0) {
      next[last] = first[a];
      first[a] = first[b];
    }
    first[b] = -1;
  }

  #holds(c: number, v: number): boolean {
    const f = c - (c % 3);
    return this.faces[f] === v || this.faces[f + 1] === v || this.faces[f + 2] === v;
  }

  #leave(corner: number): void {
    const { faces, first, next } = this;
    const v = faces[corner];
    if (first[v] === corner) {
      first[v] = next[corner];
      return;
    }
    for (let c = first[v]; c >= 0; c = next[c]) if (next[c] === corner) next[c] = next[corner];
  }
}

/** Whether the faces at `moved` that do not hold `other` keep their side when `moved` goes to x, y, z. */
function staysUp(
  vertices: Float64Array,
  faces: Uint32Array,
  { first, next }: CornerLists,
  moved: number,
  other: number,
  x: number,
  y: number,
  z: number,
): boolean {
  for (let c = first[moved]; c >= 0; c = next[c]) {
    const f = c - (c % 3);
    const [p, q] = [faces[f + ((c + 1) % 3)], faces[f + ((c + 2) % 3)]];
    if (p === other || q === other) continue;
    const [px, py, pz] = [vertices[3 * p], vertices[3 * p + 1], vertices[3 * p + 2]];
    const [ux, uy, uz] = [vertices[3 * q] - px, vertices[3 * q + 1] - py, vertices[3 * q + 2] - pz];
    // Both normals as (q - p) x (corner - p): before, and after the move.
    const [ax, ay, az] = [vertices[3 * moved] - px, vertices[3 * moved + 1] - py, vertices[3 * moved + 2] - pz];
    const [bx, by, bz] = [x - px, y - py, z - pz];
    const [nx, ny, nz] = [uy * az - uz * ay, uz * ax - ux * az, ux * ay - uy * ax];
    const [mx, my, mz] = [uy * bz - uz * by, uz * bx - ux * bz, ux * by - uy * bx];
    const cosine = nx * mx + ny * my + nz * mz;
    if (!(cosine > leastTurn * Math.sqrt((nx * nx + ny * ny + nz * nz) * (mx * mx + my * my + mz * mz)))) return false;
  }
  return true;
}

/** Vertices still in use, in their old order, and the faces among them. */
function packed(space: string, vertices: Float64Array, { faces, first, next }: CornerLists): Surface {
  const named = new Int32Array(first.length).fill(-1);
  const live = new Uint8Array(faces.length);
  let n = 0;
  for (let v = 0; v < first.length; v++) {
    if (first[v] < 0) continue;
    named[v] = n++;
    for (let c = first[v]; c >= 0; c = next[c]) live[c] = 1;
  }
  const kept = new Float32Array(3 * n);
  for (let v = 0; v < named.length; v++) {
    if (named[v] >= 0) for (let k = 0; k < 3; k++) kept[3 * named[v] + k] = vertices[3 * v + k];
  }
  return { space, vertices: kept, faces: faces.filter((_, c) => live[c] === 1).map((v) => named[v]) };
}
