// part of ar-irls
// Lag products of a series, the order of its noise, and innovations, as autoregressive-fit.ts and lag-products.ts have them.

@inline function f(at: usize, i: i32): f64 { return load<f64>(at + (<usize>i << 3)); }
@inline function put(at: usize, i: i32, v: f64): void { store<f64>(at + (<usize>i << 3), v); }

/** Natural logarithm of a positive number, to 2e-16: 2 atanh of (m - 1) / (m + 1) by its series, m within sqrt 2 of 1. No tables. */
function ln(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let e = <i32>((bits >> 52) & 0x7ff) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) { m *= 0.5; e++; }
  const s = (m - 1) / (m + 1), s2 = s * s;
  let sum: f64 = 0;
  for (let k = 21; k > 0; k -= 2) sum = sum * s2 + 1 / <f64>k;
  return 2 * s * sum + <f64>e * 0.6931471805599453;
}

/** sum_{t >= most} a_t b_{t - lag}. */
function laggedSum(a: usize, b: usize, n: i32, most: i32, lag: i32): f64 {
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let t = most;
  const past = b - (<usize>lag << 3);
  for (; t + 7 < n; t += 8) {
    const at = <usize>t << 3;
    s0 = f64x2.add(s0, f64x2.mul(v128.load(a + at), v128.load(past + at)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(a + at, 16), v128.load(past + at, 16)));
    s2 = f64x2.add(s2, f64x2.mul(v128.load(a + at, 32), v128.load(past + at, 32)));
    s3 = f64x2.add(s3, f64x2.mul(v128.load(a + at, 48), v128.load(past + at, 48)));
  }
  const s = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
  for (; t < n; t++) sum += f(a, t) * f(b, t - lag);
  return sum;
}

/** G_jk of a series with itself, [j][k]; of two, both orders of the pair added up. */
export function lagProducts(a: usize, b: usize, n: i32, most: i32, g: usize): void {
  const size = most + 1, same = a == b;
  for (let lag = 0; lag <= most; lag++) {
    let sum = laggedSum(a, b, n, most, lag);
    if (!same) sum += laggedSum(b, a, n, most, lag);
    put(g, lag, sum);
    put(g, lag * size, sum);
  }
  for (let j = 0; j < most; j++) {
    const nearA = f(a, most - 1 - j), farA = f(a, n - 1 - j), nearB = same ? 0 : f(b, most - 1 - j), farB = same ? 0 : f(b, n - 1 - j);
    for (let k = 0; k < most; k++) {
      let sum = f(g, j * size + k) + nearA * f(b, most - 1 - k) - farA * f(b, n - 1 - k);
      if (!same) sum += nearB * f(a, most - 1 - k) - farB * f(a, n - 1 - k);
      put(g, (j + 1) * size + k + 1, sum);
    }
  }
}

/** The order by the Bayesian information criterion; its coefficients at `a`. `factor`: most^2 + most values of work. */
export function orderOf(g: usize, samples: i32, most: i32, factor: usize, a: usize): i32 {
  const size = most + 1, projected = factor + (<usize>(most * most) << 3), m = <f64>samples;
  let rest = f(g, 0), order = 0;
  let least = m * ln(rest / m);
  for (let p = 0; p < most && rest > 0; p++) {
    for (let k = 0; k <= p; k++) {
      let sum = f(g, (p + 1) * size + k + 1);
      for (let i = 0; i < k; i++) sum -= f(factor, p * most + i) * f(factor, k * most + i);
      put(factor, p * most + k, k < p ? sum / f(factor, k * most + k) : Math.sqrt(sum > 0 ? sum : 0));
    }
    const own = f(factor, p * most + p);
    if (!(own * own > 1e-12 * f(g, (p + 1) * size + p + 1))) break;
    let z = f(g, (p + 1) * size);
    for (let i = 0; i < p; i++) z -= f(factor, p * most + i) * f(projected, i);
    z /= own;
    put(projected, p, z);
    rest -= z * z;
    const criterion = m * ln(rest / m) + <f64>(p + 1) * ln(m);
    if (rest > 0 && criterion < least) { least = criterion; order = p + 1; }
  }
  for (let i = order - 1; i >= 0; i--) {
    let z = f(projected, i);
    for (let k = i + 1; k < order; k++) z -= f(factor, k * most + i) * f(a, k);
    put(a, i, z / f(factor, i * most + i));
  }
  return order;
}

/** e_t = y_t - sum_k a_k y_{t-1-k} for t >= order, from the begin of `out`; zeros behind the last, to the end of its block of 8. */
export function innovationSum(y: usize, n: i32, order: i32, a: usize, out: usize): void {
  const left = n - order;
  for (let s = 0; s < left; s++) {
    let e = f(y, s + order);
    for (let k = 0; k < order; k++) e -= f(a, k) * f(y, s + order - 1 - k);
    put(out, s, e);
  }
  for (let s = left; s < ((left + 7) & ~7); s++) put(out, s, 0);
}
