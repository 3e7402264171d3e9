import { apply, DataError, type Grid, invert, type Point, type Surface } from "@quintet/core";
import { icosphere, type Mesh } from "../sphere.ts";

/**
 * A closed surface seen whole from one point inside it: a radius (mm) for each direction of an icosphere.
 *
 *   x_v = centre + r_v u_v
 *
 * Seen from the centre its faces are the sphere's own, which do not overlap, so it cannot cut itself and has no handle,
 * whatever the radii. Of two such surfaces on one centre and sphere the one with the larger radii encloses the other:
 * within a face 1/r is linear in the 1/r_v of its corners.
 */
export interface StarSurface {
  readonly centre: Point;
  readonly mesh: Mesh;
  readonly radii: Float64Array;
}

/** 642 vertices (3), 2562 (4) or 10242 (5). */
export type Subdivisions = 3 | 4 | 5;

export function starMesh(subdivisions: Subdivisions): Mesh {
  return icosphere(subdivisions);
}

/** The surface's vertices and faces in world mm. */
export function toSurface({ centre, mesh, radii }: StarSurface, space: string): Surface {
  const vertices = Float32Array.from(
    mesh.vertices,
    (u, i) => (centre[i % 3] as number) + u * (radii[Math.floor(i / 3)] as number),
  );
  return { space, vertices, faces: Uint32Array.from(mesh.faces) };
}

/** An image on a grid, read between its voxels. */
export interface Sampled {
  readonly grid: Grid;
  /** Value at a fractional voxel index. */
  readonly at: (x: number, y: number, z: number) => number;
}

const step = 1;

/**
 * Where rays from the centre leave a body for the last time: the outermost crossing of `level` (a value below it is
 * inside), so that hollows behind an overhang are bridged.
 *
 * @param farthest mm; beyond it nothing is looked for
 * @throws DataError `no-surface` when a ray meets nothing
 */
export function outermostCrossings(
  body: Sampled,
  centre: Point,
  mesh: Mesh,
  { level, farthest }: { readonly level: number; readonly farthest: number },
): Float64Array {
  const toVoxel = invert(body.grid.affine);
  const count = mesh.vertices.length / 3;
  const origin = apply(toVoxel, centre);
  return Float64Array.from({ length: count }, (_, v) => {
    const [ux, uy, uz] = [0, 1, 2].map((k) => mesh.vertices[3 * v + k] as number) as [number, number, number];
    const tip = apply(toVoxel, [centre[0] + ux, centre[1] + uy, centre[2] + uz]);
    const [dx, dy, dz] = [tip[0] - origin[0], tip[1] - origin[1], tip[2] - origin[2]];
    const value = (r: number): number => body.at(origin[0] + r * dx, origin[1] + r * dy, origin[2] + r * dz);
    let outer = value(farthest);
    for (let r = farthest - step; r > 0; r -= step) {
      const inner = value(r);
      if (inner < level) return outer < level ? r + step : r + (step * (level - inner)) / (outer - inner);
      outer = inner;
    }
    throw new DataError("no-surface", "a ray from the middle of the head meets nothing", {
      found: `direction ${[ux, uy, uz].map((u) => u.toFixed(2)).join(" ")}`,
    });
  });
}

/**
 * Radii smoothed over the sphere without shrinking: steps towards the neighbours' mean, out and back.
 * @see Taubin, SIGGRAPH 1995, 351-358 (lambda 0.5, mu 0.5263)
 */
export function smoothRadii(radii: Float64Array, { neighbours }: Mesh, rounds: number): Float64Array {
  let now = radii;
  for (let half = 0; half < 2 * rounds; half++) {
    const share = half % 2 === 0 ? 0.5 : -0.5263;
    const before = now;
    now = before.map((r, v) => r + share * (meanAround(before, neighbours, v) - r));
  }
  return now;
}

function meanAround(values: Float64Array, neighbours: Int32Array, v: number): number {
  let [sum, n] = [0, 0];
  for (let k = 0; k < 6; k++) {
    const other = neighbours[6 * v + k] as number;
    if (other < 0) break;
    sum += values[other] as number;
    n++;
  }
  return sum / n;
}
