/** A closed triangle mesh as flat arrays: xyz per vertex, three indices per face, neighbours per vertex. */
export interface Mesh {
  readonly vertices: Float64Array;
  readonly faces: Int32Array;
  /** Up to six neighbours per vertex, -1 where there are five. */
  readonly neighbours: Int32Array;
}

/**
 * Unit sphere from an icosahedron whose faces are split into four `subdivisions` times: 10 * 4^n + 2 vertices, faces
 * counter-clockwise seen from outside.
 */
export function icosphere(subdivisions: number): Mesh {
  const golden = (1 + Math.sqrt(5)) / 2;
  const points: [number, number, number][] = [];
  const push = (x: number, y: number, z: number): number => {
    const length = Math.hypot(x, y, z);
    return points.push([x / length, y / length, z / length]) - 1;
  };
  for (const [a, b] of [
    [1, golden],
    [-1, golden],
    [1, -golden],
    [-1, -golden],
  ] as const) {
    push(0, a, b);
    push(a, b, 0);
    push(b, 0, a);
  }
  let faces = convexFaces(points);
  for (let round = 0; round < subdivisions; round++) {
    const middles = new Map<number, number>();
    const middle = (i: number, j: number): number => {
      const key = Math.min(i, j) * 1_000_000 + Math.max(i, j);
      const known = middles.get(key);
      if (known !== undefined) return known;
      const [p, q] = [points[i] as [number, number, number], points[j] as [number, number, number]];
      const made = push(p[0] + q[0], p[1] + q[1], p[2] + q[2]);
      middles.set(key, made);
      return made;
    };
    faces = faces.flatMap(([a, b, c]) => {
      const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
      return [
        [a, ab, ca],
        [b, bc, ab],
        [c, ca, bc],
        [ab, bc, ca],
      ] as [number, number, number][];
    });
  }
  return {
    vertices: Float64Array.from(points.flat()),
    faces: Int32Array.from(faces.flat()),
    neighbours: neighboursOf(faces, points.length),
  };
}

/** The twenty faces: triples of vertices that are mutually nearest (edge 2 / sqrt(golden^2 + 1) = 1.0515). */
function convexFaces(points: readonly (readonly [number, number, number])[]): [number, number, number][] {
  const near = (i: number, j: number): boolean => {
    const [p, q] = [points[i], points[j]];
    return p !== undefined && q !== undefined && Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]) < 1.1;
  };
  const faces: [number, number, number][] = [];
  for (let a = 0; a < 12; a++)
    for (let b = a + 1; b < 12; b++)
      for (let c = b + 1; c < 12; c++) {
        if (!(near(a, b) && near(b, c) && near(a, c))) continue;
        const [p, q, r] = [points[a], points[b], points[c]] as [number, number, number][];
        faces.push(volumeSign(p as never, q as never, r as never) > 0 ? [a, b, c] : [a, c, b]);
      }
  return faces;
}

function volumeSign(p: readonly number[], q: readonly number[], r: readonly number[]): number {
  const [px, py, pz, qx, qy, qz, rx, ry, rz] = [...p, ...q, ...r] as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return px * (qy * rz - qz * ry) + py * (qz * rx - qx * rz) + pz * (qx * ry - qy * rx);
}

function neighboursOf(faces: readonly (readonly [number, number, number])[], count: number): Int32Array {
  const sets = Array.from({ length: count }, () => new Set<number>());
  for (const [a, b, c] of faces) {
    sets[a]?.add(b).add(c);
    sets[b]?.add(a).add(c);
    sets[c]?.add(a).add(b);
  }
  const out = new Int32Array(count * 6).fill(-1);
  for (const [vertex, set] of sets.entries()) {
    let k = 0;
    for (const other of set) out[vertex * 6 + k++] = other;
  }
  return out;
}
