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
        // conj(a_i) a_j below the diagonal, conj(a_i) b_c
        for (let i = 0; i < n; i++) {
          const [re, im] = [row[2 * i] as number, row[2 * i + 1] as number];
          for (let j = 0, at = 2 * i * n; j <= i; j++, at += 2) {
            const [p, q] = [row[2 * j] as number, row[2 * j + 1] as number];
            gram[at] = (gram[at] as number) + re * p + im * q;
            gram[at + 1] = (gram[at + 1] as number) + re * q - im * p;
          }
          for (let c = 0; c < coils; c++) {
            const [p, q, at] = [target[2 * c] as number, target[2 * c + 1] as number, 2 * (c * n + i)];
            right[at] = (right[at] as number) + re * p + im * q;
            right[at + 1] = (right[at + 1] as number) + re * q - im * p;
          }
        }
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

/** Writes the missing points of one place between the lines; returns how many. */
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
  const n = sources.length * coils;
  const row = new Float64Array(2 * n);
  let filled = 0;
  // Lines beyond the edge and lines left out by partial Fourier count as 0, as the object's spectrum nearly is there;
  // a point with nothing measured beside it stays missing.
  const clipped = padded(kspace, sources);
  for (let z = 0; z < nz; z++) {
    if ((((z - originZ - b) % rz) + rz) % rz !== 0) continue;
    for (let y = 0; y < ny; y++) {
      if ((((y - originY - a) % ry) + ry) % ry !== 0) continue;
      for (let x = 0; x < nx; x++) {
        const point = (z * ny + y) * nx + x;
        if (kspace.mask[point] === 1 || !clipped.surrounded(x, y, z)) continue;
        clipped.gather(x, y, z, row);
        for (let c = 0; c < coils; c++) {
          let [re, im] = [0, 0];
          for (let i = 0; i < n; i++) {
            const [p, q] = [weights[2 * (c * n + i)] as number, weights[2 * (c * n + i) + 1] as number];
            const [u, v] = [row[2 * i] as number, row[2 * i + 1] as number];
            re += p * u - q * v;
            im += p * v + q * u;
          }
          const at = 2 * (c * nx * ny * nz + point);
          data[at] = re;
          data[at + 1] = im;
        }
        mask[point] = 1;
        filled++;
      }
    }
  }
  return filled;
}

/** Reads of neighbours that may lie outside. */
function padded(
  { coils, shape, data, mask }: CartesianKSpace,
  sources: readonly Offset[],
): {
  surrounded(x: number, y: number, z: number): boolean;
  gather(x: number, y: number, z: number, out: Float64Array): void;
} {
  const [nx, ny, nz] = shape;
  const inside = (x: number, y: number, z: number): boolean => x >= 0 && x < nx && y >= 0 && y < ny && z >= 0 && z < nz;
  const near = sources.filter(([x]) => x === 0);
  return {
    surrounded: (x, y, z) => {
      let measured = 0;
      for (const [, dy, dz] of near) {
        if (inside(x, y + dy, z + dz)) measured += mask[((z + dz) * ny + y + dy) * nx + x] as number;
      }
      return 2 * measured >= near.length;
    },
    gather: (x, y, z, out) => {
      let to = 0;
      for (const [dx, dy, dz] of sources) {
        const there = inside(x + dx, y + dy, z + dz);
        for (let c = 0; c < coils; c++, to += 2) {
          const at = 2 * (((c * nz + z + dz) * ny + y + dy) * nx + x + dx);
          out[to] = there ? (data[at] as number) : 0;
          out[to + 1] = there ? (data[at + 1] as number) : 0;
        }
      }
    },
  };
}
