import { DataError, type Millimetres, type Point } from "@quintet/core";
import { nearestOnSurface } from "@quintet/kernels";
import { type StarSurface, toSurface } from "./star-surface.ts";

export interface PushedApart {
  readonly surface: StarSurface;
  /** Share of the vertices that had to move, and the farthest move in mm. */
  readonly moved: { readonly share: number; readonly farthest: Millimetres };
}

const mostRounds = 60;

/** What falls short of the gap by less than this is left, mm. */
const slack = 1e-3;

/**
 * The outer of two star surfaces on one centre and sphere, moved outwards along its rays where it comes nearer to the
 * inner one than `gap`. Radii below the inner one's are lifted first, after which the two cannot meet.
 *
 * What the outer surface encloses only grows, so a vertex of the inner one that is far enough stays so, and of the outer one
 * those alone are looked at again that moved.
 *
 * @throws DataError `not-converged` when rounds of small moves do not reach the gap
 */
export function pushApart(inner: StarSurface, outer: StarSurface, gap: Millimetres): PushedApart {
  const within = toSurface(inner, "");
  const toInner = nearestOnSurface(within);
  const radii = outer.radii.map((r, v) => Math.max(r, (inner.radii[v] as number) + gap));
  const { faces } = outer.mesh;
  let moved = Array.from(radii.keys());
  let near = Array.from(inner.radii.keys());
  for (let round = 0; round < mostRounds; round++) {
    const now = toSurface({ ...outer, radii }, "");
    const lift = new Float64Array(radii.length);
    const short = (v: number, by: number): void => {
      if (by > slack) lift[v] = Math.max(lift[v] as number, by);
    };
    for (const v of moved) short(v, gap - toInner(pointOf(now.vertices, v)).distance);
    const toOuter = nearestOnSurface(now);
    near = near.filter((v) => {
      const { distance, face } = toOuter(pointOf(within.vertices, v));
      for (let k = 0; k < 3; k++) short(faces[3 * face + k] as number, gap - distance);
      return gap - distance > slack;
    });
    moved = Array.from(radii.keys()).filter((v) => lift[v] !== 0);
    if (moved.length === 0) return { surface: { ...outer, radii }, moved: movement(outer.radii, radii) };
    for (const v of moved) radii[v] = (radii[v] as number) + 1.1 * (lift[v] as number);
  }
  throw new DataError("not-converged", "two surfaces of the head could not be parted", { expected: `${gap} mm apart` });
}

function movement(before: Float64Array, after: Float64Array): PushedApart["moved"] {
  const moves = after.map((r, v) => r - (before[v] as number));
  return { share: moves.filter((by) => by > 0).length / moves.length, farthest: Math.max(...moves) };
}

function pointOf(vertices: Float32Array, v: number): Point {
  return [vertices[3 * v] as number, vertices[3 * v + 1] as number, vertices[3 * v + 2] as number];
}
