import { DataError, type Grid, type LabelVolume, type Mask, sameGrid, type Volume } from "@quintet/core";
import type { DatRegions, StriatalSide } from "./dat-regions.ts";
import { withSurroundings } from "./surroundings.ts";

/** Regions that may lie in each other: the voxels of each, by its name. */
export interface NamedRegions extends Grid {
  readonly voxels: ReadonlyMap<string, Uint32Array>;
}

/** Names of the regions that ratios hang on besides the striatal ones. */
export const referenceName = "reference";
export const largeName = (side: StriatalSide): string => `${side} large volume`;

/** All regions whose means binding ratios are made of: parts of the striata and what lies round them, large volumes, the reference. */
export function measuredRegions(regions: DatRegions, reference: Mask): NamedRegions {
  const { striatal, large } = regions;
  const { shape, affine, space } = striatal;
  const parts = withSurroundings(striatal, regions);
  const lists = new Map<string, number[]>(
    [...names(parts), largeName("left"), largeName("right"), referenceName].map((name) => [name, []]),
  );
  const byLabel = new Map(
    [...parts.names, [0, "background"] as const].map(([label, name]) => [label, lists.get(name)]),
  );
  const masks = [
    [large.left, lists.get(largeName("left"))],
    [large.right, lists.get(largeName("right"))],
    [reference, lists.get(referenceName)],
  ] as const;
  for (let v = 0; v < parts.data.length; v++) {
    byLabel.get(parts.data[v] as number)?.push(v);
    for (const [mask, list] of masks) if (mask.data[v]) list?.push(v);
  }
  return { shape, affine, space, voxels: new Map([...lists].map(([name, list]) => [name, Uint32Array.from(list)])) };
}

/** Of the labels that occur. */
function names({ data, names: all }: LabelVolume): string[] {
  return [...new Set(data)].flatMap((label) => (label === 0 ? "background" : (all.get(label) ?? [])));
}

/**
 * Mean of every region, in their order.
 *
 * @throws DataError `grid-mismatch`, `empty-region`, `not-finite`
 */
export function regionalMeans(image: Volume, regions: NamedRegions): Float64Array {
  if (!sameGrid(image, regions)) throw new DataError("grid-mismatch", "image and regions must lie on one grid");
  return Float64Array.from(regions.voxels, ([name, voxels]) => {
    if (voxels.length === 0) throw new DataError("empty-region", `no voxel of the ${name}`);
    let sum = 0;
    for (const v of voxels) sum += image.data[v] as number;
    if (Number.isFinite(sum)) return sum / voxels.length;
    throw new DataError("not-finite", `a voxel of the ${name} is not a number`);
  });
}
