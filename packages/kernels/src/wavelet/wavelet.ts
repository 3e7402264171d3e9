import { DataError } from "@quintet/core";

/** `daubechies-4`: four taps, two vanishing moments (db2 by moments). `haar`: two taps, one vanishing moment. */
export type WaveletName = "haar" | "daubechies-4";

export interface WaveletOptions {
  /** Default `daubechies-4`. */
  readonly name?: WaveletName;
  /** Most levels, default 4; an axis is split while its length is even and at least 4. */
  readonly levels?: number;
  /** Values in a point: 2 (default, interleaved re, im) or 1. */
  readonly channels?: number;
  /** Axes that are split, default all. */
  readonly axes?: readonly number[];
  /**
   * Cycle spinning: whole points by which the image is turned round along each axis before the transform, and back
   * after the inverse. Drawn anew at each iteration it takes the grid of the wavelets out of the result.
   */
  readonly shift?: readonly number[];
}

const root3 = Math.sqrt(3);
/** Low-pass taps, of unit norm. Daubechies, Comm Pure Appl Math 1988;41:909-96, table 1, N = 2. */
const lowPass = {
  haar: [Math.SQRT1_2, Math.SQRT1_2],
  "daubechies-4": [1 + root3, 3 + root3, 3 - root3, 1 - root3].map((tap) => tap / (4 * Math.SQRT2)),
} as const;

/**
 * Orthonormal wavelet transform of an image, periodised, of two, three or any number of axes.
 *
 *   a[k] = sum_j h[j] x[(2k + j) mod n],   d[k] = sum_j g[j] x[(2k + j) mod n],   g[j] = (-1)^j h[J - 1 - j]
 *
 * along each axis, then again on the block of all-low coefficients (Mallat, IEEE PAMI 1989;11:674-93). It is
 * orthonormal for every shape, so its adjoint is its inverse and the l2 norm is kept; an axis whose length has become
 * odd is not split further. Coefficients lie in place: along an axis first a, then d.
 *
 * @param data shape[0] = x fastest, `channels` values a point, each channel transformed alone; untouched
 * @throws DataError `shape-mismatch`, `bad-axis`, `bad-levels`, `bad-shift`
 */
export function waveletTransform(
  data: Float32Array,
  shape: readonly number[],
  options: WaveletOptions = {},
): Float32Array {
  const plan = waveletPlan(data, shape, options);
  const out = turned(data, shape, plan.shift, plan.channels, 1);
  for (const [i, block] of plan.blocks.slice(0, -1).entries()) {
    splitAxes(block, plan.blocks[i + 1]).forEach((axis) => {
      alongAxis(out, shape, block, axis, plan, split);
    });
  }
  return out;
}

/** The inverse, which is the adjoint. Throws as `waveletTransform`. */
export function inverseWaveletTransform(
  coefficients: Float32Array,
  shape: readonly number[],
  options: WaveletOptions = {},
): Float32Array {
  const plan = waveletPlan(coefficients, shape, options);
  const out = coefficients.slice();
  for (let i = plan.blocks.length - 2; i >= 0; i--) {
    const block = plan.blocks[i];
    splitAxes(block, plan.blocks[i + 1])
      .reverse()
      .forEach((axis) => {
        alongAxis(out, shape, block, axis, plan, join);
      });
  }
  return turned(out, shape, plan.shift, plan.channels, -1);
}

/**
 * Shrinks the detail coefficients of an image and leaves the all-low block alone:
 *
 *   argmin over z of threshold sum_details |W z| + |z - x|^2 / 2 = W' S(W x),   S(c) = c max(0, 1 - threshold / |c|)
 *
 * with |c| over all channels of a point, so a complex coefficient keeps its phase. W is orthonormal, so this is the
 * proximal map exactly. @throws DataError `not-positive`, and as `waveletTransform`
 */
export function waveletShrink(
  data: Float32Array,
  shape: readonly number[],
  threshold: number,
  options: WaveletOptions = {},
): Float32Array {
  if (!(threshold >= 0)) {
    throw new DataError("not-positive", "a threshold is a size", { expected: "at least 0", found: `${threshold}` });
  }
  const { blocks, channels } = waveletPlan(data, shape, options);
  const coefficients = waveletTransform(data, shape, options);
  forEachDetail(shape, blocks.at(-1) as readonly number[], (point) => {
    let square = 0;
    for (let c = 0; c < channels; c++) square += coefficients[point * channels + c] ** 2;
    const keep = square > threshold * threshold ? 1 - threshold / Math.sqrt(square) : 0;
    for (let c = 0; c < channels; c++) coefficients[point * channels + c] *= keep;
  });
  return inverseWaveletTransform(coefficients, shape, options);
}

/** sum_details |W x|, the penalty of `waveletShrink`. */
export function waveletNorm(data: Float32Array, shape: readonly number[], options: WaveletOptions = {}): number {
  const { blocks, channels } = waveletPlan(data, shape, options);
  const coefficients = waveletTransform(data, shape, options);
  let sum = 0;
  forEachDetail(shape, blocks.at(-1) as readonly number[], (point) => {
    let square = 0;
    for (let c = 0; c < channels; c++) square += coefficients[point * channels + c] ** 2;
    sum += Math.sqrt(square);
  });
  return sum;
}

interface WaveletPlan {
  readonly channels: number;
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly shift: readonly number[];
  /** The block that each level splits, and last the all-low block that remains. */
  readonly blocks: readonly (readonly number[])[];
}

function waveletPlan(data: Float32Array, shape: readonly number[], options: WaveletOptions): WaveletPlan {
  const { name = "daubechies-4", levels = 4, channels = 2, axes = shape.map((_, i) => i) } = options;
  const shift = options.shift ?? shape.map(() => 0);
  const points = shape.reduce((a, b) => a * b, 1);
  if (!shape.every((n) => Number.isInteger(n) && n > 0) || data.length !== points * channels) {
    throw new DataError("shape-mismatch", "an image holds all its points", {
      expected: `${channels} x ${shape.join(" x ")}`,
      found: `${data.length} values`,
    });
  }
  if (
    !axes.every((axis, i) => Number.isInteger(axis) && axis >= 0 && axis < shape.length && axes.indexOf(axis) === i)
  ) {
    throw new DataError("bad-axis", "the axes are indices into the shape, each at most once", {
      found: axes.join(", "),
    });
  }
  if (!(Number.isInteger(levels) && levels >= 0)) {
    throw new DataError("bad-levels", "levels are counted", { expected: "0 or more", found: `${levels}` });
  }
  if (shift.length !== shape.length || !shift.every(Number.isInteger)) {
    throw new DataError("bad-shift", "one whole shift an axis", { found: shift.join(", ") });
  }
  const low = lowPass[name];
  const blocks = [shape];
  for (let level = 0; level < levels; level++) {
    const block = blocks[level];
    const next = block.map((n, axis) => (axes.includes(axis) && n >= 4 && n % 2 === 0 ? n / 2 : n));
    if (next.every((n, axis) => n === block[axis])) break;
    blocks.push(next);
  }
  return { channels, low, high: low.map((_, j) => (j % 2 ? -1 : 1) * low[low.length - 1 - j]), shift, blocks };
}

const splitAxes = (block: readonly number[], next: readonly number[]): number[] =>
  block.flatMap((n, axis) => (next[axis] < n ? [axis] : []));

/** Calls with the index of every point outside the all-low block. */
function forEachDetail(shape: readonly number[], low: readonly number[], visit: (point: number) => void): void {
  const at = shape.map(() => 0);
  const points = shape.reduce((a, b) => a * b, 1);
  for (let point = 0; point < points; point++) {
    if (!at.every((i, axis) => i < low[axis])) visit(point);
    for (let axis = 0; axis < shape.length && ++at[axis] === shape[axis]; axis++) at[axis] = 0;
  }
}

/** out(v) = in(v + sign shift), round the edges. */
function turned(
  data: Float32Array,
  shape: readonly number[],
  shift: readonly number[],
  channels: number,
  sign: number,
): Float32Array {
  let from = data.slice();
  let row = channels;
  for (const [axis, n] of shape.entries()) {
    const by = (((sign * shift[axis]) % n) + n) % n;
    if (by !== 0) {
      const to = new Float32Array(from.length);
      for (let base = 0; base < from.length; base += n * row) {
        to.set(from.subarray(base + by * row, base + n * row), base);
        to.set(from.subarray(base, base + by * row), base + (n - by) * row);
      }
      from = to;
    }
    row *= n;
  }
  return from;
}

type Stage = (rows: Float32Array, width: number, n: number, plan: WaveletPlan, out: Float32Array) => void;

/** Runs a stage along one axis of a block, in place; what lies together in memory goes through it together. */
function alongAxis(
  data: Float32Array,
  shape: readonly number[],
  block: readonly number[],
  axis: number,
  plan: WaveletPlan,
  stage: Stage,
): void {
  const n = block[axis];
  const width = axis === 0 ? plan.channels : plan.channels * block[0];
  const strides = shape.map((_, i) => shape.slice(0, i).reduce((a, b) => a * b, plan.channels));
  const [rows, out] = [new Float32Array(n * width), new Float32Array(n * width)];
  const others = block.map((m, i) => (i === axis || i === 0 ? 1 : m));
  const at = block.map(() => 0);
  const count = others.reduce((a, b) => a * b, 1);
  for (let line = 0; line < count; line++) {
    const base = at.reduce((sum, i, other) => sum + i * strides[other], 0);
    for (let i = 0; i < n; i++) {
      const from = base + i * strides[axis];
      for (let x = 0; x < width; x++) rows[i * width + x] = data[from + x];
    }
    stage(rows, width, n, plan, out);
    for (let i = 0; i < n; i++) {
      const to = base + i * strides[axis];
      for (let x = 0; x < width; x++) data[to + x] = out[i * width + x];
    }
    for (let other = 0; other < at.length && ++at[other] === others[other]; other++) at[other] = 0;
  }
}

const split: Stage = (rows, width, n, { low, high }, out) => {
  out.fill(0);
  const half = (n / 2) * width;
  for (let k = 0; k < n / 2; k++) {
    for (let j = 0; j < low.length; j++) {
      const [h, g, from] = [low[j], high[j], ((2 * k + j) % n) * width];
      for (let x = 0; x < width; x++) {
        out[k * width + x] += h * rows[from + x];
        out[half + k * width + x] += g * rows[from + x];
      }
    }
  }
};

const join: Stage = (rows, width, n, { low, high }, out) => {
  out.fill(0);
  const half = (n / 2) * width;
  for (let k = 0; k < n / 2; k++) {
    for (let j = 0; j < low.length; j++) {
      const [h, g, to] = [low[j], high[j], ((2 * k + j) % n) * width];
      for (let x = 0; x < width; x++) out[to + x] += h * rows[k * width + x] + g * rows[half + k * width + x];
    }
  }
};
