import { type Affine, apply, type Grid, invert, type Point, type Warp } from "@quintet/core";
import { warpMap } from "@quintet/kernels";

/** Least determinant of I + db/dx by central differences on the grid's inner points: folded where it is not positive. */
export function leastDeterminant(field: Float32Array, grid: Grid): number {
  const [nx, ny, nz] = grid.shape;
  const n = nx * ny * nz;
  const toVoxel = invert(grid.affine);
  const inner: Affine = toVoxel.map((v) => v / 2);
  const [p0, p1, p2, q0, q1, q2, r0, r1, r2] = [0, 1, 2, 4, 5, 6, 8, 9, 10].map((k) => inner[k]) as number[] as [
    ...[number, number, number],
    ...[number, number, number],
    ...[number, number, number],
  ];
  let least = Number.POSITIVE_INFINITY;
  for (let z = 1; z < nz - 1; z++) {
    for (let y = 1; y < ny - 1; y++) {
      for (let x = 1; x < nx - 1; x++) {
        const i = x + nx * (y + ny * z);
        // rise of each world component along each axis; then world -> voxel turns components into voxels
        const slope = (c: number, stride: number): number =>
          (field[c * n + i + stride] as number) - (field[c * n + i - stride] as number);
        const [ux, uy, uz] = [slope(0, 1), slope(0, nx), slope(0, nx * ny)];
        const [vx, vy, vz] = [slope(1, 1), slope(1, nx), slope(1, nx * ny)];
        const [wx, wy, wz] = [slope(2, 1), slope(2, nx), slope(2, nx * ny)];
        const a = 1 + p0 * ux + p1 * vx + p2 * wx;
        const b = p0 * uy + p1 * vy + p2 * wy;
        const c = p0 * uz + p1 * vz + p2 * wz;
        const d = q0 * ux + q1 * vx + q2 * wx;
        const e = 1 + q0 * uy + q1 * vy + q2 * wy;
        const f = q0 * uz + q1 * vz + q2 * wz;
        const g = r0 * ux + r1 * vx + r2 * wx;
        const h = r0 * uy + r1 * vy + r2 * wy;
        const k = 1 + r0 * uz + r1 * vz + r2 * wz;
        const determinant = a * (e * k - f * h) - b * (d * k - f * g) + c * (d * h - e * g);
        if (determinant < least) least = determinant;
      }
    }
  }
  return least;
}

/** Distances, mm. */
export interface InverseConsistency {
  readonly mean: number;
  readonly p99: number;
  readonly max: number;
}

/** |W(V(x)) - x| over points x, where V ought to be the inverse of W. Zeros when there is no point. */
export function inverseConsistency(warp: Warp, inverse: Warp, points: readonly Point[]): InverseConsistency {
  const [forth, back] = [warpMap(warp), warpMap(inverse)];
  const apart = Float64Array.from(points, (p) => {
    const q = forth(back(p));
    return Math.hypot(q[0] - p[0], q[1] - p[1], q[2] - p[2]);
  }).sort();
  const at = (share: number): number => apart[Math.round(share * (apart.length - 1))] ?? 0;
  return { mean: apart.reduce((a, b) => a + b, 0) / Math.max(1, apart.length), p99: at(0.99), max: at(1) };
}

/** Centres of about every `step`-th mm's voxel for which `keep` holds, world mm. */
export function gridPoints(grid: Grid, step: number, keep: (voxel: number) => boolean): Point[] {
  const [nx, ny, nz] = grid.shape;
  const strides = [0, 1, 2].map((c) => {
    const edge = Math.hypot(...[0, 4, 8].map((row) => grid.affine[row + c] as number));
    return Math.max(1, Math.round(step / edge));
  }) as [number, number, number];
  const points: Point[] = [];
  for (let z = 0; z < nz; z += strides[2]) {
    for (let y = 0; y < ny; y += strides[1]) {
      for (let x = 0; x < nx; x += strides[0]) {
        if (keep(x + nx * (y + ny * z))) points.push(apply(grid.affine, [x, y, z]));
      }
    }
  }
  return points;
}
