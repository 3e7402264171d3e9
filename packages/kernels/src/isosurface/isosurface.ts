import { apply, DataError, determinant, type Grid, type Surface, voxelCount } from "@quintet/core";

/** The six tetrahedra of a cube that share its main diagonal, by the order in which the axes are walked (Kuhn). */
const walks = [
  [0, 1, 2],
  [1, 2, 0],
  [2, 0, 1],
  [0, 2, 1],
  [2, 1, 0],
  [1, 0, 2],
] as const;

/** Crossings closer than this to a lattice point (in edge lengths) are kept off it: no face of zero area. */
const off = 0.01;

/** What a cube is cut into, by which of its corners lie inside (8 bits). */
interface CubeCut {
  /** Crossed edges of its tetrahedra, each as lower corner + 8 times higher corner, in the order they are met. */
  readonly edges: readonly number[];
  /** Three places in `edges` a face, counter-clockwise from outside in a right-handed grid. */
  readonly faces: readonly number[];
}

const cuts: readonly CubeCut[] = Array.from({ length: 256 }, (_, inside) => cubeCut(inside));

/**
 * The surface where an image crosses `level`, by marching tetrahedra.
 *
 * Each lattice cube is cut into the six tetrahedra of Kuhn's subdivision, which match across cubes; a tetrahedron
 * with corners on both sides of the level gives one or two triangles whose vertices lie where the linear interpolant
 * crosses. The mesh is closed (every edge belongs to exactly two faces) because the image is taken to lie below the
 * level outside its grid, and faces run counter-clockwise seen from the low side (from outside a bright body). Vertices and
 * faces are those of `isosurface.ref.ts`, one for one.
 *
 * @param data [z][y][x], one frame
 * @returns vertices in world mm; none when the level is not crossed
 * @throws DataError `shape-mismatch`, `not-finite`
 * @see Doi & Koide, IEICE Trans 1991;E74:214-224
 */
export function isosurface(data: Float32Array, grid: Grid, level: number): Surface {
  if (data.length !== voxelCount(grid)) {
    throw new DataError("shape-mismatch", "the image must fill its grid", {
      expected: grid.shape.join(" x "),
      found: `${data.length} values`,
    });
  }
  if (!Number.isFinite(level)) throw new DataError("not-finite", "the level must be a number", { found: `${level}` });
  const [nx, ny, nz] = grid.shape;
  const [px, py] = [nx + 2, ny + 2];
  const body = paddedBody(data, grid.shape, level);
  // An edge runs from a lattice point along one of seven directions: its vertex by point and direction, on two planes.
  const known = [new Int32Array(8 * px * py).fill(-1), new Int32Array(8 * px * py).fill(-1)];
  const flip = determinant(grid.affine) < 0;
  const vertices: number[] = [];
  const faces: number[] = [];
  const cube = new Int32Array(19);
  const valueAt = (x: number, y: number, z: number): number =>
    x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz ? Number.NaN : data[x + nx * (y + ny * z)];
  const vertex = (x: number, y: number, z: number, low: number, high: number): number => {
    const place = 8 * (x + 1 + (low & 1) + px * (y + 1 + ((low >> 1) & 1))) + (high ^ low);
    const plane = known[(z + 1 + (low >> 2)) & 1];
    if (plane[place] >= 0) return plane[place];
    const [ax, ay, az] = [x + (low & 1), y + ((low >> 1) & 1), z + (low >> 2)];
    const [bx, by, bz] = [(high ^ low) & 1, ((high ^ low) >> 1) & 1, (high ^ low) >> 2];
    const [va, vb] = [valueAt(ax, ay, az), valueAt(ax + bx, ay + by, az + bz)];
    const crossing = Number.isNaN(va) || Number.isNaN(vb) ? 0.5 : (level - va) / (vb - va);
    const t = Math.min(Math.max(crossing, off), 1 - off);
    const [wx, wy, wz] = apply(grid.affine, [ax + t * bx, ay + t * by, az + t * bz]);
    const index = vertices.length / 3;
    vertices.push(wx, wy, wz);
    plane[place] = index;
    return index;
  };
  for (let z = -1; z < nz; z++) {
    known[z & 1].fill(-1);
    for (let y = -1; y < ny; y++) {
      const row = px * (y + 1 + py * (z + 1));
      let inside = 0;
      for (let x = -1; x < nx; x++) {
        const at = row + x + 2;
        inside = (inside >> 1) & 0x55;
        inside |= (body[at] << 1) | (body[at + px] << 3) | (body[at + px * py] << 5) | (body[at + px + px * py] << 7);
        if (inside === 0 || inside === 255) continue;
        const cut = cuts[inside];
        for (let e = 0; e < cut.edges.length; e++) cube[e] = vertex(x, y, z, cut.edges[e] & 7, cut.edges[e] >> 3);
        for (let f = 0; f < cut.faces.length; f += 3) {
          const [a, b, c] = [cube[cut.faces[f]], cube[cut.faces[f + 1]], cube[cut.faces[f + 2]]];
          if (flip) faces.push(a, c, b);
          else faces.push(a, b, c);
        }
      }
    }
  }
  return { space: grid.space, vertices: Float32Array.from(vertices), faces: Uint32Array.from(faces) };
}

/** 1 where the image reaches the level, with one layer of 0 around it. */
function paddedBody(data: Float32Array, [nx, ny, nz]: Grid["shape"], level: number): Uint8Array {
  const [px, py] = [nx + 2, ny + 2];
  const out = new Uint8Array(px * py * (nz + 2));
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) {
      const row = 1 + px * (y + 1 + py * (z + 1));
      for (let x = 0; x < nx; x++, i++) if (data[i] >= level) out[row + x] = 1;
    }
  return out;
}

function cubeCut(inside: number): CubeCut {
  const edges: number[] = [];
  const faces: number[] = [];
  const cut = (a: number, b: number): number => {
    const edge = Math.min(a, b) + 8 * Math.max(a, b);
    const met = edges.indexOf(edge);
    return met >= 0 ? met : edges.push(edge) - 1;
  };
  for (const [t, [first, second]] of walks.entries()) {
    const tetrahedron = [0, 1 << first, (1 << first) | (1 << second), 7];
    const ins = tetrahedron.filter((c) => (inside >> c) & 1);
    const outs = tetrahedron.filter((c) => !((inside >> c) & 1));
    if (ins.length === 0 || outs.length === 0) continue;
    const turned = evenOrder(tetrahedron, ins, outs) === t > 2;
    const face = (a: number, b: number, c: number): void => {
      faces.push(...(turned ? [a, c, b] : [a, b, c]));
    };
    const [a, b] = ins as [number, number];
    const [c, d] = outs as [number, number];
    if (ins.length === 1) face(...(outs.map((p) => cut(a, p)) as [number, number, number]));
    else if (ins.length === 3) face(...(ins.map((p) => cut(p, c)) as [number, number, number]));
    else {
      const [ac, ad, bd, bc] = [cut(a, c), cut(a, d), cut(b, d), cut(b, c)];
      face(ac, ad, bd);
      face(ac, bd, bc);
    }
  }
  return { edges, faces };
}

/** Whether [ins, outs] is an even permutation of the tetrahedron's own corner order. */
function evenOrder(own: readonly number[], ins: readonly number[], outs: readonly number[]): boolean {
  const order = [...ins, ...outs].map((c) => own.indexOf(c));
  let swaps = 0;
  for (let i = 0; i < 4; i++) for (let j = i + 1; j < 4; j++) if (order[i] > order[j]) swaps++;
  return swaps % 2 === 0;
}
