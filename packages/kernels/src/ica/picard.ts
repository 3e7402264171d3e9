import { logDeterminant, multiply, productRows, transformRows, unit } from "./rows.ts";
import type { Unmixing } from "./unmixing.ts";

export interface PicardOptions {
  /** Largest entry of the relative gradient at which it ends; default 1e-7. */
  readonly tolerance?: number;
  /** Default 500. */
  readonly iterations?: number;
}

/** Directions remembered; smallest eigenvalue of the Hessian's blocks; halvings of a step. */
const [memory, leastEigenvalue, halvings] = [7, 0.01, 10];

interface Remembered {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly r: number;
}

/**
 * Picard: the likelihood of extended infomax, climbed by L-BFGS with a preconditioner from the Hessian's 2 x 2 blocks.
 *
 *   G = S E[tanh(y) y'] + E[y y'] - I,   h_ij = E[(s_i (1 - tanh^2 y_i) + 1) y_j^2],   Y <- (I + a D) Y
 *
 * S = sign(E[1 - tanh^2 y_i] E[y_i^2] - E[y_i tanh y_i]), the memory emptied when one of them turns. Same fixed points as
 * extended infomax, without its noise: a gradient of 1e-7.
 *
 * @param z whitened, [component][sample]
 * @see Ablin, Cardoso & Gramfort, IEEE Trans Signal Process 2018;66:4040-4049 (with `ortho=False, extended=True`)
 */
export function picard(
  z: readonly Float64Array[],
  { tolerance = 1e-7, iterations = 500 }: PicardOptions = {},
): Unmixing {
  const n = z.length;
  const samples = z[0].length;
  let y: Float64Array[] = z.map((row) => row.slice());
  let w: Float64Array = unit(n);
  let remembered: Remembered[] = [];
  let direction: Float64Array = new Float64Array(n * n);
  let before: Float64Array | undefined;
  let signs = new Float64Array(n).fill(1);
  let state = scored(y);
  for (let step = 0; step < iterations; step++) {
    const squares = productRows(y, y);
    const { scores } = state;
    const gradient = productRows(scores, y);
    const slopes = scores.map((row) => row.map((t) => 1 - t * t));
    const turned = Float64Array.from({ length: n }, (_, i) => {
      const slope = slopes[i].reduce((sum, v) => sum + v, 0) / samples;
      return Math.sign(slope * squares[i * n + i] - gradient[i * n + i]);
    });
    const changed = step > 0 && turned.some((s, i) => s !== signs[i]);
    signs = turned;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        gradient[i * n + j] = signs[i] * gradient[i * n + j] + squares[i * n + j] - (i === j ? 1 : 0);
    if (gradient.every((g) => Math.abs(g) < tolerance))
      return { unmixing: asRows(w, n), iterations: step, converged: true };
    const curvature = hessian(slopes, y, signs, squares);
    if (before) {
      const change = gradient.map((g, k) => g - (before as Float64Array)[k]);
      remembered.push({ s: direction, y: change, r: 1 / inner(direction, change) });
      if (remembered.length > memory) remembered.shift();
    }
    before = gradient;
    if (changed) remembered = [];
    const loss = lossOf(state, w, signs);
    let found = lineSearch(y, w, descent(gradient, curvature, remembered, n), signs, loss);
    if (!found) {
      remembered = [];
      found = lineSearch(
        y,
        w,
        gradient.map((g) => -g),
        signs,
        loss,
      );
      // The loss is known to rounding only: ten times the tolerance is where that ends the climb.
      if (!found)
        return {
          unmixing: asRows(w, n),
          iterations: step,
          converged: gradient.every((g) => Math.abs(g) < 10 * tolerance),
        };
    }
    ({ y, w, state, direction } = found);
  }
  return { unmixing: asRows(w, n), iterations, converged: false };
}

/** E[(s_i (1 - tanh^2 y_i) + 1) y_j^2], its 2 x 2 blocks with 1 beside the diagonal made positive. */
function hessian(
  slopes: readonly Float64Array[],
  y: readonly Float64Array[],
  signs: Float64Array,
  squares: Float64Array,
): Float64Array {
  const n = y.length;
  const h = productRows(
    slopes,
    y.map((row) => row.map((v) => v * v)),
  );
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) h[i * n + j] = signs[i] * h[i * n + j] + squares[j * n + j];
  const out = h.slice();
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const [a, b] = [h[i * n + j], h[j * n + i]];
      const smallest = (a + b - Math.sqrt((a - b) ** 2 + 4)) / 2;
      if (smallest < leastEigenvalue) out[i * n + j] += leastEigenvalue - smallest;
    }
  return out;
}

/** The two-loop recursion, started from the blocks' inverse. */
function descent(gradient: Float64Array, h: Float64Array, remembered: readonly Remembered[], n: number): Float64Array {
  const q = gradient.slice();
  const shares: number[] = [];
  for (const { s, y, r } of remembered.toReversed()) {
    const a = r * inner(s, q);
    shares.unshift(a);
    for (let k = 0; k < q.length; k++) q[k] -= a * y[k];
  }
  const d = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [ij, ji] = [i * n + j, j * n + i];
      d[ij] = i === j ? q[ij] / (1 + h[ij]) : (h[ji] * q[ij] - q[ji]) / (h[ij] * h[ji] - 1);
    }
  for (const [m, { s, y, r }] of remembered.entries()) {
    const b = r * inner(y, d);
    for (let k = 0; k < d.length; k++) d[k] += (shares[m] - b) * s[k];
  }
  return d.map((v) => -v);
}

interface Step {
  readonly y: Float64Array[];
  readonly w: Float64Array;
  readonly state: Scored;
  readonly direction: Float64Array;
}

function lineSearch(
  y: readonly Float64Array[],
  w: Float64Array,
  direction: Float64Array,
  signs: Float64Array,
  loss: number,
): Step | undefined {
  const n = y.length;
  for (let halving = 0, alpha = 1; halving < halvings; halving++, alpha /= 2) {
    const turn = direction.map((d, k) => alpha * d + (k % (n + 1) === 0 ? 1 : 0));
    const [newY, newW] = [transformRows(turn, y), multiply(turn, w, n)];
    const state = scored(newY);
    if (lossOf(state, newW, signs) < loss)
      return { y: newY, w: newW, state, direction: direction.map((d) => alpha * d) };
  }
  return undefined;
}

interface Scored {
  /** [source][sample]: tanh y. */
  readonly scores: readonly Float64Array[];
  /** E[ln cosh y] + ln 2 of each source. */
  readonly hyperbolic: Float64Array;
  /** E[y^2]. */
  readonly squares: Float64Array;
}

/** Factors 1 + e of at most 2 that are multiplied before one logarithm: 2^500 is far from overflow. */
const factors = 500;

/** With e = exp(-2 |y|): tanh |y| = (1 - e) / (1 + e), ln cosh y = |y| + ln(1 + e) - ln 2. */
function scored(y: readonly Float64Array[]): Scored {
  const hyperbolic = new Float64Array(y.length);
  const squares = new Float64Array(y.length);
  const scores = y.map((row, i) => {
    const out = new Float64Array(row.length);
    let [sum, square, product] = [0, 0, 1];
    for (let t = 0; t < row.length; t++) {
      const v = row[t];
      const size = Math.abs(v);
      const e = Math.exp(-2 * size);
      const tanh = (1 - e) / (1 + e);
      out[t] = v < 0 ? -tanh : tanh;
      sum += size;
      square += v * v;
      product *= 1 + e;
      if (t % factors === 0) {
        sum += Math.log(product);
        product = 1;
      }
    }
    hyperbolic[i] = (sum + Math.log(product)) / row.length;
    squares[i] = square / row.length;
    return out;
  });
  return { scores, hyperbolic, squares };
}

/** -ln |det W| + sum_i s_i E[ln cosh y_i] + E[y_i^2] / 2, up to a constant. */
function lossOf({ hyperbolic, squares }: Scored, w: Float64Array, signs: Float64Array): number {
  return hyperbolic.reduce(
    (loss, value, i) => loss + signs[i] * value + squares[i] / 2,
    -logDeterminant(w, hyperbolic.length),
  );
}

function asRows(w: Float64Array, n: number): Float64Array[] {
  return Array.from({ length: n }, (_, i) => w.slice(i * n, (i + 1) * n));
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
