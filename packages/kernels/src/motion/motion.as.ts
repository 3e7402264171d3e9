// build: threads
// Cubic B-splines on a padded grid: one voxel before and two after each axis hold mirrored coefficients, so that the
// 4 x 4 x 4 neighbourhood of any point inside the image is read without a branch.

import { alongRows, alongX } from "../gauss/gauss.as";

// 1.5 * 2^52: adding it leaves the rounded integer in the low bits; floor and trunc are slow in V8's hot loops.
const snap: f64 = 6755399441055744.0;
// sqrt(3) - 2: the pole of the cubic spline's inverse filter.
const pole: f32 = -0.2679491924311227;
const gain: f32 = 6;
// pole^20 = 4e-12: what lies beyond has no say in float32.
const horizon: i32 = 20;

@inline
function at(base: usize, index: i32): usize {
  return base + (<usize>index << 2);
}

@inline
function mirror(i: i32, n: i32): i32 {
  if (n == 1) return 0;
  const folded = abs<i32>(i) % (2 * n - 2);
  return folded < n ? folded : 2 * n - 2 - folded;
}

/** Inverse filter along x of `lines` rows of n values, in place. */
function filterX(image: usize, n: i32, lines: i32): void {
  for (let line = 0; line < lines; line++) {
    const row = at(image, line * n);
    let first: f32 = 0;
    let power: f32 = 1;
    for (let i = 0; i < horizon; i++) {
      first += power * load<f32>(at(row, mirror(i, n)));
      power *= pole;
    }
    let before = gain * first;
    store<f32>(row, before);
    for (let i = 1; i < n; i++) {
      before = gain * load<f32>(at(row, i)) + pole * before;
      store<f32>(at(row, i), before);
    }
    let after = (pole / (pole * pole - 1)) * (before + pole * load<f32>(at(row, n - 2)));
    store<f32>(at(row, n - 1), after);
    for (let i = n - 2; i >= 0; i--) {
      after = pole * (after - load<f32>(at(row, i)));
      store<f32>(at(row, i), after);
    }
  }
}

@inline
function add4(to: usize, from: usize, weight: f32, width: i32): void {
  let i = 0;
  const w = f32x4.splat(weight);
  for (; i + 4 <= width; i += 4) {
    v128.store(at(to, i), f32x4.add(v128.load(at(to, i)), f32x4.mul(w, v128.load(at(from, i)))));
  }
  for (; i < width; i++) store<f32>(at(to, i), load<f32>(at(to, i)) + weight * load<f32>(at(from, i)));
}

/** to = scale * to + weight * from */
@inline
function blend4(to: usize, scale: f32, from: usize, weight: f32, width: i32): void {
  let i = 0;
  const w = f32x4.splat(weight);
  const s = f32x4.splat(scale);
  for (; i + 4 <= width; i += 4) {
    v128.store(at(to, i), f32x4.add(f32x4.mul(s, v128.load(at(to, i))), f32x4.mul(w, v128.load(at(from, i)))));
  }
  for (; i < width; i++) store<f32>(at(to, i), scale * load<f32>(at(to, i)) + weight * load<f32>(at(from, i)));
}

/** Inverse filter across n rows of `width` values each. */
function filterRows(image: usize, width: i32, n: i32): void {
  // The sum over the mirrored line, started with every other term on rows that are still unfiltered.
  let power: f32 = gain * pole;
  let own: f32 = gain;
  for (let j = 1; j < horizon; j++) {
    if (mirror(j, n) == 0) own += power;
    power *= pole;
  }
  blend4(image, own, image, 0, width);
  power = gain * pole;
  for (let j = 1; j < horizon; j++) {
    if (mirror(j, n) != 0) add4(image, at(image, mirror(j, n) * width), power, width);
    power *= pole;
  }
  for (let j = 1; j < n; j++) blend4(at(image, j * width), gain, at(image, (j - 1) * width), pole, width);
  const last = at(image, (n - 1) * width);
  const c = pole / (pole * pole - 1);
  blend4(last, c, at(image, (n - 2) * width), c * pole, width);
  for (let j = n - 2; j >= 0; j--) blend4(at(image, j * width), -pole, at(image, (j + 1) * width), pole, width);
}

/** Image -> padded coefficients; the image is overwritten. */
function coefficients(image: usize, nx: i32, ny: i32, nz: i32, padded: usize): void {
  const plane = nx * ny;
  if (nx > 1) filterX(image, nx, ny * nz);
  if (ny > 1) for (let z = 0; z < nz; z++) filterRows(at(image, z * plane), nx, ny);
  if (nz > 1) filterRows(image, plane, nz);
  let to = padded;
  for (let z = -1; z < nz + 2; z++) {
    for (let y = -1; y < ny + 2; y++) {
      const row = at(image, nx * (mirror(y, ny) + ny * mirror(z, nz)));
      store<f32>(to, load<f32>(at(row, mirror(-1, nx))));
      memory.copy(to + 4, row, <usize>nx << 2);
      store<f32>(at(to, nx + 1), load<f32>(at(row, mirror(nx, nx))));
      store<f32>(at(to, nx + 2), load<f32>(at(row, mirror(nx + 1, nx))));
      to = at(to, nx + 3);
    }
  }
}

@inline
function edgeWeight(x: f64, last: f64, margin: f64, ramp: f64): f64 {
  return max<f64>(0, min<f64>(1, (min<f64>(x, last - x) - margin) / ramp));
}

@inline
function b0(t: f32): f32 {
  const s: f32 = <f32>1 - t;
  return (s * s * s) / <f32>6;
}
@inline
function b1(t: f32): f32 {
  return <f32>(2.0 / 3.0) + t * t * (<f32>0.5 * t - <f32>1);
}

/** Value at a point with all coordinates in 0 .. n - 1. */
@inline
function spline(padded: usize, row: i32, plane: i32, px: f64, py: f64, pz: f64): f32 {
  const i = <i32>reinterpret<i64>(max<f64>(px - 0.5, 0) + snap);
  const j = <i32>reinterpret<i64>(max<f64>(py - 0.5, 0) + snap);
  const k = <i32>reinterpret<i64>(max<f64>(pz - 0.5, 0) + snap);
  const u = <f32>(px - <f64>i);
  const v = <f32>(py - <f64>j);
  const w = <f32>(pz - <f64>k);
  const wx = f32x4(b0(u), b1(u), b1(1 - u), b0(1 - u));
  const y0 = b0(v);
  const y1 = b1(v);
  const y2 = b1(1 - v);
  const y3 = b0(1 - v);
  // The padded grid starts one voxel earlier: index i - 1 lies at i.
  let from = at(padded, i + row * j + plane * k);
  const r = <usize>row << 2;
  const p = <usize>plane << 2;
  let sum = f32x4.splat(0);
  for (let d = 0; d < 4; d++) {
    const z = d == 0 ? b0(w) : d == 1 ? b1(w) : d == 2 ? b1(1 - w) : b0(1 - w);
    let rows = f32x4.mul(f32x4.splat(y0), v128.load(from));
    rows = f32x4.add(rows, f32x4.mul(f32x4.splat(y1), v128.load(from + r)));
    rows = f32x4.add(rows, f32x4.mul(f32x4.splat(y2), v128.load(from + 2 * r)));
    rows = f32x4.add(rows, f32x4.mul(f32x4.splat(y3), v128.load(from + 3 * r)));
    sum = f32x4.add(sum, f32x4.mul(f32x4.splat(z), rows));
    from += p;
  }
  sum = f32x4.mul(sum, wx);
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}

/**
 * Regression sums of the moved image on the eight columns of each point.
 * points: 3 float32 (voxel index) each; basis: 8 float32 each; map: 12 float64, point -> voxel of the moved image.
 * Behind the map lie 3 margins and 3 ramps (voxels): a point weighs w = 0 within a margin of the edge and rises to 1 over the ramp.
 * out, float64: 8 of B'WI, 1 of I'WI, 1 sum of w, 36 (upper triangle, rows) of B'(1 - W)B.
 */
function accumulate(
  map: usize,
  padded: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  points: usize,
  basis: usize,
  count: i32,
  out: usize,
): void {
  const row = nx + 3;
  const plane = row * (ny + 3);
  const lx = <f64>(nx - 1);
  const ly = <f64>(ny - 1);
  const lz = <f64>(nz - 1);
  const m0 = load<f64>(map);
  const m1 = load<f64>(map, 8);
  const m2 = load<f64>(map, 16);
  const m3 = load<f64>(map, 24);
  const m4 = load<f64>(map, 32);
  const m5 = load<f64>(map, 40);
  const m6 = load<f64>(map, 48);
  const m7 = load<f64>(map, 56);
  const m8 = load<f64>(map, 64);
  const m9 = load<f64>(map, 72);
  const m10 = load<f64>(map, 80);
  const m11 = load<f64>(map, 88);
  const ex = load<f64>(map, 96);
  const ey = load<f64>(map, 104);
  const ez = load<f64>(map, 112);
  const rx = load<f64>(map, 120);
  const ry = load<f64>(map, 128);
  const rz = load<f64>(map, 136);
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let squares: f64 = 0;
  let inside: f64 = 0;
  memory.fill(out, 0, 46 * 8);
  for (let n = 0; n < count; n++) {
    const point = points + <usize>n * 12;
    const x = <f64>load<f32>(point);
    const y = <f64>load<f32>(point, 4);
    const z = <f64>load<f32>(point, 8);
    const px = m0 * x + m1 * y + m2 * z + m3;
    const py = m4 * x + m5 * y + m6 * z + m7;
    const pz = m8 * x + m9 * y + m10 * z + m11;
    const from = basis + (<usize>n << 5);
    const weight = edgeWeight(px, lx, ex, rx) * edgeWeight(py, ly, ey, ry) * edgeWeight(pz, lz, ez, rz);
    if (weight > 0) {
      const value = <f64>spline(padded, row, plane, px, py, pz);
      const splat = f64x2.splat(weight * value);
      const low = v128.load(from);
      const high = v128.load(from, 16);
      a = f64x2.add(a, f64x2.mul(splat, f64x2.promote_low_f32x4(low)));
      b = f64x2.add(b, f64x2.mul(splat, f64x2.promote_low_f32x4(v128.shuffle<i32>(low, low, 2, 3, 2, 3))));
      c = f64x2.add(c, f64x2.mul(splat, f64x2.promote_low_f32x4(high)));
      d = f64x2.add(d, f64x2.mul(splat, f64x2.promote_low_f32x4(v128.shuffle<i32>(high, high, 2, 3, 2, 3))));
      squares += weight * value * value;
      inside += weight;
    }
    if (weight < 1) {
      const lost = 1 - weight;
      let to = out + 80;
      for (let i = 0; i < 8; i++) {
        const bi = lost * <f64>load<f32>(at(from, i));
        for (let j = i; j < 8; j++) {
          store<f64>(to, load<f64>(to) + bi * <f64>load<f32>(at(from, j)));
          to += 8;
        }
      }
    }
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
  store<f64>(out, squares, 64);
  store<f64>(out, inside, 72);
}

/** The image on another grid; map: target voxel -> source voxel. Within half a voxel beyond the edge the edge is held. */
function resample(
  map: usize,
  padded: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  out: usize,
  tx: i32,
  ty: i32,
  tz: i32,
  outside: f32,
): void {
  const row = nx + 3;
  const plane = row * (ny + 3);
  const lx = <f64>(nx - 1);
  const ly = <f64>(ny - 1);
  const lz = <f64>(nz - 1);
  const mx = load<f64>(map);
  const my = load<f64>(map, 32);
  const mz = load<f64>(map, 64);
  let to = out;
  for (let z = 0; z < tz; z++) {
    for (let y = 0; y < ty; y++) {
      const fy = <f64>y;
      const fz = <f64>z;
      const bx = load<f64>(map, 8) * fy + load<f64>(map, 16) * fz + load<f64>(map, 24);
      const by = load<f64>(map, 40) * fy + load<f64>(map, 48) * fz + load<f64>(map, 56);
      const bz = load<f64>(map, 72) * fy + load<f64>(map, 80) * fz + load<f64>(map, 88);
      for (let x = 0; x < tx; x++) {
        const fx = <f64>x;
        const px = bx + mx * fx;
        const py = by + my * fx;
        const pz = bz + mz * fx;
        let value = outside;
        if (px >= -0.5 && py >= -0.5 && pz >= -0.5 && px < lx + 0.5 && py < ly + 0.5 && pz < lz + 0.5) {
          value = spline(
            padded,
            row,
            plane,
            min<f64>(max<f64>(px, 0), lx),
            min<f64>(max<f64>(py, 0), ly),
            min<f64>(max<f64>(pz, 0), lz),
          );
        }
        store<f32>(to, value);
        to += 4;
      }
    }
  }
}

// The plan that `spline-images.ts` writes: uint32 fields, of which those named here are addresses.
const NX: usize = 0;
const NY: usize = 4;
const NZ: usize = 8;
const TAPS: usize = 12;
const IMAGES: usize = 24;
const IMAGE_BYTES: usize = 28;
const PADDED: usize = 32;
const PADDED_BYTES: usize = 36;
const MAPS: usize = 40;
const SUMS: usize = 44;
const POINTS: usize = 48;
const BASIS: usize = 52;
const COUNT: usize = 56;
const WORK: usize = 60;
const WORK_BYTES: usize = 64;
const WEIGHTS: usize = 68;
const WEIGHT_BYTES: usize = 72;
const ACTIVE: usize = 76;
const TX: usize = 80;
const TY: usize = 84;
const TZ: usize = 88;
const OUTSIDE: usize = 92;
// Twelve numbers of the map, three margins, three ramps.
const MAP_BYTES: usize = 144;
const SUM_BYTES: usize = 368;

@inline
function field(plan: usize, at: usize): i32 {
  return load<i32>(plan + at);
}

@inline
function slot(plan: usize, base: usize, bytes: usize, index: i32): usize {
  return <usize>load<u32>(plan + base) + <usize>index * <usize>load<u32>(plan + bytes);
}

/** Image `chunk`: smoothed where there are weights for it, then made a spline. */
export function prepare(chunk: i32, thread: i32, plan: usize): void {
  const nx = field(plan, NX);
  const ny = field(plan, NY);
  const nz = field(plan, NZ);
  let image = slot(plan, IMAGES, IMAGE_BYTES, chunk);
  const tapsX = field(plan, TAPS);
  if (tapsX > 0) {
    const tapsY = field(plan, TAPS + 4);
    const tapsZ = field(plan, TAPS + 8);
    const other = slot(plan, WORK, WORK_BYTES, thread);
    const line = other + ((<usize>(nx * ny * nz)) << 2);
    const rows = line + (<usize>(nx + tapsX) << 2);
    const weights = <usize>load<u32>(plan + WEIGHTS);
    const step = <usize>load<u32>(plan + WEIGHT_BYTES);
    alongX(image, other, nx, ny * nz, line, weights, tapsX);
    alongRows(other, image, nx, ny, nz, rows, weights + step, tapsY);
    alongRows(image, other, nx * ny, nz, 1, rows, weights + 2 * step, tapsZ);
    image = other;
  }
  coefficients(image, nx, ny, nz, slot(plan, PADDED, PADDED_BYTES, chunk));
}

/** The regression sums of the `chunk`-th of the active images, by its map. */
export function measure(chunk: i32, thread: i32, plan: usize): void {
  const which = load<i32>(at(<usize>load<u32>(plan + ACTIVE), chunk));
  accumulate(
    <usize>load<u32>(plan + MAPS) + <usize>which * MAP_BYTES,
    slot(plan, PADDED, PADDED_BYTES, which),
    field(plan, NX),
    field(plan, NY),
    field(plan, NZ),
    <usize>load<u32>(plan + POINTS),
    <usize>load<u32>(plan + BASIS),
    field(plan, COUNT),
    <usize>load<u32>(plan + SUMS) + <usize>which * SUM_BYTES,
  );
}

/** Image `chunk` on the target's grid, written over the image. */
export function move(chunk: i32, thread: i32, plan: usize): void {
  resample(
    <usize>load<u32>(plan + MAPS) + <usize>chunk * MAP_BYTES,
    slot(plan, PADDED, PADDED_BYTES, chunk),
    field(plan, NX),
    field(plan, NY),
    field(plan, NZ),
    slot(plan, IMAGES, IMAGE_BYTES, chunk),
    field(plan, TX),
    field(plan, TY),
    field(plan, TZ),
    load<f32>(plan + OUTSIDE),
  );
}
