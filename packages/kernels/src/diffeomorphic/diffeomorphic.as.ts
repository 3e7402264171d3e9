// Vector fields and stacked images as four float32 per voxel, [z][y][x][4], so that one 128-bit load fetches a voxel.

// Adding 1.5 * 2^23 rounds a float32 to a whole number held in its low bits; floor and trunc are slow in V8's hot loops.
const magic: f32 = 12582912.0;

@inline
function mix(a: v128, b: v128, t: v128): v128 {
  return f32x4.add(a, f32x4.mul(t, f32x4.sub(b, a)));
}

@inline
function mixed(a: f32, b: f32, t: f32): f32 {
  return a + t * (b - a);
}

@inline
function clamped(p: v128, last: v128): v128 {
  return f32x4.pmin(f32x4.pmax(p, f32x4.splat(0)), last);
}

/** The lower corner of the cell p lies in; of an exact whole number it may be the one below, with weight 1 above. */
@inline
function corner(p: v128, top: v128): v128 {
  const raised = f32x4.add(f32x4.sub(p, f32x4.splat(0.5)), f32x4.splat(magic));
  const q = i32x4.sub(raised, i32x4.splat(reinterpret<i32>(magic)));
  return i32x4.min_s(i32x4.max_s(q, i32x4.splat(0)), top);
}

@inline
function fieldAt(field: usize, place: v128, last: v128, top: v128, nx: i32, plane: i32): v128 {
  const p = clamped(place, last);
  const q = corner(p, top);
  const f = f32x4.sub(p, f32x4.convert_i32x4_s(q));
  const i = i32x4.extract_lane(q, 0) + nx * i32x4.extract_lane(q, 1) + plane * i32x4.extract_lane(q, 2);
  const at = field + (<usize>i << 4);
  const up = at + (<usize>nx << 4);
  const far = at + (<usize>plane << 4);
  const farUp = far + (<usize>nx << 4);
  const u = f32x4.splat(f32x4.extract_lane(f, 0));
  const v = f32x4.splat(f32x4.extract_lane(f, 1));
  const w = f32x4.splat(f32x4.extract_lane(f, 2));
  const near = mix(mix(v128.load(at), v128.load(at, 16), u), mix(v128.load(up), v128.load(up, 16), u), v);
  const back = mix(mix(v128.load(far), v128.load(far, 16), u), mix(v128.load(farUp), v128.load(farUp, 16), u), v);
  return mix(near, back, w);
}

@inline
function valueAt(image: usize, place: v128, last: v128, top: v128, nx: i32, plane: i32): f32 {
  const p = clamped(place, last);
  const q = corner(p, top);
  const f = f32x4.sub(p, f32x4.convert_i32x4_s(q));
  const i = i32x4.extract_lane(q, 0) + nx * i32x4.extract_lane(q, 1) + plane * i32x4.extract_lane(q, 2);
  const at = image + (<usize>i << 2);
  const up = at + (<usize>nx << 2);
  const far = at + (<usize>plane << 2);
  const farUp = far + (<usize>nx << 2);
  const u = f32x4.extract_lane(f, 0);
  const v = f32x4.extract_lane(f, 1);
  const near = mixed(mixed(load<f32>(at), load<f32>(at, 4), u), mixed(load<f32>(up), load<f32>(up, 4), u), v);
  const back = mixed(mixed(load<f32>(far), load<f32>(far, 4), u), mixed(load<f32>(farUp), load<f32>(farUp, 4), u), v);
  return mixed(near, back, f32x4.extract_lane(f, 2));
}

@inline
function lastPlace(nx: i32, ny: i32, nz: i32): v128 {
  return f32x4(<f32>(nx - 1), <f32>(ny - 1), <f32>(nz - 1), 0);
}

@inline
function topCorner(nx: i32, ny: i32, nz: i32): v128 {
  return i32x4(nx - 2, ny - 2, nz - 2, 0);
}

/** out(x) = w(x) + u(x + w(x)): the displacement of (id + u) o (id + w). `out` may be neither. */
export function compose(u: usize, w: usize, out: usize, nx: i32, ny: i32, nz: i32): void {
  const plane = nx * ny;
  const last = lastPlace(nx, ny, nz);
  const top = topCorner(nx, ny, nz);
  let at: usize = 0;
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      let place = f32x4(0, <f32>y, <f32>z, 0);
      for (let x = 0; x < nx; x++) {
        const step = v128.load(w + at);
        const there = fieldAt(u, f32x4.add(place, step), last, top, nx, plane);
        v128.store(out + at, f32x4.add(step, there));
        place = f32x4.add(place, f32x4(1, 0, 0, 0));
        at += 16;
      }
    }
  }
}

/** out = (a, b, a a, b b) with a = fixed(x + minus(x)), b = moving(x + plus(x)). */
export function stack(
  fixed: usize,
  minus: usize,
  moving: usize,
  plus: usize,
  out: usize,
  nx: i32,
  ny: i32,
  nz: i32,
): void {
  const plane = nx * ny;
  const last = lastPlace(nx, ny, nz);
  const top = topCorner(nx, ny, nz);
  let at: usize = 0;
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      let place = f32x4(0, <f32>y, <f32>z, 0);
      for (let x = 0; x < nx; x++) {
        const a = valueAt(fixed, f32x4.add(place, v128.load(minus + at)), last, top, nx, plane);
        const b = valueAt(moving, f32x4.add(place, v128.load(plus + at)), last, top, nx, plane);
        v128.store(out + at, f32x4(a, b, a * a, b * b));
        place = f32x4.add(place, f32x4(1, 0, 0, 0));
        at += 16;
      }
    }
  }
}

/** to = factor * from, voxel by voxel. */
export function scale(from: usize, to: usize, factor: f32, voxels: i32): void {
  const by = f32x4.splat(factor);
  const end = from + (<usize>voxels << 4);
  for (; from < end; from += 16, to += 16) v128.store(to, f32x4.mul(by, v128.load(from)));
}

/** to += from. */
export function add(from: usize, to: usize, voxels: i32): void {
  const end = from + (<usize>voxels << 4);
  for (; from < end; from += 16, to += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
}

/** The largest absolute component. */
export function largest(field: usize, voxels: i32): f32 {
  let most = f32x4.splat(0);
  const end = field + (<usize>voxels << 4);
  for (; field < end; field += 16) most = f32x4.max(most, f32x4.abs(v128.load(field)));
  return max<f32>(
    f32x4.extract_lane(most, 0),
    max<f32>(f32x4.extract_lane(most, 1), f32x4.extract_lane(most, 2)),
  );
}

/** Index reflected about the outer faces: d c b a | a b c d | d c b a. */
function reflect(i: i32, n: i32): i32 {
  const period = 2 * n;
  const folded = ((i % period) + period) % period;
  return folded < n ? folded : period - 1 - folded;
}

/** `lines` lines of nx voxels weighted along themselves; `line` is room for nx + taps voxels. */
export function alongX(from: usize, to: usize, nx: i32, lines: i32, line: usize, weights: usize, taps: i32): void {
  const radius = taps >> 1;
  for (let j = 0; j < lines; j++) {
    const base = from + ((<usize>j * nx) << 4);
    for (let i = 0; i < radius; i++) {
      v128.store(line + (<usize>i << 4), v128.load(base + (<usize>reflect(i - radius, nx) << 4)));
      v128.store(line + (<usize>(nx + radius + i) << 4), v128.load(base + (<usize>reflect(nx + i, nx) << 4)));
    }
    memory.copy(line + (<usize>radius << 4), base, <usize>nx << 4);
    const out = to + ((<usize>j * nx) << 4);
    let i = 0;
    for (; i + 4 <= nx; i += 4) {
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      let at = line + (<usize>i << 4);
      for (let k = 0; k < taps; k++) {
        const w = v128.load_splat<f32>(weights + (<usize>k << 2));
        a = f32x4.add(a, f32x4.mul(w, v128.load(at)));
        b = f32x4.add(b, f32x4.mul(w, v128.load(at, 16)));
        c = f32x4.add(c, f32x4.mul(w, v128.load(at, 32)));
        d = f32x4.add(d, f32x4.mul(w, v128.load(at, 48)));
        at += 16;
      }
      const there = out + (<usize>i << 4);
      v128.store(there, a);
      v128.store(there, b, 16);
      v128.store(there, c, 32);
      v128.store(there, d, 48);
    }
    for (; i < nx; i++) {
      let a = f32x4.splat(0);
      for (let k = 0; k < taps; k++) {
        const w = v128.load_splat<f32>(weights + (<usize>k << 2));
        a = f32x4.add(a, f32x4.mul(w, v128.load(line + (<usize>(i + k) << 4))));
      }
      v128.store(out + (<usize>i << 4), a);
    }
  }
}

/** `blocks` stacks of `count` rows of `width` voxels, weighted along `count`; `rows` is room for `taps` addresses. */
export function alongRows(
  from: usize,
  to: usize,
  width: i32,
  count: i32,
  blocks: i32,
  rows: usize,
  weights: usize,
  taps: i32,
): void {
  const radius = taps >> 1;
  const bytes = <usize>width << 4;
  for (let block = 0; block < blocks; block++) {
    const base = <usize>block * count * bytes;
    for (let j = 0; j < count; j++) {
      for (let k = 0; k < taps; k++) {
        store<u32>(rows + (<usize>k << 2), <u32>(from + base + <usize>reflect(j + k - radius, count) * bytes));
      }
      sumRows(to + base + <usize>j * bytes, width, rows, weights, taps);
    }
  }
}

@inline
function sumRows(out: usize, width: i32, rows: usize, weights: usize, taps: i32): void {
  let i = 0;
  for (; i + 4 <= width; i += 4) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let k = 0; k < taps; k++) {
      const w = v128.load_splat<f32>(weights + (<usize>k << 2));
      const from = <usize>load<u32>(rows + (<usize>k << 2)) + (<usize>i << 4);
      a = f32x4.add(a, f32x4.mul(w, v128.load(from)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(from, 16)));
      c = f32x4.add(c, f32x4.mul(w, v128.load(from, 32)));
      d = f32x4.add(d, f32x4.mul(w, v128.load(from, 48)));
    }
    const to = out + (<usize>i << 4);
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
  }
  for (; i < width; i++) {
    let a = f32x4.splat(0);
    for (let k = 0; k < taps; k++) {
      const w = v128.load_splat<f32>(weights + (<usize>k << 2));
      a = f32x4.add(a, f32x4.mul(w, v128.load(<usize>load<u32>(rows + (<usize>k << 2)) + (<usize>i << 4))));
    }
    v128.store(out + (<usize>i << 4), a);
  }
}

/**
 * raw = (a, b, ..) and local = their windowed (mean, mean, mean square, mean square) give the normalised images
 * A = (a - mean) / sqrt(variance + floor), likewise B: sum = A + B, difference = A - B.
 * @returns nothing; sums[0] = sum of (A - B)^2, sums[1] = sum of A^2 + B^2, float64
 */
export function normalise(
  raw: usize,
  local: usize,
  sum: usize,
  difference: usize,
  floor: f32,
  voxels: i32,
  sums: usize,
): void {
  let apart: f64 = 0;
  let power: f64 = 0;
  for (let i = 0; i < voxels; i++) {
    const at = <usize>i << 4;
    const ma = load<f32>(local + at);
    const mb = load<f32>(local + at, 4);
    const va = max<f32>(load<f32>(local + at, 8) - ma * ma, 0);
    const vb = max<f32>(load<f32>(local + at, 12) - mb * mb, 0);
    const a = (load<f32>(raw + at) - ma) / sqrt<f32>(va + floor);
    const b = (load<f32>(raw + at, 4) - mb) / sqrt<f32>(vb + floor);
    store<f32>(sum + (<usize>i << 2), a + b);
    store<f32>(difference + (<usize>i << 2), a - b);
    apart += <f64>((a - b) * (a - b));
    power += <f64>(a * a + b * b);
  }
  store<f64>(sums, apart);
  store<f64>(sums, power, 8);
}

/** out = r g / (|g|^2 + share r^2 + damping) with r the difference and g = grad(sum) / 2, central differences. */
export function force(
  sum: usize,
  difference: usize,
  out: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  share: f32,
  damping: f32,
): void {
  const plane = nx * ny;
  for (let z = 0; z < nz; z++) {
    const below = z > 0 ? plane : 0;
    const above = z < nz - 1 ? plane : 0;
    for (let y = 0; y < ny; y++) {
      const front = y > 0 ? nx : 0;
      const behind = y < ny - 1 ? nx : 0;
      const row = nx * y + plane * z;
      for (let x = 0; x < nx; x++) {
        const i = row + x;
        const at = sum + (<usize>i << 2);
        const gx: f32 = 0.25 * (load<f32>(at + (x < nx - 1 ? 4 : 0)) - load<f32>(at - (x > 0 ? 4 : 0)));
        const gy: f32 = 0.25 * (load<f32>(at + (<usize>behind << 2)) - load<f32>(at - (<usize>front << 2)));
        const gz: f32 = 0.25 * (load<f32>(at + (<usize>above << 2)) - load<f32>(at - (<usize>below << 2)));
        const r = load<f32>(difference + (<usize>i << 2));
        const factor = r / (gx * gx + gy * gy + gz * gz + share * r * r + damping);
        v128.store(out + (<usize>i << 4), f32x4(factor * gx, factor * gy, factor * gz, 0));
      }
    }
  }
}
