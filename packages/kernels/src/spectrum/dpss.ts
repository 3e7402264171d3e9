import { DataError } from "@quintet/core";
import { fftPlan, nextPowerOfTwo } from "../fft/fft.ts";

export interface SlepianTapers {
  /** [taper][sample], each of unit norm. */
  readonly tapers: readonly Float64Array[];
  /** Share of each taper's energy inside the band, 0 .. 1, falling. */
  readonly ratios: Float64Array;
}

/**
 * Discrete prolate spheroidal sequences: the sequences of length n with the most energy inside |f| < W, W = halfBandwidth / n.
 *
 * They are the eigenvectors of the largest eigenvalues of the symmetric tridiagonal matrix
 *
 *   d_i = ((n - 1 - 2 i) / 2)^2 cos(2 pi W),   e_i = i (n - i) / 2
 *
 * (Slepian's), found by Sturm's counts and inverse iteration. Even ones have a positive mean; odd ones begin with a
 * positive lobe. The shares follow from each taper's own autocorrelation r: sum_k r_k sin(2 pi W k) / (pi k).
 *
 * @param n samples
 * @param halfBandwidth n W, "NW": 4 is common
 * @param count tapers, at most n
 * @throws DataError `bad-taper` (n, halfBandwidth or count out of range)
 * @see Slepian, Bell Syst Tech J 1978;57:1371-1430; Percival & Walden, Spectral Analysis (1993), chapter 8
 */
export function dpss(n: number, halfBandwidth: number, count: number): SlepianTapers {
  const sound =
    Number.isInteger(n) && n > 1 && halfBandwidth > 0 && halfBandwidth < n / 2 && Number.isInteger(count) && count > 0;
  if (!sound || count > n)
    throw new DataError("bad-taper", "tapers need a length, a half bandwidth below half of it, and no more than it", {
      found: `${count} tapers of ${n} samples, NW ${halfBandwidth}`,
    });
  const w = halfBandwidth / n;
  const diagonal = Float64Array.from({ length: n }, (_, i) => ((n - 1 - 2 * i) / 2) ** 2 * Math.cos(2 * Math.PI * w));
  const beside = Float64Array.from({ length: n - 1 }, (_, i) => ((i + 1) * (n - 1 - i)) / 2);
  const tapers: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const vector = eigenvector(diagonal, beside, largestEigenvalue(diagonal, beside, k), tapers);
    tapers.push(turned(vector, k));
  }
  return { tapers, ratios: Float64Array.from(tapers, (taper) => share(taper, w)) };
}

/**
 * The k-th largest eigenvalue (from 0): its bracket is quartered by Sturm's counts of eigenvalues below three values, whose
 * divisions wait for each other no longer than those of one.
 */
function largestEigenvalue(diagonal: Float64Array, beside: Float64Array, k: number): number {
  const n = diagonal.length;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    const reach = (i > 0 ? beside[i - 1] : 0) + (i < n - 1 ? beside[i] : 0);
    low = Math.min(low, diagonal[i] - reach);
    high = Math.max(high, diagonal[i] + reach);
  }
  const nothing = -Number.EPSILON * Math.abs(high);
  const wanted = n - 1 - k;
  for (let step = 0; step < 100 && high - low > 2 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high)); step++) {
    const middle = (low + high) / 2;
    const [first, last] = [(low + middle) / 2, (middle + high) / 2];
    let [p, q, r] = [1, 1, 1];
    let [below, belowMiddle, belowLast] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const e = i > 0 ? beside[i - 1] * beside[i - 1] : 0;
      p = diagonal[i] - first - e / p || nothing;
      q = diagonal[i] - middle - e / q || nothing;
      r = diagonal[i] - last - e / r || nothing;
      if (p < 0) below++;
      if (q < 0) belowMiddle++;
      if (r < 0) belowLast++;
    }
    if (below > wanted) high = first;
    else if (belowMiddle > wanted) [low, high] = [first, middle];
    else if (belowLast > wanted) [low, high] = [middle, last];
    else low = last;
  }
  return (low + high) / 2;
}

/** Each step takes the other eigenvectors' share down by more: what changes by less than this is at its end. */
const settled = 1e-10;

/** Inverse iteration from a vector that is neither even nor odd, kept off those found before. */
function eigenvector(
  diagonal: Float64Array,
  beside: Float64Array,
  value: number,
  before: readonly Float64Array[],
): Float64Array {
  const n = diagonal.length;
  let x: Float64Array = Float64Array.from({ length: n }, (_, i) => 1 + 0.5 * Math.sin(3 * i + 1) + i / n);
  let change = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 6 && change > settled; step++) {
    const next = solved(diagonal, beside, value, x);
    for (const other of before) {
      const along = product(next, other);
      for (let i = 0; i < n; i++) next[i] -= along * other[i];
    }
    const size = Math.sqrt(product(next, next));
    const sign = product(next, x) < 0 ? -1 : 1;
    let moved = 0;
    for (let i = 0; i < n; i++) {
      next[i] /= size;
      moved += (next[i] - sign * x[i]) ** 2;
    }
    change = Math.sqrt(moved);
    x = next;
  }
  return x;
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** (T - value I) y = x by elimination with row exchanges; a pivot of nothing is taken as very small. */
function solved(diagonal: Float64Array, beside: Float64Array, value: number, x: Float64Array): Float64Array {
  const n = diagonal.length;
  const tiny = Number.EPSILON * beside.reduce((most, e) => Math.max(most, e), 0);
  const [u0, u1, u2, y] = [new Float64Array(n), new Float64Array(n), new Float64Array(n), x.slice()];
  let [a, b] = [(diagonal[0] as number) - value, n > 1 ? (beside[0] as number) : 0];
  for (let i = 0; i < n - 1; i++) {
    const below = beside[i] as number;
    const next = (diagonal[i + 1] as number) - value;
    const after = i + 1 < n - 1 ? (beside[i + 1] as number) : 0;
    if (Math.abs(below) > Math.abs(a)) {
      const factor = a / below;
      [u0[i], u1[i], u2[i]] = [below, next, after];
      const held = y[i] as number;
      y[i] = y[i + 1] as number;
      y[i + 1] = held - factor * (y[i] as number);
      [a, b] = [b - factor * next, -factor * after];
    } else {
      const pivot = a === 0 ? tiny : a;
      const factor = below / pivot;
      [u0[i], u1[i], u2[i]] = [pivot, b, 0];
      y[i + 1] = (y[i + 1] as number) - factor * (y[i] as number);
      [a, b] = [next - factor * b, after];
    }
  }
  u0[n - 1] = Math.abs(a) < tiny ? tiny : a;
  for (let i = n - 1; i >= 0; i--) {
    const right = (y[i] as number) - (u1[i] as number) * (y[i + 1] ?? 0) - (u2[i] as number) * (y[i + 2] ?? 0);
    y[i] = right / (u0[i] as number);
  }
  return y;
}

function turned(taper: Float64Array, k: number): Float64Array {
  const n = taper.length;
  const sum = taper.reduce((a, b) => a + b, 0);
  // an odd one's first lobe: what its first half weighs towards its start
  const lean = taper.reduce((a, v, i) => a + v * (n - 1 - 2 * i), 0);
  return (k % 2 === 0 ? sum : lean) < 0 ? taper.map((v) => -v) : taper;
}

function share(taper: Float64Array, w: number): number {
  const n = taper.length;
  const size = nextPowerOfTwo(2 * n);
  const plan = fftPlan(size);
  const [data, spectrum] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  for (let i = 0; i < n; i++) data[2 * i] = taper[i] as number;
  plan.forward(spectrum, data);
  for (let k = 0; k < size; k++) {
    data[2 * k] = (spectrum[2 * k] as number) ** 2 + (spectrum[2 * k + 1] as number) ** 2;
    data[2 * k + 1] = 0;
  }
  plan.forward(spectrum, data); // a real, even spectrum: forward and backward are one
  let sum = (2 * w * (spectrum[0] as number)) / size;
  for (let k = 1; k < n; k++)
    sum += (2 * ((spectrum[2 * k] as number) / size) * Math.sin(2 * Math.PI * w * k)) / (Math.PI * k);
  return Math.min(1, sum);
}
