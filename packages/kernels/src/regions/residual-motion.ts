import { type Affine, DataError, type Grid, type Mask, toWorld } from "@quintet/core";
import { Matrix, solve } from "ml-matrix";
import { orderStatistic } from "../statistics/order-statistic.ts";

export interface ResidualMotion {
  /** The difference without the part that a small rigid motion and a change of sharpness explain; 0 outside the mask. */
  readonly data: Float32Array;
  /** RMS over the mask of the displacement that was taken out, mm. */
  readonly displacement: number;
}

/**
 * Takes out of a difference of two images what a small rigid misregistration, a change of sharpness and a change of
 * scale would put there.
 *
 *   D = sum_j b_j X_j + e,   X = dM/dx, dM/dy, dM/dz, (r x grad M)_x, _y, _z, laplacian M, M, 1
 *
 * the first-order change of the mean image M (world axes, r from the mask's centre), fitted by least squares inside the
 * mask, twice: the second time without voxels beyond 3 robust SD, so that a focus has no say. Nine numbers against the
 * hundreds of independent cells of a brain: what a focus loses to the fit is below a hundredth. The level <b_M M + b_1>
 * stays: the fit trades M for 1 freely, and either alone would move the whole map.
 *
 * @param difference [z][y][x]
 * @param mean the mean of the two images in the same scale, also defined around the mask
 * @throws DataError `empty-region`
 * @see Friston et al., Magn Reson Med 1996;35:346-55 (motion expanded to first order)
 */
export function removeResidualMotion(difference: Float32Array, mean: Float32Array, mask: Mask): ResidualMotion {
  const voxels: number[] = [];
  for (let i = 0; i < mask.data.length; i++) if (mask.data[i] !== 0) voxels.push(i);
  if (voxels.length < 100)
    throw new DataError("empty-region", "too few voxels inside the mask", {
      expected: ">= 100",
      found: `${voxels.length}`,
    });
  const columns = motionColumns(mean, mask, voxels);
  const values = Float64Array.from(voxels, (i) => difference[i]);
  let weights: Float64Array = new Float64Array(voxels.length).fill(1);
  let fit: Float64Array = new Float64Array(columns.length);
  let rest: Float64Array = values;
  for (let round = 0; round < 2; round++) {
    fit = weightedFit(columns, values, weights);
    rest = Float64Array.from(values);
    for (const [j, column] of columns.entries()) for (let n = 0; n < rest.length; n++) rest[n] -= fit[j] * column[n];
    const limit = 3 * 1.4826 * orderStatistic(rest.map(Math.abs), rest.length >> 1);
    weights = rest.map((e) => (Math.abs(e) <= limit ? 1 : 0));
  }
  const data = new Float32Array(difference.length);
  const level = fit[7] * (columns[7].reduce((sum, m) => sum + m, 0) / voxels.length) + fit[8];
  for (const [n, i] of voxels.entries()) data[i] = rest[n] + level;
  return { data, displacement: rmsDisplacement(fit, mask, voxels) };
}

function motionColumns(mean: Float32Array, grid: Grid, voxels: readonly number[]): Float64Array[] {
  const [nx, ny, nz] = grid.shape;
  const plane = nx * ny;
  const [cx, cy, cz] = centreOf(grid, voxels);
  const columns = Array.from({ length: 9 }, () => new Float64Array(voxels.length));
  const [fx, fy, fz, turnX, turnY, turnZ, sharp, scale, offset] = columns;
  const [tx, ty, tz] = inverseTranspose(grid.affine);
  for (let n = 0; n < voxels.length; n++) {
    const v = voxels[n];
    const [i, j, k] = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / plane)];
    const here = mean[v];
    const [left, right] = [i > 0 ? mean[v - 1] : here, i < nx - 1 ? mean[v + 1] : here];
    const [back, front] = [j > 0 ? mean[v - nx] : here, j < ny - 1 ? mean[v + nx] : here];
    const [below, above] = [k > 0 ? mean[v - plane] : here, k < nz - 1 ? mean[v + plane] : here];
    const [si, sj, sk] = [(right - left) / 2, (front - back) / 2, (above - below) / 2];
    const gx = tx[0] * si + tx[1] * sj + tx[2] * sk;
    const gy = ty[0] * si + ty[1] * sj + ty[2] * sk;
    const gz = tz[0] * si + tz[1] * sj + tz[2] * sk;
    const world = toWorld(grid, [i, j, k]);
    const [x, y, z] = [world[0] - cx, world[1] - cy, world[2] - cz];
    fx[n] = gx;
    fy[n] = gy;
    fz[n] = gz;
    turnX[n] = y * gz - z * gy;
    turnY[n] = z * gx - x * gz;
    turnZ[n] = x * gy - y * gx;
    sharp[n] = right + left + front + back + above + below - 6 * here;
    scale[n] = here;
    offset[n] = 1;
  }
  return columns;
}

/** grad_world = M^-T grad_voxel, rows of M^-T. */
function inverseTranspose(m: Affine): number[][] {
  const [a, b, c, d, e, f, g, h, i] = [m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]];
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    [(e * i - f * h) / det, (f * g - d * i) / det, (d * h - e * g) / det],
    [(c * h - b * i) / det, (a * i - c * g) / det, (b * g - a * h) / det],
    [(b * f - c * e) / det, (c * d - a * f) / det, (a * e - b * d) / det],
  ];
}

function centreOf(grid: Grid, voxels: readonly number[]): number[] {
  const [nx, ny] = grid.shape;
  const sum = [0, 0, 0];
  for (const i of voxels) {
    const world = toWorld(grid, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
    for (let k = 0; k < 3; k++) sum[k] += world[k] / voxels.length;
  }
  return sum;
}

/** Least squares with weights of 0 or 1: X'WX b = X'Wy, its sums taken in one pass over the voxels. */
function weightedFit(columns: readonly Float64Array[], values: Float64Array, weights: Float64Array): Float64Array {
  const size = columns.length;
  const [products, right] = [new Float64Array(size * size), new Float64Array(size)];
  const row = new Float64Array(size);
  for (let n = 0; n < values.length; n++) {
    if (weights[n] === 0) continue;
    for (let j = 0; j < size; j++) row[j] = columns[j][n];
    for (let j = 0; j < size; j++) {
      const weighted = weights[n] * row[j];
      right[j] += weighted * values[n];
      for (let k = 0; k <= j; k++) products[j * size + k] += weighted * row[k];
    }
  }
  // Columns are scaled to unit length: mm and rad differ by orders of magnitude. A column without variation gets 0.
  const lengths = columns.map((_, j) => Math.sqrt(products[j * size + j]) || 1);
  const normal = lengths.map((a, i) =>
    lengths.map((b, j) => products[Math.max(i, j) * size + Math.min(i, j)] / (a * b) + (i === j ? 1e-9 : 0)),
  );
  const solution = solve(new Matrix(normal), Matrix.columnVector(lengths.map((length, j) => right[j] / length)));
  return Float64Array.from(columns, (_, j) => solution.get(j, 0) / lengths[j]);
}

function rmsDisplacement(fit: Float64Array, grid: Grid, voxels: readonly number[]): number {
  const [nx, ny] = grid.shape;
  const centre = centreOf(grid, voxels);
  let squares = 0;
  for (const i of voxels) {
    const world = toWorld(grid, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
    const [x, y, z] = world.map((w, k) => w - centre[k]);
    squares +=
      (fit[0] + fit[4] * z - fit[5] * y) ** 2 +
      (fit[1] + fit[5] * x - fit[3] * z) ** 2 +
      (fit[2] + fit[3] * y - fit[4] * x) ** 2;
  }
  return Math.sqrt(squares / voxels.length);
}
