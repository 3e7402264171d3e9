import { DataError } from "@quintet/core";
import { wasmKernel } from "../wasm/wasm.ts";

type Triple = readonly [x: number, y: number, z: number];

/**
 * Exact Euclidean distance (mm) of every voxel centre to the nearest voxel centre of the mask; 0 inside the mask.
 *
 *   D(p) = min_{q in mask} |S (p - q)|,   S = diag(spacing)
 *
 * by the lower envelope of parabolas along each axis in turn. An empty mask gives Infinity everywhere.
 * For depths inside a region, pass its complement. Tolerance against the reference: float32 rounding (1e-6 relative).
 *
 * @param mask [z][y][x], non-zero is inside
 * @param spacing voxel edges in mm
 * @throws DataError `shape-mismatch`, `bad-spacing`
 * @see Felzenszwalb & Huttenlocher, Theory of Computing 2012;8:415-428
 */
export function distanceTransform(mask: Uint8Array, shape: Triple, spacing: Triple): Float32Array {
  const squared = squaredDistance(mask, shape, spacing);
  const out = new Float32Array(squared.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(squared[i] as number);
  return out;
}

/** The square of `distanceTransform`; exact for spacings of 1. @throws DataError `shape-mismatch`, `bad-spacing` */
export function squaredDistance(mask: Uint8Array, shape: Triple, spacing: Triple): Float64Array | Float32Array {
  const [nx, ny, nz] = shape;
  if (mask.length !== nx * ny * nz) {
    throw new DataError("shape-mismatch", "the mask must fill its shape", {
      expected: shape.join(" x "),
      found: `${mask.length} voxels`,
    });
  }
  if (!spacing.every((s) => s > 0 && Number.isFinite(s))) {
    throw new DataError("bad-spacing", "voxel edges are positive lengths", { found: spacing.join(", ") });
  }
  const fast = squaredDistanceWasm(mask, shape, spacing);
  if (fast) return fast;
  const field = new Float64Array(mask.length).map((_, i) => (mask[i] === 0 ? Number.POSITIVE_INFINITY : 0));
  const strides = [1, nx, nx * ny];
  for (let axis = 0; axis < 3; axis++) {
    const [n, stride, step] = [shape[axis] as number, strides[axis] as number, spacing[axis] as number];
    const envelope = lowerEnvelope(n, step * step);
    for (let start = 0; start < field.length; start++) {
      if (Math.floor(start / stride) % n === 0) envelope(field, start, stride);
    }
  }
  return field;
}

/** Replaces f along a line by min_q (f(q) + weight (p - q)^2). */
function lowerEnvelope(n: number, weight: number): (f: Float64Array, start: number, stride: number) => void {
  const line = new Float64Array(n);
  const apex = new Int32Array(n);
  const from = new Float64Array(n + 1);
  return (f, start, stride) => {
    let last = -1;
    for (let q = 0; q < n; q++) {
      const height = f[start + q * stride] as number;
      line[q] = height;
      if (height === Number.POSITIVE_INFINITY) continue;
      let meets = Number.NEGATIVE_INFINITY;
      while (last >= 0) {
        const v = apex[last] as number;
        meets = ((height - (line[v] as number)) / weight + q * q - v * v) / (2 * (q - v));
        if (meets > (from[last] as number)) break;
        last--;
        meets = Number.NEGATIVE_INFINITY;
      }
      last++;
      apex[last] = q;
      from[last] = meets;
    }
    if (last < 0) return;
    for (let p = 0, k = 0; p < n; p++) {
      while (k < last && (from[k + 1] as number) < p) k++;
      const v = apex[k] as number;
      f[start + p * stride] = (line[v] as number) + weight * (p - v) * (p - v);
    }
  };
}

/** Memory: [field f32][scratch: 16 lines of 2 n f32, n i32, n + 1 f64], n the longest axis. */
function squaredDistanceWasm(mask: Uint8Array, [nx, ny, nz]: Triple, spacing: Triple): Float32Array | undefined {
  const make = wasmKernel("distance");
  if (!make) return undefined;
  const longest = Math.max(nx, ny, nz);
  const scratch = (4 * mask.length + 15) & ~7;
  const { memory, exports } = make(scratch + 16 * 8 * longest + 4 * longest + 8 * (longest + 2));
  const field = new Float32Array(memory.buffer, 0, mask.length);
  for (let i = 0; i < mask.length; i++) field[i] = mask[i] === 0 ? Number.POSITIVE_INFINITY : 0;
  const along = exports.along as (...values: number[]) => number;
  along(0, 1, nx, ny * nz, spacing[0] ** 2, scratch);
  along(0, nx, ny, nz, spacing[1] ** 2, scratch);
  along(0, nx * ny, nz, 1, spacing[2] ** 2, scratch);
  return field.slice();
}
