// part of joseph-stack
// Planes with time of flight. The weight of a step in a bin depends on the slope alone, so up to 16 planes of one slope go
// together wherever they lie. Vectors are four steps of one plane: rows lie one voxel after the other, [z][step], and from one
// step to the fourth a plane crosses few of them. With b the lowest voxel of the four steps and f >= 0 the places above it,
//
//   value = G_b + sum_i clamp(f - i, 0, 1) (G_{b+i+1} - G_{b+i}),   i < crossed
//
// which is Joseph's interpolation in the cell that each step is in. Every bin then is a weighted sum over the steps.
import { binEnds, bins, degree, families, familyCount, guard, inner, loadPart, madd, nx, ny, nz, ones, perSigma, planes, poly, rows, storePart, table, tofWidth, weightRow, weights, width, zero } from "./plan.as";
import { perStep, squared, steps, t0, t1 } from "./ray.as";
import { add } from "./sums.as";
import { r0, r1, r2, r3, transpose } from "./transpose.as";

/** A record: slope, its rise squared, lowest and highest place; number of planes, whether they follow each other; each one's place and its number. */
const placesAt: usize = 40, numbersAt: usize = 168, record: usize = 232;

/** From one voxel's row to the next. */
@inline function rowPitch(): usize { return <usize>((max(nx, ny) + 7) & ~3) << 2; }

/** Steps behind the last one fill its vector: of no weight. */
function padTable(): void {
  const end = table + (<usize>((steps + 3) & ~3) << 4);
  for (let p = table + (<usize>steps << 4); p < end; p += 16) { store<u32>(p, <u32>zero); store<u32>(p, <u32>zero, 4); store<u64>(p, 0, 8); }
}

/** Four voxels of a step's mix of two columns. */
@inline function mix(p: usize, z: usize): v128 {
  return madd(v128.load32_splat(p, 12), v128.load(<usize>load<u32>(p, 4) + z), f32x4.mul(v128.load32_splat(p, 8), v128.load(<usize>load<u32>(p) + z)));
}

/** Each step's mix of two columns. */
function mixColumns(): void {
  const end = table + (<usize>steps << 4), wide = width, pitch = rowPitch();
  let to = rows + guard;
  for (let p = table; p < end; p += 64, to += 16)
    for (let z: usize = 0, o = to; z < wide; z += 16, o += pitch << 2) {
      transpose(mix(p, z), mix(p + 16, z), mix(p + 32, z), mix(p + 48, z));
      v128.store(o, r0); v128.store(o + pitch, r1); v128.store(o + 2 * pitch, r2); v128.store(o + 3 * pitch, r3);
    }
}

/** Adds four voxels of a step to its two columns. */
@inline function unmix(p: usize, z: usize, x: v128): void {
  const a = <usize>load<u32>(p) + z, b = <usize>load<u32>(p, 4) + z;
  v128.store(a, madd(v128.load32_splat(p, 8), x, v128.load(a)));
  v128.store(b, madd(v128.load32_splat(p, 12), x, v128.load(b)));
}

/** The transpose of mixColumns; leaves the rows at zero, but for what lies outside the image. */
function unmixColumns(): void {
  const end = table + (<usize>steps << 4), wide = width, pitch = rowPitch(), none = f32x4.splat(0);
  let from = rows + guard;
  for (let p = table; p < end; p += 64, from += 16)
    for (let z: usize = 0, o = from; z < wide; z += 16, o += pitch << 2) {
      const a = v128.load(o), b = v128.load(o + pitch), c = v128.load(o + 2 * pitch), d = v128.load(o + 3 * pitch);
      if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
      transpose(a, b, c, d);
      v128.store(o, none); v128.store(o + pitch, none); v128.store(o + 2 * pitch, none); v128.store(o + 3 * pitch, none);
      unmix(p, z, r0); unmix(p + 16, z, r1); unmix(p + 32, z, r2); unmix(p + 48, z, r3);
    }
}

let d0: v128, d1: v128, d2: v128, d3: v128;

@inline function cut(x: v128): v128 { return f32x4.pmax(f32x4.pmin(x, f32x4.splat(3)), f32x4.splat(-3)); }

/** Distribution function of the cut normal at x and `by`, 2 `by`, 3 `by` beyond it, minus 1/2: odd polynomial on [-3, 3], constant beyond. */
@inline function distribution(x: v128, by: v128): void {
  const x1 = add(x, by), x2 = add(x1, by), u0 = cut(x), u1 = cut(x1), u2 = cut(x2), u3 = cut(add(x2, by));
  const y0 = f32x4.mul(u0, u0), y1 = f32x4.mul(u1, u1), y2 = f32x4.mul(u2, u2), y3 = f32x4.mul(u3, u3);
  let at = poly + (<usize>degree << 2), p0 = v128.load32_splat(at), p1 = p0, p2 = p0, p3 = p0;
  while (at > poly) {
    at -= 4;
    const c = v128.load32_splat(at);
    p0 = madd(p0, y0, c); p1 = madd(p1, y1, c); p2 = madd(p2, y2, c); p3 = madd(p3, y3, c);
  }
  d0 = f32x4.mul(u0, p0); d1 = f32x4.mul(u1, p1); d2 = f32x4.mul(u2, p2); d3 = f32x4.mul(u3, p3);
}

/** Where the weight of bin b at a vector of steps stands; one of zeros goes before the first bin, and two go behind the last. */
@inline function weightOf(vector: i32, b: i32): usize { return weights + <usize>vector * weightRow + (<usize>(b + 2) << 4); }

/** First bin that a vector of steps is seen by, and the one behind the last. */
@inline function binsOf(vector: i32): usize { return weights + <usize>vector * weightRow; }

@inline function firstSeen(from: i32, to: i32, k: i32): void { for (let b = from; b < to; b++) store<i32>(binEnds + (<usize>b << 3), k); }
@inline function lastSeen(from: i32, to: i32, k: i32): void { for (let b = from; b < to; b++) store<i32>(binEnds + (<usize>b << 3), k, 4); }

/**
 * Weights of lines of one length, [four steps][bin]; binEnds[bin] = vectors of steps that a bin sees. A vector's bins go with zeros on
 * both sides, as far as its neighbour's or the next bin's reach: two of either are worked on together.
 */
function timeWeights(length: f64): void {
  const slope = length * t1, edge = 0.5 * <f64>bins, vectors = (steps + 3) >> 2, reach = 3 / perSigma + 1.5 * abs(slope);
  const perBin = 1 / tofWidth, one = f32x4.splat(<f32>(perSigma * tofWidth)), ramp = f32x4(0, <f32>slope, <f32>(2 * slope), <f32>(3 * slope));
  for (let b = 0; b <= bins; b++) store<u64>(binEnds + (<usize>b << 3), 0x7fffffff);
  let oldLow = 0, oldHigh = 0, middle = length * t0 + 1.5 * slope;
  for (let k = 0; k < vectors; k++, middle += 4 * slope) {
    const low = max(0, min(bins, below((middle - reach) * perBin + edge))), high = max(low, min(bins, -below(-(middle + reach) * perBin - edge)));
    store<i32>(binsOf(k), low); store<i32>(binsOf(k), high, 4);
    if (oldLow >= oldHigh) { oldLow = low; oldHigh = low; }
    firstSeen(low, min(high, oldLow), k); firstSeen(max(low, oldHigh), high, k);
    lastSeen(oldLow, min(oldHigh, low), k); lastSeen(max(oldLow, high), oldHigh, k);
    oldLow = low;
    oldHigh = high;
    if (low >= high) continue;
    const x = f32x4.mul(f32x4.splat(<f32>perSigma), f32x4.sub(f32x4.splat(<f32>(tofWidth * (<f64>low - edge) - middle + 1.5 * slope)), ramp));
    let to = weightOf(k, low);
    distribution(x, one);
    v128.store(to, f32x4.sub(d1, d0)); v128.store(to, f32x4.sub(d2, d1), 16); v128.store(to, f32x4.sub(d3, d2), 32);
    let before = d3;
    for (let b = low + 3; b < high; b += 4) {
      to += b == low + 3 ? 48 : 64;
      distribution(add(x, f32x4.mul(one, f32x4.splat(<f32>(b + 1 - low)))), one);
      v128.store(to, f32x4.sub(d0, before)); v128.store(to, f32x4.sub(d1, d0), 16); v128.store(to, f32x4.sub(d2, d1), 32); v128.store(to, f32x4.sub(d3, d2), 48);
      before = d3;
    }
  }
  lastSeen(oldLow, oldHigh, vectors);
  store<i32>(binsOf(vectors), 0); store<i32>(binsOf(vectors), 0, 4);
  for (let k = 0; k < vectors; k++) {
    const ends = binsOf(k), other = binsOf(k ^ 1), low = load<i32>(ends), high = load<i32>(ends, 4), there = load<i32>(other), beyond = load<i32>(other, 4);
    clearWeights(k, (there < beyond ? min(low, there) : low) - 1, low);
    clearWeights(k, high, max(high, beyond) + 1);
  }
  // The last vector may lack its other one.
  if (vectors & 1) clearWeights(vectors, load<i32>(binsOf(vectors - 1)) - 1, load<i32>(binsOf(vectors - 1), 4) + 1);
}

@inline function clearWeights(k: i32, from: i32, to: i32): void { for (let b = from; b < to; b++) v128.store(weightOf(k, b), f32x4.splat(0)); }

/** The whole number not above x, |x| < 2^19. */
@inline function below(x: f64): i32 { return <i32>(fixed(x) >> 32); }

/** Of the planes at hand: places of four steps above the lowest one, how far they reach, what a vector adds to the places. */
let ramp: v128, crossed: i32, stride4: i64;

function setRamp(c1: f64): void {
  const s = <f32>abs(c1);
  ramp = c1 >= 0 ? f32x4(-1, s - 1, 2 * s - 1, 3 * s - 1) : f32x4(3 * s - 1, 2 * s - 1, s - 1, -1);
  crossed = <i32>Math.ceil(1 + 3 * abs(c1));
  stride4 = fixed(4 * c1);
}

/** A number of voxels in units of 2^-32. */
@inline function fixed(x: f64): i64 { return reinterpret<i64>(x + 1572864.0) - reinterpret<i64>(<f64>1572864.0); }

/** Lowest place of a plane at the vector of steps number `vector`. */
@inline function lowest(place: f64, c0: f64, c1: f64, vector: i32): i64 { return fixed(place + c0 + min<f64>(0, 3 * c1)) + stride4 * <i64>vector; }

/** Row of the lowest voxel of a vector of steps. Outside the image all are 0. */
@inline function rowOf(p: i64, pitch: usize): usize { return <usize>(max(-1 - crossed, min(nz, <i32>(p >> 32))) * <i32>pitch); }

@inline function above(p: i64): v128 { return add(i32x4.splat((<i32>(<u32>p >> 9)) | 0x3f800000), ramp); }

@inline function clamp(f: v128, i: i32): v128 {
  return f32x4.pmax(f32x4.pmin(f32x4.sub(f, f32x4.splat(<f32>i)), f32x4.splat(1)), f32x4.splat(0));
}

/** A plane's values at the vectors of steps [from, to), 64 bytes apart. */
function interpolate(place: f64, c0: f64, c1: f64, from: i32, to: i32, out: usize): void {
  const pitch = rowPitch(), one = ones, by = stride4;
  let p = lowest(place, c0, c1, from), here = rows + guard + (<usize>from << 4);
  if (crossed == 2) {
    for (const end = here + (<usize>(to - from) << 4); here < end; here += 16, out += 64, p += by) {
      const a = here + rowOf(p, pitch), f = above(p), h = f32x4.pmin(f, one), x = v128.load(a), y = v128.load(a + pitch), z = v128.load(a + 2 * pitch);
      v128.store(out, madd(f32x4.sub(f, h), f32x4.sub(z, y), madd(h, f32x4.sub(y, x), x)));
    }
    return;
  }
  for (const end = here + (<usize>(to - from) << 4); here < end; here += 16, out += 64, p += by) {
    let a = here + rowOf(p, pitch), x = v128.load(a), v = x;
    const f = above(p);
    for (let i = 0; i < crossed; i++) {
      a += pitch;
      const y = v128.load(a);
      v = madd(clamp(f, i), f32x4.sub(y, x), v);
      x = y;
    }
    v128.store(out, v);
  }
}

@inline function put(at: usize, v: v128): void { v128.store(at, add(v128.load(at), v)); }

/** The transpose of interpolate. */
function scatter(place: f64, c0: f64, c1: f64, from: i32, to: i32, values: usize): void {
  const pitch = rowPitch(), one = ones, by = stride4;
  let p = lowest(place, c0, c1, from), here = rows + guard + (<usize>from << 4);
  if (crossed == 2) {
    for (const end = here + (<usize>(to - from) << 4); here < end; here += 16, values += 64, p += by) {
      const a = here + rowOf(p, pitch), b = a + pitch, c = b + pitch, f = above(p), h = f32x4.pmin(f, one), y = v128.load(values);
      const t = f32x4.mul(h, y), u = f32x4.mul(f32x4.sub(f, h), y);
      const x0 = v128.load(a), x1 = v128.load(b), x2 = v128.load(c);
      v128.store(a, add(x0, f32x4.sub(y, t))); v128.store(b, add(x1, f32x4.sub(t, u))); v128.store(c, add(x2, u));
    }
    return;
  }
  for (const end = here + (<usize>(to - from) << 4); here < end; here += 16, values += 64, p += by) {
    let a = here + rowOf(p, pitch), rest = v128.load(values);
    const f = above(p), y = rest;
    for (let i = 0; i < crossed; i++, a += pitch) {
      const t = f32x4.mul(clamp(f, i), y);
      put(a, f32x4.sub(rest, t));
      rest = t;
    }
    put(a, rest);
  }
}

/** A vector of four planes of a record to data and back; `even`: they follow each other. */
@inline function write(g: usize, v: i32, even: bool, left: i32, to: usize, s: v128): void {
  const i = g + numbersAt + (<usize>v << 4);
  if (even) { storePart(to + (<usize>load<u32>(i) << 2), s, left); return; }
  v128.store32_lane(to + (<usize>load<u32>(i) << 2), s, 0);
  if (left > 1) v128.store32_lane(to + (<usize>load<u32>(i, 4) << 2), s, 1);
  if (left > 2) v128.store32_lane(to + (<usize>load<u32>(i, 8) << 2), s, 2);
  if (left > 3) v128.store32_lane(to + (<usize>load<u32>(i, 12) << 2), s, 3);
}

@inline function read(g: usize, v: i32, even: bool, left: i32, from: usize): v128 {
  const i = g + numbersAt + (<usize>v << 4);
  if (even) return loadPart(from + (<usize>load<u32>(i) << 2), left);
  let s = v128.load32_zero(from + (<usize>load<u32>(i) << 2));
  if (left > 1) s = v128.load32_lane(from + (<usize>load<u32>(i, 4) << 2), s, 1);
  if (left > 2) s = v128.load32_lane(from + (<usize>load<u32>(i, 8) << 2), s, 2);
  if (left > 3) s = v128.load32_lane(from + (<usize>load<u32>(i, 12) << 2), s, 3);
  return s;
}

/** Sums of each vector's lanes. */
@inline function across(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

/** Each bin's weighted sum over the vectors of steps [from, to) of four planes; two bins at a time. */
function weigh(g: usize, v: i32, from: i32, to: i32, scale: v128, out: usize): void {
  const left = load<i32>(g, 32) - 4 * v, even = load<i32>(g, 36) != 0, next = <usize>planes << 2, pitch = weightRow;
  for (let b = 0; b < bins; b += 2, out += next << 1) {
    const ends = binEnds + (<usize>b << 3);
    const low = max(from, min(load<i32>(ends), load<i32>(ends, 8))), high = min(to, max(load<i32>(ends, 4), load<i32>(ends, 12)));
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, u0 = s0, u1 = s0, u2 = s0, u3 = s0;
    if (low < high) {
      let w = weightOf(low, b), o = inner + (<usize>low << 6);
      for (const stop = inner + (<usize>high << 6); o < stop; o += 64, w += pitch) {
        const x = v128.load(w), y = v128.load(w, 16), v0 = v128.load(o), v1 = v128.load(o, 16), v2 = v128.load(o, 32), v3 = v128.load(o, 48);
        s0 = madd(x, v0, s0); s1 = madd(x, v1, s1); s2 = madd(x, v2, s2); s3 = madd(x, v3, s3);
        u0 = madd(y, v0, u0); u1 = madd(y, v1, u1); u2 = madd(y, v2, u2); u3 = madd(y, v3, u3);
      }
    }
    write(g, v, even, left, out, f32x4.mul(scale, across(s0, s1, s2, s3)));
    if (b + 1 < bins) write(g, v, even, left, out + next, f32x4.mul(scale, across(u0, u1, u2, u3)));
  }
}

/** Vectors of steps that unweigh has given values. */
let filledFrom: i32, filledTo: i32;

/** The transpose of weigh: fills `inner` at the vectors of steps that bins with counts see, two at a time. */
function unweigh(g: usize, v: i32, from: i32, to: i32, scale: v128, y: usize): void {
  const left = load<i32>(g, 32) - 4 * v, even = load<i32>(g, 36) != 0, next = <usize>planes << 2, none = f32x4.splat(0), pitch = weightRow;
  const mine = binEnds + (<usize>(bins + 1) << 3);
  let first = bins, last = -1;
  for (let b = 0, o = mine; b < bins; b++, y += next, o += 16) {
    const s = f32x4.mul(scale, read(g, v, even, left, y));
    v128.store(o, s);
    if (!v128.any_true(s)) continue;
    if (b < first) first = b;
    last = b;
  }
  filledFrom = to;
  filledTo = from;
  if (last < 0) return;
  for (let k = from & ~1; k < to; k += 2) {
    const ends = binsOf(k), after = ends + pitch, low = load<i32>(ends), high = load<i32>(ends, 4), low1 = load<i32>(after), high1 = load<i32>(after, 4);
    if (low >= high && low1 >= high1) continue;
    const b = max(first, low >= high ? low1 : low1 >= high1 ? low : min(low, low1)), stop = min(last + 1, max(high, high1));
    if (b >= stop) continue;
    let s0 = none, s1 = none, s2 = none, s3 = none, u0 = none, u1 = none, u2 = none, u3 = none, w = weightOf(k, b);
    for (let o = mine + (<usize>b << 4), end = mine + (<usize>stop << 4); o < end; o += 16, w += 16) {
      const x = v128.load(w), z = v128.load(w + pitch), v0 = v128.load32_splat(o), v1 = v128.load32_splat(o, 4), v2 = v128.load32_splat(o, 8), v3 = v128.load32_splat(o, 12);
      s0 = madd(x, v0, s0); s1 = madd(x, v1, s1); s2 = madd(x, v2, s2); s3 = madd(x, v3, s3);
      u0 = madd(z, v0, u0); u1 = madd(z, v1, u1); u2 = madd(z, v2, u2); u3 = madd(z, v3, u3);
    }
    const o = inner + (<usize>k << 6);
    v128.store(o, s0); v128.store(o, s1, 16); v128.store(o, s2, 32); v128.store(o, s3, 48);
    v128.store(o, u0, 64); v128.store(o, u1, 80); v128.store(o, u2, 96); v128.store(o, u3, 112);
    filledFrom = min(filledFrom, max(from, k));
    filledTo = min(to, k + 2);
  }
}

/** Every record of the ray at hand, in either direction; records of one slope follow each other and share their weights. */
export function timedLines(y: usize, back: bool): void {
  let known = NaN;
  padTable();
  if (!back) mixColumns();
  for (let g = families, end = families + <usize>familyCount * record; g < end; g += record) {
    const delta = load<f64>(g), rise = load<f64>(g, 8), count = load<i32>(g, 32), even = load<i32>(g, 36) != 0, c1 = delta * t1, c0 = delta * t0;
    // Steps at which any of the planes is inside the image.
    const low = -1 - c0 - load<f64>(g, 24), high = <f64>nz - c0 - load<f64>(g, 16);
    let from = 0, to = steps;
    if (abs(c1) < 1e-12) { if (low >= 0 || high <= 0) to = 0; }
    else {
      const p = low / c1, q = high / c1;
      from = <i32>max<f64>(0, Math.ceil(min(p, q)));
      to = <i32>min<f64>(<f64>steps, Math.floor(max(p, q)) + 1);
    }
    const length = Math.sqrt(squared + rise), scale = f32x4.splat(<f32>(perStep * length));
    if (from >= to) {
      if (!back) for (let b = 0; b < bins; b++)
        for (let v = 0; v << 2 < count; v++) write(g, v, even, count - (v << 2), y + (<usize>(b * planes) << 2), f32x4.splat(0));
      continue;
    }
    if (rise != known) { known = rise; timeWeights(length); }
    from >>= 2;
    to = (to + 3) >> 2;
    setRamp(c1);
    for (let v = 0; v << 2 < count; v++) {
      const place = g + placesAt + (<usize>v << 5), n = min(4, count - (v << 2));
      if (back) {
        unweigh(g, v, from, to, scale, y);
        if (filledFrom >= filledTo) continue;
        for (let i = 0, o = inner + (<usize>filledFrom << 6); i < n; i++, o += 16) scatter(load<f64>(place + (<usize>i << 3)), c0, c1, filledFrom, filledTo, o);
        continue;
      }
      for (let i = 0, o = inner + (<usize>from << 6); i < n; i++, o += 16) interpolate(load<f64>(place + (<usize>i << 3)), c0, c1, from, to, o);
      weigh(g, v, from, to, scale, y);
    }
  }
  if (back) unmixColumns();
}
