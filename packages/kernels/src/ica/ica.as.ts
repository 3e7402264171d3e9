// Extended infomax over a block of samples, two float64 at a time; rows hold `wide` values, a multiple of 8.

const LOG2E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 6.93147180369123816490e-01;
const LN2_LOW: f64 = 1.90821492927058770002e-10;

/** exp of two values in -745 .. 0: x = k ln 2 + r, Taylor's series of r to 1e-16, times 2^k. */
@inline
function exp2f(x: v128): v128 {
  const k = f64x2.nearest(f64x2.mul(x, f64x2.splat(LOG2E)));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH))), f64x2.mul(k, f64x2.splat(LN2_LOW)));
  let p = f64x2.splat(1.0 / 6227020800.0);
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 479001600.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 39916800.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 3628800.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 362880.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 40320.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 5040.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 720.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 120.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 24.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 6.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(0.5));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0));
  // 1.5 * 2^52 + 1023 leaves the biased exponent in the lowest bits.
  const biased = f64x2.add(k, f64x2.splat(6755399441055744.0 + 1023.0));
  return f64x2.mul(p, i64x2.shl(biased, 52));
}

@inline
function tanh2(x: v128): v128 {
  const size = f64x2.min(f64x2.abs(x), f64x2.splat(20));
  const e = exp2f(f64x2.mul(size, f64x2.splat(-2)));
  const one = f64x2.splat(1);
  const t = f64x2.div(f64x2.sub(one, e), f64x2.add(one, e));
  return v128.or(t, v128.and(x, f64x2.splat(-0.0)));
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
      a = f64x2.add(a, f64x2.mul(v, v128.load(at)));
      b = f64x2.add(b, f64x2.mul(v, v128.load(at, 16)));
      c = f64x2.add(c, f64x2.mul(v, v128.load(at, 32)));
      d = f64x2.add(d, f64x2.mul(v, v128.load(at, 48)));
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
      a = f64x2.add(a, f64x2.mul(u, w0));
      b = f64x2.add(b, f64x2.mul(u, w1));
      c = f64x2.add(c, f64x2.mul(u, w2));
      d = f64x2.add(d, f64x2.mul(u, w3));
      e = f64x2.add(e, f64x2.mul(v, w0));
      f = f64x2.add(f, f64x2.mul(v, w1));
      g = f64x2.add(g, f64x2.mul(v, w2));
      h = f64x2.add(h, f64x2.mul(v, w3));
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
        a0 = f64x2.add(a0, f64x2.mul(u, c0));
        a1 = f64x2.add(a1, f64x2.mul(u, c1));
        a2 = f64x2.add(a2, f64x2.mul(u, c2));
        a3 = f64x2.add(a3, f64x2.mul(u, c3));
        b0 = f64x2.add(b0, f64x2.mul(v, c0));
        b1 = f64x2.add(b1, f64x2.mul(v, c1));
        b2 = f64x2.add(b2, f64x2.mul(v, c2));
        b3 = f64x2.add(b3, f64x2.mul(v, c3));
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
    for (let j = 0; j < wide; j += 2) {
      const at = <usize>j << 3;
      const s = f64x2.add(v128.load(ub + at), v128.load(bias + at));
      const y = tanh2(s);
      v128.store(ub + at, s);
      v128.store(vb + at, f64x2.add(s, f64x2.mul(v128.load(signs + at), y)));
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

/** Sums of the sources' first four powers over the samples of `order`: out [4][wide]; `one` is room for a row. */
export function moments(
  data: usize,
  order: usize,
  count: i32,
  n: i32,
  wide: i32,
  w: usize,
  out: usize,
  one: usize,
): void {
  const row = <usize>wide << 3;
  for (let j = 0; j < 4 * wide; j += 2) v128.store(out + (<usize>j << 3), f64x2.splat(0));
  for (let k = 0; k < count; k++) {
    project(data + <usize>load<u32>(order + (<usize>k << 2)) * row, w, one, n, wide);
    for (let j = 0; j < wide; j += 2) {
      const at = <usize>j << 3;
      const s = v128.load(one + at);
      const s2 = f64x2.mul(s, s);
      v128.store(out + at, f64x2.add(v128.load(out + at), s));
      v128.store(out + at + row, f64x2.add(v128.load(out + at + row), s2));
      v128.store(out + at + 2 * row, f64x2.add(v128.load(out + at + 2 * row), f64x2.mul(s2, s)));
      v128.store(out + at + 3 * row, f64x2.add(v128.load(out + at + 3 * row), f64x2.mul(s2, s2)));
    }
  }
}
