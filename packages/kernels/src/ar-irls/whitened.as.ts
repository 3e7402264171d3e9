// part of ar-irls
// The whitened design: its products from the lag products of the columns, and its orthonormal basis.

@inline function f(at: usize, i: i32): f64 { return load<f64>(at + (<usize>i << 3)); }
@inline function put(at: usize, i: i32, v: f64): void { store<f64>(at + (<usize>i << 3), v); }

/**
 * X~'X~ over the samples from `order` on: f' G f with f = (1, -a) from the lag products, which begin at sample `most`, and the
 * samples between one by one. False where a column's own sum cancels to less than a millionth of its terms.
 */
export function gramOf(x: usize, stride: i32, products: usize, p: i32, most: i32, order: i32, a: usize, gram: usize, edge: usize): bool {
  const size = most + 1;
  let own = products;
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      let sum: f64 = 0, terms: f64 = 0;
      for (let k = 0; k <= order; k++) {
        const fk = k ? -f(a, k - 1) : 1, row = own + (<usize>(k * size) << 3);
        let part = f(row, 0);
        for (let l = 1; l <= order; l++) part -= f(a, l - 1) * f(row, l);
        sum += fk * part;
        terms += abs(fk * f(row, k));
      }
      if (i == j && !(sum > 1e-6 * terms)) return false;
      if (i != j) sum *= 0.5;
      put(gram, i * p + j, sum);
      own += <usize>(size * size) << 3;
    }
  }
  for (let t = order; t < most; t++) {
    for (let j = 0; j < p; j++) {
      const column = x + (<usize>(j * stride) << 3);
      let e = f(column, t);
      for (let k = 0; k < order; k++) e -= f(a, k) * f(column, t - 1 - k);
      put(edge, j, e);
    }
    for (let i = 0; i < p; i++) for (let j = 0; j <= i; j++) put(gram, i * p + j, f(gram, i * p + j) + f(edge, i) * f(edge, j));
  }
  return true;
}

/** R and R^-1 (upper) of the lower triangle of a Gram matrix; false where a column is all but made up by those before it. */
export function upperInverse(gram: usize, p: i32, upper: usize, inverse: usize): bool {
  memory.fill(upper, 0, <usize>(p * p) << 3);
  memory.fill(inverse, 0, <usize>(p * p) << 3);
  for (let j = 0; j < p; j++) {
    for (let i = 0; i < j; i++) {
      let sum = f(gram, j * p + i);
      for (let k = 0; k < i; k++) sum -= f(upper, k * p + i) * f(upper, k * p + j);
      put(upper, i * p + j, sum / f(upper, i * p + i));
    }
    const whole = f(gram, j * p + j);
    let rest = whole;
    for (let k = 0; k < j; k++) { const r = f(upper, k * p + j); rest -= r * r; }
    if (!(rest > 1e-6 * whole)) return false;
    put(upper, j * p + j, Math.sqrt(rest));
  }
  for (let column = 0; column < p; column++) {
    for (let row = column; row >= 0; row--) {
      let sum: f64 = row == column ? 1 : 0;
      for (let k = row + 1; k <= column; k++) sum -= f(upper, row * p + k) * f(inverse, k * p + column);
      put(inverse, row * p + column, sum / f(upper, row * p + row));
    }
  }
  return true;
}

/** Q = X~ R^-1, [block of 8][column][8], zeros behind the last sample, and the leverages, its rows' squares. */
export function basisOf(x: usize, stride: i32, n: i32, p: i32, order: i32, a: usize, inverse: usize, q: usize, h: usize, white: usize): void {
  const left = n - order, column = <usize>stride << 3;
  for (let s = 0; s < left; s += 8) {
    const at = <usize>(s + order) << 3;
    for (let j = 0; j < p; j++) {
      const from = x + <usize>j * column + at;
      let e0 = v128.load(from), e1 = v128.load(from, 16), e2 = v128.load(from, 32), e3 = v128.load(from, 48);
      let past = from - 8;
      for (let k = 0; k < order; k++) {
        const c = v128.load64_splat(a + (<usize>k << 3));
        e0 = f64x2.sub(e0, f64x2.mul(c, v128.load(past)));
        e1 = f64x2.sub(e1, f64x2.mul(c, v128.load(past, 16)));
        e2 = f64x2.sub(e2, f64x2.mul(c, v128.load(past, 32)));
        e3 = f64x2.sub(e3, f64x2.mul(c, v128.load(past, 48)));
        past -= 8;
      }
      const to = white + (<usize>j << 6);
      v128.store(to, e0); v128.store(to, e1, 16); v128.store(to, e2, 32); v128.store(to, e3, 48);
      for (let k = left - s; k < 8; k++) put(to, k, 0);
    }
    let h0 = f64x2.splat(0), h1 = h0, h2 = h0, h3 = h0;
    for (let j = 0; j < p; j++) {
      let e0 = f64x2.splat(0), e1 = e0, e2 = e0, e3 = e0, from = white, to = inverse + (<usize>j << 3);
      for (let i = 0; i <= j; i++) {
        const c = v128.load64_splat(to);
        e0 = f64x2.add(e0, f64x2.mul(c, v128.load(from)));
        e1 = f64x2.add(e1, f64x2.mul(c, v128.load(from, 16)));
        e2 = f64x2.add(e2, f64x2.mul(c, v128.load(from, 32)));
        e3 = f64x2.add(e3, f64x2.mul(c, v128.load(from, 48)));
        from += 64; to += <usize>p << 3;
      }
      v128.store(q, e0); v128.store(q, e1, 16); v128.store(q, e2, 32); v128.store(q, e3, 48);
      q += 64;
      h0 = f64x2.add(h0, f64x2.mul(e0, e0)); h1 = f64x2.add(h1, f64x2.mul(e1, e1));
      h2 = f64x2.add(h2, f64x2.mul(e2, e2)); h3 = f64x2.add(h3, f64x2.mul(e3, e3));
    }
    v128.store(h, h0); v128.store(h, h1, 16); v128.store(h, h2, 32); v128.store(h, h3, 48);
    h += 64;
  }
}
