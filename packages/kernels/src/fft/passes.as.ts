// Stockham passes on four transforms at a time: an element is 32 bytes, the four real then the four imaginary parts.

export const element: usize = 32;
@inline
function twiddled(y: usize, re: v128, im: v128, wr: v128, wi: v128): void {
  v128.store(y, f32x4.sub(f32x4.mul(re, wr), f32x4.mul(im, wi)));
  v128.store(y, f32x4.add(f32x4.mul(re, wi), f32x4.mul(im, wr)), 16);
}

/** x, y: 2 m s elements; w: (re, im) of w^p. */
function pass2(x: usize, y: usize, m: i32, s: i32, w: usize): void {
  const half = (<usize>m * s) * element;
  const row = <usize>s * element;
  for (let p = 0; p < m; p++, w += 8) {
    const wr = v128.load_splat<f32>(w);
    const wi = v128.load_splat<f32>(w, 4);
    for (let q = 0; q < s; q++, x += element, y += element) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const br = v128.load(x + half);
      const bi = v128.load(x + half, 16);
      v128.store(y, f32x4.add(ar, br));
      v128.store(y, f32x4.add(ai, bi), 16);
      twiddled(y + row, f32x4.sub(ar, br), f32x4.sub(ai, bi), wr, wi);
    }
    y += row;
  }
}

/** As pass2; w: w^p, w^2p. */
function pass3(x: usize, y: usize, m: i32, s: i32, w: usize): void {
  const part = (<usize>m * s) * element;
  const row = <usize>s * element;
  const half = f32x4.splat(0.5);
  const root = f32x4.splat(0.8660254037844386);
  for (let p = 0; p < m; p++, w += 16) {
    const w1r = v128.load_splat<f32>(w);
    const w1i = v128.load_splat<f32>(w, 4);
    const w2r = v128.load_splat<f32>(w, 8);
    const w2i = v128.load_splat<f32>(w, 12);
    for (let q = 0; q < s; q++, x += element, y += element) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const br = v128.load(x + part);
      const bi = v128.load(x + part, 16);
      const cr = v128.load(x + 2 * part);
      const ci = v128.load(x + 2 * part, 16);
      const sr = f32x4.add(br, cr);
      const si = f32x4.add(bi, ci);
      const dr = f32x4.mul(root, f32x4.sub(br, cr));
      const di = f32x4.mul(root, f32x4.sub(bi, ci));
      const tr = f32x4.sub(ar, f32x4.mul(half, sr));
      const ti = f32x4.sub(ai, f32x4.mul(half, si));
      v128.store(y, f32x4.add(ar, sr));
      v128.store(y, f32x4.add(ai, si), 16);
      twiddled(y + row, f32x4.add(tr, di), f32x4.sub(ti, dr), w1r, w1i);
      twiddled(y + 2 * row, f32x4.sub(tr, di), f32x4.add(ti, dr), w2r, w2i);
    }
    y += 2 * row;
  }
}

/** As pass2; w: w^p, w^2p, w^3p. The first p has no factors. */
function pass4(x: usize, y: usize, m: i32, s: i32, w: usize): void {
  const part = (<usize>m * s) * element;
  const row = <usize>s * element;
  for (let p = 0; p < m; p++, w += 24) {
    const w1r = v128.load_splat<f32>(w);
    const w1i = v128.load_splat<f32>(w, 4);
    const w2r = v128.load_splat<f32>(w, 8);
    const w2i = v128.load_splat<f32>(w, 12);
    const w3r = v128.load_splat<f32>(w, 16);
    const w3i = v128.load_splat<f32>(w, 20);
    for (let q = 0; q < s; q++, x += element, y += element) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const cr = v128.load(x + 2 * part);
      const ci = v128.load(x + 2 * part, 16);
      const br = v128.load(x + part);
      const bi = v128.load(x + part, 16);
      const dr = v128.load(x + 3 * part);
      const di = v128.load(x + 3 * part, 16);
      const acr = f32x4.add(ar, cr);
      const aci = f32x4.add(ai, ci);
      const bdr = f32x4.add(br, dr);
      const bdi = f32x4.add(bi, di);
      const er = f32x4.sub(ar, cr);
      const ei = f32x4.sub(ai, ci);
      const fr = f32x4.sub(br, dr);
      const fi = f32x4.sub(bi, di);
      v128.store(y, f32x4.add(acr, bdr));
      v128.store(y, f32x4.add(aci, bdi), 16);
      if (p == 0) {
        v128.store(y + row, f32x4.add(er, fi));
        v128.store(y + row, f32x4.sub(ei, fr), 16);
        v128.store(y + 2 * row, f32x4.sub(acr, bdr));
        v128.store(y + 2 * row, f32x4.sub(aci, bdi), 16);
        v128.store(y + 3 * row, f32x4.sub(er, fi));
        v128.store(y + 3 * row, f32x4.add(ei, fr), 16);
      } else {
        twiddled(y + row, f32x4.add(er, fi), f32x4.sub(ei, fr), w1r, w1i);
        twiddled(y + 2 * row, f32x4.sub(acr, bdr), f32x4.sub(aci, bdi), w2r, w2i);
        twiddled(y + 3 * row, f32x4.sub(er, fi), f32x4.add(ei, fr), w3r, w3i);
      }
    }
    y += 3 * row;
  }
}

/** As pass2; w: w^p .. w^4p. */
function pass5(x: usize, y: usize, m: i32, s: i32, w: usize): void {
  const part = (<usize>m * s) * element;
  const row = <usize>s * element;
  const c1 = f32x4.splat(0.30901699437494745);
  const c2 = f32x4.splat(-0.8090169943749475);
  const s1 = f32x4.splat(0.9510565162951535);
  const s2 = f32x4.splat(0.5877852522924731);
  for (let p = 0; p < m; p++, w += 32) {
    for (let q = 0; q < s; q++, x += element, y += element) {
      const br = v128.load(x + part);
      const er = v128.load(x + 4 * part);
      const bi = v128.load(x + part, 16);
      const ei = v128.load(x + 4 * part, 16);
      const cr = v128.load(x + 2 * part);
      const dr = v128.load(x + 3 * part);
      const ci = v128.load(x + 2 * part, 16);
      const di = v128.load(x + 3 * part, 16);
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const p1r = f32x4.add(br, er);
      const p1i = f32x4.add(bi, ei);
      const p2r = f32x4.add(cr, dr);
      const p2i = f32x4.add(ci, di);
      const m1r = f32x4.sub(br, er);
      const m1i = f32x4.sub(bi, ei);
      const m2r = f32x4.sub(cr, dr);
      const m2i = f32x4.sub(ci, di);
      v128.store(y, f32x4.add(ar, f32x4.add(p1r, p2r)));
      v128.store(y, f32x4.add(ai, f32x4.add(p1i, p2i)), 16);
      const t1r = f32x4.add(ar, f32x4.add(f32x4.mul(c1, p1r), f32x4.mul(c2, p2r)));
      const t1i = f32x4.add(ai, f32x4.add(f32x4.mul(c1, p1i), f32x4.mul(c2, p2i)));
      const u1r = f32x4.add(f32x4.mul(s1, m1r), f32x4.mul(s2, m2r));
      const u1i = f32x4.add(f32x4.mul(s1, m1i), f32x4.mul(s2, m2i));
      twiddled(y + row, f32x4.add(t1r, u1i), f32x4.sub(t1i, u1r), v128.load_splat<f32>(w), v128.load_splat<f32>(w, 4));
      twiddled(
        y + 4 * row,
        f32x4.sub(t1r, u1i),
        f32x4.add(t1i, u1r),
        v128.load_splat<f32>(w, 24),
        v128.load_splat<f32>(w, 28),
      );
      const t2r = f32x4.add(ar, f32x4.add(f32x4.mul(c2, p1r), f32x4.mul(c1, p2r)));
      const t2i = f32x4.add(ai, f32x4.add(f32x4.mul(c2, p1i), f32x4.mul(c1, p2i)));
      const u2r = f32x4.sub(f32x4.mul(s2, m1r), f32x4.mul(s1, m2r));
      const u2i = f32x4.sub(f32x4.mul(s2, m1i), f32x4.mul(s1, m2i));
      twiddled(
        y + 2 * row,
        f32x4.add(t2r, u2i),
        f32x4.sub(t2i, u2r),
        v128.load_splat<f32>(w, 8),
        v128.load_splat<f32>(w, 12),
      );
      twiddled(
        y + 3 * row,
        f32x4.sub(t2r, u2i),
        f32x4.add(t2i, u2r),
        v128.load_splat<f32>(w, 16),
        v128.load_splat<f32>(w, 20),
      );
    }
    y += 4 * row;
  }
}

/**
 * As pass2, for an odd radix r: w holds cos and sin of 2 pi j / r for j < r, then w^p .. w^(r-1)p for each p.
 * With s_j = x_j + x_(r-j) and d_j = x_j - x_(r-j): X_k, X_(r-k) = x_0 + sum_j s_j cos(jk) -+ i sum_j d_j sin(jk).
 */
function passOdd(x: usize, y: usize, m: i32, s: i32, w: usize, r: i32): void {
  const part = (<usize>m * s) * element;
  const row = <usize>s * element;
  const circle = w;
  w += <usize>r * 8;
  for (let p = 0; p < m; p++, w += <usize>(r - 1) * 8) {
    for (let q = 0; q < s; q++, x += element, y += element) {
      let sumR = v128.load(x);
      let sumI = v128.load(x, 16);
      for (let j = 1; j < r; j++) {
        sumR = f32x4.add(sumR, v128.load(x + <usize>j * part));
        sumI = f32x4.add(sumI, v128.load(x + <usize>j * part, 16));
      }
      v128.store(y, sumR);
      v128.store(y, sumI, 16);
      for (let k = 1; 2 * k < r; k++) {
        let cr = v128.load(x);
        let ci = v128.load(x, 16);
        let sr = f32x4.splat(0);
        let si = sr;
        let turn = 0;
        for (let j = 1; 2 * j < r; j++) {
          turn += k;
          if (turn >= r) turn -= r;
          const c = v128.load_splat<f32>(circle + (<usize>turn << 3));
          const n = v128.load_splat<f32>(circle + (<usize>turn << 3), 4);
          const a = x + <usize>j * part;
          const b = x + <usize>(r - j) * part;
          cr = f32x4.add(cr, f32x4.mul(c, f32x4.add(v128.load(a), v128.load(b))));
          ci = f32x4.add(ci, f32x4.mul(c, f32x4.add(v128.load(a, 16), v128.load(b, 16))));
          sr = f32x4.add(sr, f32x4.mul(n, f32x4.sub(v128.load(a), v128.load(b))));
          si = f32x4.add(si, f32x4.mul(n, f32x4.sub(v128.load(a, 16), v128.load(b, 16))));
        }
        const w1 = w + (<usize>(k - 1) << 3);
        const w2 = w + (<usize>(r - k - 1) << 3);
        twiddled(
          y + <usize>k * row,
          f32x4.add(cr, si),
          f32x4.sub(ci, sr),
          v128.load_splat<f32>(w1),
          v128.load_splat<f32>(w1, 4),
        );
        twiddled(
          y + <usize>(r - k) * row,
          f32x4.sub(cr, si),
          f32x4.add(ci, sr),
          v128.load_splat<f32>(w2),
          v128.load_splat<f32>(w2, 4),
        );
      }
    }
    y += <usize>(r - 1) * row;
  }
}

/** n elements at a, as many of room at b. plan: number of passes, then radix and address of factors of each. Where it lies. */
export function transform(a: usize, b: usize, n: i32, plan: usize): usize {
  const passes = load<i32>(plan);
  let m = n;
  let s = 1;
  for (let i = 0; i < passes; i++) {
    const radix = load<i32>(plan, 4);
    const w = <usize>load<u32>(plan, 8);
    plan += 8;
    m /= radix;
    if (radix == 4) pass4(a, b, m, s, w);
    else if (radix == 2) pass2(a, b, m, s, w);
    else if (radix == 3) pass3(a, b, m, s, w);
    else if (radix == 5) pass5(a, b, m, s, w);
    else passOdd(a, b, m, s, w, radix);
    s *= radix;
    const t = a;
    a = b;
    b = t;
  }
  return a;
}
