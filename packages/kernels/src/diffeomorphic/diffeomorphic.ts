import { DataError } from "@quintet/core";
import { gaussianTaps, smoothGaussianReference } from "../gauss/gauss.ref.ts";
import { type RunningKernel, wasmKernel } from "../wasm/wasm.ts";
import {
  type DemonsStep,
  demonsStepReference,
  exactStride,
  exponentialReference,
  matchingStride,
  squarings,
} from "./diffeomorphic.ref.ts";

type Shape = readonly [nx: number, ny: number, nz: number];

export interface DiffeomorphicOptions {
  /** Most iterations. */
  readonly iterations: number;
  /** Standard deviation of the Gaussian window of the local means and variances, voxels. Default 2. */
  readonly window?: number;
  /** Smoothing of each update (fluid) and of the velocity (elastic): standard deviations, voxels. Default 2 and 0.7. */
  readonly fluid?: number;
  readonly elastic?: number;
  /** The longest update of one voxel in one iteration before smoothing, voxels. Default 2. */
  readonly step?: number;
  /** Added to local variances: the square of what counts as noise, in the images' own units. */
  readonly floor: number;
  /** Added to the squared gradient of the normalised images, per squared voxel. Default 0.01. */
  readonly damping?: number;
  /** Stops when the mismatch has fallen by less than this share over the last five iterations. Default 0.002. */
  readonly tolerance?: number;
}

export interface DiffeomorphicMatch {
  /** Stationary velocity, [component][z][y][x], voxels of the grid per unit of time. */
  readonly velocity: Float32Array;
  /** Mismatch before each iteration: 0 for equal, 1 for unrelated, 2 for inverted images. */
  readonly mismatch: readonly number[];
}

/**
 * Symmetric diffeomorphic registration of two images of one grid: log-domain demons on locally normalised images.
 *
 *   T = exp(v): fixed -> moving,   T^-1 = exp(-v)
 *   a = F o exp(-v/2),  b = M o exp(v/2),   A = (a - <a>) / sqrt(<a^2> - <a>^2 + floor), B likewise
 *   r = A - B,  g = grad(A + B) / 2,   u = r g / (|g|^2 + r^2 / (4 step^2) + damping)
 *   v <- G_elastic * (v + G_fluid * u)
 *
 * <.> is a Gaussian window. With unit local variances the mean of r^2 is 2 - 2 x (local correlation), so the demons'
 * Gauss-Newton step climbs the local correlation, whatever the two images' brightness and bias fields are. Both images
 * are bent half the way, so that exchanging them gives -v: the answer does not know which one was called fixed.
 * exp by scaling and squaring; the Jacobian of exp(v) is positive for any smooth v.
 *
 * Mismatch = sum r^2 / sum (A^2 + B^2).
 *
 * Tolerance of the fast form against the reference: 2e-3 voxel after a few iterations (float32 variances as differences
 * of squares, and the force divides by small gradients).
 *
 * @param fixed [z][y][x]; @param moving on the same grid
 * @param start velocity to begin with, else rest
 * @throws DataError `shape-mismatch`, `not-finite`, `bad-option`
 * @see Vercauteren et al., MICCAI 2008, LNCS 5241:754-761 (symmetric log-domain demons); Lorenzi et al., NeuroImage
 *   2013;81:470-483 (local correlation in them); Arsigny et al., MICCAI 2006, LNCS 4190:924-931 (scaling and squaring):
 *   from the literature, not re-checked
 */
export function matchDiffeomorphic(
  fixed: Float32Array,
  moving: Float32Array,
  shape: Shape,
  {
    iterations,
    window = 2,
    fluid = 2,
    elastic = 0.7,
    step = 2,
    floor,
    damping = 0.01,
    tolerance = 0.002,
  }: DiffeomorphicOptions,
  start?: Float32Array,
): DiffeomorphicMatch {
  const n = voxels(shape);
  refuseWrongLength(fixed, n, "fixed image");
  refuseWrongLength(moving, n, "moving image");
  if (start !== undefined) refuseWrongLength(start, 3 * n, "velocity");
  const options: DemonsStep = { window, fluid, elastic, step, floor, damping };
  const bad = Object.entries({ ...options, iterations }).find(([, value]) => !(value >= 0 && value < 1e6));
  if (bad !== undefined || !(step > 0 && floor > 0 && window > 0)) {
    throw new DataError("bad-option", "widths and counts are not negative; step, floor and window are positive", {
      found: JSON.stringify({ ...options, iterations }),
    });
  }
  const level = startWasm(fixed, moving, shape, options, start) ?? startReference(fixed, moving, shape, options, start);
  const mismatch: number[] = [];
  for (let k = 0; k < iterations; k++) {
    mismatch.push(level.iterate());
    const before = mismatch.at(-6);
    if (before !== undefined && before - (mismatch.at(-1) as number) < tolerance * before) break;
  }
  const velocity = level.velocity();
  refuseNonFinite(velocity);
  return { velocity, mismatch };
}

/**
 * The displacement (voxels) of exp(factor v), by scaling and squaring: factor v / 2^n with no component above 0.05
 * voxel, composed with itself n times by linear interpolation, the rim's values held beyond it.
 *
 * Tolerance of the fast form: 1e-4 voxel (float32 positions within a grid of some hundred voxels).
 *
 * @param velocity [component][z][y][x], voxels
 * @throws DataError `shape-mismatch`, `not-finite`
 */
export function exponentialMap(velocity: Float32Array, shape: Shape, factor = 1): Float32Array {
  const n = voxels(shape);
  refuseWrongLength(velocity, 3 * n, "velocity");
  const make = wasmKernel("diffeomorphic");
  if (!make) return Float32Array.from(exponentialReference(velocity, shape, factor));
  const kernel = make(3 * 16 * n);
  interleave(velocity, kernel, 0, n);
  const at = exponential(kernel, 0, [16 * n, 32 * n], shape, factor, exactStride);
  return planes(kernel, at, n);
}

function voxels(shape: Shape): number {
  if (!shape.every((n) => Number.isInteger(n) && n >= 2)) {
    throw new DataError("shape-mismatch", "a grid to deform has at least two voxels along each axis", {
      found: shape.join(" x "),
    });
  }
  return shape[0] * shape[1] * shape[2];
}

function refuseWrongLength(data: Float32Array, n: number, name: string): void {
  if (data.length !== n) {
    throw new DataError("shape-mismatch", `the ${name} must fill its shape`, {
      expected: `${n} values`,
      found: `${data.length}`,
    });
  }
  refuseNonFinite(data);
}

function refuseNonFinite(data: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] as number;
  if (!Number.isFinite(sum)) throw new DataError("not-finite", "a field or image holds values that are no numbers");
}

interface Level {
  /** One iteration; the mismatch before it. */
  iterate(): number;
  velocity(): Float32Array;
}

type StartLevel = (
  fixed: Float32Array,
  moving: Float32Array,
  shape: Shape,
  options: DemonsStep,
  start: Float32Array | undefined,
) => Level | undefined;

const startReference = (
  fixed: Float32Array,
  moving: Float32Array,
  shape: Shape,
  options: DemonsStep,
  start: Float32Array | undefined,
): Level => {
  let velocity: Float64Array = start === undefined ? new Float64Array(3 * fixed.length) : Float64Array.from(start);
  const smooth = (data: ArrayLike<number>, sigma: number): Float64Array =>
    smoothGaussianReference(data, shape, [sigma, sigma, sigma]);
  return {
    iterate() {
      const next = demonsStepReference(fixed, moving, shape, velocity, options, smooth);
      velocity = next.velocity;
      return next.mismatch;
    },
    velocity: () => Float32Array.from(velocity),
  };
};

/** Memory: velocity and four work fields of 16 bytes a voxel, four images of 4, then taps, a padded line, row addresses. */
const startWasm: StartLevel = (fixed, moving, shape, options, start) => {
  const make = wasmKernel("diffeomorphic");
  if (!make) return undefined;
  const n = fixed.length;
  const [nx, ny, nz] = shape;
  const taps = [options.window, options.fluid, options.elastic].map(gaussianTaps) as [Taps, Taps, Taps];
  const longest = Math.max(...taps.map((t) => t.length));
  const work = [1, 2, 3, 4].map((k) => 16 * n * k) as [number, number, number, number];
  const [still, mobile, sum, difference] = [0, 1, 2, 3].map((k) => 80 * n + 4 * n * k) as [
    number,
    number,
    number,
    number,
  ];
  const sums = align(96 * n);
  const weights = align(sums + 16);
  const rows = align(weights + 4 * longest);
  const line = align(rows + 4 * longest);
  const kernel = make(line + 16 * (nx + longest));
  const { memory, exports } = kernel;
  const floats = (at: number, length: number): Float32Array => new Float32Array(memory.buffer, at, length);
  floats(still, n).set(fixed);
  floats(mobile, n).set(moving);
  if (start !== undefined) interleave(start, kernel, 0, n);
  const smooth = (from: number, between: readonly [number, number], to: number, by: Taps): void => {
    floats(weights, by.length).set(by);
    exports.alongX?.(from, between[0], nx, ny * nz, line, weights, by.length);
    exports.alongRows?.(between[0], between[1], nx, ny, nz, rows, weights, by.length);
    exports.alongRows?.(between[1], to, nx * ny, nz, 1, rows, weights, by.length);
  };
  const [a, b, c, d] = work;
  return {
    iterate() {
      const plus = exponential(kernel, 0, [a, b], shape, 0.5, matchingStride);
      const minus = exponential(kernel, 0, [c, d], shape, -0.5, matchingStride);
      const raw = plus === a ? b : a;
      const local = minus === c ? d : c;
      exports.stack?.(still, minus, mobile, plus, raw, ...shape);
      smooth(raw, [local, plus], local, taps[0]);
      exports.normalise?.(raw, local, sum, difference, options.floor, n, sums);
      exports.force?.(sum, difference, raw, ...shape, 1 / (4 * options.step ** 2), options.damping);
      smooth(raw, [local, plus], raw, taps[1]);
      exports.add?.(raw, 0, n);
      smooth(0, [local, plus], 0, taps[2]);
      const [apart, power] = new Float64Array(memory.buffer, sums, 2) as unknown as [number, number];
      return power > 0 ? apart / power : 0;
    },
    velocity: () => planes(kernel, 0, n),
  };
};

type Taps = Float64Array;

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

/** Address of the displacement of exp(factor v): one of the two given. */
function exponential(
  { exports }: RunningKernel,
  velocity: number,
  [one, other]: readonly [number, number],
  shape: Shape,
  factor: number,
  stride: number,
): number {
  const n = shape[0] * shape[1] * shape[2];
  const count = squarings(exports.largest?.(velocity, n) ?? 0, factor, stride);
  exports.scale?.(velocity, one, factor / 2 ** count, n);
  let [from, to] = [one, other];
  for (let k = 0; k < count; k++) {
    exports.compose?.(from, from, to, ...shape);
    [from, to] = [to, from];
  }
  return from;
}

function interleave(field: Float32Array, { memory }: RunningKernel, at: number, n: number): void {
  const out = new Float32Array(memory.buffer, at, 4 * n);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = field[c * n + i] as number;
  }
}

function planes({ memory }: RunningKernel, at: number, n: number): Float32Array {
  const field = new Float32Array(memory.buffer, at, 4 * n);
  const out = new Float32Array(3 * n);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < 3; c++) out[c * n + i] = field[4 * i + c] as number;
  }
  return out;
}
