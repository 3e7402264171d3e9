import { DataError, type Grid, voxelCount } from "@quintet/core";

/** What a voxel of the brain belongs to; 0 is none of them. */
export const brainParts = { left: 1, right: 2, below: 3 } as const;

/** Steps through white matter, grey matter and deep fluid, and what a share of CSF of 1 adds. */
const cost = { white: 2, grey: 6, fluid: 6, csf: 60 } as const;

export interface PartedBrain {
  /** `brainParts` of each voxel. */
  readonly parts: Uint8Array;
  /** Voxels of grey and white matter that no marker reaches. */
  readonly unreached: number;
}

/**
 * Parts a brain into left and right cerebrum and what lies below the tentorium (cerebellum, pons, medulla): markers say
 * what is sure, the rest goes to the marker that reaches it at the least cost through the tissue,
 *
 *   cost of a step into v = 2 (white) or 6 (grey matter, deep fluid) + 60 p_csf(v)
 *
 * so that borders fall into CSF where there is any and half way where there is none.
 *
 * @param markers `brainParts` where it is sure, 0 elsewhere; on `grid`
 * @param white,grey,fluid 1 where a path may go: the tissues, and fluid taken as the depth of a hemisphere
 * @param csf share of CSF, 0 to 1
 * @throws DataError `shape-mismatch`, `empty-region` without a marker on either side of the cerebrum
 * @see Dial, Commun ACM 1969;12:632-3 (shortest paths by buckets)
 */
export function partBrain(
  grid: Grid,
  markers: Uint8Array,
  tissues: { readonly white: Uint8Array; readonly grey: Uint8Array; readonly fluid: Uint8Array },
  csf: Float32Array,
): PartedBrain {
  const n = voxelCount(grid);
  const { white, grey, fluid } = tissues;
  for (const each of [markers, white, grey, fluid, csf])
    if (each.length !== n)
      throw new DataError("shape-mismatch", "markers and tissues must fill the grid", {
        expected: `${n}`,
        found: `${each.length}`,
      });
  const [nx, ny, nz] = grid.shape;
  const steps = [-1, 1, -nx, nx, -nx * ny, nx * ny];
  const price = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const plain = white[i] ? cost.white : grey[i] ? cost.grey : fluid[i] ? cost.fluid : 0;
    if (plain > 0) price[i] = plain + Math.round(fluid[i] ? 0 : cost.csf * Math.min(1, csf[i] as number));
  }
  const parts = new Uint8Array(n);
  const distance = new Int32Array(n).fill(0x7fffffff);
  const rounds = cost.csf + cost.grey + 1;
  const waiting: number[][] = Array.from({ length: rounds }, () => []);
  const seen = new Set<number>();
  let left = 0;
  for (let i = 0; i < n; i++) {
    if (markers[i] === 0 || price[i] === 0) continue;
    parts[i] = markers[i] as number;
    distance[i] = 0;
    seen.add(parts[i] as number);
    const inner = steps.every((step) => markers[i + step] === markers[i] || price[i + step] === 0);
    if (inner) continue;
    (waiting[0] as number[]).push(i);
    left++;
  }
  if (!seen.has(brainParts.left) || !seen.has(brainParts.right))
    throw new DataError("empty-region", "no part of the brain is surely left, or none surely right");
  for (let now = 0; left > 0; now++) {
    const bucket = waiting[now % rounds] as number[];
    for (let k = 0; k < bucket.length; k++) {
      const i = bucket[k] as number;
      left--;
      if (distance[i] !== now) continue;
      const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
      const inside = [x > 0, x < nx - 1, y > 0, y < ny - 1, z > 0, z < nz - 1];
      for (let s = 0; s < 6; s++) {
        if (!inside[s]) continue;
        const j = i + (steps[s] as number);
        const there = now + (price[j] as number);
        if (price[j] === 0 || there >= (distance[j] as number)) continue;
        distance[j] = there;
        parts[j] = parts[i] as number;
        (waiting[there % rounds] as number[]).push(j);
        left++;
      }
    }
    bucket.length = 0;
  }
  let unreached = 0;
  for (let i = 0; i < n; i++) if ((white[i] || grey[i]) && parts[i] === 0) unreached++;
  return { parts, unreached };
}
