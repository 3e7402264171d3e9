/**
 * Hat functions as weights: how boundary elements by Galerkin's method integrate over the triangles of a surface.
 *
 * Where collocation asks that the equations hold at the vertices, Galerkin's method asks that they hold in the mean under each
 * vertex's hat function N_a, m_a = int N_a dS a third of the triangles around it:
 *
 *   (1/m_a) int N_a [ (s_j- + s_j+)/2 V - U - 1/(4 pi) sum_k (s_k- - s_k+) int V dW ] dS = 0
 *
 * The inner integrals are exact (`linearSolidAngles`), the outer ones by three points a triangle (exact to the second degree), or
 * three in each part of a triangle that is halved along its edges. A triangle sees nothing of itself, so nothing has to be made up for.
 *
 * @see Stenroos & Sarvas, Phys Med Biol 2012;57:3517-3535 (linear Galerkin with the isolated source approach); Stenroos & Haueisen,
 *   IEEE TBME 2008;55:2124-2133
 */
import type { BoundaryShell, RulePoint } from "./boundary-elements.ref.ts";

/** Triangles whose centres are nearer than this many longest edges see each other by the finer rule. */
export const angleReach = 2;
/** How often triangles are halved for it. */
export const angleDepth = 1;
/** A triangle is halved until this many lengths of its parts fit before the dipole, at most `deepest` times. */
export const sourceReach = 2.5;
export const deepest = 3;

/** Strang and Fix's three inner points on each of the 4^depth parts of a triangle. */
export function hatRule(depth: number): RulePoint[] {
  if (depth === 0)
    return [
      [2 / 3, 1 / 6, 1 / 3],
      [1 / 6, 2 / 3, 1 / 3],
      [1 / 6, 1 / 6, 1 / 3],
    ];
  const coarse = hatRule(depth - 1);
  // The parts at a, b and c, and the one between them, turned.
  return [
    ...coarse.map(([a, b, w]): RulePoint => [(1 + a) / 2, b / 2, w / 4]),
    ...coarse.map(([a, b, w]): RulePoint => [a / 2, (1 + b) / 2, w / 4]),
    ...coarse.map(([a, b, w]): RulePoint => [a / 2, b / 2, w / 4]),
    ...coarse.map(([a, b, w]): RulePoint => [(1 - a) / 2, (1 - b) / 2, w / 4]),
  ];
}

export interface HatWeights {
  /** m_a of each vertex, m2. */
  readonly areas: Float64Array;
  /** int N_a N_b / m_a: [vertex a](vertex b, value), its own among them; each sums to 1. */
  readonly overlaps: readonly ReadonlyMap<number, number>[];
}

const squareMillimetre = 1e-6;

export function hatWeights({ vertices, faces }: BoundaryShell): HatWeights {
  const count = vertices.length / 3;
  const areas = new Float64Array(count);
  const overlaps = Array.from({ length: count }, () => new Map<number, number>());
  const at = (v: number, k: number): number => vertices[3 * v + k] as number;
  for (let f = 0; f < faces.length; f += 3) {
    const corners = [faces[f] as number, faces[f + 1] as number, faces[f + 2] as number] as const;
    const [a, b, c] = corners;
    const u = [0, 1, 2].map((k) => at(b, k) - at(a, k)) as [number, number, number];
    const v = [0, 1, 2].map((k) => at(c, k) - at(a, k)) as [number, number, number];
    const area =
      (squareMillimetre / 2) *
      Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]);
    for (const i of corners) {
      areas[i] += area / 3;
      const row = overlaps[i] as Map<number, number>;
      for (const j of corners) row.set(j, (row.get(j) ?? 0) + (area / 12) * (i === j ? 2 : 1));
    }
  }
  for (const [i, row] of overlaps.entries()) for (const [j, value] of row) row.set(j, value / (areas[i] as number));
  return { areas, overlaps };
}
