/** How much of the world the slices show: the head with a margin, one cube for all three planes. */
import type { Mask, Point, Volume } from "@quintet/core";
import { toWorld } from "@quintet/core";
import type { FieldOfView } from "./plane.ts";

const margin = 19; // mm around the head: room for the side marks
const neck = 30; // mm below the brain that are still shown
const tail = 0.002; // share of head voxels that may lie outside per end: noise in air must not widen the view

/** Quantiles of the finite voxels, by sorting every `stride`-th. */
export function quantiles(data: ArrayLike<number>, levels: readonly number[], above: number = -Infinity): number[] {
  const stride = Math.max(1, Math.floor(data.length / 200_000));
  const some = new Float64Array(Math.ceil(data.length / stride));
  let n = 0;
  for (let i = 0; i < data.length; i += stride) {
    const v = data[i] as number;
    if (Number.isFinite(v) && v > above) some[n++] = v;
  }
  const sorted = some.subarray(0, n).sort();
  return levels.map((q) => sorted[Math.round(q * (sorted.length - 1))] ?? 0);
}

/** The cube around the head of a T1 image; with a brain mask the neck is left out (30 mm below the brain). */
export function fieldOfView(t1: Volume, brain?: Mask): FieldOfView {
  const [high = 0] = quantiles(t1.data.subarray(0, t1.shape[0] * t1.shape[1] * t1.shape[2]), [0.98]);
  const places: [number[], number[], number[]] = [[], [], []];
  const floor = (brain && verticalExtent(brain)?.[0]) ?? Number.NEGATIVE_INFINITY;
  const [nx, ny, nz] = t1.shape;
  const stride = Math.max(1, Math.round(Math.cbrt((nx * ny * nz) / 250_000)));
  for (let z = 0; z < nz; z += stride) {
    for (let y = 0; y < ny; y += stride) {
      for (let x = 0; x < nx; x += stride) {
        if (!((t1.data[(z * ny + y) * nx + x] as number) > 0.15 * high)) continue;
        const p = toWorld(t1, [x, y, z]);
        if (p[2] >= floor - neck) for (const k of [0, 1, 2] as const) places[k].push(p[k]);
      }
    }
  }
  if (places[0].length === 0) {
    return { centre: toWorld(t1, [(nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2]), side: 240 };
  }
  const ends = places.map((list) => {
    const sorted = Float64Array.from(list).sort();
    const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))] as number;
    return [at(tail), at(1 - tail)] as const;
  });
  const side = Math.max(...ends.map(([low, top]) => top - low)) + 2 * margin;
  return { centre: ends.map(([low, top]) => (low + top) / 2) as unknown as Point, side };
}

/** Lowest and highest world z of a mask, mm; undefined when it is empty. */
export function verticalExtent(mask: Mask): readonly [low: number, high: number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  eachSecond(mask, (x, y, z) => {
    const height = toWorld(mask, [x, y, z])[2];
    low = Math.min(low, height);
    high = Math.max(high, height);
  });
  return high >= low ? [low, high] : undefined;
}

/** Mean place of the mask's voxels, RAS mm; undefined when it is empty. */
export function maskCentre(mask: Mask): Point | undefined {
  let [sumX, sumY, sumZ, n] = [0, 0, 0, 0];
  eachSecond(mask, (x, y, z) => {
    sumX += x;
    sumY += y;
    sumZ += z;
    n++;
  });
  return n > 0 ? toWorld(mask, [sumX / n, sumY / n, sumZ / n]) : undefined;
}

/** Every second voxel along each axis that is in the mask: enough for extents. */
function eachSecond(mask: Mask, visit: (x: number, y: number, z: number) => void): void {
  const [nx, ny, nz] = mask.shape;
  for (let z = 0; z < nz; z += 2) {
    for (let y = 0; y < ny; y += 2) {
      for (let x = 0; x < nx; x += 2) if (mask.data[(z * ny + y) * nx + x]) visit(x, y, z);
    }
  }
}
