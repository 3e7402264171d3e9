// part of joseph-stack
// Planes with time of flight. The weight of a step in a bin depends on the slope alone, so up to 16 planes of one slope go
// together wherever they lie: their values at each step first, each at a place of its own, then every bin's weighted sum.
import { binEnds, bins, degree, families, familyCount, guard, inner, madd, nz, perSigma, planes, poly, row, rows, table, tofWidth, weightRow, weights, width } from "./plan.as";
import { perStep, squared, steps, t0, t1 } from "./ray.as";

/** A record: slope, its rise squared, lowest and highest place; number of planes; each one's place and its number. */
const placesAt: usize = 40, numbersAt: usize = 168, record: usize = 232;

/** Each step's mix of two columns. */
function mixColumns(): void {
  const end = table + (<usize>steps << 4), wide = width, pitch = row;
  let to = rows + guard;
  for (let p = table; p < end; p += 16, to += pitch) {
    let a = <usize>load<u32>(p), b = <usize>load<u32>(p, 4);
    const u = v128.load32_splat(p + 8), w = v128.load32_splat(p + 12);
    for (let z = to, last = to + wide; z < last; z += 32, a += 32, b += 32) {
      const x = madd(w, v128.load(b), f32x4.mul(u, v128.load(a))), y = madd(w, v128.load(b, 16), f32x4.mul(u, v128.load(a, 16)));
      v128.store(z, x); v128.store(z, y, 16);
    }
  }
}

/** The transpose of mixColumns; leaves the rows at zero. */
function unmixColumns(): void {
  const end = table + (<usize>steps << 4), wide = width, pitch = row, none = f32x4.splat(0);
  let from = rows + guard;
  for (let p = table; p < end; p += 16, from += pitch) {
    let a = <usize>load<u32>(p), b = <usize>load<u32>(p, 4);
    const u = v128.load32_splat(p + 8), w = v128.load32_splat(p + 12);
    for (let z = from, last = from + wide; z < last; z += 32, a += 32, b += 32) {
      const x = v128.load(z), y = v128.load(z, 16);
      const a0 = madd(u, x, v128.load(a)), a1 = madd(u, y, v128.load(a, 16));
      v128.store(a, a0); v128.store(a, a1, 16);
      const b0 = madd(w, x, v128.load(b)), b1 = madd(w, y, v128.load(b, 16));
      v128.store(b, b0); v128.store(b, b1, 16);
    }
    for (let z = from - guard, last = z + pitch; z < last; z += 32) { v128.store(z, none); v128.store(z, none, 16); }
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


/** Where four planes are at the steps of a ray: from the middle step, so that float32 holds it. */
let start: v128, slope: v128, wholes: v128;

function place(at: usize, c0: f64, c1: f64, middle: i32): void {
  const a = load<f64>(at) + c0 + c1 * <f64>middle, b = load<f64>(at, 8) + c0 + c1 * <f64>middle;
  const c = load<f64>(at, 16) + c0 + c1 * <f64>middle, d = load<f64>(at, 24) + c0 + c1 * <f64>middle;
  const i = Math.floor(a), j = Math.floor(b), k = Math.floor(c), l = Math.floor(d);
  start = f32x4(<f32>(a - i), <f32>(b - j), <f32>(c - k), <f32>(d - l));
  wholes = i32x4.sub(i32x4(<i32>i, <i32>j, <i32>k, <i32>l), i32x4.splat(0x4b400000));
  slope = f32x4.splat(<f32>c1);
}

/** Values of n times four planes at the steps [from, to) as [step][plane] in `inner`. */
function interpolate(n: i32, at: usize, c0: f64, c1: f64, from: i32, to: i32): void {
  const middle = (from + to) >> 1, magic = f32x4.splat(12582912.0), half = f32x4.splat(0.5), one = f32x4.splat(1);
  const least = i32x4.splat(-2), most = i32x4.splat(nz);
  for (let v = 0; v < n; v++) {
    place(at + (<usize>v << 5), c0, c1, middle);
    const x0 = start, dx = slope, rest = wholes;
    let k = f32x4.splat(<f32>(from - middle)), here = rows + guard + <usize>from * row;
    for (let o = inner + (<usize>v << 4), left = to - from; left > 0; left--, o += <usize>n << 4, here += row) {
      const x = f32x4.add(x0, f32x4.mul(dx, k)), m = f32x4.add(f32x4.sub(x, half), magic), f = f32x4.sub(x, f32x4.sub(m, magic));
      const j = i32x4.shl(i32x4.max_s(least, i32x4.min_s(most, i32x4.add(m, rest))), 2);
      let a = v128.load64_zero(here + <usize>i32x4.extract_lane(j, 0)), b = v128.load64_zero(here + <usize>i32x4.extract_lane(j, 2));
      a = v128.load64_lane(here + <usize>i32x4.extract_lane(j, 1), a, 1);
      b = v128.load64_lane(here + <usize>i32x4.extract_lane(j, 3), b, 1);
      const p = v128.shuffle<f32>(a, b, 0, 2, 4, 6), q = v128.shuffle<f32>(a, b, 1, 3, 5, 7);
      v128.store(o, madd(f, f32x4.sub(q, p), p));
      k = f32x4.add(k, one);
    }
  }
}

/** The transpose of interpolate. */
function scatter(n: i32, at: usize, c0: f64, c1: f64, from: i32, to: i32): void {
  const middle = (from + to) >> 1, magic = f32x4.splat(12582912.0), half = f32x4.splat(0.5), one = f32x4.splat(1);
  const least = i32x4.splat(-2), most = i32x4.splat(nz);
  for (let v = 0; v < n; v++) {
    place(at + (<usize>v << 5), c0, c1, middle);
    const x0 = start, dx = slope, rest = wholes;
    let k = f32x4.splat(<f32>(from - middle)), here = rows + guard + <usize>from * row;
    for (let o = inner + (<usize>v << 4), left = to - from; left > 0; left--, o += <usize>n << 4, here += row) {
      const x = f32x4.add(x0, f32x4.mul(dx, k)), m = f32x4.add(f32x4.sub(x, half), magic), f = f32x4.sub(x, f32x4.sub(m, magic));
      const j = i32x4.shl(i32x4.max_s(least, i32x4.min_s(most, i32x4.add(m, rest))), 2);
      const y = v128.load(o), h = f32x4.mul(f, y), g = f32x4.sub(y, h);
      const a = v128.shuffle<f32>(g, h, 0, 4, 1, 5), b = v128.shuffle<f32>(g, h, 2, 6, 3, 7);
      // One after the other: planes may lie so close that they share a voxel.
      const p = here + <usize>i32x4.extract_lane(j, 0), q = here + <usize>i32x4.extract_lane(j, 2);
      const r = here + <usize>i32x4.extract_lane(j, 1), s = here + <usize>i32x4.extract_lane(j, 3);
      v128.store64_lane(p, f32x4.add(v128.load64_zero(p), a), 0);
      v128.store64_lane(q, f32x4.add(v128.load64_zero(q), b), 0);
      v128.store64_lane(r, f32x4.add(v128.load64_lane(r, a, 1), a), 1);
      v128.store64_lane(s, f32x4.add(v128.load64_lane(s, b, 1), b), 1);
      k = f32x4.add(k, one);
    }
  }
}

/** A vector of four planes of a record, and back. */
@inline function put(numbers: usize, v: i32, count: i32, to: usize, s: v128): void {
  const i = numbers + (<usize>v << 4), left = count - 4 * v;
  if (left > 0) v128.store32_lane(to + (<usize>load<u32>(i) << 2), s, 0);
  if (left > 1) v128.store32_lane(to + (<usize>load<u32>(i, 4) << 2), s, 1);
  if (left > 2) v128.store32_lane(to + (<usize>load<u32>(i, 8) << 2), s, 2);
  if (left > 3) v128.store32_lane(to + (<usize>load<u32>(i, 12) << 2), s, 3);
}

@inline function get(numbers: usize, v: i32, count: i32, from: usize): v128 {
  const i = numbers + (<usize>v << 4), left = count - 4 * v;
  let s = f32x4.splat(0);
  if (left > 0) s = v128.load32_zero(from + (<usize>load<u32>(i) << 2));
  if (left > 1) s = v128.load32_lane(from + (<usize>load<u32>(i, 4) << 2), s, 1);
  if (left > 2) s = v128.load32_lane(from + (<usize>load<u32>(i, 8) << 2), s, 2);
  if (left > 3) s = v128.load32_lane(from + (<usize>load<u32>(i, 12) << 2), s, 3);
  return s;
}

/** Each bin's weighted sum over [from, to) of n vectors; two bins at a time. */
@inline function weigh(n: i32, numbers: usize, count: i32, from: i32, to: i32, scale: v128, out: usize): void {
  const length = <usize>n << 4, next = <usize>planes << 2;
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
    put(numbers, 0, count, out, f32x4.mul(scale, s0));
    if (n > 1) put(numbers, 1, count, out, f32x4.mul(scale, s1));
    if (n > 2) put(numbers, 2, count, out, f32x4.mul(scale, s2));
    if (n > 3) put(numbers, 3, count, out, f32x4.mul(scale, s3));
    if (b + 1 >= bins) continue;
    put(numbers, 0, count, out + next, f32x4.mul(scale, t0));
    if (n > 1) put(numbers, 1, count, out + next, f32x4.mul(scale, t1));
    if (n > 2) put(numbers, 2, count, out + next, f32x4.mul(scale, t2));
    if (n > 3) put(numbers, 3, count, out + next, f32x4.mul(scale, t3));
  }
}

/** The transpose of weigh; adds to `inner`, which is 0 before. False where all data are 0. */
@inline function unweigh(n: i32, numbers: usize, count: i32, from: i32, to: i32, scale: v128, y: usize): bool {
  const zeros = f32x4.splat(0), length = <usize>n << 4, next = <usize>planes << 2;
  let any = zeros;
  memory.fill(inner, 0, <usize>(to - from) * length);
  for (let b = 0; b < bins; b += 2, y += next << 1) {
    const ends = binEnds + (<usize>b << 3);
    const low = max(from, min(load<i32>(ends), load<i32>(ends, 8))), high = min(to, max(load<i32>(ends, 4), load<i32>(ends, 12)));
    if (low >= high) continue;
    // The last bin may have no second one: its weights are 0, and so must be what they weigh.
    const left = b + 1 < bins ? count : 0, second = y + next;
    const y0 = f32x4.mul(scale, get(numbers, 0, count, y)), z0 = f32x4.mul(scale, get(numbers, 0, left, second));
    const y1 = n > 1 ? f32x4.mul(scale, get(numbers, 1, count, y)) : zeros, z1 = n > 1 ? f32x4.mul(scale, get(numbers, 1, left, second)) : zeros;
    const y2 = n > 2 ? f32x4.mul(scale, get(numbers, 2, count, y)) : zeros, z2 = n > 2 ? f32x4.mul(scale, get(numbers, 2, left, second)) : zeros;
    const y3 = n > 3 ? f32x4.mul(scale, get(numbers, 3, count, y)) : zeros, z3 = n > 3 ? f32x4.mul(scale, get(numbers, 3, left, second)) : zeros;
    const some = v128.or(v128.or(v128.or(y0, y1), v128.or(y2, y3)), v128.or(v128.or(z0, z1), v128.or(z2, z3)));
    if (!v128.any_true(some)) continue;
    any = v128.or(any, some);
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
  return v128.any_true(any);
}

/** Every record of the ray at hand, in either direction; records of one slope follow each other and share their weights. */
export function timedLines(y: usize, back: bool): void {
  let known = NaN;
  if (!back) mixColumns();
  for (let g = families, end = families + <usize>familyCount * record; g < end; g += record) {
    const delta = load<f64>(g), rise = load<f64>(g, 8), count = load<i32>(g, 32), n = (count + 3) >> 2;
    const numbers = g + numbersAt, places = g + placesAt, c1 = delta * t1, c0 = delta * t0;
    // Steps at which any of the planes is inside the image.
    const low = -1 - c0 - load<f64>(g, 24), high = <f64>nz - c0 - load<f64>(g, 16);
    let from = 0, to = steps;
    if (abs(c1) < 1e-12) { if (low >= 0 || high <= 0) to = 0; }
    else {
      const p = low / c1, q = high / c1;
      from = <i32>max<f64>(0, Math.ceil(min(p, q)));
      to = <i32>min<f64>(<f64>steps, Math.floor(max(p, q)) + 1);
    }
    const length = Math.sqrt(squared + rise);
    if (from >= to) {
      if (!back) for (let b = 0; b < bins; b++)
        for (let i = 0; i < count; i++) store<f32>(y + (<usize>(b * planes) + <usize>load<u32>(numbers + (<usize>i << 2)) << 2), 0);
      continue;
    }
    const scale = f32x4.splat(<f32>(perStep * length));
    if (rise != known) { known = rise; timeWeights(length); }
    if (back) {
      const some = n == 1 ? unweigh(1, numbers, count, from, to, scale, y)
        : n == 2 ? unweigh(2, numbers, count, from, to, scale, y)
        : n == 3 ? unweigh(3, numbers, count, from, to, scale, y)
        : unweigh(4, numbers, count, from, to, scale, y);
      if (some) scatter(n, places, c0, c1, from, to);
      continue;
    }
    interpolate(n, places, c0, c1, from, to);
    if (n == 1) weigh(1, numbers, count, from, to, scale, y);
    else if (n == 2) weigh(2, numbers, count, from, to, scale, y);
    else if (n == 3) weigh(3, numbers, count, from, to, scale, y);
    else weigh(4, numbers, count, from, to, scale, y);
  }
  if (back) unmixColumns();
}
