import { DataError } from "@quintet/core";
import { CholeskyDecomposition, Matrix } from "ml-matrix";

/** The linear map from one line's samples, wherever they were taken, to its samples on the even grid. */
export interface Regridding {
  readonly from: number;
  readonly to: number;
  /** [to][from], complex, interleaved. */
  readonly matrix: Float32Array;
  /**
   * Mean variance of the result for white noise of variance 1; 1 for samples that are even already, far above it when
   * they are too sparse somewhere (the result is then wrong too, not only noisy).
   */
  readonly noiseGain: number;
}

/**
 * Regridding of a line of k-space, as needed where the readout gradient ramps (echo-planar imaging), by least squares:
 *
 *   y_j = sum_r x_r exp(-2 pi i k_j (r - c)),   X_m = sum_r x_r exp(-2 pi i (m - c)(r - c) / n),   c = floor(n / 2)
 *   X = F (E'E + lambda)^-1 E' y,   lambda = damping n
 *
 * It takes the object to lie within the n voxels and assumes no more: exact for any such object if the samples are close
 * enough (as the uniform resampling of Rosenfeld, Magn Reson Med 1998;40:14-23, on the same model). Float64, rounded
 * once to float32.
 *
 * @param positions k of each sample, cycles per voxel, within -0.5 .. 0.5; in the order of the samples, may run backwards
 * @param n samples on the even grid, at (m - c) / n
 * @param damping share of the largest possible eigenvalue that is added to all, default 1e-6
 * @throws DataError `bad-shape`, `bad-trajectory`, `not-positive` (damping), `too-few-samples`, `singular`
 */
export function regridding(
  positions: ArrayLike<number>,
  n: number,
  { damping = 1e-6 }: { readonly damping?: number } = {},
): Regridding {
  const from = positions.length;
  refuseBadLine(positions, n, damping);
  const c = Math.floor(n / 2);
  // Real and imaginary parts stacked: a complex system of n is a real one of 2 n.
  const real = new Matrix(2 * n, 2 * n);
  const sums = Array.from({ length: n }, (_, lag) => {
    let [re, im] = [0, 0];
    for (let j = 0; j < from; j++) {
      const angle = 2 * Math.PI * positions[j] * lag;
      re += Math.cos(angle);
      im += Math.sin(angle);
    }
    return [re, im] as const;
  });
  for (let r = 0; r < n; r++) {
    for (let s = 0; s < n; s++) {
      // (E'E)_rs = sum_j exp(2 pi i k_j (r - s))
      const [re, size] = sums[Math.abs(r - s)];
      const im = r >= s ? size : -size;
      const diagonal = r === s ? damping * n : 0;
      real.set(r, s, re + diagonal);
      real.set(n + r, n + s, re + diagonal);
      real.set(r, n + s, -im);
      real.set(n + r, s, im);
    }
  }
  const cholesky = new CholeskyDecomposition(real);
  if (!cholesky.isPositiveDefinite()) {
    throw new DataError("singular", "the samples do not determine the line", {
      expected: "samples over the whole of -0.5 to 0.5, or damping",
      found: `${from} samples for ${n} voxels`,
    });
  }
  const adjoint = new Matrix(2 * n, from);
  for (let r = 0; r < n; r++) {
    for (let j = 0; j < from; j++) {
      const angle = 2 * Math.PI * positions[j] * (r - c);
      adjoint.set(r, j, Math.cos(angle));
      adjoint.set(n + r, j, Math.sin(angle));
    }
  }
  return transformed(cholesky.solve(adjoint), n, from);
}

/** F times the solution, n x from. */
function transformed(solution: Matrix, n: number, from: number): Regridding {
  const c = Math.floor(n / 2);
  const circle = Array.from({ length: n }, (_, i) => [
    Math.cos((2 * Math.PI * i) / n),
    Math.sin((2 * Math.PI * i) / n),
  ]);
  const matrix = new Float32Array(2 * n * from);
  let power = 0;
  for (let m = 0; m < n; m++) {
    for (let j = 0; j < from; j++) {
      let [re, im] = [0, 0];
      for (let r = 0; r < n; r++) {
        const [cos, sin] = circle[((((m - c) * (r - c)) % n) + n) % n];
        const [x, y] = [solution.get(r, j), solution.get(n + r, j)];
        re += x * cos + y * sin;
        im += y * cos - x * sin;
      }
      matrix[2 * (m * from + j)] = re;
      matrix[2 * (m * from + j) + 1] = im;
      power += re * re + im * im;
    }
  }
  return { from, to: n, matrix, noiseGain: power / n };
}

/**
 * Regrids each of the lines that lie one after the other. @throws DataError `shape-mismatch`
 * @param lines [line][from], complex, interleaved
 */
export function regridLines(lines: Float32Array, { from, to, matrix }: Regridding): Float32Array {
  return multiplied(lines, from, to, (m, j) => m * from + j, matrix, 1);
}

/** The adjoint: from the even grid back to where the samples were taken. @throws DataError `shape-mismatch` */
export function regridLinesAdjoint(lines: Float32Array, { from, to, matrix }: Regridding): Float32Array {
  return multiplied(lines, to, from, (m, j) => j * from + m, matrix, -1);
}

function multiplied(
  lines: Float32Array,
  from: number,
  to: number,
  at: (row: number, column: number) => number,
  matrix: Float32Array,
  sign: number,
): Float32Array {
  if (lines.length % (2 * from) !== 0) {
    throw new DataError("shape-mismatch", "whole lines are regridded", {
      expected: `a multiple of ${2 * from} values`,
      found: `${lines.length}`,
    });
  }
  const count = lines.length / (2 * from);
  const out = new Float32Array(2 * to * count);
  for (let m = 0; m < to; m++) {
    const row = Float64Array.from({ length: 2 * from }, (_, i) => {
      const value = matrix[2 * at(m, i >> 1) + (i % 2)];
      return i % 2 ? sign * value : value;
    });
    for (let line = 0; line < count; line++) {
      let [re, im] = [0, 0];
      for (let i = 0, first = 2 * from * line; i < 2 * from; i += 2) {
        const [x, y] = [lines[first + i], lines[first + i + 1]];
        re += row[i] * x - row[i + 1] * y;
        im += row[i] * y + row[i + 1] * x;
      }
      out[2 * (line * to + m)] = re;
      out[2 * (line * to + m) + 1] = im;
    }
  }
  return out;
}

function refuseBadLine(positions: ArrayLike<number>, n: number, damping: number): void {
  if (!(Number.isInteger(n) && n >= 1 && n <= 1024)) {
    throw new DataError("bad-shape", "samples of the even grid", { expected: "1 to 1024", found: `${n}` });
  }
  if (!(damping >= 0)) throw new DataError("not-positive", "damping is a share", { found: `${damping}` });
  if (positions.length < n) {
    throw new DataError("too-few-samples", "a line needs as many samples as it has voxels", {
      expected: `at least ${n}`,
      found: `${positions.length}`,
    });
  }
  for (let j = 0; j < positions.length; j++) {
    // 1e-6: half a cycle in float32, scaled from other units
    if (Math.abs(positions[j]) <= 0.5 + 1e-6) continue;
    throw new DataError("bad-trajectory", "the positions are in cycles per voxel", {
      expected: "-0.5 to 0.5",
      found: `${positions[j]} at sample ${j}`,
    });
  }
}
