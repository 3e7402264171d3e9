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
  const [endX, endY, endZ] = [nx - 1, ny - 1, nz - 1];
  const data = frameData(volume, frame);
  const out = new Float32Array(slice.size * slice.size).fill(Number.NaN);
  for (let row = 0, i = 0; row < slice.size; row++) {
    for (let column = 0; column < slice.size; column++, i++) {
      const atX = start[0] + column * right[0] + row * down[0];
      const atY = start[1] + column * right[1] + row * down[1];
      const atZ = start[2] + column * right[2] + row * down[2];
      const inside =
        atX >= -0.5 && atX <= endX + 0.5 && atY >= -0.5 && atY <= endY + 0.5 && atZ >= -0.5 && atZ <= endZ + 0.5;
      if (!inside) continue;
      const x = Math.min(Math.max(atX, 0), endX);
      const y = Math.min(Math.max(atY, 0), endY);
      const z = Math.min(Math.max(atZ, 0), endZ);
      const [x0, y0, z0] = [Math.floor(x), Math.floor(y), Math.floor(z)];
      const [fx, fy, fz] = [x - x0, y - y0, z - z0];
      const corner = (z0 * ny + y0) * nx + x0;
      // Steps to the next voxel; none at the last one, where its weight is zero.
      const [dx, dy, dz] = [x0 < endX ? 1 : 0, y0 < endY ? nx : 0, z0 < endZ ? nx * ny : 0];
      const low = mix(mix(data[corner], data[corner + dx], fx), mix(data[corner + dy], data[corner + dy + dx], fx), fy);
      const above = corner + dz;
      const high = mix(mix(data[above], data[above + dx], fx), mix(data[above + dy], data[above + dy + dx], fx), fy);
      out[i] = mix(low, high, fz);
    }
  }
  return out;
}

/** Linear between a and b; b does not count where its weight is zero, so a missing neighbour spoils nothing. */
function mix(a: number | undefined, b: number | undefined, t: number): number {
  return t === 0 ? (a as number) : (a as number) * (1 - t) + (b as number) * t;
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
