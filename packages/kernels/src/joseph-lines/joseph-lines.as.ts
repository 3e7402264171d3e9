// build: threads relaxed
// Joseph's method for single lines, forward and back. joseph-lines.ts says what lies where.

/** Voxels of zeros around the image, so that no step has to ask whether it is inside. */
const rim = 2;
const magic: f64 = 6755399441055744.0;

let nx: i32, ny: i32, nz: i32, column: usize, slice: usize;
let ends: usize, wide: i32, lineCount: i32, perChunk: i32, tof: usize, image: usize, data: usize, weights: usize;
let halfWidth: f64, perSigma: f64, poly: usize, degree: i32;
// The line at hand: steps from first to last, position at step k = start + k step (along v, along z), in voxels.
let first: i32, last: i32, start: v128, move: v128, su: usize, sv: usize, origin: usize, perStep: f64, length: f64;

@inline function madd(a: v128, b: v128, c: v128): v128 {
  return RELAXED ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

function setUp(plan: usize, thread: i32): void {
  nx = load<i32>(plan, 64); ny = load<i32>(plan, 68); nz = load<i32>(plan, 72);
  column = <usize>(nz + 2 * rim) << 2; slice = column * <usize>(nx + 2 * rim);
  ends = <usize>load<u32>(plan, 76); wide = load<i32>(plan, 80); lineCount = load<i32>(plan, 84); perChunk = load<i32>(plan, 88);
  tof = <usize>load<u32>(plan, 92); image = <usize>load<u32>(plan, 96); data = <usize>load<u32>(plan, 112);
  weights = <usize>load<u32>(plan, 116) + <usize>thread * <usize>load<u32>(plan, 120);
  poly = <usize>load<u32>(plan, 124); degree = load<i32>(plan, 128);
  perSigma = load<f64>(plan, 48); halfWidth = load<f64>(plan, 56);
}

@inline function coordinate(line: i32, k: i32): f64 {
  const i = <usize>(6 * line + k);
  return wide ? load<f64>(ends + (i << 3)) : <f64>load<f32>(ends + (i << 2));
}

let low: f64 = 0, high: f64 = 0;
/** Narrows [low, high] to where a + b k lies between `from` and `to`. */
@inline function narrow(a: f64, b: f64, from: f64, to: f64): void {
  if (abs(b) < 1e-300) { if (a < from || a > to) high = low - 1; return; }
  const p = (from - a) / b, q = (to - a) / b;
  low = max(low, min(p, q)); high = min(high, max(p, q));
}

/** Whether the line meets the image. */
function beginLine(line: i32, plan: usize, img: usize): bool {
  const xa = coordinate(line, 0), ya = coordinate(line, 1), za = coordinate(line, 2);
  const dx = coordinate(line, 3) - xa, dy = coordinate(line, 4) - ya, dz = coordinate(line, 5) - za;
  const alongX = abs(dx) >= abs(dy) * (1 - 1e-9);
  const vx = load<f64>(plan), vy = load<f64>(plan, 8), vz = load<f64>(plan, 16);
  const ox = load<f64>(plan, 24), oy = load<f64>(plan, 32), oz = load<f64>(plan, 40);
  const du = alongX ? dx : dy, dv = alongX ? dy : dx, au = alongX ? xa : ya, av = alongX ? ya : xa;
  const eu = alongX ? vx : vy, ev = alongX ? vy : vx, ou = alongX ? ox : oy, ov = alongX ? oy : ox;
  const nu = alongX ? nx : ny, nv = alongX ? ny : nx;
  su = alongX ? column : slice; sv = alongX ? slice : column;
  const t1 = eu / du, t0 = (ou - au) / du;
  const v1 = t1 * dv / ev, v0 = (av + t0 * dv - ov) / ev, z1 = t1 * dz / vz, z0 = (za + t0 * dz - oz) / vz;
  low = 0; high = <f64>(nu - 1);
  narrow(t0, t1, 0, 1); narrow(v0, v1, -1, <f64>nv); narrow(z0, z1, -1, <f64>nz);
  length = Math.sqrt(dx * dx + dy * dy + dz * dz);
  if (tof) {
    const centre = <f64>load<f32>(tof + (<usize>line << 2)), reach = halfWidth + 3 / perSigma;
    narrow((t0 - 0.5) * length, t1 * length, centre - reach, centre + reach);
  }
  if (!(low <= high)) return false;
  first = <i32>Math.ceil(low); last = <i32>Math.floor(high);
  if (first > last) return false;
  start = f64x2(v0, z0); move = f64x2(v1, z1);
  origin = img + <usize>rim * (slice + column + 4);
  perStep = abs(t1) * length;
  if (tof) shares(line, (t0 - 0.5) * length, t1 * length);
  return true;
}

/** Distribution function of the cut normal at x, minus 1/2: odd polynomial on [-3, 3], constant beyond. */
@inline function distribution(x: v128): v128 {
  const u = f32x4.pmax(f32x4.pmin(x, f32x4.splat(3)), f32x4.splat(-3)), y = f32x4.mul(u, u);
  let p = v128.load32_splat(poly + (<usize>degree << 2));
  for (let i = degree - 1; i >= 0; i--) p = madd(p, y, v128.load32_splat(poly + (<usize>i << 2)));
  return f32x4.mul(u, p);
}

/** Each step's share of the line's time-of-flight bin. */
function shares(line: i32, at: f64, by: f64): void {
  const centre = <f64>load<f32>(tof + (<usize>line << 2));
  const half = f32x4.splat(<f32>(halfWidth * perSigma));
  for (let k = first, to = weights; k <= last; k += 4, to += 16) {
    const u = (centre - at - by * <f64>k) * perSigma, step = -by * perSigma;
    const x = f32x4(<f32>u, <f32>(u + step), <f32>(u + 2 * step), <f32>(u + 3 * step));
    v128.store(to, f32x4.sub(distribution(f32x4.add(x, half)), distribution(f32x4.sub(x, half))));
  }
}

export function forward(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const half = f64x2.splat(0.5), big = f64x2.splat(magic), none = f32x4.splat(0), timed = tof;
  for (let line = chunk * perChunk, end = min(lineCount, line + perChunk); line < end; line++) {
    if (!beginLine(line, plan, image)) { store<f32>(data + (<usize>line << 2), 0); continue; }
    let sum = none, at = origin + <usize>first * su, w = weights;
    const across = sv, on = su, by = move, from = start;
    for (let k = first, to = last; k <= to; k++, at += on, w += 4) {
      const x = f64x2.add(from, f64x2.mul(by, f64x2.splat(<f64>k)));
      const m = f64x2.add(f64x2.sub(x, half), big), f = f32x4.demote_f64x2_zero(f64x2.sub(x, f64x2.sub(m, big)));
      const p = <usize>(<i32>at + i32x4.extract_lane(m, 0) * <i32>across + (i32x4.extract_lane(m, 2) << 2));
      const a = v128.load64_zero(p), b = v128.load64_zero(p + across);
      const v = madd(v128.shuffle<f32>(f, f, 0, 0, 0, 0), f32x4.sub(b, a), a);
      const fz = v128.shuffle<f32>(f, f, 1, 1, 1, 1), z = madd(fz, f32x4(-1, 1, 0, 0), f32x4(1, 0, 0, 0));
      sum = timed ? madd(f32x4.mul(v, z), v128.load32_splat(w), sum) : madd(v, z, sum);
    }
    store<f32>(data + (<usize>line << 2), <f32>perStep * (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)));
  }
}

/** Adds the chunk's lines to the thread's own image. */
export function back(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const own = <usize>load<u32>(plan, 100) + <usize>thread * <usize>load<u32>(plan, 104);
  const half = f64x2.splat(0.5), big = f64x2.splat(magic), timed = tof;
  for (let line = chunk * perChunk, end = min(lineCount, line + perChunk); line < end; line++) {
    const value = load<f32>(data + (<usize>line << 2));
    if (value == 0 || !beginLine(line, plan, own)) continue;
    let at = origin + <usize>first * su, w = weights;
    const across = sv, on = su, by = move, from = start, y = f32x4.splat(value * <f32>perStep);
    for (let k = first, to = last; k <= to; k++, at += on, w += 4) {
      const x = f64x2.add(from, f64x2.mul(by, f64x2.splat(<f64>k)));
      const m = f64x2.add(f64x2.sub(x, half), big), f = f32x4.demote_f64x2_zero(f64x2.sub(x, f64x2.sub(m, big)));
      const p = <usize>(<i32>at + i32x4.extract_lane(m, 0) * <i32>across + (i32x4.extract_lane(m, 2) << 2));
      const a = v128.load64_zero(p), b = v128.load64_zero(p + across);
      const fv = v128.shuffle<f32>(f, f, 0, 0, 0, 0), fz = v128.shuffle<f32>(f, f, 1, 1, 1, 1);
      let t = f32x4.mul(y, madd(fz, f32x4(-1, 1, 0, 0), f32x4(1, 0, 0, 0)));
      if (timed) t = f32x4.mul(t, v128.load32_splat(w));
      const c = f32x4.mul(fv, t);
      v128.store64_lane(p, f32x4.add(a, f32x4.sub(t, c)), 0);
      v128.store64_lane(p + across, f32x4.add(b, c), 0);
    }
  }
}

/** One y of the image, [z][y][x], into columns along z with a rim of zeros. */
export function pack(y: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const from = <usize>load<u32>(plan, 132) + (<usize>(y * nx) << 2), layer = <usize>(nx * ny) << 2;
  const to = image + <usize>(y + rim) * slice + <usize>rim * (column + 4), gap = column;
  for (let x = 0; x < nx; x += 8) {
    const end = min(nx, x + 8);
    for (let z = 0; z < nz; z++) {
      let p = from + <usize>z * layer + (<usize>x << 2), q = to + <usize>x * gap + (<usize>z << 2);
      for (let i = x; i < end; i++, p += 4, q += gap) store<f32>(q, load<f32>(p));
    }
  }
}

/** One y of the sum of the threads' images, as [z][y][x]. */
export function unpack(y: i32, thread: i32, plan: usize, threads: i32): void {
  setUp(plan, thread);
  const to = <usize>load<u32>(plan, 136) + (<usize>(y * nx) << 2), layer = <usize>(nx * ny) << 2;
  const from = <usize>load<u32>(plan, 100) + <usize>(y + rim) * slice + <usize>rim * (column + 4), gap = column;
  const next = <usize>load<u32>(plan, 104);
  for (let x = 0; x < nx; x += 8) {
    const end = min(nx, x + 8);
    for (let z = 0; z < nz; z++) {
      let p = to + <usize>z * layer + (<usize>x << 2), q = from + <usize>x * gap + (<usize>z << 2);
      for (let i = x; i < end; i++, p += 4, q += gap) {
        let sum = load<f32>(q);
        for (let t = 1, o = q + next; t < threads; t++, o += next) sum += load<f32>(o);
        store<f32>(p, sum);
      }
    }
  }
}

/** One of the `parts` parts of each thread's image to 0. */
export function clear(chunk: i32, thread: i32, plan: usize, parts: i32): void {
  const bytes = <usize>load<u32>(plan, 104), size = (bytes / <usize>parts + 15) & ~15, at = <usize>(chunk % parts) * size;
  const own = <usize>load<u32>(plan, 100) + <usize>(chunk / parts) * bytes;
  if (at < bytes) memory.fill(own + at, 0, min(size, bytes - at));
}
