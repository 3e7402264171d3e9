import { DataError } from "@quintet/core";
import { nextPowerOfTwo } from "../fft/fft.ts";
import { complexTransforms } from "../fft-lanes/complex-transforms.ts";

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
 * (Slepian's), found by Sturm's counts and inverse iteration, even and odd ones apart. Even ones have a positive mean; odd ones begin with a
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
  const halves = [0, 1].map((odd) => half(n, w, odd));
  const found: Float64Array[][] = [[], []];
  const tapers = Array.from({ length: count }, (_, k) => {
    const { diagonal, beside } = halves[k % 2];
    const before = found[k % 2];
    const vector = eigenvector(diagonal, beside, largestEigenvalue(diagonal, beside, k >> 1), before);
    before.push(vector);
    return turned(unfolded(vector, n, k % 2), k);
  });
  return { tapers, ratios: shares(tapers, w) };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
}

/**
 * The matrix on even (or odd) vectors, of which the first half says all: even and odd ones take turns, the largest is even.
 * The middle sample of an even vector of odd length counts once, hence sqrt(2).
 */
function half(n: number, w: number, odd: number): Tridiagonal {
  const m = n >> 1;
  const between = (i: number): number => (i * (n - i)) / 2;
  const size = n % 2 === 1 && !odd ? m + 1 : m;
  const diagonal = Float64Array.from(
    { length: size },
    (_, i) => ((n - 1 - 2 * i) / 2) ** 2 * Math.cos(2 * Math.PI * w),
  );
  const beside = Float64Array.from({ length: Math.max(0, size - 1) }, (_, i) => between(i + 1));
  if (n % 2 === 0) diagonal[m - 1] += odd ? -between(m) : between(m);
  else if (!odd) beside[m - 1] *= Math.SQRT2;
  return { diagonal, beside };
}

/** The whole vector, of norm 1. */
function unfolded(vector: Float64Array, n: number, odd: number): Float64Array {
  const taper = new Float64Array(n);
  for (let i = 0; i < n >> 1; i++) {
    taper[i] = vector[i] * Math.SQRT1_2;
    taper[n - 1 - i] = odd ? -taper[i] : taper[i];
  }
  if (n % 2 === 1 && !odd) taper[n >> 1] = vector[n >> 1];
  return taper;
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
  if (n === 1) return Float64Array.of(1);
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

/** sum_k r_k g_k, g_k = sin(2 pi w k) / (pi k), as the mean over frequencies of |T|^2 G; two tapers a transform. */
function shares(tapers: readonly Float64Array[], w: number): Float64Array {
  const n = tapers[0].length;
  const size = nextPowerOfTwo(2 * n);
  const row = (re: Float64Array, im: Float64Array | undefined): Float64Array => {
    const data = new Float64Array(2 * size);
    for (let i = 0; i < n; i++) {
      data[2 * i] = re[i];
      if (im) data[2 * i + 1] = im[i];
    }
    return data;
  };
  const band = new Float64Array(2 * size);
  band[0] = 2 * w;
  for (let k = 1; k < n; k++) band[2 * k] = band[2 * (size - k)] = Math.sin(2 * Math.PI * w * k) / (Math.PI * k);
  const packed = Array.from({ length: Math.ceil(tapers.length / 2) }, (_, j) => row(tapers[2 * j], tapers[2 * j + 1]));
  const [inside, ...spectra] = complexTransforms([band, ...packed], size);
  const sums = new Float64Array(2 * spectra.length);
  for (const [j, z] of spectra.entries())
    for (let k = 0; k < size; k++) {
      const mirror = (size - k) % size;
      const [re, im, mre, mim] = [z[2 * k], z[2 * k + 1], z[2 * mirror], z[2 * mirror + 1]];
      const share = inside[2 * k] / (4 * size);
      sums[2 * j] += share * ((re + mre) ** 2 + (im - mim) ** 2);
      sums[2 * j + 1] += share * ((im + mim) ** 2 + (mre - re) ** 2);
    }
  return Float64Array.from(tapers, (_, k) => Math.min(1, sums[k]));
}
