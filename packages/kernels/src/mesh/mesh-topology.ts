import type { Surface } from "@quintet/core";

/** What a triangle mesh is, as a surface. */
export interface MeshTopology {
  readonly vertices: number;
  readonly faces: number;
  readonly edges: number;
  /** Edges that belong to one face only. */
  readonly open: number;
  /** Edges that belong to more than two faces. */
  readonly branched: number;
  /** Edges whose two faces run the same way along them: one of them is turned. */
  readonly turned: number;
  readonly parts: number;
  /** Vertices that no face uses. */
  readonly loose: number;
  /** V - E + F over the vertices in use; 2 for a sphere. */
  readonly euler: number;
  /** Handles of a closed surface, over all parts: parts - euler / 2. */
  readonly genus: number;
  /** Enclosed, mL; positive when faces run counter-clockwise seen from outside. */
  readonly volume: number;
  /** cm2. */
  readonly area: number;
}

/** Closed, of one part, of genus 0, every face turned outwards: a sphere as far as topology goes. */
export function isSphere({ open, branched, turned, parts, loose, euler, volume }: MeshTopology): boolean {
  return open === 0 && branched === 0 && turned === 0 && parts === 1 && loose === 0 && euler === 2 && volume > 0;
}

/**
 * Counts vertices, edges and faces, and what is wrong with them.
 *
 *   V - E + F = 2 (parts - genus),   volume = sum_f a . (b x c) / 6
 */
export function meshTopology({ vertices, faces }: Pick<Surface, "vertices" | "faces">): MeshTopology {
  const count = vertices.length / 3;
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  const used = new Uint8Array(count);
  const uses = new Map<number, { forward: number; backward: number }>();
  let [sixfold, twice] = [0, 0];
  for (let f = 0; f < faces.length; f += 3) {
    for (let k = 0; k < 3; k++) {
      const [a, b] = [faces[f + k], faces[f + ((k + 1) % 3)]];
      used[a] = 1;
      parent[root(b)] = root(a);
      const key = Math.min(a, b) * count + Math.max(a, b);
      const edge = uses.get(key) ?? { forward: 0, backward: 0 };
      if (a < b) edge.forward++;
      else edge.backward++;
      uses.set(key, edge);
    }
    const [a, b, c] = [3 * faces[f], 3 * faces[f + 1], 3 * faces[f + 2]];
    const [ax, ay, az] = [vertices[a], vertices[a + 1], vertices[a + 2]];
    const [bx, by, bz] = [vertices[b], vertices[b + 1], vertices[b + 2]];
    const [cx, cy, cz] = [vertices[c], vertices[c + 1], vertices[c + 2]];
    sixfold += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
    const [ux, uy, uz, vx, vy, vz] = [bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az];
    twice += Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx);
  }
  let [open, branched, turned] = [0, 0, 0];
  for (const { forward, backward } of uses.values()) {
    if (forward + backward === 1) open++;
    else if (forward + backward > 2) branched++;
    else if (forward !== backward) turned++;
  }
  let [inUse, parts] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (used[i] === 0) continue;
    inUse++;
    if (root(i) === i) parts++;
  }
  const euler = inUse - uses.size + faces.length / 3;
  return {
    vertices: count,
    faces: faces.length / 3,
    edges: uses.size,
    open,
    branched,
    turned,
    parts,
    loose: count - inUse,
    euler,
    genus: parts - euler / 2,
    volume: sixfold / 6000,
    area: twice / 200,
  };
}
