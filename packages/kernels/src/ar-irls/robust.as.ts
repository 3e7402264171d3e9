// part of ar-irls
// Bisquare regression on an orthonormal basis. bisquare-fit.ts solves the weighted normal equations anew in each round; here a step
// is Q' psi(r) over the mean of psi', which has the same fixed point Q' W r = 0 and needs no products of columns.

const TUNE: f64 = 4.685, MOST: i32 = 200;

@inline function f(at: usize, i: i32): f64 { return load<f64>(at + (<usize>i << 3)); }
@inline function put(at: usize, i: i32, v: f64): void { store<f64>(at + (<usize>i << 3), v); }

/** Robust standard deviation of the last fit. */
export let sigma: f64 = 0;

/** r = y - Q c. */
function residualsOf(q: usize, y: usize, n: i32, p: i32, c: usize, r: usize): void {
  for (let t = 0; t < n; t += 8) {
    let r0 = v128.load(y), r1 = v128.load(y, 16), r2 = v128.load(y, 32), r3 = v128.load(y, 48);
    for (let j = 0; j < p; j++) {
      const own = v128.load64_splat(c + (<usize>j << 3));
      r0 = f64x2.sub(r0, f64x2.mul(own, v128.load(q)));
      r1 = f64x2.sub(r1, f64x2.mul(own, v128.load(q, 16)));
      r2 = f64x2.sub(r2, f64x2.mul(own, v128.load(q, 32)));
      r3 = f64x2.sub(r3, f64x2.mul(own, v128.load(q, 48)));
      q += 64;
    }
    v128.store(r, r0); v128.store(r, r1, 16); v128.store(r, r2, 32); v128.store(r, r3, 48);
    y += 64; r += 64;
  }
}

/** out = Q' v; `out` holds p values. */
function project(q: usize, v: usize, n: i32, p: i32, out: usize): void {
  memory.fill(out, 0, <usize>p << 3);
  for (let t = 0; t < n; t += 8) {
    const v0 = v128.load(v), v1 = v128.load(v, 16), v2 = v128.load(v, 32), v3 = v128.load(v, 48);
    for (let j = 0; j < p; j++) {
      const s = f64x2.add(
        f64x2.add(f64x2.mul(v0, v128.load(q)), f64x2.mul(v1, v128.load(q, 16))),
        f64x2.add(f64x2.mul(v2, v128.load(q, 32)), f64x2.mul(v3, v128.load(q, 48))));
      const to = out + (<usize>j << 3);
      store<f64>(to, load<f64>(to) + f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1));
      q += 64;
    }
    v += 64;
  }
}

/** The k-th smallest of n values, which it reorders: at most it before, at least it behind (Hoare's FIND). */
function orderStatistic(values: usize, n: i32, k: i32): f64 {
  let low = 0, high = n - 1;
  while (low < high) {
    const a = f(values, low), b = f(values, (low + high) >> 1), c = f(values, high);
    const pivot = a < b ? (b < c ? b : a < c ? c : a) : a < c ? a : b < c ? c : b;
    let i = low, j = high;
    while (i <= j) {
      while (f(values, i) < pivot) i++;
      while (f(values, j) > pivot) j--;
      if (i > j) break;
      const held = f(values, i);
      put(values, i++, f(values, j));
      put(values, j--, held);
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return f(values, k);
}

/** Spread of the adjusted residuals: the median without the p smallest, over 0.6745. */
function spread(r: usize, adjust: usize, n: i32, p: i32, work: usize): f64 {
  for (let t = 0; t < n; t += 2) {
    const at = <usize>t << 3;
    v128.store(work + at, f64x2.abs(f64x2.mul(v128.load(r + at), v128.load(adjust + at))));
  }
  const place = <f64>p + <f64>(n - 1 - p) / 2, below = <i32>Math.floor(place);
  const low = orderStatistic(work, n, below);
  if (<f64>below == place) return low / 0.6745;
  let high: f64 = Infinity;
  for (let i = below + 1; i < n; i++) high = min(high, f(work, i));
  return (low + (high - low) * (place - <f64>below)) / 0.6745;
}

/**
 * @param h leverages
 * @param warm whether `c` holds coefficients to begin with; else least squares
 * @param c coefficients in the basis (in and out)
 * @returns 0, or 2 where no weight is left
 */
export function robust(q: usize, h: usize, y: usize, n: i32, p: i32, warm: bool, tolerance: f64, c: usize, r: usize, adjust: usize, work: usize, step: usize): i32 {
  const one = f64x2.splat(1), zero = f64x2.splat(0);
  for (let t = 0; t < n; t += 2) {
    const at = <usize>t << 3;
    v128.store(adjust + at, f64x2.div(one, f64x2.sqrt(f64x2.sub(one, f64x2.min(f64x2.splat(0.9999), v128.load(h + at))))));
  }
  project(q, y, n, p, step);
  residualsOf(q, y, n, p, step, r);
  let squares: f64 = 0, mean: f64 = 0, about: f64 = 0;
  for (let t = 0; t < n; t++) { const e = f(r, t); squares += e * e; mean += f(y, t); }
  mean /= <f64>n;
  for (let t = 0; t < n; t++) { const e = f(y, t) - mean; about += e * e; }
  const plainVariance = squares / <f64>(n - p);
  // An exact fit leaves rounding alone, whose spread says nothing.
  let tiny = 1e-6 * Math.sqrt(about / <f64>n);
  if (tiny == 0) tiny = 1;
  if (warm) residualsOf(q, y, n, p, c, r);
  else memory.copy(c, step, <usize>p << 3);
  let s: f64 = 0;
  for (let round = 0; round < MOST; round++) {
    s = max(tiny, spread(r, adjust, n, p, work));
    const unit = f64x2.splat(1 / (TUNE * s)), five = f64x2.splat(5);
    let slopes = zero, weights = zero;
    for (let t = 0; t < n; t += 2) {
      const at = <usize>t << 3;
      const own = v128.load(r + at);
      const u = f64x2.mul(f64x2.mul(own, v128.load(adjust + at)), unit), u2 = f64x2.mul(u, u);
      const inside = f64x2.max(zero, f64x2.sub(one, u2));
      const w = f64x2.mul(inside, inside);
      v128.store(work + at, f64x2.mul(w, own));
      slopes = f64x2.add(slopes, f64x2.mul(inside, f64x2.sub(one, f64x2.mul(five, u2))));
      weights = f64x2.add(weights, w);
    }
    if (n & 1) put(work, n, 0);
    for (let t = (n + 1) & ~1; t < ((n + 7) & ~7); t++) put(work, t, 0);
    const whole = <f64>((n + 1) & ~1);
    const weight = (f64x2.extract_lane(weights, 0) + f64x2.extract_lane(weights, 1)) / whole;
    // Where so much is rejected that psi falls, half of the reweighted step is safe.
    const slope = max((f64x2.extract_lane(slopes, 0) + f64x2.extract_lane(slopes, 1)) / whole, 0.5 * weight);
    if (!(weight > 1e-12)) return 2;
    project(q, work, n, p, step);
    let change: f64 = 0, size: f64 = 0;
    for (let j = 0; j < p; j++) {
      const d = f(step, j) / slope;
      put(c, j, f(c, j) + d);
      change = max(change, abs(d));
      size = max(size, abs(f(c, j)));
    }
    residualsOf(q, y, n, p, c, r);
    if (change <= tolerance * size) break;
  }
  sigma = robustSigma(r, adjust, h, n, p, max(tiny, spread(r, adjust, n, p, work)), plainVariance);
  return 0;
}

function robustSigma(r: usize, adjust: usize, h: usize, n: i32, p: i32, s: f64, plainVariance: f64): f64 {
  const st = TUNE * s, rows = <f64>n, columns = <f64>p;
  let m1: f64 = 0, m2: f64 = 0;
  for (let t = 0; t < n; t++) {
    const u = (f(r, t) * f(adjust, t)) / st, u2 = u * u;
    if (u2 >= 1) continue;
    const left = 1 - u2;
    m1 += left * (1 - 5 * u2);
    m2 += (1 - f(h, t)) * u2 * left * left * left * left;
  }
  m1 /= rows; m2 /= rows - columns;
  const k = 1 + ((columns / rows) * (1 - m1)) / m1;
  const sure = m1 > 0 ? (k * Math.sqrt(m2) * st) / m1 : Infinity;
  const mixed = Math.sqrt((plainVariance * columns * columns + sure * sure * rows) / (columns * columns + rows));
  return max(sure, mixed);
}
