import type { ImageGrid, LineStack } from "../joseph/lines.ts";

/**
 * Planes of a stack that follow each other with one slope, evenly `stride` voxels apart along z: at any step of a ray they
 * lie at one fraction of a voxel. All planes of a scanner's segment form such families, broken only where blocks have gaps.
 */
export interface PlaneFamily {
  /** z of the middle of the first plane's lines, in voxels. */
  readonly base: number;
  /** z of end b less that of end a, in voxels and in mm. */
  readonly delta: number;
  readonly rise: number;
  readonly first: number;
  readonly count: number;
}

/** Planes of one slope wherever they lie, for time of flight; `mostTogether` at most. */
export interface SlopeGroup {
  readonly delta: number;
  readonly rise: number;
  /** z of the middle of each plane's lines, in voxels, and its number. */
  readonly places: readonly number[];
  readonly numbers: readonly number[];
}

/** What four vectors of four hold. */
export const mostTogether = 16;
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

/** Voxels along z of families that follow each other: they then meet the same part of the rows while it is in the cache. */
const near = 16;

/** Families in order. */
export function planeFamilies(
  { planes }: LineStack,
  { size, origin }: ImageGrid,
  stride: number,
): readonly PlaneFamily[] {
  const families: PlaneFamily[] = [];
  let open: { base: number; delta: number; rise: number; first: number; count: number } | undefined;
  for (let i = 0; i < planes.length / 2; i++) {
    const [za, zb] = [planes[2 * i], planes[2 * i + 1]];
    const base = ((za + zb) / 2 - origin[2]) / size[2];
    const delta = (zb - za) / size[2];
    const next =
      open !== undefined &&
      Math.abs(open.delta - delta) < tolerance &&
      Math.abs(open.base + open.count * stride - base) < tolerance;
    if (open && next) open.count++;
    else {
      open = { base, delta, rise: riseOf(za, zb), first: i, count: 1 };
      families.push(open);
    }
  }
  const part = ({ base, count }: PlaneFamily): number => Math.floor((base + ((count - 1) * stride) / 2) / near);
  return families.sort((a, b) => part(a) - part(b) || a.rise - b.rise || a.first - b.first);
}

/** Equal but for rounding: planes of one slope share what depends on it. */
function riseOf(za: number, zb: number): number {
  return Math.round((zb - za) / exact) * exact;
}

/** Groups of even size, equal slopes one after the other. */
export function slopeGroups({ planes }: LineStack, { size, origin }: ImageGrid): readonly SlopeGroup[] {
  const bySlope = new Map<number, number[]>();
  for (let i = 0; i < planes.length / 2; i++) {
    const rise = riseOf(planes[2 * i], planes[2 * i + 1]);
    bySlope.set(rise, [...(bySlope.get(rise) ?? []), i]);
  }
  const place = (i: number): number => ((planes[2 * i] + planes[2 * i + 1]) / 2 - origin[2]) / size[2];
  const ordered = [...bySlope].sort(([a], [b]) => Math.abs(a) - Math.abs(b) || a - b);
  return ordered.flatMap(([rise, all]) => {
    const groups = Math.ceil(all.length / mostTogether);
    all.sort((a, b) => place(a) - place(b));
    return Array.from({ length: groups }, (_, g) => {
      const numbers = all.slice(Math.floor((g * all.length) / groups), Math.floor(((g + 1) * all.length) / groups));
      return { delta: rise / size[2], rise, numbers, places: numbers.map(place) };
    });
  });
}
