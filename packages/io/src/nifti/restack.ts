import {
  affineOf,
  DataError,
  type Grid,
  type LabelVolume,
  type Mask,
  type Point,
  toWorld,
  type Volume,
} from "@quintet/core";

type StorageAxis = "x" | "y" | "z" | "-x" | "-y" | "-z";
/** Which old storage axis each new one runs along, and whether backwards: ["-x", "y", "z"] mirrors the storage. */
export type StorageOrder = readonly [StorageAxis, StorageAxis, StorageAxis];

/**
 * The same image with its voxels stored in another order: axes swapped and run backwards, the affine changed along,
 * so that every voxel keeps its world place and its value to the last bit. An odd change turns the sign of the
 * determinant.
 *
 *   new[i'] = old[i],   A' i' = A i
 *
 * @throws DataError `bad-order` when the three axes are not x, y and z once each
 */
export function restack<T extends Volume | LabelVolume | Mask>(image: T, order: StorageOrder): T {
  const axes = order.map((name) => "xyz".indexOf(name.at(-1) ?? ""));
  if (order.length !== 3 || [0, 1, 2].some((axis) => !axes.includes(axis))) {
    throw new DataError("bad-order", "each of x, y and z must stand once", { found: order.join(", ") });
  }
  const back = order.map((name) => name.startsWith("-"));
  const old = image.shape;
  const shape = axes.map((axis) => old[axis] as number) as [number, number, number];
  const strides = [1, old[0], old[0] * old[1]];
  const first: [number, number, number] = [0, 0, 0];
  let origin = 0;
  const steps = axes.map((axis, k) => {
    const stride = strides[axis] as number;
    if (back[k]) {
      first[axis] = (old[axis] as number) - 1;
      origin += stride * ((old[axis] as number) - 1);
    }
    return back[k] ? -stride : stride;
  }) as [number, number, number];

  const data = image.data.slice();
  const perFrame = old[0] * old[1] * old[2];
  let to = 0;
  for (let frame = 0; frame < image.data.length; frame += perFrame) {
    for (let z = 0; z < shape[2]; z++) {
      for (let y = 0; y < shape[1]; y++) {
        let from = frame + origin + y * steps[1] + z * steps[2];
        for (let x = 0; x < shape[0]; x++, from += steps[0]) data[to++] = image.data[from] as number;
      }
    }
  }
  return { ...image, shape, affine: restackedAffine(image, axes, back, first), data };
}

function restackedAffine(image: Grid, axes: readonly number[], back: readonly boolean[], first: Point): Float64Array {
  const corner = toWorld(image, first);
  const rows: number[] = [];
  for (let row = 0; row < 3; row++) {
    for (const [k, axis] of axes.entries()) rows.push((back[k] ? -1 : 1) * (image.affine[row * 4 + axis] as number));
    rows.push(corner[row] as number);
  }
  return affineOf(rows);
}

/** The order that brings storage closest to x to the right, y to the front, z up. */
export function canonicalOrder(grid: Grid): StorageOrder {
  const names = ["x", "y", "z"] as const;
  const order: StorageAxis[] = [];
  const free = new Set([0, 1, 2]);
  const cosine = (world: number, axis: number): number => {
    const at = (row: number): number => grid.affine[row * 4 + axis] as number;
    return at(world) / Math.hypot(at(0), at(1), at(2));
  };
  // World axes are served in the order of how clearly one storage axis runs along them.
  const clarity = (world: number): number => Math.max(...[0, 1, 2].map((axis) => Math.abs(cosine(world, axis))));
  for (const world of [0, 1, 2].sort((a, b) => clarity(b) - clarity(a))) {
    const best = [...free].sort((a, b) => Math.abs(cosine(world, b)) - Math.abs(cosine(world, a)))[0] as number;
    free.delete(best);
    const name = names[best] as "x" | "y" | "z";
    order[world] = cosine(world, best) < 0 ? `-${name}` : name;
  }
  return order as unknown as StorageOrder;
}
