import { DataError } from "@quintet/core";

/** Which voxels a prior compares, and with what weight. Pairs are counted once. */
export interface Neighbourhood {
  readonly shape: readonly [nx: number, ny: number, nz: number];
  /** Half of the offsets (the other half are their opposites), [offset][dx, dy, dz]. */
  readonly offsets: readonly (readonly [number, number, number])[];
  /** Of each offset. */
  readonly weights: readonly number[];
  /**
   * Bit k of a voxel's number: the neighbour at offset k is like it; bit k + offsets: the one at the opposite offset. A pair
   * that only one of the two chose has half the weight. Absent: all are.
   */
  readonly chosen?: Uint32Array;
}

const half: readonly (readonly [number, number, number])[] = [-1, 0, 1]
  .flatMap((z) => [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => [x, y, z] as const)))
  .slice(14);

/**
 * The 26 neighbours of a voxel, weighted by 1 / distance as a share of the shortest edge (1 to the nearest).
 * @param size edges of a voxel, mm
 */
export function neighbours26(
  shape: Neighbourhood["shape"],
  size: readonly [x: number, y: number, z: number],
): Neighbourhood {
  if (!size.every((edge) => edge > 0)) {
    throw new DataError("not-positive", "voxels have edges", { found: size.join(", ") });
  }
  const shortest = Math.min(...size);
  const weights = half.map(([x, y, z]) => shortest / Math.hypot(x * size[0], y * size[1], z * size[2]));
  return { shape, offsets: half, weights };
}

/**
 * Bowsher's neighbours: of a voxel's 26 only the `count` whose value in an anatomical image is nearest to its own take part
 * in the prior, so that activity is smoothed along anatomy and not across it (Bowsher et al., IEEE NSS-MIC 2004;4:2488-92).
 * Ties go to the nearer neighbour, then to the earlier offset.
 *
 * @param anatomy on the image's grid
 * @throws DataError `shape-mismatch`, `bad-count`, `not-finite`
 */
export function bowsherNeighbours(all: Neighbourhood, anatomy: Float32Array, count: number): Neighbourhood {
  const [nx, ny, nz] = all.shape;
  if (anatomy.length !== nx * ny * nz) {
    throw new DataError("shape-mismatch", "the anatomical image is on the grid of the reconstruction", {
      expected: `${nx * ny * nz} voxels`,
      found: `${anatomy.length}`,
    });
  }
  if (!anatomy.every(Number.isFinite))
    throw new DataError("not-finite", "the anatomical image has voxels without value");
  const n = all.offsets.length;
  if (!(Number.isInteger(count) && count > 0 && count <= 2 * n)) {
    throw new DataError("bad-count", "how many neighbours are alike", { expected: `1 to ${2 * n}`, found: `${count}` });
  }
  const chosen = new Uint32Array(anatomy.length);
  const both = [...all.offsets, ...all.offsets.map(([x, y, z]) => [-x, -y, -z] as const)];
  for (let z = 0, j = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, j++) {
        const found: { readonly bit: number; readonly off: number; readonly weight: number }[] = [];
        for (const [bit, [dx, dy, dz]] of both.entries()) {
          if (x + dx < 0 || x + dx >= nx || y + dy < 0 || y + dy >= ny || z + dz < 0 || z + dz >= nz) continue;
          const off = Math.abs(anatomy[j + dx + nx * (dy + ny * dz)] - anatomy[j]);
          found.push({ bit, off, weight: all.weights[bit % n] });
        }
        found.sort((a, b) => a.off - b.off || b.weight - a.weight || a.bit - b.bit);
        for (const { bit } of found.slice(0, count)) chosen[j] |= 1 << bit;
      }
    }
  }
  return { ...all, chosen };
}

/** Calls `pair` for every pair of neighbours once with its weight. */
export function forPairs(
  { shape: [nx, ny, nz], offsets, weights, chosen }: Neighbourhood,
  pair: (j: number, k: number, weight: number) => void,
): void {
  const n = offsets.length;
  for (const [bit, [dx, dy, dz]] of offsets.entries()) {
    const step = dx + nx * (dy + ny * dz);
    for (let z = Math.max(0, -dz); z < Math.min(nz, nz - dz); z++) {
      for (let y = Math.max(0, -dy); y < Math.min(ny, ny - dy); y++) {
        const row = nx * (y + ny * z);
        for (let x = Math.max(0, -dx); x < Math.min(nx, nx - dx); x++) {
          const j = row + x;
          const k = j + step;
          const share = chosen ? (((chosen[j] >>> bit) & 1) + ((chosen[k] >>> (bit + n)) & 1)) / 2 : 1;
          if (share > 0) pair(j, k, weights[bit] * share);
        }
      }
    }
  }
}
