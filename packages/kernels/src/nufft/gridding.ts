import { wasmKernel } from "../wasm/wasm.ts";
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
  /** Into `samples`. */
  interpolate(grid: Float32Array, samples: Float32Array): Float32Array;
  /** Into `grid`, whatever it held. */
  spread(samples: Float32Array, grid: Float32Array): Float32Array;
}

/** In the order of the grid rows that the samples start in: neighbours in memory are then visited together. */
interface GriddingTables {
  readonly samples: number;
  /** Cells along x, y, z; 1 along axes that are not there. */
  readonly sizes: readonly [nx: number, ny: number, nz: number];
  /** Weights along x (made even with a 0), y, z; 1 along axes that are not there. */
  readonly widths: readonly [wx: number, wy: number, wz: number];
  /** First cell along x, y, z of each sample. */
  readonly starts: Int32Array;
  /** Along x, then y, then z, of each sample. */
  readonly weights: Float32Array;
  /** Which sample each is. */
  readonly order: Int32Array;
}

/** Entries of the window's table from its centre to its rim: linear interpolation then errs by less than 1e-7. */
const tableSize = 16384;

/**
 * @param trajectory [sample][axis] in cycles per voxel, x first; the zero frequency lies at index size / 2
 * @param sizes even lengths of the grid, one to three axes, each at least as long as the window made even
 */
export function gridding(
  trajectory: ArrayLike<number>,
  sizes: readonly number[],
  windows: readonly KaiserBessel[],
): Gridding {
  const tables = tablesOf(trajectory, sizes, windows);
  return griddingWasm(tables) ?? griddingTypeScript(tables);
}

function tablesOf(
  trajectory: ArrayLike<number>,
  given: readonly number[],
  windows: readonly KaiserBessel[],
): GriddingTables {
  const axes = given.length;
  const samples = trajectory.length / axes;
  const width = windows[0].width;
  const sizes = [given[0], given[1] ?? 1, given[2] ?? 1] as const;
  const widths = [width + (width % 2), axes > 1 ? width : 1, axes > 2 ? width : 1] as const;
  const firstOf = (j: number, axis: number): number =>
    Math.ceil(trajectory[j * axes + axis] * sizes[axis] + sizes[axis] / 2 - width / 2);
  const cellOf = (j: number, axis: number): number =>
    axis < axes ? ((firstOf(j, axis) % sizes[axis]) + sizes[axis]) % sizes[axis] : 0;
  const key = Float64Array.from(
    { length: samples },
    (_, j) => (cellOf(j, 2) * sizes[1] + cellOf(j, 1)) * sizes[0] + cellOf(j, 0),
  );
  const order = Int32Array.from(key.keys()).sort((a, b) => key[a] - key[b]);
  const starts = new Int32Array(3 * samples);
  const stride = widths[0] + widths[1] + widths[2];
  const weights = new Float32Array(stride * samples);
  for (let axis = 0; axis < 3; axis++) {
    const offset = widths.slice(0, axis).reduce((a, b) => a + b, 0);
    const table = axis < axes ? tableOf(windows[axis]) : undefined;
    for (let o = 0; o < samples; o++) {
      const j = order[o];
      starts[3 * o + axis] = cellOf(j, axis);
      if (!table) {
        weights[o * stride + offset] = 1;
        continue;
      }
      const u = trajectory[j * axes + axis] * sizes[axis] + sizes[axis] / 2 - firstOf(j, axis);
      for (let i = 0; i < width; i++) {
        const at = (Math.abs(u - i) * 2 * tableSize) / width;
        const below = Math.min(tableSize, Math.floor(at));
        weights[o * stride + offset + i] = table[below] + (at - below) * (table[below + 1] - table[below]);
      }
    }
  }
  return { samples, sizes, widths, starts, weights, order };
}

/** From the centre to the rim, and the rim once more for the interpolation there. */
function tableOf(window: KaiserBessel): Float64Array {
  return Float64Array.from({ length: tableSize + 2 }, (_, i) =>
    window.weight((Math.min(i, tableSize) * window.width) / (2 * tableSize)),
  );
}

function griddingTypeScript(tables: GriddingTables): Gridding {
  const { samples, starts, weights, order } = tables;
  const [nx, ny, nz] = tables.sizes;
  const [wx, wy, wz] = tables.widths;
  const stride = wx + wy + wz;
  // Offsets of the cells in reach along x, so that the innermost loop does not fold.
  const columns = new Int32Array(wx);
  const walk = (row: (sample: number, at: number, weight: number, xWeights: number) => void): void => {
    for (let o = 0; o < samples; o++) {
      const w = o * stride;
      for (let i = 0; i < wx; i++) columns[i] = 2 * ((starts[3 * o] + i) % nx);
      for (let kz = 0; kz < wz; kz++) {
        const plane = ((starts[3 * o + 2] + kz) % nz) * ny;
        for (let ky = 0; ky < wy; ky++) {
          const weight = weights[w + wx + wy + kz] * weights[w + wx + ky];
          row(order[o], 2 * nx * (plane + ((starts[3 * o + 1] + ky) % ny)), weight, w);
        }
      }
    }
  };
  return {
    samples,
    cells: nx * ny * nz,
    interpolate: (grid, out) => {
      out.fill(0);
      walk((j, at, weight, w) => {
        let [re, im] = [0, 0];
        for (let i = 0; i < wx; i++) {
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
      grid.fill(0);
      walk((j, at, weight, w) => {
        const [re, im] = [weight * values[2 * j], weight * values[2 * j + 1]];
        for (let i = 0; i < wx; i++) {
          const cell = at + columns[i];
          grid[cell] += weights[w + i] * re;
          grid[cell + 1] += weights[w + i] * im;
        }
      });
      return grid;
    },
  };
}

/** An instance of its own for each trajectory: the tables stay in its memory and are freed with it. */
function griddingWasm(tables: GriddingTables): Gridding | undefined {
  const make = wasmKernel("nufft");
  const { samples, sizes, widths, starts, weights, order } = tables;
  const cells = sizes[0] * sizes[1] * sizes[2];
  let bytes = 0;
  const place = (length: number): number => {
    const at = bytes;
    bytes += 16 * Math.ceil(length / 16);
    return at;
  };
  const startsAt = place(starts.byteLength);
  const weightsAt = place(weights.byteLength);
  const orderAt = place(order.byteLength);
  const gridAt = place(8 * cells);
  const valuesAt = place(8 * samples);
  if (!make || bytes > mostBytes) return undefined;
  const { memory, exports } = make(bytes);
  new Int32Array(memory.buffer, startsAt, starts.length).set(starts);
  new Float32Array(memory.buffer, weightsAt, weights.length).set(weights);
  new Int32Array(memory.buffer, orderAt, order.length).set(order);
  const inner = {
    grid: new Float32Array(memory.buffer, gridAt, 2 * cells),
    values: new Float32Array(memory.buffer, valuesAt, 2 * samples),
  };
  const how = [samples, ...sizes, ...widths, startsAt, weightsAt, orderAt, gridAt, valuesAt];
  return {
    samples,
    cells,
    interpolate: (grid, out) => {
      inner.grid.set(grid);
      exports.interpolate?.(...how);
      out.set(inner.values);
      return out;
    },
    spread: (values, grid) => {
      inner.values.set(values);
      inner.grid.fill(0);
      exports.spread?.(...how);
      grid.set(inner.grid);
      return grid;
    },
  };
}

/** Above it the TypeScript form runs, in the arrays that are there. */
const mostBytes = 2 * 1024 ** 3;
