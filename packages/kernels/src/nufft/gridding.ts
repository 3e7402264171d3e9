import type { KaiserBessel } from "./kaiser-bessel.ts";

/**
 * Interpolation between a periodic grid and samples off it, and its exact transpose:
 *
 *   samples[j] = sum_m phi(u_j - m) grid[m],   grid[m] = sum_j phi(u_j - m) samples[j]
 *
 * with the same float32 weights, made once, both ways. Values are complex, interleaved.
 */
export interface Gridding {
  readonly samples: number;
  readonly cells: number;
  interpolate(grid: Float32Array, samples: Float32Array): Float32Array;
  /** Adds to `grid`. */
  spread(samples: Float32Array, grid: Float32Array): Float32Array;
}

/** Entries of the window's table from its centre to its rim: linear interpolation then errs by less than 1e-7. */
const tableSize = 16384;

/**
 * @param trajectory [sample][axis] in cycles per voxel, x first; the zero frequency lies at index size / 2
 * @param sizes even lengths of the grid, one to three axes
 */
export function gridding(
  trajectory: ArrayLike<number>,
  sizes: readonly number[],
  windows: readonly KaiserBessel[],
): Gridding {
  const axes = sizes.length;
  const samples = trajectory.length / axes;
  const width = windows[0].width;
  const starts = new Int32Array(3 * samples);
  const weights = new Float32Array(axes * width * samples);
  for (let axis = 0; axis < axes; axis++) {
    const [size, table] = [sizes[axis], tableOf(windows[axis])];
    for (let j = 0; j < samples; j++) {
      const u = trajectory[j * axes + axis] * size + size / 2;
      const first = Math.ceil(u - width / 2);
      starts[3 * j + axis] = ((first % size) + size) % size;
      for (let i = 0; i < width; i++) {
        const at = (Math.abs(u - first - i) * 2 * tableSize) / width;
        const below = Math.floor(at);
        weights[(j * axes + axis) * width + i] = table[below] + (at - below) * (table[below + 1] - table[below]);
      }
    }
  }
  const [nx, ny, nz] = [sizes[0], sizes[1] ?? 1, sizes[2] ?? 1];
  const [wy, wz] = [axes > 1 ? width : 1, axes > 2 ? width : 1];
  const order = alongTheGrid(starts, samples, nx, ny);
  // Byte-free indices of the cells in reach along x, so that the innermost loop does not fold.
  const columns = new Int32Array(width);

  const visit = (row: (sample: number, at: number, weight: number, xWeights: number) => void): void => {
    for (let o = 0; o < samples; o++) {
      const j = order[o];
      const w = j * axes * width;
      for (let i = 0; i < width; i++) {
        const x = starts[3 * j] + i;
        columns[i] = 2 * (x < nx ? x : x - nx);
      }
      for (let kz = 0; kz < wz; kz++) {
        const z = starts[3 * j + 2] + kz;
        const zWeight = axes > 2 ? weights[w + 2 * width + kz] : 1;
        const plane = (z < nz ? z : z - nz) * ny;
        for (let ky = 0; ky < wy; ky++) {
          const y = starts[3 * j + 1] + ky;
          const weight = axes > 1 ? zWeight * weights[w + width + ky] : zWeight;
          row(j, 2 * nx * (plane + (y < ny ? y : y - ny)), weight, w);
        }
      }
    }
  };

  return {
    samples,
    cells: nx * ny * nz,
    interpolate: (grid, out) => {
      out.fill(0);
      visit((j, at, weight, w) => {
        let [re, im] = [0, 0];
        for (let i = 0; i < width; i++) {
          const cell = at + columns[i];
          re += weights[w + i] * grid[cell];
          im += weights[w + i] * grid[cell + 1];
        }
        out[2 * j] += weight * re;
        out[2 * j + 1] += weight * im;
      });
      return out;
    },
    spread: (values, grid) => {
      visit((j, at, weight, w) => {
        const [re, im] = [weight * values[2 * j], weight * values[2 * j + 1]];
        for (let i = 0; i < width; i++) {
          const cell = at + columns[i];
          grid[cell] += weights[w + i] * re;
          grid[cell + 1] += weights[w + i] * im;
        }
      });
      return grid;
    },
  };
}

function tableOf(window: KaiserBessel): Float64Array {
  return Float64Array.from({ length: tableSize + 2 }, (_, i) =>
    window.weight((Math.min(i, tableSize) * window.width) / (2 * tableSize)),
  );
}

/** Samples in the order of the grid rows they start in: neighbours in memory are then visited together. */
function alongTheGrid(starts: Int32Array, samples: number, nx: number, ny: number): Int32Array {
  const key = Float64Array.from(
    { length: samples },
    (_, j) => (starts[3 * j + 2] * ny + starts[3 * j + 1]) * nx + starts[3 * j],
  );
  return Int32Array.from(key.keys()).sort((a, b) => key[a] - key[b]);
}
