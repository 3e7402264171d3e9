// build: threads
// AR-IRLS of one series after the other; ar-irls.ts has the equations, crew-fit.ts lays out the memory.
import { innovationSum, lagProducts, orderOf } from "./autoregression.as";
import { robust, sigma } from "./robust.as";
import { basisOf, gramOf, upperInverse } from "./whitened.as";

@inline function f(at: usize, i: i32): f64 { return load<f64>(at + (<usize>i << 3)); }
@inline function put(at: usize, i: i32, v: f64): void { store<f64>(at + (<usize>i << 3), v); }

/** r = y - X b, eight samples at a time; rows of X are `stride` values. */
function residualsOf(y: usize, x: usize, b: usize, n: i32, p: i32, stride: i32, r: usize): void {
  for (let t = 0; t < n; t += 8) {
    const at = <usize>t << 3;
    let r0 = v128.load(y + at), r1 = v128.load(y + at, 16), r2 = v128.load(y + at, 32), r3 = v128.load(y + at, 48);
    let from = x + at;
    for (let j = 0; j < p; j++) {
      const c = v128.load64_splat(b + (<usize>j << 3));
      r0 = f64x2.sub(r0, f64x2.mul(c, v128.load(from)));
      r1 = f64x2.sub(r1, f64x2.mul(c, v128.load(from, 16)));
      r2 = f64x2.sub(r2, f64x2.mul(c, v128.load(from, 32)));
      r3 = f64x2.sub(r3, f64x2.mul(c, v128.load(from, 48)));
      from += <usize>stride << 3;
    }
    v128.store(r + at, r0); v128.store(r + at, r1, 16); v128.store(r + at, r2, 32); v128.store(r + at, r3, 48);
  }
}

/** Lag products of X C X' added to `g`: what the fit is expected to have taken of the noise. */
function addTaken(covariance: usize, products: usize, p: i32, size: i32, g: usize): void {
  const length = size * size, even = length & ~1;
  let own = products;
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      const c = f(covariance, i * p + j), c2 = f64x2.splat(c);
      for (let k = 0; k < even; k += 2) {
        const at = <usize>k << 3;
        v128.store(g + at, f64x2.add(v128.load(g + at), f64x2.mul(c2, v128.load(own + at))));
      }
      if (even < length) put(g, even, f(g, even) + c * f(own, even));
      own += <usize>length << 3;
    }
  }
}

/** b = R^-1 c and C = sigma^2 R^-1 R^-1'. */
function coefficientsOf(inverse: usize, c: usize, p: i32, s: f64, b: usize, covariance: usize): void {
  for (let i = 0; i < p; i++) {
    let sum: f64 = 0;
    for (let j = i; j < p; j++) sum += f(inverse, i * p + j) * f(c, j);
    put(b, i, sum);
    for (let k = 0; k < p; k++) {
      let own: f64 = 0;
      for (let j = i > k ? i : k; j < p; j++) own += f(inverse, i * p + j) * f(inverse, k * p + j);
      put(covariance, i * p + k, s * s * own);
    }
  }
}

/** Lag products of column i with each j <= i. Numbers at `at` (uint32): n, largest order, stride, addresses of X and of the products. */
export function column(i: i32, thread: i32, at: usize): void {
  const n = load<i32>(at), most = load<i32>(at, 4), row = <usize>load<i32>(at, 8) << 3, x = <usize>load<u32>(at, 12);
  const bytes = <usize>((most + 1) * (most + 1)) << 3;
  let to = <usize>load<u32>(at, 16) + <usize>((i * (i + 1)) / 2) * bytes;
  for (let j = 0; j <= i; j++, to += bytes) lagProducts(x + <usize>i * row, x + <usize>j * row, n, most, to);
}

/**
 * One series. Numbers at `at` (uint32): n, p, largest order, most rounds, stride of X and y (values), then addresses of X
 * [column][stride], of its orthonormal basis [block of 8][column][8], of the basis' R^-1, of its leverages, of the lag products,
 * of the series [series][stride], of the results, of the threads' scratch, and the bytes of one thread's. Results of a series:
 * b (p), C (p x p), sigma, degrees of freedom, order, rounds, state (0 done, 1 the sums cancel, 2 no weight is left),
 * a (as many as the largest order).
 */
export function series(chunk: i32, thread: i32, at: usize): void {
  const n = load<i32>(at), p = load<i32>(at, 4), most = load<i32>(at, 8), mostRounds = load<i32>(at, 12), stride = load<i32>(at, 16);
  const x = <usize>load<u32>(at, 20), q0 = <usize>load<u32>(at, 24), inverse0 = <usize>load<u32>(at, 28);
  const h0 = <usize>load<u32>(at, 32), products = <usize>load<u32>(at, 36);
  const y = <usize>load<u32>(at, 40) + (<usize>(chunk * stride) << 3);
  const resultValues = p + p * p + 5 + most;
  const out = <usize>load<u32>(at, 44) + (<usize>(chunk * resultValues) << 3);
  let scratch = <usize>load<u32>(at, 48) + <usize>thread * <usize>load<u32>(at, 52);
  const size = most + 1, padded = <usize>stride << 3;
  const q = scratch; scratch += padded * <usize>p;
  const h = scratch; scratch += padded;
  const white = scratch; scratch += padded;
  const r = scratch; scratch += padded;
  const adjust = scratch; scratch += padded;
  const work = scratch; scratch += padded;
  const g = scratch; scratch += <usize>(size * size) << 3;
  const factor = scratch; scratch += <usize>(most * most + 2 * size) << 3;
  const a = scratch; scratch += <usize>(size + 1) << 3;
  const gram = scratch; scratch += <usize>(p * p) << 3;
  const upper = scratch; scratch += <usize>(p * p) << 3;
  const inverse = scratch; scratch += <usize>(p * p) << 3;
  const c = scratch; scratch += <usize>p << 3;
  const step = scratch; scratch += <usize>(p + 2) << 3;
  const before = scratch; scratch += <usize>p << 3;
  const edge = scratch;
  const b = out, covariance = out + (<usize>p << 3), told = covariance + (<usize>(p * p) << 3);
  const rough: f64 = 1e-6, fine: f64 = 1e-10;

  let state = robust(q0, h0, y, n, p, false, rough, c, r, adjust, work, step);
  if (state) { put(told, 4, state); return; }
  coefficientsOf(inverse0, c, p, sigma, b, covariance);
  for (let round = 1; ; round++) {
    residualsOf(y, x, b, n, p, stride, r);
    lagProducts(r, r, n, most, g);
    addTaken(covariance, products, p, size, g);
    const order = orderOf(g, n - most, most, factor, a);
    const left = n - order;
    if (!gramOf(x, stride, products, p, most, order, a, gram, edge) || !upperInverse(gram, p, upper, inverse)) {
      put(told, 4, 1); return;
    }
    basisOf(x, stride, n, p, order, a, inverse, q, h, edge);
    innovationSum(y, n, order, a, white);
    memory.copy(before, b, <usize>p << 3);
    if (round > 1) {
      for (let i = 0; i < p; i++) {
        let sum: f64 = 0;
        for (let j = i; j < p; j++) sum += f(upper, i * p + j) * f(b, j);
        put(c, i, sum);
      }
    }
    state = robust(q, h, white, left, p, round > 1, rough, c, r, adjust, work, step);
    if (state) { put(told, 4, state); return; }
    coefficientsOf(inverse, c, p, sigma, b, covariance);
    let change: f64 = 0, whole: f64 = 0;
    for (let j = 0; j < p; j++) {
      const now = f(b, j), moved = now - f(before, j);
      change += moved * moved;
      whole += now * now;
    }
    if (change > 1e-4 * whole && round < mostRounds) continue;
    state = robust(q, h, white, left, p, true, fine, c, r, adjust, work, step);
    coefficientsOf(inverse, c, p, sigma, b, covariance);
    put(told, 0, sigma); put(told, 1, left - p); put(told, 2, order); put(told, 3, round); put(told, 4, state);
    for (let k = 0; k < order; k++) put(told, 5 + k, f(a, k));
    return;
  }
}
