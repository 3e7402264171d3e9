import { type Affine, apply, DataError, type Grid, invert, multiply, voxelCount } from "@quintet/core";
import type { ParameterMap } from "../src/register/elastix.ts";
import { numbersOf } from "../src/register/itk-transform.ts";

/** A cubic B-spline displacement as elastix states it, in LPS millimetres. */
export interface SplineField {
  readonly shape: readonly [number, number, number];
  /** LPS mm -> control point index. */
  readonly toIndex: Affine;
  /** [component][z][y][x], mm. */
  readonly coefficients: Float64Array;
}

/** @throws DataError `registration-failed` when the map is no cubic B-spline in three dimensions */
export function splineField(map: ParameterMap): SplineField {
  const shape = numbersOf(map, "GridSize") as [number, number, number];
  const [origin, spacing, direction] = ["GridOrigin", "GridSpacing", "GridDirection"].map((name) =>
    numbersOf(map, name),
  ) as [number[], number[], number[]];
  const index = numbersOf(map, "GridIndex");
  const coefficients = Float64Array.from(numbersOf(map, "TransformParameters"));
  const order = map.BSplineTransformSplineOrder?.[0] ?? "3";
  const n = shape.reduce((a, b) => a * b, 1);
  if (coefficients.length !== 3 * n || Number(order) !== 3 || direction.length !== 9) {
    throw new DataError("registration-failed", "elastix gave no cubic B-spline", {
      expected: `3 x ${n} coefficients of order 3`,
      found: `${coefficients.length} of order ${order}`,
    });
  }
  const grid = new Float64Array(16);
  grid[15] = 1;
  for (let row = 0; row < 3; row++) {
    grid[row * 4 + 3] = origin[row] as number;
    for (let axis = 0; axis < 3; axis++) {
      // elastix states direction cosines column by column
      grid[row * 4 + axis] = (direction[axis * 3 + row] as number) * (spacing[axis] as number);
      grid[row * 4 + 3] = (grid[row * 4 + 3] as number) + (grid[row * 4 + axis] as number) * (index[axis] as number);
    }
  }
  return { shape, toIndex: invert(grid), coefficients };
}

/**
 * The displacement on a grid, in RAS mm, [component][z][y][x].
 *
 *   d(x) = sum_k c_k b3(u_x - k_x) b3(u_y - k_y) b3(u_z - k_z),   u = x in units of the control grid
 *
 * with b3 the cubic B-spline; zero where the four nearest control points along an axis are not all there, as in ITK.
 *
 * @see Rueckert et al., IEEE TMI 1999;18:712-721
 */
export function splineOnGrid(field: SplineField, grid: Grid): Float32Array {
  const n = voxelCount(grid);
  const out = new Float32Array(3 * n);
  const turn: Affine = Float64Array.of(-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
  const toIndex = multiply(field.toIndex, multiply(turn, grid.affine));
  const [gx, gy, gz] = field.shape;
  const count = gx * gy * gz;
  const weights = new Float64Array(12);
  const [nx, ny, nz] = grid.shape;
  let voxel = -1;
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        voxel++;
        const u = apply(toIndex, [x, y, z]);
        const [i, j, k] = [Math.floor(u[0]) - 1, Math.floor(u[1]) - 1, Math.floor(u[2]) - 1];
        if (i < 0 || j < 0 || k < 0 || i + 3 >= gx || j + 3 >= gy || k + 3 >= gz) continue;
        cubicWeights(u[0] - i - 1, weights, 0);
        cubicWeights(u[1] - j - 1, weights, 4);
        cubicWeights(u[2] - k - 1, weights, 8);
        let [dx, dy, dz] = [0, 0, 0];
        for (let c = 0; c < 4; c++) {
          for (let b = 0; b < 4; b++) {
            const wide = (weights[8 + c] as number) * (weights[4 + b] as number);
            const row = i + gx * (j + b + gy * (k + c));
            for (let a = 0; a < 4; a++) {
              const w = wide * (weights[a] as number);
              dx += w * (field.coefficients[row + a] as number);
              dy += w * (field.coefficients[count + row + a] as number);
              dz += w * (field.coefficients[2 * count + row + a] as number);
            }
          }
        }
        out[voxel] = -dx;
        out[n + voxel] = -dy;
        out[2 * n + voxel] = dz;
      }
    }
  }
  return out;
}

/** b3 at t + 1, t, t - 1, t - 2 for t in [0, 1). */
function cubicWeights(t: number, weights: Float64Array, at: number): void {
  const s = 1 - t;
  weights[at] = (s * s * s) / 6;
  weights[at + 1] = (3 * t * t * t - 6 * t * t + 4) / 6;
  weights[at + 2] = (3 * s * s * s - 6 * s * s + 4) / 6;
  weights[at + 3] = (t * t * t) / 6;
}
