import { apply, DataError, invert, type LabelVolume, type Point } from "@quintet/core";

/** Share of each region's name in a place that is known only with an error. */
export type RegionShares = ReadonlyMap<string, number>;

/**
 * Which regions a position may lie in, when it is known with an isotropic Gaussian error.
 *
 *   p(r) = sum_{v in r} exp(-|x_v - x|^2 / 2 s^2) / sum_{all labelled v} exp(-|x_v - x|^2 / 2 s^2)
 *
 * Voxels farther than 3 s (but at least 12 mm, so that a point just outside the labels is placed too) do not count.
 *
 * @param position RAS mm in the space of `regions`
 * @param sigma mm, one standard deviation per axis
 * @returns shares adding to 1 by region name; empty when no labelled voxel is near
 * @throws DataError `not-positive` when sigma is not above 0
 */
export function regionProbabilities(position: Point, sigma: number, regions: LabelVolume): RegionShares {
  if (!(sigma > 0)) throw new DataError("not-positive", "a position has an error above 0 mm", { found: `${sigma}` });
  const reach = Math.max(3 * sigma, 12);
  const [nx, ny, nz] = regions.shape;
  const m = regions.affine;
  const centre = apply(invert(m), position);
  const span = [0, 1, 2].map((k) => reach / Math.hypot(m[k] as number, m[4 + k] as number, m[8 + k] as number));
  const range = (k: number, n: number): [number, number] => [
    Math.max(0, Math.floor((centre[k] as number) - (span[k] as number))),
    Math.min(n - 1, Math.ceil((centre[k] as number) + (span[k] as number))),
  ];
  const [stepX, stepY, stepZ] = [m[0], m[4], m[8]] as [number, number, number];
  /** World coordinate of a row's first voxel, from the position. */
  const along = (row: number, y: number, z: number): number =>
    (m[row + 1] as number) * y + (m[row + 2] as number) * z + (m[row + 3] as number) - (position[row / 4] as number);
  const [[x0, x1], [y0, y1], [z0, z1]] = [range(0, nx), range(1, ny), range(2, nz)];
  const sums = new Float64Array(1 + largest(regions.names.keys()));
  const named = Uint8Array.from(sums, (_, label) => (label > 0 && regions.names.has(label) ? 1 : 0));
  let total = 0;
  for (let z = z0; z <= z1; z++) {
    for (let y = y0; y <= y1; y++) {
      const [u, v, w] = [0, 4, 8].map((row) => along(row, y, z)) as [number, number, number];
      for (let x = x0; x <= x1; x++) {
        const label = regions.data[(z * ny + y) * nx + x] as number;
        if (named[label] !== 1) continue;
        const [dx, dy, dz] = [u + stepX * x, v + stepY * x, w + stepZ * x];
        const d2 = dx * dx + dy * dy + dz * dz;
        if (d2 > reach * reach) continue;
        const weight = Math.exp(-d2 / (2 * sigma * sigma));
        sums[label] = (sums[label] as number) + weight;
        total += weight;
      }
    }
  }
  if (!(total > 0)) return new Map();
  const shares = new Map<string, number>();
  for (const [label, name] of regions.names) {
    const sum = sums[label] as number;
    if (sum > 0) shares.set(name, (shares.get(name) ?? 0) + sum / total); // several labels may bear one name
  }
  return shares;
}

function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/** Share of each region in all labelled voxels: what a random place would show. */
export function regionPriors(regions: LabelVolume): RegionShares {
  const counts = new Map<number, number>();
  let total = 0;
  for (const label of regions.data) {
    if (label === 0 || !regions.names.has(label)) continue;
    counts.set(label, (counts.get(label) ?? 0) + 1);
    total++;
  }
  return new Map([...counts].map(([label, n]) => [regions.names.get(label) as string, n / total]));
}

/** The region most likely at a position; undefined when no label is near. */
export function regionAt(position: Point, sigma: number, regions: LabelVolume): string | undefined {
  let [best, share] = [undefined as string | undefined, 0];
  for (const [name, p] of regionProbabilities(position, sigma, regions)) if (p > share) [best, share] = [name, p];
  return best;
}
