import { DataError } from "@quintet/core";

type Shape = readonly [nx: number, ny: number, nz: number];

/** The seven directions of Kuhn's subdivision, in which `isosurface` joins lattice points, and their opposites. */
const directions: readonly (readonly [number, number, number])[] = [1, 2, 3, 4, 5, 6, 7].flatMap((bits) => {
  const step = [bits & 1, (bits >> 1) & 1, bits >> 2] as const;
  return [step, [-step[0], -step[1], -step[2]] as const];
});

/** Two neighbours of a point are neighbours of one another when their difference is one of the directions. */
const joined: readonly (readonly number[])[] = directions.map((a) =>
  directions.flatMap((b, j) => {
    const d = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
    return directions.some((step) => step.every((s, k) => s === d[k])) ? [j] : [];
  }),
);

/**
 * For each set of neighbours inside (14 bits): whether the point may change sides without changing the topology. The
 * neighbours form a triangulated sphere around the point; it may when those inside and those outside are one piece each.
 */
let simple: Uint8Array | undefined;
function simplePoints(): Uint8Array {
  if (simple) return simple;
  const all = (1 << 14) - 1;
  simple = new Uint8Array(1 << 14);
  for (let set = 1; set < all; set++) simple[set] = onePiece(set) && onePiece(all & ~set) ? 1 : 0;
  return simple;
}

function onePiece(set: number): boolean {
  let reached = set & -set;
  for (let grown = 0; grown !== reached; ) {
    grown = reached;
    for (let i = 0; i < 14; i++) {
      if ((reached >> i) & 1) for (const j of joined[i]) if ((set >> j) & 1) reached |= 1 << j;
    }
  }
  return reached === set;
}

/** Steps of the order in which points are taken up: a 256th of the range of the values. */
const levels = 256;

/**
 * The body {value > 0} with the topology of a ball: grown from its highest point, highest values first, taking a point
 * only where that opens no hole and closes no handle, in the connectivity of `isosurface`. A handle is cut where the
 * values along it are lowest; pieces that hang on nothing else are left out.
 *
 * @param values [z][y][x]; above 0 is inside. The outermost layer of points is never taken
 * @returns 1 inside
 * @throws DataError `shape-mismatch`, `empty-region`
 * @see Bertrand & Malandain, Pattern Recognit Lett 1994;15:169-75 (simple points); Han et al., IEEE TPAMI 2003;25:755-68
 *   (topology-preserving growth); both from the literature, not re-checked
 */
export function ballShaped(values: Float32Array, shape: Shape): Uint8Array {
  const [nx, ny, nz] = shape;
  if (values.length !== nx * ny * nz) {
    throw new DataError("shape-mismatch", "the values must fill their shape", {
      expected: shape.join(" x "),
      found: `${values.length}`,
    });
  }
  const table = simplePoints();
  const offsets = Int32Array.from(directions, ([x, y, z]) => x + nx * (y + ny * z));
  const inner = (i: number): boolean => {
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    return x > 0 && y > 0 && z > 0 && x < nx - 1 && y < ny - 1 && z < nz - 1;
  };
  let [seed, top] = [-1, 0];
  for (let i = 0; i < values.length; i++) if (values[i] > top && inner(i)) [seed, top] = [i, values[i]];
  if (seed < 0) throw new DataError("empty-region", "nothing lies above 0");
  const body = new Uint8Array(values.length);
  // First come, first served within a level: fronts that meet leave one thin cut.
  const waiting: number[][] = Array.from({ length: levels }, () => []);
  const served = new Int32Array(levels);
  const queued = new Uint8Array(values.length);
  let highest = 0;
  const offer = (around: number): void => {
    for (const offset of offsets) {
      const i = around + offset;
      if (queued[i] === 1 || body[i] === 1 || !(values[i] > 0) || !inner(i)) continue;
      queued[i] = 1;
      const level = Math.min(levels - 1, Math.floor((levels * values[i]) / top));
      waiting[level].push(i);
      if (level > highest) highest = level;
    }
  };
  body[seed] = 1;
  offer(seed);
  while (highest >= 0) {
    if (served[highest] === waiting[highest].length) {
      highest--;
      continue;
    }
    const i = waiting[highest][served[highest]++];
    queued[i] = 0;
    let set = 0;
    for (let k = 0; k < 14; k++) if (body[i + offsets[k]] === 1) set |= 1 << k;
    if (table[set] === 0) continue;
    body[i] = 1;
    // A neighbour that could not be taken before may be now.
    offer(i);
  }
  return body;
}
