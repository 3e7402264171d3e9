import type { Point, Surface } from "@quintet/core";
import { nearestOnTriangle } from "./nearest-on-triangle.ts";
import { triangleGrid } from "./triangle-grid.ts";

/** Where on a surface a point is nearest. */
export interface SurfacePoint {
  readonly point: Point;
  readonly distance: number;
  readonly face: number;
}

/**
 * Prepares nearest-point queries on a mesh: the exact nearest point of all its triangles, found by looking at cubes in
 * rings of growing distance until no farther ring can hold a nearer one.
 *
 * @throws DataError `empty-region`, `not-finite`
 */
export function nearestOnSurface(surface: Pick<Surface, "vertices" | "faces">): (point: Point) => SurfacePoint {
  const { vertices, faces } = surface;
  const grid = triangleGrid(surface);
  const { edge, origin, shape, start } = grid;
  const [nx, ny, nz] = shape;
  const seen = new Int32Array(faces.length / 3);
  const on = new Float64Array(6);
  let query = 0;
  return ([px, py, pz]) => {
    query++;
    let [least, face] = [Number.POSITIVE_INFINITY, -1];
    const best: [number, number, number] = [0, 0, 0];
    const look = (x: number, y: number, z: number): void => {
      if (x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz) return;
      const cube = x + nx * (y + ny * z);
      for (let i = start[cube]; i < start[cube + 1]; i++) {
        const f = grid.faces[i];
        if (seen[f] === query) continue;
        seen[f] = query;
        nearestOnTriangle(px, py, pz, vertices, 3 * faces[3 * f], 3 * faces[3 * f + 1], 3 * faces[3 * f + 2], on);
        const d = (on[0] - px) ** 2 + (on[1] - py) ** 2 + (on[2] - pz) ** 2;
        if (d < least) {
          [least, face] = [d, f];
          [best[0], best[1], best[2]] = [on[0], on[1], on[2]];
        }
      }
    };
    const home = [px, py, pz].map((p, k) => Math.min(shape[k] - 1, Math.max(0, Math.floor((p - origin[k]) / edge))));
    // The point may lie outside the grid: what a ring adds to the distance counts from its cube, not from itself.
    const [hx, hy, hz] = home as [number, number, number];
    for (let ring = 0; ring <= Math.max(nx, ny, nz); ring++) {
      if (ring > 0 && least <= ((ring - 1) * edge) ** 2) break;
      for (let z = hz - ring; z <= hz + ring; z++)
        for (let y = hy - ring; y <= hy + ring; y++) {
          const shell = Math.abs(z - hz) === ring || Math.abs(y - hy) === ring;
          for (let x = hx - ring; x <= hx + ring; x += shell || ring === 0 ? 1 : 2 * ring) look(x, y, z);
        }
    }
    return { point: best, distance: Math.sqrt(least), face };
  };
}

/** Distances (mm) of the vertices of one surface to another. */
export function vertexDistances(from: Surface, to: Surface): Float64Array {
  const nearest = nearestOnSurface(to);
  const { vertices } = from;
  return Float64Array.from(
    { length: vertices.length / 3 },
    (_, v) => nearest([vertices[3 * v], vertices[3 * v + 1], vertices[3 * v + 2]]).distance,
  );
}

export interface SurfaceAgreement {
  readonly median: number;
  readonly p95: number;
  readonly largest: number;
}

/** Symmetric distance of two surfaces: quantiles over the vertices of both, each to the other surface, mm. */
export function surfaceAgreement(a: Surface, b: Surface): SurfaceAgreement {
  const all = Float64Array.of(...vertexDistances(a, b), ...vertexDistances(b, a)).sort();
  const quantile = (q: number): number => all[Math.min(all.length - 1, Math.floor(q * all.length))];
  return { median: quantile(0.5), p95: quantile(0.95), largest: all[all.length - 1] };
}
