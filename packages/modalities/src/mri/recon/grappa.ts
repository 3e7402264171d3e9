import { DataError } from "@quintet/core";
import { type CartesianKSpace, type CoilData, refuseBadKSpace } from "../forward/coil-data.ts";
import { calibrationBlock } from "./calibration.ts";
import { cholesky, solveTriangular } from "./hermitian.ts";

export interface GrappaOptions {
  /** Every how many lines along y and z were measured. */
  readonly acceleration: readonly [y: number, z: number];
  /** Taps along x, and measured lines along y and z, that make one missing point; default 5, 4, 2. */
  readonly kernel?: readonly [x: number, y: number, z: number];
  /** lambda, as a share of the mean diagonal of the normal matrix; default 1e-4. */
  readonly damping?: number;
  /** Most points of the calibration block along an axis, default 48. */
  readonly calibration?: number;
  /** Where the weights are learnt when the calibration was measured apart from the image; default the image's own centre. */
  readonly learnFrom?: CartesianKSpace;
}

export interface Grappa {
  readonly kspace: CartesianKSpace;
  readonly calibration: CoilData["shape"];
  /** Points made by the weights. */
  readonly filled: number;
  /** Missing points that no full set of measured neighbours stands around; they stay 0. */
  readonly left: number;
  /** |A w - b| / |b| over the calibration data, mean over coils and offsets. */
  readonly fitError: number;
}

/**
 * GRAPPA: each missing point is a weighted sum of measured neighbours in all coils, the weights learnt where all are
 * measured:
 *
 *   w = argmin |A w - b|^2 + lambda |w|^2,   lambda = damping trace(A'A) / n
 *
 * one set of weights for each coil and each place between the measured lines (Griswold et al., Magn Reson Med
 * 2002;47:1202-10; both phase directions: Breuer et al., Magn Reson Med 2006;55:549-56). What was measured is kept.
 *
 * @throws DataError `bad-option`, `no-calibration`, `no-lattice` (no regular lines), and as `refuseBadKSpace`
 */
export function grappa(kspace: CartesianKSpace, options: GrappaOptions): Grappa {
  const { acceleration, kernel = [5, 4, 2], damping = 1e-4, calibration = 48 } = options;
  refuseBadKSpace(kspace);
  const whole = [...acceleration, ...kernel].every((n) => Number.isInteger(n) && n >= 1);
  if (!whole || kernel[0] % 2 === 0 || acceleration[0] * acceleration[1] === 1 || !(damping >= 0)) {
    throw new DataError(
      "bad-option",
      "GRAPPA needs whole accelerations, one of them above 1, and an odd kernel along x",
      {
        found: `R ${acceleration.join(" x ")}, kernel ${kernel.join(" x ")}, damping ${damping}`,
      },
    );
  }
  const block = calibrationBlock(options.learnFrom ?? kspace, calibration, 2);
  const [originY, originZ] = latticeOrigin(kspace, acceleration);
  const data = kspace.data.slice();
  const mask = kspace.mask.slice();
  let [filled, errors, fits] = [0, 0, 0];
  for (let b = 0; b < acceleration[1]; b++)
    for (let a = 0; a < acceleration[0]; a++) {
      if (a === 0 && b === 0) continue;
      const sources = sourceOffsets([a, b], acceleration, kernel);
      const { weights, error } = learn(block, sources, damping);
      errors += error;
      fits++;
      filled += fill(kspace, data, mask, sources, weights, { a, b, originY, originZ, acceleration });
    }
  let left = 0;
  for (const value of mask) left += 1 - value;
  return { kspace: { ...kspace, data, mask }, calibration: block.shape, filled, left, fitError: errors / fits };
}

type Offset = readonly [x: number, y: number, z: number];

/** Where the measured points lie as seen from a missing one that is (a, b) behind a measured line. */
function sourceOffsets(
  [a, b]: readonly [number, number],
  [ry, rz]: readonly [number, number],
  kernel: Offset,
): Offset[] {
  const along = (from: number, step: number, lines: number): number[] =>
    step === 1 ? [0] : Array.from({ length: lines }, (_, i) => (i - Math.ceil(lines / 2) + 1) * step - from);
  const half = (kernel[0] - 1) / 2;
  return along(b, rz, kernel[2]).flatMap((z) =>
    along(a, ry, kernel[1]).flatMap((y) => Array.from({ length: kernel[0] }, (_, i) => [i - half, y, z] as const)),
  );
}

/** The residue of the measured lines modulo the acceleration: that on which the most lie. @throws `no-lattice` */
function latticeOrigin({ shape, mask }: CartesianKSpace, [ry, rz]: readonly [number, number]): [number, number] {
  const [nx, ny, nz] = shape;
  const counts = new Float64Array(ry * rz);
  const lines = new Float64Array(ry * rz);
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) {
      const at = (z % rz) * ry + (y % ry);
      lines[at] = (lines[at] as number) + 1;
      counts[at] = (counts[at] as number) + (mask[(z * ny + y) * nx + Math.floor(nx / 2)] as number);
    }
  const best = counts.indexOf(Math.max(...counts));
  // partial Fourier and elliptical shutters leave out up to half of a lattice
  if (!((counts[best] as number) > 0.4 * (lines[best] as number))) {
    throw new DataError("no-lattice", "the measured lines are not every R-th one", {
      expected: `every ${ry} along y, every ${rz} along z`,
      found: `at most ${counts[best]} of ${lines[best]} lines on one lattice`,
    });
  }
  return [best % ry, Math.floor(best / ry)];
}

/** Weights [coil][source and coil], complex. @throws DataError `no-calibration` */
function learn(
  { coils, shape, data }: CoilData,
  sources: readonly Offset[],
  damping: number,
): { weights: Float64Array; error: number } {
  const [nx, ny, nz] = shape;
  const n = sources.length * coils;
  const range = (axis: 0 | 1 | 2, size: number): [number, number] => {
    const offsets = sources.map((offset) => offset[axis]);
    return [Math.max(0, -Math.min(...offsets)), size - Math.max(0, ...offsets)];
  };
  const [[x0, x1], [y0, y1], [z0, z1]] = [range(0, nx), range(1, ny), range(2, nz)];
  const examples = Math.max(0, x1 - x0) * Math.max(0, y1 - y0) * Math.max(0, z1 - z0);
  if (examples < n) {
    throw new DataError("no-calibration", "too few calibration points for the weights", {
      expected: `at least ${n} places where the kernel fits`,
      found: `${examples} in a block of ${shape.join(" x ")}`,
    });
  }
  const gram = new Float64Array(2 * n * n);
  const right = new Float64Array(2 * n * coils);
  const row = new Float64Array(2 * n);
  const powers = new Float64Array(coils);
  const target = new Float64Array(2 * coils);
  for (let z = z0; z < z1; z++)
    for (let y = y0; y < y1; y++)
      for (let x = x0; x < x1; x++) {
        gather({ coils, shape, data }, sources, x, y, z, row);
        gather({ coils, shape, data }, [[0, 0, 0]], x, y, z, target);
        addProducts(gram, right, row, target, n, coils);
        for (let c = 0; c < coils; c++)
          powers[c] = (powers[c] as number) + (target[2 * c] as number) ** 2 + (target[2 * c + 1] as number) ** 2;
      }
  let trace = 0;
  for (let i = 0; i < n; i++) trace += gram[2 * (i * n + i)] as number;
  if (!(trace > 0)) throw new DataError("no-signal", "the calibration data are all zero", {});
  for (let i = 0; i < n; i++) gram[2 * (i * n + i)] = (gram[2 * (i * n + i)] as number) + (damping * trace) / n;
  const l = cholesky({ n, data: gram });
  const weights = new Float64Array(2 * n * coils);
  let error = 0;
  for (let c = 0; c < coils; c++) {
    const b = right.slice(2 * c * n, 2 * (c + 1) * n);
    const w = solveTriangular(l, n, solveTriangular(l, n, b), true);
    weights.set(w, 2 * c * n);
    // |A w - b|^2 = |b|^2 - Re <w, A'b> - lambda |w|^2 at the solution of the damped equations
    let [explained, size] = [0, 0];
    for (let i = 0; i < 2 * n; i++) {
      explained += (w[i] as number) * (b[i] as number);
      size += (w[i] as number) ** 2;
    }
    const rest = (powers[c] as number) - explained - ((damping * trace) / n) * size;
    error += Math.sqrt(Math.max(0, rest) / ((powers[c] as number) || 1)) / coils;
  }
  return { weights, error };
}

/** gram += conj(a_i) a_j below the diagonal and on it, right += conj(a_i) b_c; no short arrays: the loop is the cost of GRAPPA. */
function addProducts(
  gram: Float64Array,
  right: Float64Array,
  row: Float64Array,
  target: Float64Array,
  n: number,
  coils: number,
): void {
  for (let i = 0; i < n; i++) {
    const re = row[2 * i] as number;
    const im = row[2 * i + 1] as number;
    const line = 2 * i * n;
    for (let j = 0; j <= 2 * i; j += 2) {
      const p = row[j] as number;
      const q = row[j + 1] as number;
      gram[line + j] = (gram[line + j] as number) + re * p + im * q;
      gram[line + j + 1] = (gram[line + j + 1] as number) + re * q - im * p;
    }
    for (let c = 0; c < coils; c++) {
      const p = target[2 * c] as number;
      const q = target[2 * c + 1] as number;
      const at = 2 * (c * n + i);
      right[at] = (right[at] as number) + re * p + im * q;
      right[at + 1] = (right[at + 1] as number) + re * q - im * p;
    }
  }
}

/** The points at the offsets from (x, y, z), [offset][coil]; 0 beyond the ends along x. */
function gather(
  { coils, shape, data }: CoilData,
  sources: readonly Offset[],
  x: number,
  y: number,
  z: number,
  out: Float64Array,
): void {
  const [nx, ny, nz] = shape;
  let to = 0;
  for (const [dx, dy, dz] of sources)
    for (let c = 0; c < coils; c++, to += 2) {
      const inside = x + dx >= 0 && x + dx < nx;
      const at = 2 * (((c * nz + z + dz) * ny + y + dy) * nx + x + dx);
      out[to] = inside ? (data[at] as number) : 0;
      out[to + 1] = inside ? (data[at + 1] as number) : 0;
    }
}

interface Place {
  readonly a: number;
  readonly b: number;
  readonly originY: number;
  readonly originZ: number;
  readonly acceleration: readonly [number, number];
}

/**
 * Writes the missing points of one place between the lines; returns how many. Lines beyond the edge and lines left out by
 * partial Fourier count as 0, as the object's spectrum nearly is there; a point with nothing measured beside it stays
 * missing.
 */
function fill(
  kspace: CartesianKSpace,
  data: Float32Array,
  mask: Uint8Array,
  sources: readonly Offset[],
  weights: Float64Array,
  { a, b, originY, originZ, acceleration: [ry, rz] }: Place,
): number {
  const { coils, shape } = kspace;
  const [nx, ny, nz] = shape;
  const points = nx * ny * nz;
  const line = new Float64Array(2 * coils * nx);
  let filled = 0;
  for (let z = 0; z < nz; z++) {
    if ((((z - originZ - b) % rz) + rz) % rz !== 0) continue;
    for (let y = 0; y < ny; y++) {
      if ((((y - originY - a) % ry) + ry) % ry !== 0) continue;
      const row = (z * ny + y) * nx;
      const wanted = surrounded(kspace, sources, y, z);
      if (!wanted.includes(1)) continue;
      line.fill(0);
      for (const [s, offset] of sources.entries()) addSource(kspace, weights, s, offset, sources.length, y, z, line);
      for (let x = 0; x < nx; x++) {
        if (wanted[x] === 0) continue;
        for (let c = 0; c < coils; c++) {
          const [from, to] = [2 * (c * nx + x), 2 * (c * points + row + x)];
          data[to] = line[from] as number;
          data[to + 1] = line[from + 1] as number;
        }
        mask[row + x] = 1;
        filled++;
      }
    }
  }
  return filled;
}

/** 1 where a point of a line is missing and at least half of the points that make it were measured. */
function surrounded({ shape, mask }: CartesianKSpace, sources: readonly Offset[], y: number, z: number): Uint8Array {
  const [nx, ny, nz] = shape;
  const near = sources.filter(([x]) => x === 0);
  const rows = near.flatMap(([, dy, dz]) => {
    const inside = y + dy >= 0 && y + dy < ny && z + dz >= 0 && z + dz < nz;
    return inside ? [((z + dz) * ny + y + dy) * nx] : [];
  });
  const own = (z * ny + y) * nx;
  return Uint8Array.from({ length: nx }, (_, x) => {
    if (mask[own + x] === 1) return 0;
    let measured = 0;
    for (const row of rows) measured += mask[row + x] as number;
    return Number(2 * measured >= near.length);
  });
}

/** What one source gives all points of a line: line[coil][x] += w[coil][source, d] y_d[x + dx]. */
function addSource(
  { coils, shape, data }: CartesianKSpace,
  weights: Float64Array,
  s: number,
  [dx, dy, dz]: Offset,
  sources: number,
  y: number,
  z: number,
  line: Float64Array,
): void {
  const [nx, ny, nz] = shape;
  if (!(y + dy >= 0 && y + dy < ny && z + dz >= 0 && z + dz < nz)) return;
  const [first, last] = [Math.max(0, -dx), Math.min(nx, nx - dx)];
  for (let d = 0; d < coils; d++) {
    const from = 2 * (((d * nz + z + dz) * ny + y + dy) * nx + dx);
    for (let c = 0; c < coils; c++) {
      const at = 2 * ((c * sources + s) * coils + d);
      const [p, q] = [weights[at] as number, weights[at + 1] as number];
      const to = 2 * c * nx;
      for (let i = 2 * first; i < 2 * last; i += 2) {
        const u = data[from + i] as number;
        const v = data[from + i + 1] as number;
        line[to + i] = (line[to + i] as number) + p * u - q * v;
        line[to + i + 1] = (line[to + i + 1] as number) + p * v + q * u;
      }
    }
  }
}
