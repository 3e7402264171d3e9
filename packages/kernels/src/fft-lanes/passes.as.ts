// part of fft-lanes
// Stockham passes in float64 on two complex transforms at a time: an element is 32 bytes, the two real parts, then the two
// imaginary ones, so that no pass moves values between lanes.

export const element: usize = 32;

/** a b + c */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return RELAXED ? f64x2.relaxed_madd(a, b, c) : f64x2.add(f64x2.mul(a, b), c);
}

/** c - a b */
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  return RELAXED ? f64x2.relaxed_nmadd(a, b, c) : f64x2.sub(c, f64x2.mul(a, b));
}

@inline
function put(y: usize, re: v128, im: v128): void {
  v128.store(y, re);
  v128.store(y, im, 16);
}

/** Stores (re, im) times the factor at w. */
@inline
function twiddled(y: usize, re: v128, im: v128, wr: v128, wi: v128): void {
  v128.store(y, nmadd(im, wi, f64x2.mul(re, wr)));
  v128.store(y, madd(re, wi, f64x2.mul(im, wr)), 16);
}

@inline
function twiddledAt(y: usize, re: v128, im: v128, w: usize): void {
  twiddled(y, re, im, v128.load_splat<f64>(w), v128.load_splat<f64>(w, 8));
}

/** x, y: 2 m s elements; w: (re, im) of w^p. */
function pass2(x: usize, y: usize, m: i32, s: i32, w: usize): void {
  const half = (<usize>m * s) * element;
  const row = <usize>s * element;
  for (let p = 0; p < m; p++, w += 16) {
    for (let q = 0; q < s; q++, x += element, y += element) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const br = v128.load(x + half);
      const bi = v128.load(x + half, 16);
      put(y, f64x2.add(ar, br), f64x2.add(ai, bi));
      if (p == 0) put(y + row, f64x2.sub(ar, br), f64x2.sub(ai, bi));
      else twiddledAt(y + row, f64x2.sub(ar, br), f64x2.sub(ai, bi), w);
    }
    y += row;
  }
}

/** As pass2; w: cos and sin of 2 pi j / 3 for j < 3, then w^p, w^2p for each p. */
function pass3(x: usize, y: usize, m: i32, s: i32, w: usize): void {
  const part = (<usize>m * s) * element;
  const row = <usize>s * element;
  // From the table: the engine would make a constant anew at each use.
  const half = v128.load_splat<f64>(w, 16);
  const root = v128.load_splat<f64>(w, 24);
  w += 48;
  for (let p = 0; p < m; p++, w += 32) {
    for (let q = 0; q < s; q++, x += element, y += element) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const br = v128.load(x + part);
      const bi = v128.load(x + part, 16);
      const cr = v128.load(x + 2 * part);
      const ci = v128.load(x + 2 * part, 16);
      const sr = f64x2.add(br, cr);
      const si = f64x2.add(bi, ci);
      const dr = f64x2.mul(root, f64x2.sub(br, cr));
      const di = f64x2.mul(root, f64x2.sub(bi, ci));
      const tr = madd(half, sr, ar);
      const ti = madd(half, si, ai);
      put(y, f64x2.add(ar, sr), f64x2.add(ai, si));
      if (p == 0) {
        put(y + row, f64x2.add(tr, di), f64x2.sub(ti, dr));
        put(y + 2 * row, f64x2.sub(tr, di), f64x2.add(ti, dr));
      } else {
        twiddledAt(y + row, f64x2.add(tr, di), f64x2.sub(ti, dr), w);
        twiddledAt(y + 2 * row, f64x2.sub(tr, di), f64x2.add(ti, dr), w + 16);
      }
    }
    y += 2 * row;
  }
}

/** As pass2; w: w^p, w^2p, w^3p. */
function pass4(x: usize, y: usize, m: i32, s: i32, w: usize): void {
  const part = (<usize>m * s) * element;
  const row = <usize>s * element;
  for (let p = 0; p < m; p++, w += 48) {
    const w1r = v128.load_splat<f64>(w);
    const w1i = v128.load_splat<f64>(w, 8);
    const w2r = v128.load_splat<f64>(w, 16);
    const w2i = v128.load_splat<f64>(w, 24);
    const w3r = v128.load_splat<f64>(w, 32);
    const w3i = v128.load_splat<f64>(w, 40);
    for (let q = 0; q < s; q++, x += element, y += element) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const cr = v128.load(x + 2 * part);
      const ci = v128.load(x + 2 * part, 16);
      const br = v128.load(x + part);
      const bi = v128.load(x + part, 16);
      const dr = v128.load(x + 3 * part);
      const di = v128.load(x + 3 * part, 16);
      const acr = f64x2.add(ar, cr);
      const aci = f64x2.add(ai, ci);
      const bdr = f64x2.add(br, dr);
      const bdi = f64x2.add(bi, di);
      const er = f64x2.sub(ar, cr);
      const ei = f64x2.sub(ai, ci);
      const fr = f64x2.sub(br, dr);
      const fi = f64x2.sub(bi, di);
      put(y, f64x2.add(acr, bdr), f64x2.add(aci, bdi));
      if (p == 0) {
        put(y + row, f64x2.add(er, fi), f64x2.sub(ei, fr));
        put(y + 2 * row, f64x2.sub(acr, bdr), f64x2.sub(aci, bdi));
        put(y + 3 * row, f64x2.sub(er, fi), f64x2.add(ei, fr));
      } else {
        twiddled(y + row, f64x2.add(er, fi), f64x2.sub(ei, fr), w1r, w1i);
        twiddled(y + 2 * row, f64x2.sub(acr, bdr), f64x2.sub(aci, bdi), w2r, w2i);
        twiddled(y + 3 * row, f64x2.sub(er, fi), f64x2.add(ei, fr), w3r, w3i);
      }
    }
    y += 3 * row;
  }
}

/** As pass2; w: cos and sin of 2 pi j / 5 for j < 5, then w^p .. w^4p for each p. */
function pass5(x: usize, y: usize, m: i32, s: i32, w: usize): void {
  const part = (<usize>m * s) * element;
  const row = <usize>s * element;
  const c1 = v128.load_splat<f64>(w, 16);
  const s1 = v128.load_splat<f64>(w, 24);
  const c2 = v128.load_splat<f64>(w, 32);
  const s2 = v128.load_splat<f64>(w, 40);
  w += 80;
  for (let p = 0; p < m; p++, w += 64) {
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
      const p1r = f64x2.add(br, er);
      const p1i = f64x2.add(bi, ei);
      const p2r = f64x2.add(cr, dr);
      const p2i = f64x2.add(ci, di);
      const m1r = f64x2.sub(br, er);
      const m1i = f64x2.sub(bi, ei);
      const m2r = f64x2.sub(cr, dr);
      const m2i = f64x2.sub(ci, di);
      put(y, f64x2.add(ar, f64x2.add(p1r, p2r)), f64x2.add(ai, f64x2.add(p1i, p2i)));
      const t1r = madd(c1, p1r, madd(c2, p2r, ar));
      const t1i = madd(c1, p1i, madd(c2, p2i, ai));
      const u1r = madd(s1, m1r, f64x2.mul(s2, m2r));
      const u1i = madd(s1, m1i, f64x2.mul(s2, m2i));
      const t2r = madd(c2, p1r, madd(c1, p2r, ar));
      const t2i = madd(c2, p1i, madd(c1, p2i, ai));
      const u2r = nmadd(s1, m2r, f64x2.mul(s2, m1r));
      const u2i = nmadd(s1, m2i, f64x2.mul(s2, m1i));
      if (p == 0) {
        put(y + row, f64x2.add(t1r, u1i), f64x2.sub(t1i, u1r));
        put(y + 2 * row, f64x2.add(t2r, u2i), f64x2.sub(t2i, u2r));
        put(y + 3 * row, f64x2.sub(t2r, u2i), f64x2.add(t2i, u2r));
        put(y + 4 * row, f64x2.sub(t1r, u1i), f64x2.add(t1i, u1r));
      } else {
        twiddledAt(y + row, f64x2.add(t1r, u1i), f64x2.sub(t1i, u1r), w);
        twiddledAt(y + 2 * row, f64x2.add(t2r, u2i), f64x2.sub(t2i, u2r), w + 16);
        twiddledAt(y + 3 * row, f64x2.sub(t2r, u2i), f64x2.add(t2i, u2r), w + 32);
        twiddledAt(y + 4 * row, f64x2.sub(t1r, u1i), f64x2.add(t1i, u1r), w + 48);
      }
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
  w += <usize>r * 16;
  for (let p = 0; p < m; p++, w += <usize>(r - 1) * 16) {
    for (let q = 0; q < s; q++, x += element, y += element) {
      let sumR = v128.load(x);
      let sumI = v128.load(x, 16);
      for (let j = 1; j < r; j++) {
        sumR = f64x2.add(sumR, v128.load(x + <usize>j * part));
        sumI = f64x2.add(sumI, v128.load(x + <usize>j * part, 16));
      }
      put(y, sumR, sumI);
      for (let k = 1; 2 * k < r; k++) {
        let cr = v128.load(x);
        let ci = v128.load(x, 16);
        let sr = f64x2.splat(0);
        let si = sr;
        let turn = 0;
        for (let j = 1; 2 * j < r; j++) {
          turn += k;
          if (turn >= r) turn -= r;
          const c = v128.load_splat<f64>(circle + (<usize>turn << 4));
          const n = v128.load_splat<f64>(circle + (<usize>turn << 4), 8);
          const a = x + <usize>j * part;
          const b = x + <usize>(r - j) * part;
          cr = madd(c, f64x2.add(v128.load(a), v128.load(b)), cr);
          ci = madd(c, f64x2.add(v128.load(a, 16), v128.load(b, 16)), ci);
          sr = madd(n, f64x2.sub(v128.load(a), v128.load(b)), sr);
          si = madd(n, f64x2.sub(v128.load(a, 16), v128.load(b, 16)), si);
        }
        twiddledAt(y + <usize>k * row, f64x2.add(cr, si), f64x2.sub(ci, sr), w + (<usize>(k - 1) << 4));
        twiddledAt(y + <usize>(r - k) * row, f64x2.sub(cr, si), f64x2.add(ci, sr), w + (<usize>(r - k - 1) << 4));
      }
    }
    y += <usize>(r - 1) * row;
  }
}

/**
 * The passes `from` to `to` (excluded) of a plan, n elements at a, as much room at b; gives where the result lies.
 * plan: number of passes, then radix and address of the factors of each.
 */
export function passes(a: usize, b: usize, n: i32, plan: usize, from: i32, to: i32): usize {
  let m = n;
  let s = 1;
  for (let i = 0; i < to; i++) {
    const radix = load<i32>(plan, 4);
    const w = <usize>load<u32>(plan, 8);
    plan += 8;
    m /= radix;
    if (i >= from) {
      if (radix == 4) pass4(a, b, m, s, w);
      else if (radix == 2) pass2(a, b, m, s, w);
      else if (radix == 3) pass3(a, b, m, s, w);
      else if (radix == 5) pass5(a, b, m, s, w);
      else passOdd(a, b, m, s, w, radix);
      const t = a;
      a = b;
      b = t;
    }
    s *= radix;
  }
  return a;
}

/** Forward transform of n elements at a; gives where it lies, a or b. */
export function transform(a: usize, b: usize, n: i32, plan: usize): usize {
  return passes(a, b, n, plan, 0, load<i32>(plan));
}

/**
 * The first pass, of radix 4, of the conjugate of x times real weights: after the other passes it is the conjugate of the
 * inverse transform of the product. x is left alone.
 */
export function firstWeighted(x: usize, y: usize, n: i32, plan: usize, weights: usize): void {
  const m = n >> 2;
  const part = <usize>m * element;
  const share = <usize>m << 3;
  let w = <usize>load<u32>(plan, 8);
  for (let p = 0; p < m; p++, x += element, weights += 8, w += 48, y += 4 * element) {
    const wa = v128.load_splat<f64>(weights);
    const wb = v128.load_splat<f64>(weights + share);
    const wc = v128.load_splat<f64>(weights + 2 * share);
    const wd = v128.load_splat<f64>(weights + 3 * share);
    const ar = f64x2.mul(wa, v128.load(x));
    const ai = f64x2.mul(wa, v128.load(x, 16));
    const br = f64x2.mul(wb, v128.load(x + part));
    const bi = f64x2.mul(wb, v128.load(x + part, 16));
    const acr = madd(wc, v128.load(x + 2 * part), ar);
    const aci = madd(wc, v128.load(x + 2 * part, 16), ai);
    const er = nmadd(wc, v128.load(x + 2 * part), ar);
    const ei = nmadd(wc, v128.load(x + 2 * part, 16), ai);
    const bdr = madd(wd, v128.load(x + 3 * part), br);
    const bdi = madd(wd, v128.load(x + 3 * part, 16), bi);
    const fr = nmadd(wd, v128.load(x + 3 * part), br);
    const fi = nmadd(wd, v128.load(x + 3 * part, 16), bi);
    // Of conjugates: every imaginary part turned round.
    put(y, f64x2.add(acr, bdr), f64x2.neg(f64x2.add(aci, bdi)));
    twiddledAt(y + element, f64x2.sub(er, fi), f64x2.neg(f64x2.add(ei, fr)), w);
    twiddledAt(y + 2 * element, f64x2.sub(acr, bdr), f64x2.sub(bdi, aci), w + 16);
    twiddledAt(y + 3 * element, f64x2.add(er, fi), f64x2.sub(fr, ei), w + 32);
  }
}

/** The last pass, of radix 4, whose results' squared sizes are added to the first `kept` of `sums` (two lanes each). */
export function lastPower(x: usize, n: i32, sums: usize, kept: i32): void {
  const s = n >> 2;
  const part = <usize>s * element;
  const share = <usize>s << 4;
  for (let q = 0; q < s; q++, x += element, sums += 16) {
    const ar = v128.load(x);
    const ai = v128.load(x, 16);
    const cr = v128.load(x + 2 * part);
    const ci = v128.load(x + 2 * part, 16);
    const br = v128.load(x + part);
    const bi = v128.load(x + part, 16);
    const dr = v128.load(x + 3 * part);
    const di = v128.load(x + 3 * part, 16);
    const acr = f64x2.add(ar, cr);
    const aci = f64x2.add(ai, ci);
    const bdr = f64x2.add(br, dr);
    const bdi = f64x2.add(bi, di);
    const er = f64x2.sub(ar, cr);
    const ei = f64x2.sub(ai, ci);
    const fr = f64x2.sub(br, dr);
    const fi = f64x2.sub(bi, di);
    addSize(sums, f64x2.add(acr, bdr), f64x2.add(aci, bdi));
    if (q + s < kept) addSize(sums + share, f64x2.add(er, fi), f64x2.sub(ei, fr));
    if (q + 2 * s < kept) addSize(sums + 2 * share, f64x2.sub(acr, bdr), f64x2.sub(aci, bdi));
    if (q + 3 * s < kept) addSize(sums + 3 * share, f64x2.sub(er, fi), f64x2.add(ei, fr));
  }
}

@inline
function addSize(at: usize, re: v128, im: v128): void {
  v128.store(at, madd(im, im, madd(re, re, v128.load(at))));
}
