import type { ImageGrid, LineStack } from "../joseph/lines.ts";

/**
 * Planes of a stack that the kernel takes together: one slope, and evenly `stride` voxels apart along z, so that at any
 * step of a ray they lie at one fraction of a voxel. All planes of a scanner's segment form such runs, broken only where
 * its blocks have gaps.
 */
export interface PlaneGroup {
  /** z of the middle of the first plane's lines, in voxels. */
  readonly base: number;
  /** z of end b less that of end a, in voxels and in mm. */
  readonly delta: number;
  readonly rise: number;
  readonly first: number;
  readonly count: number;
}

/** Planes in one group: what four vectors of four hold; at a stride of 1 they hold one voxel more than planes. */
const mostPlanes = 15;
/** mm below which slopes count as equal. */
const exact = 1e-9;
/** How far planes may be off their even places, voxels; it enters the result as an error of this share of a voxel. */
const tolerance = 1e-7;

/** The distance of neighbouring planes that most of them have: 1, 2 or 4 voxels. */
export function planeStride({ planes }: LineStack, { size }: ImageGrid): number {
  const votes = new Map<number, number>();
  for (let i = 2; i < planes.length; i += 2) {
    if (Math.abs(planes[i + 1] - planes[i] - (planes[i - 1] - planes[i - 2])) > tolerance * size[2]) continue;
    const distance = (planes[i] - planes[i - 2]) / size[2];
    const whole = Math.round(distance);
    if (Math.abs(distance - whole) < tolerance) votes.set(whole, (votes.get(whole) ?? 0) + 1);
  }
  const [best] = [...votes].filter(([stride]) => [1, 2, 4].includes(stride)).sort((a, b) => b[1] - a[1]);
  return best?.[0] ?? 1;
}

/** Voxels along z of groups that follow each other: they then meet the same part of the rows while it is in the cache. */
const near = 16;

/** Groups in order; with time of flight equal slopes follow each other, which share their weights. */
export function planeGroups(
  { planes, tof }: LineStack,
  { size, origin }: ImageGrid,
  stride: number,
): readonly PlaneGroup[] {
  const groups: PlaneGroup[] = [];
  let open: { base: number; delta: number; rise: number; first: number; count: number } | undefined;
  for (let i = 0; i < planes.length / 2; i++) {
    const [za, zb] = [planes[2 * i], planes[2 * i + 1]];
    const base = ((za + zb) / 2 - origin[2]) / size[2];
    const delta = (zb - za) / size[2];
    const next =
      open !== undefined &&
      open.count < mostPlanes &&
      Math.abs(open.delta - delta) < tolerance &&
      Math.abs(open.base + open.count * stride - base) < tolerance;
    if (open && next) open.count++;
    else {
      // Equal but for rounding: groups of one slope share what depends on it.
      const rise = Math.round((zb - za) / exact) * exact;
      open = { base, delta, rise, first: i, count: 1 };
      groups.push(open);
    }
  }
  const slope = (group: PlaneGroup): number => Math.abs(group.rise);
  const part = (group: PlaneGroup): number => Math.floor((group.base + ((group.count - 1) * stride) / 2) / near);
  return groups.sort(
    tof
      ? (a, b) => slope(a) - slope(b) || a.rise - b.rise || a.first - b.first
      : (a, b) => part(a) - part(b) || a.rise - b.rise || a.first - b.first,
  );
}
