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
const tetrahedra = walks.map(([a, b]) => [0, 1 << a, (1 << a) | (1 << b), 7] as const);

/** Crossings closer than this to a lattice point (in edge lengths) are kept off it: no face of zero area. */
const off = 0.01;

/** `isosurface` cube by cube, with a map of all edges; the order of vertices and faces is the same. */
export function isosurfaceReference(data: Float32Array, grid: Grid, level: number): Surface {
  if (data.length !== voxelCount(grid)) {
    throw new DataError("shape-mismatch", "the image must fill its grid", {
      expected: grid.shape.join(" x "),
      found: `${data.length} values`,
    });
  }
  if (!Number.isFinite(level)) throw new DataError("not-finite", "the level must be a number", { found: `${level}` });
  const [nx, ny, nz] = grid.shape;
  const [px, py] = [nx + 2, ny + 2];
  const value = (x: number, y: number, z: number): number =>
    x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz ? Number.NaN : (data[x + nx * (y + ny * z)] as number);
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((c) => [c & 1, (c >> 1) & 1, c >> 2] as const);
  const steps = corners.map(([x, y, z]) => x + px * (y + py * z));

  const vertices: number[] = [];
  const faces: number[] = [];
  const known = new Map<number, number>();
  const values = new Float64Array(8);
  const flip = determinant(grid.affine) < 0;

  const vertex = (base: number, x: number, y: number, z: number, a: number, b: number): number => {
    const [low, high] = a < b ? [a, b] : [b, a];
    // An edge of the subdivision runs from a lattice point along one of seven directions.
    const key = (base + (steps[low] as number)) * 8 + (high ^ low);
    const old = known.get(key);
    if (old !== undefined) return old;
    const [va, vb] = [values[low] as number, values[high] as number];
    const crossing = Number.isNaN(va) || Number.isNaN(vb) ? 0.5 : (level - va) / (vb - va);
    const t = Math.min(Math.max(crossing, off), 1 - off);
    const [ax, ay, az] = corners[low] as readonly [number, number, number];
    const [bx, by, bz] = corners[high] as readonly [number, number, number];
    vertices.push(...apply(grid.affine, [x + ax + t * (bx - ax), y + ay + t * (by - ay), z + az + t * (bz - az)]));
    const index = vertices.length / 3 - 1;
    known.set(key, index);
    return index;
  };
  const face = (a: number, b: number, c: number, turned: boolean): void => {
    if (turned !== flip) faces.push(a, c, b);
    else faces.push(a, b, c);
  };

  for (let z = -1; z < nz; z++) {
    for (let y = -1; y < ny; y++) {
      for (let x = -1; x < nx; x++) {
        let inside = 0;
        for (let c = 0; c < 8; c++) {
          const [cx, cy, cz] = corners[c] as readonly [number, number, number];
          values[c] = value(x + cx, y + cy, z + cz);
          if ((values[c] as number) >= level) inside |= 1 << c;
        }
        if (inside === 0 || inside === 255) continue;
        const base = x + 1 + px * (y + 1 + py * (z + 1));
        for (let t = 0; t < 6; t++) {
          const tetrahedron = tetrahedra[t] as readonly [number, number, number, number];
          const ins = tetrahedron.filter((c) => (inside >> c) & 1);
          const outs = tetrahedron.filter((c) => !((inside >> c) & 1));
          if (ins.length === 0 || outs.length === 0) continue;
          const cut = (a: number, b: number): number => vertex(base, x, y, z, a, b);
          cutTetrahedron(ins, outs, evenOrder(tetrahedron, ins, outs) !== t > 2, cut, face);
        }
      }
    }
  }
  return { space: grid.space, vertices: Float32Array.from(vertices), faces: Uint32Array.from(faces) };
}

/** Whether [ins, outs] is an even permutation of the tetrahedron's own corner order. */
function evenOrder(own: readonly number[], ins: readonly number[], outs: readonly number[]): boolean {
  const order = [...ins, ...outs].map((c) => own.indexOf(c));
  let swaps = 0;
  for (let i = 0; i < 4; i++) for (let j = i + 1; j < 4; j++) if ((order[i] as number) > (order[j] as number)) swaps++;
  return swaps % 2 === 0;
}

type Cut = (a: number, b: number) => number;
type Face = (a: number, b: number, c: number, turned: boolean) => void;

function cutTetrahedron(ins: readonly number[], outs: readonly number[], even: boolean, cut: Cut, face: Face): void {
  const [a, b] = ins as [number, number];
  const [c, d] = outs as [number, number];
  if (ins.length === 1) {
    const [p, q, r] = outs as [number, number, number];
    face(cut(a, p), cut(a, q), cut(a, r), !even);
  } else if (ins.length === 3) {
    const [p, q, r] = ins as [number, number, number];
    face(cut(p, c), cut(q, c), cut(r, c), !even);
  } else {
    const [ac, ad, bd, bc] = [cut(a, c), cut(a, d), cut(b, d), cut(b, c)];
    face(ac, ad, bd, !even);
    face(ac, bd, bc, !even);
  }
}
