import type { Surface } from "@quintet/core";
import { surfaceIntersections } from "./intersections.ts";
import { vertexDistances } from "./surface-distance.ts";

export interface Nesting {
  /** No triangle of one meets one of the other, and the inner surface lies inside the outer one. */
  readonly nested: boolean;
  /** Least distance between the two, vertices of either to the other surface, mm. */
  readonly least: number;
  /** Pairs of triangles that meet. */
  readonly contacts: number;
}

/**
 * Whether a closed surface lies inside another one, and how far apart they are.
 *
 * The least distance of two meshes that do not meet lies at a vertex of one of them, or between two edges; the latter is
 * overestimated by at most a triangle's height over its edge, which is small between smooth surfaces.
 *
 * @throws DataError `empty-region`, `not-finite`
 */
export function nestedDistance(inner: Surface, outer: Surface): Nesting {
  const contacts = surfaceIntersections(inner, outer).length;
  const distances = [vertexDistances(inner, outer), vertexDistances(outer, inner)];
  const least = distances.reduce((all, d) => d.reduce((a, b) => Math.min(a, b), all), Number.POSITIVE_INFINITY);
  const first = [inner.vertices[0], inner.vertices[1], inner.vertices[2]] as const;
  return { nested: contacts === 0 && isInside(first, outer), least, contacts };
}

/**
 * Whether a point lies inside a closed mesh: the solid angle its faces fill, 4 pi inside and 0 outside.
 * @see van Oosterom & Strackee, IEEE Trans Biomed Eng 1983;30:125-6
 */
export function isInside(
  [x, y, z]: readonly [number, number, number],
  { vertices, faces }: Pick<Surface, "vertices" | "faces">,
): boolean {
  let half = 0;
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => {
      const v = 3 * faces[f + k];
      return [vertices[v] - x, vertices[v + 1] - y, vertices[v + 2] - z];
    });
    const dot = (p: readonly number[], q: readonly number[]): number => p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
    const [la, lb, lc] = [Math.sqrt(dot(a, a)), Math.sqrt(dot(b, b)), Math.sqrt(dot(c, c))];
    const triple =
      a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
    half += Math.atan2(triple, la * lb * lc + dot(a, b) * lc + dot(b, c) * la + dot(c, a) * lb);
  }
  return Math.abs(half) > Math.PI;
}
