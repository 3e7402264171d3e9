/**
 * Values of a volume on a cut: trilinear interpolation at the world point of each pixel.
 *
 *   v = inv(A_volume) inv(T) p,   T: volume world mm -> anatomy world mm
 *
 * Voxel centres are at integer indices; up to half a voxel beyond the outermost centres the edge value holds,
 * farther out the value is NaN.
 */
import type { Affine, Grid, Mask, Point, Volume } from "@quintet/core";
import { apply, frameData, invert, multiply } from "@quintet/core";
import type { SlicePlane } from "./plane.ts";

interface Walk {
  readonly start: Point;
  readonly right: Point;
  readonly down: Point;
}

function walk(slice: SlicePlane, grid: Grid, toAnatomy?: Affine): Walk {
  const inverse = invert(toAnatomy ? multiply(toAnatomy, grid.affine) : grid.affine);
  const start = apply(inverse, slice.origin);
  const step = (v: Point): Point => {
    const p = apply(inverse, slice.origin.map((c, k) => c + (v[k] as number)) as unknown as Point);
    return [p[0] - start[0], p[1] - start[1], p[2] - start[2]];
  };
  return { start, right: step(slice.right), down: step(slice.down) };
}

/** [row][column], size x size. */
export function sampleSlice(slice: SlicePlane, volume: Volume, toAnatomy?: Affine, frame = 0): Float32Array {
  const { start, right, down } = walk(slice, volume, toAnatomy);
  const [nx, ny, nz] = volume.shape;
  const data = frameData(volume, frame);
  const out = new Float32Array(slice.size * slice.size);
  const last = [nx - 1, ny - 1, nz - 1] as const;
  const [lower, fraction] = [new Int32Array(3), new Float64Array(3)];
  const next = new Int32Array(3);
  for (let row = 0; row < slice.size; row++) {
    for (let column = 0; column < slice.size; column++) {
      let inside = true;
      for (let k = 0; k < 3; k++) {
        const at = (start[k] as number) + column * (right[k] as number) + row * (down[k] as number);
        const end = last[k] as number;
        if (!(at >= -0.5 && at <= end + 0.5)) inside = false;
        const held = at < 0 ? 0 : Math.min(at, end);
        lower[k] = Math.floor(held);
        fraction[k] = held - (lower[k] as number);
        next[k] = Math.min((lower[k] as number) + 1, end);
      }
      const [x0, y0, z0] = lower as unknown as Point;
      const [x1, y1, z1] = next as unknown as Point;
      const [fx, fy, fz] = fraction as unknown as Point;
      const value = (x: number, y: number, z: number): number => data[(z * ny + y) * nx + x] as number;
      const rowAt = (y: number, z: number): number => value(x0, y, z) * (1 - fx) + value(x1, y, z) * fx;
      const sheet = (z: number): number => rowAt(y0, z) * (1 - fy) + rowAt(y1, z) * fy;
      out[row * slice.size + column] = inside ? sheet(z0) * (1 - fz) + sheet(z1) * fz : Number.NaN;
    }
  }
  return out;
}

/** 1 where the pixel's nearest voxel is in the mask. */
export function sampleMask(slice: SlicePlane, mask: Mask): Uint8Array {
  const { start, right, down } = walk(slice, mask);
  const [nx, ny, nz] = mask.shape;
  const out = new Uint8Array(slice.size * slice.size);
  for (let row = 0; row < slice.size; row++) {
    for (let column = 0; column < slice.size; column++) {
      const at = (k: 0 | 1 | 2): number => Math.round(start[k] + column * right[k] + row * down[k]);
      const [x, y, z] = [at(0), at(1), at(2)];
      if (x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz) {
        out[row * slice.size + column] = mask.data[(z * ny + y) * nx + x] as number;
      }
    }
  }
  return out;
}
