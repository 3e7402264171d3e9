import { apply, DataError, invert, type Mask, type Point, toWorld } from "@quintet/core";
import { add, norm, subtract } from "./mesh.ts";

export interface CortexPoint {
  /** World mm, on the brain's outer voxels. */
  readonly point: Point;
  /** From the scalp position to it, mm. */
  readonly depth: number;
}

/** Farther than this under a sensor there is no cortex it could speak of. */
const deepest = 60;

/**
 * The cortex under a scalp position.
 *
 * With an outward scalp normal the brain is looked for along the inward normal in steps of half a millimetre; without
 * one, or when that line misses it, the brain voxel nearest to the position is taken.
 *
 * @param position scalp point of an electrode, or the midpoint of an optode pair put on the scalp
 * @returns undefined when no brain lies within 60 mm (sensors on the face or neck)
 * @throws DataError `empty-region` for an empty mask
 */
export function cortexUnder(position: Point, brain: Mask, normal?: Point): CortexPoint | undefined {
  if (normal !== undefined) {
    const hit = alongNormal(position, brain, normal);
    if (hit !== undefined) return hit;
  }
  const [nx, ny] = brain.shape;
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (let i = 0; i < brain.data.length; i++) {
    if (brain.data[i] === 0) continue;
    const [x, y, z] = toWorld(brain, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
    const d = (x - position[0]) ** 2 + (y - position[1]) ** 2 + (z - position[2]) ** 2;
    if (d < least) [best, least] = [i, d];
  }
  if (best < 0) throw new DataError("empty-region", "the brain mask holds no voxel");
  if (!(least <= deepest * deepest)) return undefined;
  const point = toWorld(brain, [best % nx, Math.floor(best / nx) % ny, Math.floor(best / (nx * ny))]);
  return { point, depth: Math.sqrt(least) };
}

function alongNormal(position: Point, brain: Mask, normal: Point): CortexPoint | undefined {
  const [nx, ny, nz] = brain.shape;
  const toVoxel = invert(brain.affine);
  const size = norm(normal) || 1;
  for (let depth = 0; depth <= deepest; depth += 0.5) {
    const point = add(position, normal, -depth / size);
    const [x, y, z] = apply(toVoxel, point).map(Math.round) as [number, number, number];
    if (x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz) continue;
    if (brain.data[x + nx * (y + ny * z)] !== 0) return { point, depth: norm(subtract(point, position)) };
  }
  return undefined;
}
