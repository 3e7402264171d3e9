/** The surfaces of a head as the compiled kernel reads them: one block of memory, one int32 record per surface. */
import type { BoundaryShell } from "./boundary-elements.ref.ts";

const millimetre = 1e-3;
/** Bytes of a surface's record: counts and addresses. */
export const recordBytes = 32;
/** Numbers of a triangle's plane: normal, twice the area, and two corners' linear functions. */
const planeNumbers = 12;

interface PackedSurface {
  readonly vertices: Float64Array;
  readonly edges: Int32Array;
  readonly lengths: Float64Array;
  readonly corners: Int32Array;
  readonly planes: Float64Array;
}

/** Vertices in m; edges once each; what of a triangle does not depend on where it is seen from. */
export function packSurface(shell: BoundaryShell): PackedSurface {
  const vertices = Float64Array.from(shell.vertices, (v) => v * millimetre);
  const count = shell.faces.length / 3;
  const corners = new Int32Array(6 * count);
  const planes = new Float64Array(planeNumbers * count);
  const known = new Map<number, number>();
  const edges: number[] = [];
  const lengths: number[] = [];
  const at = (v: number): readonly [number, number, number] => [
    vertices[3 * v],
    vertices[3 * v + 1],
    vertices[3 * v + 2],
  ];
  for (let f = 0; f < count; f++) {
    const face = [shell.faces[3 * f], shell.faces[3 * f + 1], shell.faces[3 * f + 2]] as const;
    for (let k = 0; k < 3; k++) {
      const [from, to] = [face[k] as number, face[(k + 1) % 3] as number];
      const key = Math.min(from, to) * (vertices.length / 3) + Math.max(from, to);
      let edge = known.get(key);
      if (edge === undefined) {
        edge = lengths.length;
        known.set(key, edge);
        edges.push(from, to);
        const [p, q] = [at(from), at(to)];
        lengths.push(Math.sqrt((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 + (p[2] - q[2]) ** 2));
      }
      corners[6 * f + k] = face[k] as number;
      corners[6 * f + 3 + k] = edge;
    }
    planes.set(planeOf(at(face[0]), at(face[1]), at(face[2])), planeNumbers * f);
  }
  return { vertices, edges: Int32Array.from(edges), lengths: Float64Array.from(lengths), corners, planes };
}

type Triple = readonly [number, number, number];

/** n, 2A, and (constant, gradient) of the functions that are 1 at a or at b and 0 at the other corners. */
function planeOf(a: Triple, b: Triple, c: Triple): number[] {
  const u = [b[0] - a[0], b[1] - a[1], b[2] - a[2]] as const;
  const v = [c[0] - a[0], c[1] - a[1], c[2] - a[2]] as const;
  const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]] as const;
  const twice = Math.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2);
  const n = normal.map((x) => x / twice) as unknown as Triple;
  const hat = (corner: Triple, from: Triple, to: Triple): number[] => {
    const o = [to[0] - from[0], to[1] - from[1], to[2] - from[2]] as const;
    const g = [
      (n[1] * o[2] - n[2] * o[1]) / twice,
      (n[2] * o[0] - n[0] * o[2]) / twice,
      (n[0] * o[1] - n[1] * o[0]) / twice,
    ] as const;
    return [1 - g[0] * corner[0] - g[1] * corner[1] - g[2] * corner[2], ...g];
  };
  return [...n, twice, ...hat(a, b, c), ...hat(b, c, a)];
}

/** Below it stand the compiled kernel's own tables (the logarithm's), which its test holds to this. */
export const firstFree = 16384;

/** Lays out memory from `start` on; every address is a multiple of 16. */
export function layout(start: number = firstFree): {
  readonly take: (bytes: number) => number;
  readonly end: () => number;
} {
  let at = start;
  return {
    take: (bytes) => {
      const here = (at + 15) & ~15;
      at = here + bytes;
      return here;
    },
    end: () => at,
  };
}

/** Writes a surface's arrays to where `places` says, and its record. */
export function storeSurface(
  buffer: ArrayBuffer,
  record: number,
  packed: PackedSurface,
  places: readonly number[],
): void {
  const { vertices, edges, lengths, corners, planes } = packed;
  new Int32Array(buffer, record, 8).set([vertices.length / 3, lengths.length, corners.length / 6, ...places]);
  new Float64Array(buffer, places[0], vertices.length).set(vertices);
  new Int32Array(buffer, places[1], edges.length).set(edges);
  new Float64Array(buffer, places[2], lengths.length).set(lengths);
  new Int32Array(buffer, places[3], corners.length).set(corners);
  new Float64Array(buffer, places[4], planes.length).set(planes);
}
