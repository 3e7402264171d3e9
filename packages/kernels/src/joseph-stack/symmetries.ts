import type { ImageGrid, LineStack } from "../joseph/lines.ts";
import type { PlaneFamily } from "./plane-groups.ts";

/** How far mirrored places may be off, voxels or mm; it enters the result as an error of this share of a voxel. */
const tolerance = 1e-9;

/**
 * Families that share a table: at every step of a ray this one lies at d, the mirrored one at `sum` - d (a place of this one's
 * own where there is none). For the opposite
 * ray, which meets the turned image at the same steps the other way round, those of the opposite slopes lie there.
 */
export interface FamilyPair {
  readonly family: PlaneFamily;
  readonly mirrored: PlaneFamily | undefined;
  readonly sum: number;
  readonly turned: PlaneFamily | undefined;
  readonly turnedMirrored: PlaneFamily | undefined;
}

/** Each family once. */
export function familyPairs(families: readonly PlaneFamily[]): readonly FamilyPair[] {
  const key = (delta: number, count: number): string => `${Math.round(delta * 1e6)} ${count}`;
  const alike = new Map<string, PlaneFamily[]>();
  for (const family of families) {
    const name = key(family.delta, family.count);
    alike.set(name, [...(alike.get(name) ?? []), family]);
  }
  const opposite = (family: PlaneFamily): readonly PlaneFamily[] =>
    (alike.get(key(-family.delta || 0, family.count)) ?? []).filter(
      ({ delta }) => Math.abs(delta + family.delta) < tolerance,
    );
  const turned = (family: PlaneFamily): PlaneFamily | undefined =>
    opposite(family).find(({ base }) => Math.abs(base - family.base) < tolerance);
  const taken = new Set<PlaneFamily>();
  return families.flatMap((family) => {
    if (taken.has(family)) return [];
    taken.add(family);
    const mirrored = opposite(family).find((other) => {
      const sum = other.base + family.base;
      return !taken.has(other) && Math.abs(sum - Math.round(sum)) < tolerance;
    });
    if (mirrored) taken.add(mirrored);
    return {
      family,
      mirrored,
      sum: Math.round(family.base + (mirrored ?? family).base),
      turned: turned(family),
      turnedMirrored: mirrored && turned(mirrored),
    };
  });
}

/**
 * Number of each ray's opposite one: the same turned by 180 degrees about the axis, its ends swapped; -1 without one.
 * Only where the image, too, is symmetric about the axis.
 */
export function oppositeRays({ rays }: LineStack, { shape, size, origin }: ImageGrid): Int32Array {
  const count = rays.length / 4;
  const out = new Int32Array(count).fill(-1);
  if ([0, 1].some((k) => Math.abs(origin[k] + ((shape[k] - 1) / 2) * size[k]) > tolerance)) return out;
  const name = (xa: number, ya: number, xb: number, yb: number): string =>
    [xa, ya, xb, yb].map((x) => Math.round(x * 1e5)).join(" ");
  const known = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const [xa, ya, xb, yb] = rays.subarray(4 * i, 4 * i + 4);
    const other = known.get(name(-xb, -yb, -xa, -ya));
    if (other === undefined) known.set(name(xa, ya, xb, yb), i);
    else if (out[other] < 0) {
      const near = [0, 1, 2, 3].every((k) => Math.abs(rays[4 * i + k] + rays[4 * other + ((k + 2) % 4)]) < tolerance);
      if (near) [out[i], out[other]] = [other, i];
    }
  }
  return out;
}
