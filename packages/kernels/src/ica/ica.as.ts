// build: relaxed
// Extended infomax over a block of samples, two float64 at a time; rows hold `wide` values, a multiple of 8.

const LOG2E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 6.93147180369123816490e-01;
const LN2_LOW: f64 = 1.90821492927058770002e-10;

/** a b + c */
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return RELAXED ? f64x2.relaxed_madd(a, b, c) : f64x2.add(f64x2.mul(a, b), c);
}

/** c - a b */
@inline
function nmadd(a: v128, b: v128, c: v128): v128 {
  return RELAXED ? f64x2.relaxed_nmadd(a, b, c) : f64x2.sub(c, f64x2.mul(a, b));
}

/** -2 |x|, not below -40: beyond that tanh is 1 to the last bit. */
@inline
function negated(x: v128): v128 {
  return f64x2.pmax(f64x2.mul(f64x2.abs(x), f64x2.splat(-2)), f64x2.splat(-40));
}

/** tanh |x| from e = exp(-2 |x|), with the sign of x. */
@inline
function signed(x: v128, e: v128): v128 {
  const one = f64x2.splat(1);
  return v128.or(f64x2.div(f64x2.sub(one, e), f64x2.add(one, e)), v128.and(x, f64x2.splat(-0.0)));
}

/** 2^k, k whole: 1.5 * 2^52 + 1023 leaves the biased exponent in the lowest bits. */
@inline
function power(k: v128): v128 {
  return i64x2.shl(f64x2.add(k, f64x2.splat(6755399441055744.0 + 1023.0)), 52);
}

/**
 * tanh of eight values at `from` into `to`: exp(x) with x = k ln 2 + r, Taylor's series of r to 1e-16, times 2^k. Eight at
 * a time, since the engine makes a constant anew at each use.
 */
@inline
function tanh8(from: usize, to: usize): void {
  const x0 = v128.load(from);
  const x1 = v128.load(from, 16);
  const x2 = v128.load(from, 32);
  const x3 = v128.load(from, 48);
  const n0 = negated(x0);
  const n1 = negated(x1);
  const n2 = negated(x2);
  const n3 = negated(x3);
  let c = f64x2.splat(LOG2E);
  const k0 = f64x2.nearest(f64x2.mul(n0, c));
  const k1 = f64x2.nearest(f64x2.mul(n1, c));
  const k2 = f64x2.nearest(f64x2.mul(n2, c));
  const k3 = f64x2.nearest(f64x2.mul(n3, c));
  c = f64x2.splat(LN2_HIGH);
  let r0 = nmadd(k0, c, n0);
  let r1 = nmadd(k1, c, n1);
  let r2 = nmadd(k2, c, n2);
  let r3 = nmadd(k3, c, n3);
  c = f64x2.splat(LN2_LOW);
  r0 = nmadd(k0, c, r0);
  r1 = nmadd(k1, c, r1);
  r2 = nmadd(k2, c, r2);
  r3 = nmadd(k3, c, r3);
  let p0 = f64x2.splat(1.0 / 6227020800.0);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  c = f64x2.splat(1.0 / 479001600.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0 / 39916800.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0 / 3628800.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0 / 362880.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0 / 40320.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0 / 5040.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0 / 720.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0 / 120.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0 / 24.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0 / 6.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(0.5);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  c = f64x2.splat(1.0);
  p0 = madd(p0, r0, c);
  p1 = madd(p1, r1, c);
  p2 = madd(p2, r2, c);
  p3 = madd(p3, r3, c);
  v128.store(to, signed(x0, f64x2.mul(p0, power(k0))));
  v128.store(to, signed(x1, f64x2.mul(p1, power(k1))), 16);
  v128.store(to, signed(x2, f64x2.mul(p2, power(k2))), 32);
  v128.store(to, signed(x3, f64x2.mul(p3, power(k3))), 48);
}

/** out[j] = sum_i x[i] w[i][j] */
@inline
function project(x: usize, w: usize, out: usize, n: i32, wide: i32): void {
  const row = <usize>wide << 3;
  for (let j = 0; j < wide; j += 8) {
    let a = f64x2.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at = w + (<usize>j << 3);
    for (let i = 0; i < n; i++) {
      const v = v128.load64_splat(x + (<usize>i << 3));
      a = madd(v, v128.load(at), a);
      b = madd(v, v128.load(at, 16), b);
      c = madd(v, v128.load(at, 32), c);
      d = madd(v, v128.load(at, 48), d);
      at += row;
    }
    const to = out + (<usize>j << 3);
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
  }
}

/** `project` of two samples at once: the weights are read once for both. */
@inline
function projectTwo(x: usize, y: usize, w: usize, out: usize, n: i32, wide: i32): void {
  const row = <usize>wide << 3;
  for (let j = 0; j < wide; j += 8) {
    let a = f64x2.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let e = a;
    let f = a;
    let g = a;
    let h = a;
    let at = w + (<usize>j << 3);
    for (let i = 0; i < n; i++) {
      const u = v128.load64_splat(x + (<usize>i << 3));
      const v = v128.load64_splat(y + (<usize>i << 3));
      const w0 = v128.load(at);
      const w1 = v128.load(at, 16);
      const w2 = v128.load(at, 32);
      const w3 = v128.load(at, 48);
      a = madd(u, w0, a);
      b = madd(u, w1, b);
      c = madd(u, w2, c);
      d = madd(u, w3, d);
      e = madd(v, w0, e);
      f = madd(v, w1, f);
      g = madd(v, w2, g);
      h = madd(v, w3, h);
      at += row;
    }
    const to = out + (<usize>j << 3);
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
    v128.store(to + row, e);
    v128.store(to + row, f, 16);
    v128.store(to + row, g, 32);
    v128.store(to + row, h, 48);
  }
}

/** out[i][j] = sum_b p[b][i] q[b][j], two rows i and eight columns j in registers. */
function crossProducts(p: usize, q: usize, out: usize, block: i32, n: i32, wide: i32): void {
  const row = <usize>wide << 3;
  for (let i = 0; i < n; i += 2) {
    for (let j = 0; j < wide; j += 8) {
      let a0 = f64x2.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = a0;
      let b1 = a0;
      let b2 = a0;
      let b3 = a0;
      let from = p + (<usize>i << 3);
      let beside = q + (<usize>j << 3);
      for (let b = 0; b < block; b++) {
        const u = v128.load64_splat(from);
        const v = v128.load64_splat(from, 8);
        const c0 = v128.load(beside);
        const c1 = v128.load(beside, 16);
        const c2 = v128.load(beside, 32);
        const c3 = v128.load(beside, 48);
        a0 = madd(u, c0, a0);
        a1 = madd(u, c1, a1);
        a2 = madd(u, c2, a2);
        a3 = madd(u, c3, a3);
        b0 = madd(v, c0, b0);
        b1 = madd(v, c1, b1);
        b2 = madd(v, c2, b2);
        b3 = madd(v, c3, b3);
        from += row;
        beside += row;
      }
      const to = out + <usize>i * row + (<usize>j << 3);
      v128.store(to, a0);
      v128.store(to, a1, 16);
      v128.store(to, a2, 32);
      v128.store(to, a3, 48);
      v128.store(to + row, b0);
      v128.store(to + row, b1, 16);
      v128.store(to + row, b2, 32);
      v128.store(to + row, b3, 48);
    }
  }
}

/**
 * One update of the weights [wide][wide] and biases from the samples `order[0 .. block)` of data [sample][wide].
 * `work` is room for 2 block + 2 (wide + 1) rows. Gives the largest weight.
 */
export function learn(
  data: usize,
  order: usize,
  block: i32,
  n: i32,
  wide: i32,
  w: usize,
  bias: usize,
  signs: usize,
  work: usize,
  rate: f64,
): f64 {
  const row = <usize>wide << 3;
  const u = work;
  const v = u + <usize>block * row;
  const g = v + <usize>block * row;
  const next = g + <usize>(wide + 1) * row;
  const fall = f64x2.splat(-2 * rate);
  // The biases of this block are those before it.
  const sums = next;
  for (let j = 0; j < wide; j += 2) v128.store(sums + (<usize>j << 3), f64x2.splat(0));
  for (let b = 0; b + 2 <= block; b += 2) {
    const from = data + <usize>load<u32>(order + (<usize>b << 2)) * row;
    const beside = data + <usize>load<u32>(order + (<usize>b << 2), 4) * row;
    projectTwo(from, beside, w, u + <usize>b * row, n, wide);
  }
  if (block & 1) {
    const last = <usize>(block - 1);
    project(data + <usize>load<u32>(order + (last << 2)) * row, w, u + last * row, n, wide);
  }
  for (let b = 0; b < block; b++) {
    const ub = u + <usize>b * row;
    const vb = v + <usize>b * row;
    for (let at: usize = 0; at < row; at += 16)
      v128.store(ub + at, f64x2.add(v128.load(ub + at), v128.load(bias + at)));
    for (let at: usize = 0; at < row; at += 64) tanh8(ub + at, vb + at);
    for (let at: usize = 0; at < row; at += 16) {
      const y = v128.load(vb + at);
      v128.store(vb + at, madd(v128.load(signs + at), y, v128.load(ub + at)));
      v128.store(sums + at, f64x2.add(v128.load(sums + at), y));
    }
  }
  for (let j = 0; j < wide; j += 2) {
    const at = <usize>j << 3;
    v128.store(bias + at, f64x2.add(v128.load(bias + at), f64x2.mul(fall, v128.load(sums + at))));
  }
  crossProducts(u, v, g, block, n, wide);
  // B I - g
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < wide; j += 2) {
      const at = g + <usize>i * row + (<usize>j << 3);
      v128.store(at, f64x2.neg(v128.load(at)));
    }
    const at = g + <usize>i * row + (<usize>i << 3);
    store<f64>(at, load<f64>(at) + <f64>block);
  }
  const step = f64x2.splat(rate);
  let largest = f64x2.splat(0);
  for (let i = 0; i < n; i++) project(w + <usize>i * row, g, next + <usize>i * row, n, wide);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < wide; j += 2) {
      const at = <usize>i * row + (<usize>j << 3);
      const made = f64x2.add(v128.load(w + at), f64x2.mul(step, v128.load(next + at)));
      v128.store(w + at, made);
      largest = f64x2.max(largest, f64x2.abs(made));
    }
  }
  return max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1));
}

/** Adds the first four powers of a row of sources to out [4][wide]. */
@inline
function addPowers(one: usize, out: usize, wide: i32): void {
  const row = <usize>wide << 3;
  for (let j = 0; j < wide; j += 2) {
    const at = out + (<usize>j << 3);
    const s = v128.load(one + (<usize>j << 3));
    const s2 = f64x2.mul(s, s);
    v128.store(at, f64x2.add(v128.load(at), s));
    v128.store(at + row, f64x2.add(v128.load(at + row), s2));
    v128.store(at + 2 * row, madd(s2, s, v128.load(at + 2 * row)));
    v128.store(at + 3 * row, madd(s2, s2, v128.load(at + 3 * row)));
  }
}

/** Sums of the sources' first four powers over the samples of `order`: out [4][wide]; `two` is room for two rows. */
export function moments(
  data: usize,
  order: usize,
  count: i32,
  n: i32,
  wide: i32,
  w: usize,
  out: usize,
  two: usize,
): void {
  const row = <usize>wide << 3;
  for (let j = 0; j < 4 * wide; j += 2) v128.store(out + (<usize>j << 3), f64x2.splat(0));
  for (let k = 0; k + 2 <= count; k += 2) {
    const at = order + (<usize>k << 2);
    projectTwo(data + <usize>load<u32>(at) * row, data + <usize>load<u32>(at, 4) * row, w, two, n, wide);
    addPowers(two, out, wide);
    addPowers(two + row, out, wide);
  }
  if (count & 1) {
    project(data + <usize>load<u32>(order + (<usize>(count - 1) << 2)) * row, w, two, n, wide);
    addPowers(two, out, wide);
  }
}
