// build: threads relaxed
// Joseph's method for stacks of planes, forward and back. stack-plan.ts says what lies where.

/** Floats before and behind each row of a step, so that a group of 16 planes may reach out of the image. */
const guard: usize = 20;

let nx: i32, ny: i32, nz: i32, stride: i32, shift: i32, row: usize, sub: usize, width: usize, apart: usize;
let vx: f64, vy: f64, ox: f64, oy: f64;
let groups: usize, groupCount: i32, rays: usize, list: usize, rayCount: i32, perChunk: i32, planes: i32;
let bins: i32, tofWidth: f64, perSigma: f64, poly: usize, degree: i32;
let image: usize, data: usize;
// Scratch of this thread.
let zero: usize, table: usize, where: usize, rows: usize, inner: usize, weights: usize, binEnds: usize;
let weightRow: usize;
// The ray at hand.
let steps: i32, t0: f64, t1: f64, squared: f64, perStep: f64;

@inline function madd(a: v128, b: v128, c: v128): v128 {
  return RELAXED ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

function setUp(plan: usize, thread: i32): void {
  vx = load<f64>(plan); vy = load<f64>(plan, 8); ox = load<f64>(plan, 16); oy = load<f64>(plan, 24);
  perSigma = load<f64>(plan, 32); tofWidth = load<f64>(plan, 40);
  nx = load<i32>(plan, 64); ny = load<i32>(plan, 68); nz = load<i32>(plan, 72);
  stride = load<i32>(plan, 76); shift = load<i32>(plan, 80); width = <usize>load<u32>(plan, 84) << 2;
  groupCount = load<i32>(plan, 88); groups = <usize>load<u32>(plan, 92); rays = <usize>load<u32>(plan, 96);
  planes = load<i32>(plan, 100); bins = load<i32>(plan, 104); perChunk = load<i32>(plan, 108);
  rayCount = load<i32>(plan, 112); list = <usize>load<u32>(plan, 116);
  image = <usize>load<u32>(plan, 120); data = <usize>load<u32>(plan, 132);
  zero = <usize>load<u32>(plan, 136) + <usize>thread * <usize>load<u32>(plan, 140);
  poly = <usize>load<u32>(plan, 144); degree = load<i32>(plan, 148);
  const most = <usize>max(nx, ny);
  sub = width + (guard << 3);
  apart = stride > 1 ? sub : 4;
  row = stride > 1 ? sub * <usize>(stride + 1) : sub;
  const column = width * <usize>stride;
  table = zero + column;
  where = table + (most << 4);
  inner = where + ((most + 8) << 3);
  weights = inner + ((most + 4) << 6);
  weightRow = (most + 4) << 2 & ~15;
  binEnds = weights + weightRow * <usize>(bins + 1);
  rows = (binEnds + (<usize>(bins + 1) << 3) + 63) & ~63;
}

/** Two columns and their weights for each step of a ray; none where the ray misses the image. */
function beginRay(ray: i32, img: usize): void {
  const r = rays + (<usize>(list ? load<i32>(list + (<usize>ray << 2)) : ray) << 5);
  const xa = load<f64>(r), ya = load<f64>(r, 8), dx = load<f64>(r, 16) - xa, dy = load<f64>(r, 24) - ya;
  const alongX = abs(dx) >= abs(dy) * (1 - 1e-9);
  // Steps along x go through [y][x][z], steps along y through [x][y][z] behind it: neighbours lie together either way.
  const su = width * <usize>stride, sv = su * <usize>(alongX ? nx : ny);
  if (!alongX) img += su * <usize>(nx * ny);
  const nu = alongX ? nx : ny, nv = alongX ? ny : nx, eu = alongX ? vx : vy, ev = alongX ? vy : vx;
  const du = alongX ? dx : dy, dv = alongX ? dy : dx, ou = alongX ? ox : oy, ov = alongX ? oy : ox;
  const au = alongX ? xa : ya, av = alongX ? ya : xa;
  t1 = eu / du; t0 = (ou - au) / du;
  const b1 = (t1 * dv) / ev, b0 = (av + t0 * dv - ov) / ev;
  let j: i32 = <i32>Math.floor(b0), jf: f64 = <f64>j, p = table, first: i32 = -1;
  steps = 0;
  for (let i: i32 = 0; i < nu; i++) {
    const b = b0 + b1 * <f64>i, t = t0 + t1 * <f64>i;
    while (b >= jf + 1) { j++; jf += 1; }
    while (b < jf) { j--; jf -= 1; }
    if (j < -1 || j >= nv || t < 0 || t > 1) { if (first >= 0) break; continue; }
    if (first < 0) first = i;
    const c = img + <usize>i * su + <usize>j * sv, w: f32 = <f32>(b - jf);
    store<u32>(p, <u32>(j >= 0 ? c : zero)); store<u32>(p, <u32>(j + 1 < nv ? c + sv : zero), 4);
    store<f32>(p, 1 - w, 8); store<f32>(p, w, 12);
    p += 16; steps++;
  }
  t0 += t1 * <f64>max(first, 0) - 0.5;
  squared = dx * dx + dy * dy;
  perStep = abs(t1);
}

/**
 * Each step's mix of two columns, sub-row by sub-row. Behind several sub-rows the first one stands once more, a voxel
 * earlier: the next voxel along z then lies `apart` bytes on from any voxel.
 */
function mixColumns(): void {
  const end = table + (<usize>steps << 4), again = sub * <usize>stride - 4, wide = width, count = stride, pitch = row, gap = sub;
  let to = rows + (guard << 2);
  for (let p = table; p < end; p += 16, to += pitch) {
    let a = <usize>load<u32>(p), b = <usize>load<u32>(p, 4), here = to;
    const u = v128.load32_splat(p + 8), w = v128.load32_splat(p + 12);
    for (let s: i32 = 0; s < count; s++, here += gap) {
      for (let z = here, last = here + wide; z < last; z += 32, a += 32, b += 32) {
        const x = madd(w, v128.load(b), f32x4.mul(u, v128.load(a))), y = madd(w, v128.load(b, 16), f32x4.mul(u, v128.load(a, 16)));
        v128.store(z, x); v128.store(z, y, 16);
      }
    }
    if (count > 1) for (let z = to, last = to + wide; z < last; z += 32) {
      const x = v128.load(z), y = v128.load(z, 16);
      v128.store(z + again, x); v128.store(z + again, y, 16);
    }
  }
}

/** The transpose of mixColumns; leaves the rows at zero. */
function unmixColumns(): void {
  const end = table + (<usize>steps << 4), again = sub * <usize>stride - 4, wide = width, count = stride, pitch = row, gap = sub;
  const none = f32x4.splat(0);
  let from = rows + (guard << 2);
  for (let p = table; p < end; p += 16, from += pitch) {
    let a = <usize>load<u32>(p), b = <usize>load<u32>(p, 4), here = from;
    const u = v128.load32_splat(p + 8), w = v128.load32_splat(p + 12);
    if (count > 1) for (let z = from, last = from + wide; z < last; z += 32) {
      const x = f32x4.add(v128.load(z), v128.load(z + again)), y = f32x4.add(v128.load(z, 16), v128.load(z + again, 16));
      v128.store(z, x); v128.store(z, y, 16);
    }
    for (let s: i32 = 0; s < count; s++, here += gap) {
      for (let z = here, last = here + wide; z < last; z += 32, a += 32, b += 32) {
        const x = v128.load(z), y = v128.load(z, 16);
        const a0 = madd(u, x, v128.load(a)), a1 = madd(u, y, v128.load(a, 16));
        v128.store(a, a0); v128.store(a, a1, 16);
        const b0 = madd(w, x, v128.load(b)), b1 = madd(w, y, v128.load(b, 16));
        v128.store(b, b0); v128.store(b, b1, 16);
      }
    }
    for (let z = from - (guard << 2), last = z + pitch; z < last; z += 32) { v128.store(z, none); v128.store(z, none, 16); }
  }
}

/**
 * For the steps [from, to) of a group whose first plane is at c0 + c1 k: where its voxel lies and the share of the next
 * one. Positions are taken from the middle step so that float32 holds them.
 */
function place(from: i32, to: i32, c0: f64, c1: f64, back: bool): void {
  const middle = (from + to) >> 1, centre = c0 + c1 * <f64>middle, whole = Math.floor(centre);
  const slope = f32x4.splat(<f32>c1), start = f32x4.splat(<f32>(centre - whole)), magic = f32x4.splat(12582912.0);
  const half = f32x4.splat(0.5), four = f32x4.splat(4), rest = i32x4.splat(<i32>whole - 0x4b400000);
  const mask = i32x4.splat(stride - 1), subs = i32x4.splat(<i32>sub), rowStep = i32x4.splat(<i32>(row << 2));
  const first = <f32>(from - middle);
  let k = f32x4.add(f32x4.splat(first), f32x4(0, 1, 2, 3));
  const at = <i32>(rows + (guard << 2) + <usize>from * row);
  let step = i32x4.add(i32x4.splat(at), i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(<i32>row)));
  for (let o = where, left = to - from; left > 0; left -= 4, o += 32) {
    const x = f32x4.add(start, f32x4.mul(slope, k));
    const m = f32x4.add(f32x4.sub(x, half), magic);
    const f = f32x4.sub(x, f32x4.sub(m, magic));
    const j = i32x4.add(m, rest);
    const q = i32x4.add(step, i32x4.shl(i32x4.shr_s(j, shift), 2));
    const address = stride > 1 ? i32x4.add(q, i32x4.mul(v128.and(j, mask), subs)) : q;
    v128.store(o, v128.shuffle<i32>(address, f, 0, 4, 1, 5));
    v128.store(o, v128.shuffle<i32>(address, f, 2, 6, 3, 7), 16);
    k = f32x4.add(k, four);
    step = i32x4.add(step, rowStep);
  }
  // Steps are taken in pairs: an odd one out is paired with the row of zeros, or the one that nobody reads.
  if ((to - from) & 1) {
    const last = where + (<usize>(to - from) << 3);
    store<u32>(last, <u32>(rows + (guard << 2) + <usize>(max(nx, ny) + <i32>back) * row));
    store<f32>(last, 0, 4);
  }
}

@inline function storePart(to: usize, v: v128, left: i32): void {
  if (left >= 4) v128.store(to, v);
  else {
    if (left & 2) { v128.store64_lane(to, v, 0); if (left & 1) v128.store32_lane(to, v, 2, 8); }
    else if (left & 1) v128.store32_lane(to, v, 0);
  }
}

@inline function loadPart(from: usize, left: i32): v128 {
  const v = v128.load(from);
  if (left >= 4) return v;
  return v128.and(v, i32x4.gt_s(i32x4.splat(left), i32x4(0, 1, 2, 3)));
}

/** Lane i of a vector becomes lane i - 1's value; lane 0 the last lane of `before`. */
@inline function later(before: v128, v: v128): v128 { return v128.shuffle<f32>(before, v, 3, 4, 5, 6); }
/** Lane i of a vector becomes lane i + 1's value; lane 3 the first lane of `after`. */
@inline function earlier(v: v128, after: v128): v128 { return v128.shuffle<f32>(v, after, 1, 2, 3, 4); }

/**
 * Sums of a group's planes over its steps, n vectors of four planes. Sums S of the values and P of their shares give
 * plane i = S_i - P_i + P_{i+1}, with one load a vector; n vectors hold one voxel more than there are planes. Steps go in
 * pairs with sums of their own, so that no addition waits for the one before it.
 */
@inline function gather(n: i32, count: i32, end: usize, scale: v128, to: usize): void {
  const zeros = f32x4.splat(0);
  let s0 = zeros, s1 = zeros, s2 = zeros, s3 = zeros, p0 = zeros, p1 = zeros, p2 = zeros, p3 = zeros;
  let q0 = zeros, q1 = zeros;
  for (let o = where; o < end; o += 16) {
    const i = <usize>load<u32>(o), f = v128.load32_splat(o, 4), j = <usize>load<u32>(o, 8), g = v128.load32_splat(o, 12);
    const a0 = v128.load(i), b0 = v128.load(j);
    s0 = f32x4.add(s0, f32x4.add(a0, b0)); p0 = madd(f, a0, p0);
    if (n > 2) p0 = madd(g, b0, p0); else q0 = madd(g, b0, q0);
    if (n > 1) {
      const a1 = v128.load(i, 16), b1 = v128.load(j, 16);
      s1 = f32x4.add(s1, f32x4.add(a1, b1)); p1 = madd(f, a1, p1);
      if (n > 2) p1 = madd(g, b1, p1); else q1 = madd(g, b1, q1);
    }
    if (n > 2) { const a2 = v128.load(i, 32), b2 = v128.load(j, 32); s2 = f32x4.add(s2, f32x4.add(a2, b2)); p2 = madd(g, b2, madd(f, a2, p2)); }
    if (n > 3) { const a3 = v128.load(i, 48), b3 = v128.load(j, 48); s3 = f32x4.add(s3, f32x4.add(a3, b3)); p3 = madd(g, b3, madd(f, a3, p3)); }
  }
  if (n <= 2) { p0 = f32x4.add(p0, q0); p1 = f32x4.add(p1, q1); }
  storePart(to, f32x4.mul(scale, f32x4.add(f32x4.sub(s0, p0), earlier(p0, p1))), count);
  if (n > 1) storePart(to + 16, f32x4.mul(scale, f32x4.add(f32x4.sub(s1, p1), earlier(p1, p2))), count - 4);
  if (n > 2) storePart(to + 32, f32x4.mul(scale, f32x4.add(f32x4.sub(s2, p2), earlier(p2, p3))), count - 8);
  if (n > 3) storePart(to + 48, f32x4.mul(scale, f32x4.add(f32x4.sub(s3, p3), earlier(p3, zeros))), count - 12);
}

/** The transpose of gather. */
@inline function spread(n: i32, count: i32, end: usize, scale: v128, from: usize): void {
  const zeros = f32x4.splat(0);
  const y0 = f32x4.mul(scale, loadPart(from, count));
  const y1 = n > 1 ? f32x4.mul(scale, loadPart(from + 16, count - 4)) : zeros;
  const y2 = n > 2 ? f32x4.mul(scale, loadPart(from + 32, count - 8)) : zeros;
  const y3 = n > 3 ? f32x4.mul(scale, loadPart(from + 48, count - 12)) : zeros;
  const d0 = f32x4.sub(later(zeros, y0), y0), d1 = f32x4.sub(later(y0, y1), y1);
  const d2 = f32x4.sub(later(y1, y2), y2), d3 = f32x4.sub(later(y2, y3), y3);
  for (let o = where; o < end; o += 16) {
    const i = <usize>load<u32>(o), f = v128.load32_splat(o, 4), j = <usize>load<u32>(o, 8), g = v128.load32_splat(o, 12);
    const a0 = v128.load(i), a1 = n > 1 ? v128.load(i, 16) : zeros, a2 = n > 2 ? v128.load(i, 32) : zeros, a3 = n > 3 ? v128.load(i, 48) : zeros;
    const b0 = v128.load(j), b1 = n > 1 ? v128.load(j, 16) : zeros, b2 = n > 2 ? v128.load(j, 32) : zeros, b3 = n > 3 ? v128.load(j, 48) : zeros;
    v128.store(i, f32x4.add(a0, madd(f, d0, y0)));
    if (n > 1) v128.store(i, f32x4.add(a1, madd(f, d1, y1)), 16);
    if (n > 2) v128.store(i, f32x4.add(a2, madd(f, d2, y2)), 32);
    if (n > 3) v128.store(i, f32x4.add(a3, madd(f, d3, y3)), 48);
    v128.store(j, f32x4.add(b0, madd(g, d0, y0)));
    if (n > 1) v128.store(j, f32x4.add(b1, madd(g, d1, y1)), 16);
    if (n > 2) v128.store(j, f32x4.add(b2, madd(g, d2, y2)), 32);
    if (n > 3) v128.store(j, f32x4.add(b3, madd(g, d3, y3)), 48);
  }
}

/** gather where planes lie several voxels apart: the next voxel is in another sub-row. */
@inline function gatherApart(n: i32, count: i32, end: usize, scale: v128, to: usize): void {
  const d = apart, one = f32x4.splat(1), zeros = f32x4.splat(0);
  let s0 = zeros, s1 = zeros, s2 = zeros, s3 = zeros, p0 = zeros, p1 = zeros, p2 = zeros, p3 = zeros;
  let t0 = zeros, t1 = zeros, q0 = zeros, q1 = zeros;
  for (let o = where; o < end; o += 16) {
    const i = <usize>load<u32>(o), f = v128.load32_splat(o, 4), fi = f32x4.sub(one, f), k = i + d;
    const j = <usize>load<u32>(o, 8), g = v128.load32_splat(o, 12), gj = f32x4.sub(one, g), l = j + d;
    s0 = madd(fi, v128.load(i), s0); p0 = madd(f, v128.load(k), p0);
    if (n > 2) { s0 = madd(gj, v128.load(j), s0); p0 = madd(g, v128.load(l), p0); }
    else { t0 = madd(gj, v128.load(j), t0); q0 = madd(g, v128.load(l), q0); }
    if (n > 1) {
      s1 = madd(fi, v128.load(i, 16), s1); p1 = madd(f, v128.load(k, 16), p1);
      if (n > 2) { s1 = madd(gj, v128.load(j, 16), s1); p1 = madd(g, v128.load(l, 16), p1); }
      else { t1 = madd(gj, v128.load(j, 16), t1); q1 = madd(g, v128.load(l, 16), q1); }
    }
    if (n > 2) { s2 = madd(gj, v128.load(j, 32), madd(fi, v128.load(i, 32), s2)); p2 = madd(g, v128.load(l, 32), madd(f, v128.load(k, 32), p2)); }
    if (n > 3) { s3 = madd(gj, v128.load(j, 48), madd(fi, v128.load(i, 48), s3)); p3 = madd(g, v128.load(l, 48), madd(f, v128.load(k, 48), p3)); }
  }
  if (n <= 2) { s0 = f32x4.add(s0, t0); p0 = f32x4.add(p0, q0); s1 = f32x4.add(s1, t1); p1 = f32x4.add(p1, q1); }
  storePart(to, f32x4.mul(scale, f32x4.add(s0, p0)), count);
  if (n > 1) storePart(to + 16, f32x4.mul(scale, f32x4.add(s1, p1)), count - 4);
  if (n > 2) storePart(to + 32, f32x4.mul(scale, f32x4.add(s2, p2)), count - 8);
  if (n > 3) storePart(to + 48, f32x4.mul(scale, f32x4.add(s3, p3)), count - 12);
}

/** One step of the transpose of gatherApart. */
@inline function spreadStep(n: i32, q: usize, f: v128, g: v128, d: usize, y0: v128, y1: v128, y2: v128, y3: v128): void {
  const e = q + d, zeros = f32x4.splat(0);
  const a0 = v128.load(q), b0 = v128.load(e);
  const a1 = n > 1 ? v128.load(q, 16) : zeros, b1 = n > 1 ? v128.load(e, 16) : zeros;
  const a2 = n > 2 ? v128.load(q, 32) : zeros, b2 = n > 2 ? v128.load(e, 32) : zeros;
  const a3 = n > 3 ? v128.load(q, 48) : zeros, b3 = n > 3 ? v128.load(e, 48) : zeros;
  v128.store(q, madd(g, y0, a0)); v128.store(e, madd(f, y0, b0));
  if (n > 1) { v128.store(q, madd(g, y1, a1), 16); v128.store(e, madd(f, y1, b1), 16); }
  if (n > 2) { v128.store(q, madd(g, y2, a2), 32); v128.store(e, madd(f, y2, b2), 32); }
  if (n > 3) { v128.store(q, madd(g, y3, a3), 48); v128.store(e, madd(f, y3, b3), 48); }
}

/** The transpose of gatherApart. */
@inline function spreadApart(n: i32, count: i32, end: usize, scale: v128, from: usize): void {
  const zeros = f32x4.splat(0), one = f32x4.splat(1), d = apart;
  const y0 = f32x4.mul(scale, loadPart(from, count));
  const y1 = n > 1 ? f32x4.mul(scale, loadPart(from + 16, count - 4)) : zeros;
  const y2 = n > 2 ? f32x4.mul(scale, loadPart(from + 32, count - 8)) : zeros;
  const y3 = n > 3 ? f32x4.mul(scale, loadPart(from + 48, count - 12)) : zeros;
  for (let o = where; o < end; o += 16) {
    const i = <usize>load<u32>(o), f = v128.load32_splat(o, 4), j = <usize>load<u32>(o, 8), g = v128.load32_splat(o, 12);
    spreadStep(n, i, f, f32x4.sub(one, f), d, y0, y1, y2, y3);
    spreadStep(n, j, g, f32x4.sub(one, g), d, y0, y1, y2, y3);
  }
}

/** Distribution function of the cut normal at x, minus 1/2: odd polynomial on [-3, 3], constant beyond. */
@inline function distribution(x: v128): v128 {
  const u = f32x4.max(f32x4.min(x, f32x4.splat(3)), f32x4.splat(-3)), y = f32x4.mul(u, u);
  let p = v128.load32_splat(poly + (<usize>degree << 2));
  for (let i = degree - 1; i >= 0; i--) p = madd(p, y, v128.load32_splat(poly + (<usize>i << 2)));
  return f32x4.mul(u, p);
}

/**
 * weights[bin][step] of lines of one length; binEnds[bin] = steps that a bin sees. Bins are taken in pairs: behind the last
 * one stands one that sees nothing.
 */
function timeWeights(length: f64): void {
  const slope = length * t1, edge = 0.5 * <f64>bins, reach = 3 / perSigma;
  memory.fill(weights, 0, weightRow * <usize>(bins + 1));
  for (let b = 0; b <= bins; b++) { store<i32>(binEnds + (<usize>b << 3), 0x7fffffff); store<i32>(binEnds + (<usize>b << 3), 0, 4); }
  for (let k = 0; k < steps; k += 4) {
    const here = length * t0 + slope * <f64>k, there = here + 3 * slope;
    const low = max(0, <i32>Math.floor((min(here, there) - reach) / tofWidth + edge));
    const high = min(bins, <i32>Math.ceil((max(here, there) + reach) / tofWidth + edge));
    if (low >= high) continue;
    const minus = f32x4.mul(f32x4.splat(<f32>-perSigma), f32x4(<f32>here, <f32>(here + slope), <f32>(here + 2 * slope), <f32>there));
    let before = distribution(f32x4.add(minus, f32x4.splat(<f32>(perSigma * tofWidth * (<f64>low - edge)))));
    for (let b = low; b < high; b++) {
      const after = distribution(f32x4.add(minus, f32x4.splat(<f32>(perSigma * tofWidth * (<f64>(b + 1) - edge)))));
      v128.store(weights + <usize>b * weightRow + (<usize>k << 2), f32x4.sub(after, before));
      before = after;
      const ends = binEnds + (<usize>b << 3);
      if (load<i32>(ends) > k) store<i32>(ends, k);
      store<i32>(ends, min(k + 4, steps), 4);
    }
  }
}

@inline function storeAll(n: i32, count: i32, to: usize, scale: v128, s0: v128, s1: v128, s2: v128, s3: v128): void {
  storePart(to, f32x4.mul(scale, s0), count);
  if (n > 1) storePart(to + 16, f32x4.mul(scale, s1), count - 4);
  if (n > 2) storePart(to + 32, f32x4.mul(scale, s2), count - 8);
  if (n > 3) storePart(to + 48, f32x4.mul(scale, s3), count - 12);
}

/** gather with time of flight: the planes' values at each step first, then each bin's weighted sum of them. */
@inline function gatherTimed(n: i32, count: i32, from: i32, to: i32, scale: v128, out: usize): void {
  const d = apart, length = <usize>n << 4, one = f32x4.splat(1);
  let i = inner;
  const end = where + (<usize>(to - from) << 3);
  for (let o = where; o < end; o += 8, i += length) {
    const q = <usize>load<u32>(o), f = v128.load32_splat(o, 4), g = f32x4.sub(one, f), e = q + d;
    v128.store(i, madd(f, v128.load(e), f32x4.mul(g, v128.load(q))));
    if (n > 1) v128.store(i, madd(f, v128.load(e, 16), f32x4.mul(g, v128.load(q, 16))), 16);
    if (n > 2) v128.store(i, madd(f, v128.load(e, 32), f32x4.mul(g, v128.load(q, 32))), 32);
    if (n > 3) v128.store(i, madd(f, v128.load(e, 48), f32x4.mul(g, v128.load(q, 48))), 48);
  }
  const next = <usize>planes << 2;
  for (let b = 0; b < bins; b += 2, out += next << 1) {
    const ends = binEnds + (<usize>b << 3);
    const low = max(from, min(load<i32>(ends), load<i32>(ends, 8))), high = min(to, max(load<i32>(ends, 4), load<i32>(ends, 12)));
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    if (low < high) {
      let w = weights + <usize>b * weightRow + (<usize>low << 2), x = w + weightRow, v = inner + <usize>(low - from) * length;
      const stop = inner + <usize>(high - from) * length;
      for (; v < stop; v += length, w += 4, x += 4) {
        const f = v128.load32_splat(w), g = v128.load32_splat(x), v0 = v128.load(v);
        s0 = madd(f, v0, s0); t0 = madd(g, v0, t0);
        if (n > 1) { const v1 = v128.load(v, 16); s1 = madd(f, v1, s1); t1 = madd(g, v1, t1); }
        if (n > 2) { const v2 = v128.load(v, 32); s2 = madd(f, v2, s2); t2 = madd(g, v2, t2); }
        if (n > 3) { const v3 = v128.load(v, 48); s3 = madd(f, v3, s3); t3 = madd(g, v3, t3); }
      }
    }
    storeAll(n, count, out, scale, s0, s1, s2, s3);
    if (b + 1 < bins) storeAll(n, count, out + next, scale, t0, t1, t2, t3);
  }
}

/** The transpose of gatherTimed. */
@inline function spreadTimed(n: i32, count: i32, from: i32, to: i32, scale: v128, y: usize): void {
  const zeros = f32x4.splat(0), one = f32x4.splat(1), d = apart, length = <usize>n << 4;
  const end = where + (<usize>(to - from) << 3);
  memory.fill(inner, 0, <usize>(to - from) * length);
  const next = <usize>planes << 2;
  for (let b = 0; b < bins; b += 2, y += next << 1) {
    const ends = binEnds + (<usize>b << 3);
    const low = max(from, min(load<i32>(ends), load<i32>(ends, 8))), high = min(to, max(load<i32>(ends, 4), load<i32>(ends, 12)));
    if (low >= high) continue;
    // The last bin may have no second one: its weights are 0, and so must be what they weigh.
    const z = y + next, left = b + 1 < bins ? count : 0, second = left ? z : y;
    const y0 = f32x4.mul(scale, loadPart(y, count)), z0 = f32x4.mul(scale, loadPart(second, left));
    const y1 = n > 1 ? f32x4.mul(scale, loadPart(y + 16, count - 4)) : zeros, z1 = n > 1 ? f32x4.mul(scale, loadPart(second + 16, left - 4)) : zeros;
    const y2 = n > 2 ? f32x4.mul(scale, loadPart(y + 32, count - 8)) : zeros, z2 = n > 2 ? f32x4.mul(scale, loadPart(second + 32, left - 8)) : zeros;
    const y3 = n > 3 ? f32x4.mul(scale, loadPart(y + 48, count - 12)) : zeros, z3 = n > 3 ? f32x4.mul(scale, loadPart(second + 48, left - 12)) : zeros;
    let w = weights + <usize>b * weightRow + (<usize>low << 2), x = w + weightRow, v = inner + <usize>(low - from) * length;
    const stop = inner + <usize>(high - from) * length;
    for (; v < stop; v += length, w += 4, x += 4) {
      const f = v128.load32_splat(w), g = v128.load32_splat(x);
      v128.store(v, madd(g, z0, madd(f, y0, v128.load(v))));
      if (n > 1) v128.store(v, madd(g, z1, madd(f, y1, v128.load(v, 16))), 16);
      if (n > 2) v128.store(v, madd(g, z2, madd(f, y2, v128.load(v, 32))), 32);
      if (n > 3) v128.store(v, madd(g, z3, madd(f, y3, v128.load(v, 48))), 48);
    }
  }
  let i = inner;
  for (let o = where; o < end; o += 8, i += length) {
    const q = <usize>load<u32>(o), f = v128.load32_splat(o, 4), g = f32x4.sub(one, f), e = q + d;
    const i0 = v128.load(i), i1 = n > 1 ? v128.load(i, 16) : zeros, i2 = n > 2 ? v128.load(i, 32) : zeros, i3 = n > 3 ? v128.load(i, 48) : zeros;
    const a0 = v128.load(q), a1 = n > 1 ? v128.load(q, 16) : zeros, a2 = n > 2 ? v128.load(q, 32) : zeros, a3 = n > 3 ? v128.load(q, 48) : zeros;
    if (stride > 1) {
      const b0 = v128.load(e), b1 = n > 1 ? v128.load(e, 16) : zeros, b2 = n > 2 ? v128.load(e, 32) : zeros, b3 = n > 3 ? v128.load(e, 48) : zeros;
      v128.store(q, madd(g, i0, a0)); v128.store(e, madd(f, i0, b0));
      if (n > 1) { v128.store(q, madd(g, i1, a1), 16); v128.store(e, madd(f, i1, b1), 16); }
      if (n > 2) { v128.store(q, madd(g, i2, a2), 32); v128.store(e, madd(f, i2, b2), 32); }
      if (n > 3) { v128.store(q, madd(g, i3, a3), 48); v128.store(e, madd(f, i3, b3), 48); }
    } else {
      v128.store(q, madd(f, later(zeros, i0), madd(g, i0, a0)));
      if (n > 1) v128.store(q, madd(f, later(i0, i1), madd(g, i1, a1)), 16);
      if (n > 2) v128.store(q, madd(f, later(i1, i2), madd(g, i2, a2)), 32);
      if (n > 3) v128.store(q, madd(f, later(i2, i3), madd(g, i3, a3)), 48);
    }
  }
}

/** Every group of planes of the ray at hand, in either direction; groups of one slope follow each other. */
function throughGroups(y: usize, back: bool): void {
  let slope = NaN;
  for (let g = groups, end = groups + (<usize>groupCount << 5); g < end; g += 32) {
    const base = load<f64>(g), delta = load<f64>(g, 8), rise = load<f64>(g, 16), count = load<i32>(g, 28);
    const at = y + (<usize>load<i32>(g, 24) << 2);
    const c1 = delta * t1, c0 = base + delta * t0;
    const lowest = -1 - <f64>((count - 1) * stride), highest = <f64>nz;
    let from = 0, to = steps;
    if (abs(c1) < 1e-12) { if (c0 <= lowest || c0 >= highest) to = 0; }
    else {
      const p = (lowest - c0) / c1, q = (highest - c0) / c1;
      from = <i32>max<f64>(0, Math.ceil(min(p, q)));
      to = <i32>min<f64>(<f64>steps, Math.floor(max(p, q)) + 1);
    }
    // At a stride of one voxel the vectors hold a voxel more than there are planes.
    const n = (count + (stride > 1 ? 3 : 4)) >> 2;
    if (from >= to) {
      if (!back) for (let b = 0; b < max(bins, 1); b++) memory.fill(at + (<usize>(b * planes) << 2), 0, <usize>count << 2);
      continue;
    }
    const length = Math.sqrt(squared + rise);
    const scale = f32x4.splat(<f32>(perStep * length));
    place(from, to, c0, c1, back);
    if (bins) {
      if (rise != slope) { slope = rise; timeWeights(length); }
      if (back) {
        if (n == 1) spreadTimed(1, count, from, to, scale, at);
        else if (n == 2) spreadTimed(2, count, from, to, scale, at);
        else if (n == 3) spreadTimed(3, count, from, to, scale, at);
        else spreadTimed(4, count, from, to, scale, at);
      } else {
        if (n == 1) gatherTimed(1, count, from, to, scale, at);
        else if (n == 2) gatherTimed(2, count, from, to, scale, at);
        else if (n == 3) gatherTimed(3, count, from, to, scale, at);
        else gatherTimed(4, count, from, to, scale, at);
      }
      continue;
    }
    const stop = where + (<usize>(to - from) << 3);
    if (stride > 1) {
      if (back) {
        if (n == 1) spreadApart(1, count, stop, scale, at);
        else if (n == 2) spreadApart(2, count, stop, scale, at);
        else if (n == 3) spreadApart(3, count, stop, scale, at);
        else spreadApart(4, count, stop, scale, at);
      } else {
        if (n == 1) gatherApart(1, count, stop, scale, at);
        else if (n == 2) gatherApart(2, count, stop, scale, at);
        else if (n == 3) gatherApart(3, count, stop, scale, at);
        else gatherApart(4, count, stop, scale, at);
      }
    } else if (back) {
      if (n == 1) spread(1, count, stop, scale, at);
      else if (n == 2) spread(2, count, stop, scale, at);
      else if (n == 3) spread(3, count, stop, scale, at);
      else spread(4, count, stop, scale, at);
    } else {
      if (n == 1) gather(1, count, stop, scale, at);
      else if (n == 2) gather(2, count, stop, scale, at);
      else if (n == 3) gather(3, count, stop, scale, at);
      else gather(4, count, stop, scale, at);
    }
  }
}

/** Data of the chunk's rays. */
export function forward(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  memory.fill(zero, 0, width * <usize>stride);
  const values = planes * max(bins, 1);
  for (let ray = chunk * perChunk, end = min(rayCount, ray + perChunk); ray < end; ray++) {
    const y = data + (<usize>ray * <usize>values << 2);
    beginRay(ray, image);
    if (steps == 0) { memory.fill(y, 0, <usize>values << 2); continue; }
    mixColumns();
    throughGroups(y, false);
  }
}

/** Adds the chunk's rays to the thread's own image. */
export function back(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const own = <usize>load<u32>(plan, 124) + <usize>thread * <usize>load<u32>(plan, 128);
  const values = planes * max(bins, 1);
  memory.fill(rows, 0, row * <usize>max(nx, ny));
  for (let ray = chunk * perChunk, end = min(rayCount, ray + perChunk); ray < end; ray++) {
    beginRay(ray, own);
    if (steps == 0) continue;
    throughGroups(data + (<usize>ray * <usize>values << 2), true);
    unmixColumns();
  }
}

/** One y of the image from [z][y][x] into columns along z, in both orders; what pads a column is 0. */
export function pack(y: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const from = <usize>load<u32>(plan, 152) + (<usize>(y * nx) << 2), slice = <usize>(nx * ny) << 2;
  const column = width * <usize>stride, to = image + <usize>(y * nx) * column;
  const other = image + <usize>(nx * ny + y) * column, across = column * <usize>ny;
  const wide = width, mask = stride - 1, by = shift;
  memory.fill(to, 0, column * <usize>nx);
  for (let x = 0; x < nx; x += 8) {
    const last = min(nx, x + 8);
    for (let z = 0; z < nz; z++) {
      let p = from + <usize>z * slice + (<usize>x << 2);
      let q = to + <usize>x * column + <usize>(z & mask) * wide + (<usize>(z >> by) << 2);
      for (let i = x; i < last; i++, p += 4, q += column) store<f32>(q, load<f32>(p));
    }
    for (let i = x; i < last; i++) memory.copy(other + <usize>i * across, to + <usize>i * column, column);
  }
}

/** One y of the sum of the threads' images of columns, in both orders, as [z][y][x]. */
export function unpack(y: i32, thread: i32, plan: usize, threads: i32): void {
  setUp(plan, thread);
  const to = <usize>load<u32>(plan, 156) + (<usize>(y * nx) << 2), slice = <usize>(nx * ny) << 2;
  const column = width * <usize>stride, next = <usize>load<u32>(plan, 128);
  const from = <usize>load<u32>(plan, 124) + <usize>(y * nx) * column;
  const other = <usize>load<u32>(plan, 124) + <usize>(nx * ny + y) * column, across = column * <usize>ny;
  const wide = width, mask = stride - 1, by = shift;
  for (let x = 0; x < nx; x += 8) {
    const last = min(nx, x + 8);
    for (let t = 0; t < threads; t++) {
      for (let i = x; i < last; i++) {
        const at = from + <usize>i * column, a = at + <usize>t * next, b = other + <usize>i * across + <usize>t * next;
        for (let o: usize = 0; o < column; o += 16) {
          const own = t ? f32x4.add(v128.load(at + o), v128.load(a + o)) : v128.load(a + o);
          v128.store(at + o, f32x4.add(own, v128.load(b + o)));
        }
      }
    }
    for (let z = 0; z < nz; z++) {
      let p = to + <usize>z * slice + (<usize>x << 2);
      let q = from + <usize>x * column + <usize>(z & mask) * wide + (<usize>(z >> by) << 2);
      for (let i = x; i < last; i++, p += 4, q += column) store<f32>(p, load<f32>(q));
    }
  }
}

/** One of the `parts` parts of each thread's image to 0. */
export function clear(chunk: i32, thread: i32, plan: usize, parts: i32): void {
  const bytes = <usize>load<u32>(plan, 128), size = (bytes / <usize>parts + 15) & ~15, at = <usize>(chunk % parts) * size;
  const own = <usize>load<u32>(plan, 124) + <usize>(chunk / parts) * bytes;
  if (at < bytes) memory.fill(own + at, 0, min(size, bytes - at));
}
