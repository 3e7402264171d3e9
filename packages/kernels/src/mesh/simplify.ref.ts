import type { Surface } from "@quintet/core";

/** A collapse must not turn a face by more than this: cos 60 degrees. */
const leastTurn = 0.5;

/** Edge collapse with sets of faces and a heap of tuples: what `simplify.ts` does, as it is written down. */
export function simplifyReference(surface: Surface, target: number): Surface {
  const vertices = Float64Array.from(surface.vertices);
  const faces = surface.faces.slice();
  const around: Set<number>[] = Array.from({ length: vertices.length / 3 }, () => new Set());
  for (let f = 0; f < faces.length; f++) around[faces[f]].add(Math.floor(f / 3));
  const heap = new EdgeHeap();
  const length = (a: number, b: number): number => {
    const [x, y, z] = [0, 1, 2].map((k) => vertices[3 * a + k] - vertices[3 * b + k]);
    return Math.sqrt(x * x + y * y + z * z);
  };
  for (let f = 0; f < faces.length; f += 3) {
    for (let k = 0; k < 3; k++) {
      const [a, b] = [faces[f + k], faces[f + ((k + 1) % 3)]];
      if (a < b) heap.push(length(a, b), a, b);
    }
  }
  let left = vertices.length / 3;
  const neighbours = (v: number): Set<number> => {
    const out = new Set<number>();
    for (const f of around[v]) for (let k = 0; k < 3; k++) if (faces[3 * f + k] !== v) out.add(faces[3 * f + k]);
    return out;
  };
  while (left > target) {
    const edge = heap.pop();
    if (!edge) break;
    const [was, a, b] = edge;
    if (around[a].size === 0 || around[b].size === 0 || length(a, b) !== was) continue;
    const ring = neighbours(a);
    if (!ring.has(b)) continue;
    const common = [...neighbours(b)].filter((v) => ring.has(v));
    if (common.length !== 2) continue;
    const middle = [0, 1, 2].map((k) => (vertices[3 * a + k] + vertices[3 * b + k]) / 2);
    const gone = [...around[a]].filter((f) => around[b].has(f));
    const kept = [...around[a], ...around[b]].filter((f) => !gone.includes(f));
    if (!kept.every((f) => staysUp(vertices, faces, f, a, b, middle))) continue;
    for (let k = 0; k < 3; k++) vertices[3 * a + k] = middle[k];
    for (const f of gone) for (let k = 0; k < 3; k++) around[faces[3 * f + k]].delete(f);
    for (const f of around[b]) {
      for (let k = 0; k < 3; k++) if (faces[3 * f + k] === b) faces[3 * f + k] = a;
      around[a].add(f);
    }
    around[b].clear();
    left--;
    for (const v of neighbours(a)) heap.push(length(a, v), Math.min(a, v), Math.max(a, v));
  }
  return packed(surface.space, vertices, faces, around);
}

/** Whether a face keeps its side when its corner a or b moves to the middle of the two. */
function staysUp(
  vertices: Float64Array,
  faces: Uint32Array,
  f: number,
  a: number,
  b: number,
  middle: readonly number[],
): boolean {
  const normal = (moved: boolean): number[] => {
    const p = [0, 1, 2].map((k) => {
      const v = faces[3 * f + k];
      return moved && (v === a || v === b) ? middle : [vertices[3 * v], vertices[3 * v + 1], vertices[3 * v + 2]];
    });
    const [u, w] = [1, 2].map((j) => [0, 1, 2].map((k) => p[j][k] - p[0][k]));
    return [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
  };
  const [n, m] = [normal(false), normal(true)];
  return n[0] * m[0] + n[1] * m[1] + n[2] * m[2] > leastTurn * Math.hypot(...n) * Math.hypot(...m);
}

function packed(space: string, vertices: Float64Array, faces: Uint32Array, around: readonly Set<number>[]): Surface {
  const named = new Int32Array(around.length).fill(-1);
  const kept: number[] = [];
  for (let v = 0; v < around.length; v++) {
    if (around[v].size === 0) continue;
    named[v] = kept.length / 3;
    kept.push(vertices[3 * v], vertices[3 * v + 1], vertices[3 * v + 2]);
  }
  const live = faces.filter((v, i) => around[v].has(Math.floor(i / 3)));
  return { space, vertices: Float32Array.from(kept), faces: live.map((v) => named[v]) };
}

/** Edges by length, then by their ends (a binary heap); outdated entries are told by their length when they come up. */
class EdgeHeap {
  readonly #keys: number[] = [];
  readonly #ends: [number, number][] = [];

  push(key: number, a: number, b: number): void {
    let at = this.#keys.push(key) - 1;
    this.#ends.push([a, b]);
    for (let up = (at - 1) >> 1; at > 0 && this.#before(at, up); up = (at - 1) >> 1) {
      this.#swap(at, up);
      at = up;
    }
  }

  pop(): [number, number, number] | undefined {
    const n = this.#keys.length;
    if (n === 0) return undefined;
    this.#swap(0, n - 1);
    const key = this.#keys.pop() as number;
    const [a, b] = this.#ends.pop() as [number, number];
    for (let at = 0; ; ) {
      const [l, r] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (l < n - 1 && this.#before(l, least)) least = l;
      if (r < n - 1 && this.#before(r, least)) least = r;
      if (least === at) break;
      this.#swap(at, least);
      at = least;
    }
    return [key, a, b];
  }

  #before(i: number, j: number): boolean {
    const [[a, b], [c, d]] = [this.#ends[i], this.#ends[j]];
    return this.#keys[i] - this.#keys[j] < 0 || (this.#keys[i] === this.#keys[j] && (a - c || b - d) < 0);
  }

  #swap(i: number, j: number): void {
    [this.#keys[i], this.#keys[j]] = [this.#keys[j], this.#keys[i]];
    [this.#ends[i], this.#ends[j]] = [this.#ends[j], this.#ends[i]];
  }
}
