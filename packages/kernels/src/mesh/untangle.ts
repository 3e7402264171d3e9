import type { Surface } from "@quintet/core";
import { selfIntersections } from "./intersections.ts";
import { vertexNormals } from "./vertex-normals.ts";

export interface UntangledSurface {
  readonly surface: Surface;
  /** Pairs of faces that met, and those that meet still. */
  readonly before: number;
  readonly after: number;
  /** Vertices moved, and how far the farthest, mm. */
  readonly moved: number;
  readonly farthest: number;
}

/** What is tried on a knot, in turn: rings of neighbours that move, and the way along the outward normal, mm a step. */
const ways: readonly { readonly rings: number; readonly outwards: number }[] = [
  { rings: 0, outwards: 0 },
  { rings: 1, outwards: 0 },
  { rings: 0, outwards: 0.1 },
  { rings: 0, outwards: -0.1 },
  { rings: 1, outwards: 0.1 },
  { rings: 1, outwards: -0.1 },
  { rings: 2, outwards: 0 },
  { rings: 2, outwards: 0.1 },
  { rings: 2, outwards: -0.1 },
  { rings: 3, outwards: 0 },
  { rings: 1, outwards: 0.2 },
  { rings: 1, outwards: -0.2 },
  { rings: 2, outwards: 0.2 },
  { rings: 2, outwards: -0.2 },
];
/** Steps along one way before the next is tried. */
const steps = 12;
/** A way that moves a vertex farther than this is given up, mm. */
const reach = 3;
/** Faces this near to a knot are looked at, mm. */
const around = 8;
/** How often the whole mesh is looked at: what was moved for one knot may meet another. */
const rounds = 6;

/**
 * A closed mesh with its self-intersections taken out: each knot of faces that meet is smoothed (half the way to the mean of
 * the neighbours), then also widened or narrowed along the normals, in growing neighbourhoods, until none of its faces meets
 * another; all else stays where it is. Vertices and faces keep their numbers, so the topology is untouched. A knot that no
 * way undoes within 3 mm is left as it was.
 *
 * @throws DataError `empty-region`, `not-finite`
 */
export function untangleSurface(surface: Surface): UntangledSurface {
  const vertices = surface.vertices.slice();
  const mesh = { ...surface, vertices };
  let pairs = selfIntersections(mesh);
  const before = pairs.length;
  for (let round = 0; pairs.length > 0 && round < rounds; round++) {
    let undone = 0;
    for (const knot of knotsOf(pairs, mesh.faces)) if (undo(knot, vertices, mesh.faces)) undone++;
    if (undone === 0) break;
    pairs = selfIntersections(mesh);
  }
  let [moved, farthest] = [0, 0];
  for (let v = 0; v < vertices.length; v += 3) {
    const d = Math.hypot(...[0, 1, 2].map((k) => vertices[v + k] - surface.vertices[v + k]));
    if (d > 0) moved++;
    farthest = Math.max(farthest, d);
  }
  return { surface: mesh, before, after: pairs.length, moved, farthest };
}

/** Faces that meet, joined where they meet or share a corner. */
function knotsOf(pairs: readonly (readonly [number, number])[], faces: Uint32Array): number[][] {
  const owner = new Map<number, number>();
  const root = (i: number): number => {
    let at = i;
    for (let up = owner.get(at) ?? at; up !== at; up = owner.get(at) ?? at) at = up;
    return at;
  };
  // Corners stand for themselves; a face joins its three.
  const join = (a: number, b: number): void => {
    const [p, q] = [root(a), root(b)];
    owner.set(p, q);
    owner.set(q, q);
  };
  const knotted = new Set(pairs.flat());
  for (const f of knotted) for (let k = 1; k < 3; k++) join(faces[3 * f], faces[3 * f + k]);
  for (const [f, g] of pairs) join(faces[3 * f], faces[3 * g]);
  const knots = new Map<number, number[]>();
  for (const f of knotted) {
    const at = root(faces[3 * f]);
    knots.set(at, [...(knots.get(at) ?? []), f]);
  }
  return [...knots.values()];
}

/** Tries the ways on one knot; on success writes the moved vertices and says true. */
function undo(knot: readonly number[], vertices: Float32Array, faces: Uint32Array): boolean {
  const { numbers, part, own } = cutOut(knot, vertices, faces);
  const start = part.vertices.slice();
  const at = neighbourhood(part.faces, part.vertices.length / 3);
  for (const { rings, outwards } of ways) {
    part.vertices.set(start);
    const region = new Set(own.flatMap((f) => [...part.faces.subarray(3 * f, 3 * f + 3)]));
    for (let ring = 0; ring < rings; ring++)
      for (const v of [...region]) for (const f of at[v]) for (let k = 0; k < 3; k++) region.add(part.faces[3 * f + k]);
    const touched = new Set([...region].flatMap((v) => at[v]));
    for (let step = 0; step < steps; step++) {
      advance(part, at, region, outwards);
      if (farthestMove(part.vertices, start, region) > reach) break;
      if (selfIntersections(part, touched).length > 0) continue;
      for (const v of region) for (let k = 0; k < 3; k++) vertices[3 * numbers[v] + k] = part.vertices[3 * v + k];
      return true;
    }
  }
  return false;
}

/** The faces near a knot as a mesh of their own; `numbers` are its vertices' numbers in the whole, `own` the knot's faces. */
function cutOut(
  knot: readonly number[],
  vertices: Float32Array,
  faces: Uint32Array,
): { readonly numbers: readonly number[]; readonly part: Surface; readonly own: readonly number[] } {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = low.map((x) => -x);
  for (const f of knot)
    for (let k = 0; k < 9; k++) {
      const x = vertices[3 * faces[3 * f + Math.floor(k / 3)] + (k % 3)];
      low[k % 3] = Math.min(low[k % 3], x - around);
      high[k % 3] = Math.max(high[k % 3], x + around);
    }
  const near = (v: number): boolean =>
    [0, 1, 2].every((k) => vertices[3 * v + k] >= low[k] && vertices[3 * v + k] <= high[k]);
  const named = new Map<number, number>();
  const numbers: number[] = [];
  const own: number[] = [];
  const kept: number[] = [];
  const wanted = new Set(knot);
  for (let f = 0; f < faces.length / 3; f++) {
    const corners = [faces[3 * f], faces[3 * f + 1], faces[3 * f + 2]];
    if (!corners.some(near)) continue;
    if (wanted.has(f)) own.push(kept.length / 3);
    for (const v of corners) {
      if (!named.has(v)) {
        named.set(v, numbers.length);
        numbers.push(v);
      }
      kept.push(named.get(v) as number);
    }
  }
  const points = Float32Array.from(
    { length: 3 * numbers.length },
    (_, i) => vertices[3 * numbers[Math.floor(i / 3)] + (i % 3)],
  );
  return { numbers, own, part: { space: "part", vertices: points, faces: Uint32Array.from(kept) } };
}

function neighbourhood(faces: Uint32Array, count: number): readonly (readonly number[])[] {
  const at: number[][] = Array.from({ length: count }, () => []);
  for (let c = 0; c < faces.length; c++) at[faces[c]].push(Math.floor(c / 3));
  return at;
}

/** One step: half the way to the neighbours' mean, or a fifth of it and along the normals. */
function advance(
  { vertices, faces }: Surface,
  at: readonly (readonly number[])[],
  region: ReadonlySet<number>,
  outwards: number,
): void {
  const normals = outwards === 0 ? undefined : vertexNormals({ vertices, faces });
  const share = normals ? 0.2 : 0.5;
  const moves = [...region].map((v) => {
    const sum = [0, 0, 0];
    for (const f of at[v]) {
      // Each neighbour is met once as the next corner of a face of a closed mesh.
      const k = faces[3 * f] === v ? 0 : faces[3 * f + 1] === v ? 1 : 2;
      for (let c = 0; c < 3; c++) sum[c] += vertices[3 * faces[3 * f + ((k + 1) % 3)] + c];
    }
    return [v, sum.map((s, c) => share * (s / at[v].length - vertices[3 * v + c]))] as const;
  });
  for (const [v, step] of moves)
    for (let c = 0; c < 3; c++) vertices[3 * v + c] += step[c] + (normals ? outwards * normals[3 * v + c] : 0);
}

function farthestMove(now: Float32Array, start: Float32Array, region: ReadonlySet<number>): number {
  let most = 0;
  for (const v of region) most = Math.max(most, Math.hypot(...[0, 1, 2].map((k) => now[3 * v + k] - start[3 * v + k])));
  return most;
}
