// Solid angles of linear functions over closed triangle surfaces, and a blocked LU with partial pivoting (f64, row-major).

/** Where the tables of the logarithm and the arc tangent end: memory is free from here on. */
export function firstFree(): usize { return __heap_base; }

/** A surface: int32 counts of vertices, edges and triangles, then addresses (see boundary-system.ts for what lies there). */
@inline function distance(points: usize, vertex: i32, x: f64, y: f64, z: f64): f64 {
  const at = points + <usize>vertex * 24;
  const a = load<f64>(at) - x, b = load<f64>(at, 8) - y, c = load<f64>(at, 16) - z;
  return Math.sqrt(a * a + b * b + c * c);
}

/**
 * Solid angles that the vertices' hat functions of one surface subtend at `count` points.
 *
 * @param own index of the first point among the surface's own vertices; -1 for points of another surface
 * @param rows [point][stride] f64, written from `column` on
 * @param sums one f64 per point at a distance of `step` bytes: the whole surface's solid angle, before the own vertex is made up for
 * @param scratch room for vertices + edges f64
 */
export function solidAngles(points: usize, count: i32, own: i32, surface: usize, rows: usize, stride: i32, column: i32,
  sums: usize, step: i32, scratch: usize): void {
  const vertices = load<i32>(surface), edges = load<i32>(surface, 4), triangles = load<i32>(surface, 8);
  const places = <usize>load<u32>(surface, 12), ends = <usize>load<u32>(surface, 16), lengths = <usize>load<u32>(surface, 20);
  const corners = <usize>load<u32>(surface, 24), planes = <usize>load<u32>(surface, 28);
  const far = scratch, lines = scratch + (<usize>vertices << 3);
  for (let p = 0; p < count; p++) {
    const at = points + <usize>p * 24;
    const x = load<f64>(at), y = load<f64>(at, 8), z = load<f64>(at, 16);
    const row = rows + ((<usize>p * <usize>stride + <usize>column) << 3);
    memory.fill(row, 0, <usize>vertices << 3);
    for (let v = 0; v < vertices; v++) store<f64>(far + (<usize>v << 3), distance(places, v, x, y, z));
    for (let e = 0; e < edges; e++) {
      const end = ends + (<usize>e << 3);
      const sum = load<f64>(far + (<usize>load<i32>(end) << 3)) + load<f64>(far + (<usize>load<i32>(end, 4) << 3));
      const length = load<f64>(lengths + (<usize>e << 3));
      store<f64>(lines + (<usize>e << 3), Math.log((sum + length) / (sum - length)) / length);
    }
    const self = own < 0 ? -1 : own + p;
    let total: f64 = 0;
    for (let t = 0; t < triangles; t++) {
      const corner = corners + <usize>t * 24;
      const a = load<i32>(corner), b = load<i32>(corner, 4), c = load<i32>(corner, 8);
      if (a == self || b == self || c == self) continue;
      const pa = places + <usize>a * 24, pb = places + <usize>b * 24, pc = places + <usize>c * 24;
      const ax = load<f64>(pa) - x, ay = load<f64>(pa, 8) - y, az = load<f64>(pa, 16) - z;
      const bx = load<f64>(pb) - x, by = load<f64>(pb, 8) - y, bz = load<f64>(pb, 16) - z;
      const cx = load<f64>(pc) - x, cy = load<f64>(pc, 8) - y, cz = load<f64>(pc, 16) - z;
      const ra = load<f64>(far + (<usize>a << 3)), rb = load<f64>(far + (<usize>b << 3)), rc = load<f64>(far + (<usize>c << 3));
      const plane = planes + <usize>t * 96;
      const height = load<f64>(plane) * ax + load<f64>(plane, 8) * ay + load<f64>(plane, 16) * az;
      const twice = load<f64>(plane, 24);
      const angle = 2 * Math.atan2(height * twice, ra * rb * rc + ra * (bx * cx + by * cy + bz * cz)
        + rb * (cx * ax + cy * ay + cz * az) + rc * (ax * bx + ay * by + az * bz));
      const first = load<f64>(plane, 32) + load<f64>(plane, 40) * x + load<f64>(plane, 48) * y + load<f64>(plane, 56) * z;
      const second = load<f64>(plane, 64) + load<f64>(plane, 72) * x + load<f64>(plane, 80) * y + load<f64>(plane, 88) * z;
      const ab = load<f64>(lines + (<usize>load<i32>(corner, 12) << 3));
      const bc = load<f64>(lines + (<usize>load<i32>(corner, 16) << 3));
      const ca = load<f64>(lines + (<usize>load<i32>(corner, 20) << 3));
      const wx = (bx - ax) * ab + (cx - bx) * bc + (ax - cx) * ca;
      const wy = (by - ay) * ab + (cy - by) * bc + (ay - cy) * ca;
      const wz = (bz - az) * ab + (cz - bz) * bc + (az - cz) * ca;
      const slope = height / twice;
      const one = first * angle + slope * ((cx - bx) * wx + (cy - by) * wy + (cz - bz) * wz);
      const two = second * angle + slope * ((ax - cx) * wx + (ay - cy) * wy + (az - cz) * wz);
      const toA = row + (<usize>a << 3), toB = row + (<usize>b << 3), toC = row + (<usize>c << 3);
      store<f64>(toA, load<f64>(toA) + one);
      store<f64>(toB, load<f64>(toB) + two);
      store<f64>(toC, load<f64>(toC) + angle - one - two);
      total += angle;
    }
    store<f64>(sums + <usize>(p * step), total);
    if (self >= 0) makeUp(row, self, 2 * Math.PI - total, corners, triangles);
  }
}

/** What the flat triangles around a vertex lack of 2 pi: half to the vertex, half over its neighbours. */
function makeUp(row: usize, self: i32, missing: f64, corners: usize, triangles: i32): void {
  let around = 0;
  for (let t = 0; t < triangles; t++) {
    const corner = corners + <usize>t * 24;
    if (load<i32>(corner) == self || load<i32>(corner, 4) == self || load<i32>(corner, 8) == self) around++;
  }
  store<f64>(row + (<usize>self << 3), missing / 2);
  const share = missing / <f64>(4 * around);
  for (let t = 0; t < triangles; t++) {
    const corner = corners + <usize>t * 24;
    const a = load<i32>(corner), b = load<i32>(corner, 4), c = load<i32>(corner, 8);
    if (a != self && b != self && c != self) continue;
    for (let k: usize = 0; k < 3; k++) {
      const v = load<i32>(corner + (k << 2));
      if (v == self) continue;
      const to = row + (<usize>v << 3);
      store<f64>(to, load<f64>(to) + share);
    }
  }
}

/** Columns that are eliminated together. */
const block: i32 = 64;

/** row[i] -= factor * other[i] for i from `from` to `to`, even numbers of doubles from an even start. */
@inline function subtractRow(row: usize, other: usize, factor: f64, from: i32, to: i32): void {
  const f = f64x2.splat(factor);
  for (let j = from & ~1; j < to; j += 2) {
    const at = <usize>j << 3;
    v128.store(row + at, f64x2.sub(v128.load(row + at), f64x2.mul(f, v128.load(other + at))));
  }
}

/**
 * PA = LU in place. Rows of `stride` doubles, a multiple of 8; columns beyond n and the row behind the last (when n is odd) hold 0.
 *
 * @param order n int32: which row of A stands at each place
 * @param strip room for 64 x 8 doubles
 * @returns 0, or the 1-based column without a pivot
 */
export function factorise(a: usize, n: i32, stride: i32, order: usize, strip: usize): i32 {
  const line = <usize>stride << 3;
  for (let i = 0; i < n; i++) store<i32>(order + (<usize>i << 2), i);
  for (let k0 = 0; k0 < n; k0 += block) {
    const k1 = min(k0 + block, n);
    for (let k = k0; k < k1; k++) {
      const column = a + (<usize>k << 3);
      let best = k, most = Math.abs(load<f64>(column + <usize>k * line));
      for (let i = k + 1; i < n; i++) {
        const size = Math.abs(load<f64>(column + <usize>i * line));
        if (size > most) { most = size; best = i; }
      }
      if (!(most > 0)) return k + 1;
      if (best != k) swap(a + <usize>k * line, a + <usize>best * line, stride, order + (<usize>k << 2), order + (<usize>best << 2));
      const pivot = a + <usize>k * line;
      const inverse = 1 / load<f64>(pivot + (<usize>k << 3));
      for (let i = k + 1; i < n; i++) {
        const row = a + <usize>i * line;
        const factor = load<f64>(row + (<usize>k << 3)) * inverse;
        store<f64>(row + (<usize>k << 3), factor);
        for (let j = k + 1; j < k1; j++) {
          const at = <usize>j << 3;
          store<f64>(row + at, load<f64>(row + at) - factor * load<f64>(pivot + at));
        }
      }
    }
    if (k1 == n) break;
    for (let k = k0; k < k1; k++) {
      const row = a + <usize>k * line;
      for (let i = k0; i < k; i++) subtractRow(row, a + <usize>i * line, load<f64>(row + (<usize>i << 3)), k1, stride);
    }
    for (let j = k1; j < stride; j += 8) update(a, n, line, k0, k1, j, strip);
  }
  return 0;
}

function swap(one: usize, other: usize, stride: i32, place: usize, otherPlace: usize): void {
  for (let j = 0; j < stride; j += 2) {
    const at = <usize>j << 3;
    const kept = v128.load(one + at);
    v128.store(one + at, v128.load(other + at));
    v128.store(other + at, kept);
  }
  const kept = load<i32>(place);
  store<i32>(place, load<i32>(otherPlace));
  store<i32>(otherPlace, kept);
}

/** C -= L U for eight columns, two rows at a time. */
function update(a: usize, n: i32, line: usize, k0: i32, k1: i32, j: i32, strip: usize): void {
  for (let k = k0; k < k1; k++) memory.copy(strip + (<usize>(k - k0) << 6), a + <usize>k * line + (<usize>j << 3), 64);
  const depth = k1 - k0;
  for (let i = k1; i < n; i += 2) {
    const l0 = a + <usize>i * line + (<usize>k0 << 3), l1 = l0 + line;
    const c0 = a + <usize>i * line + (<usize>j << 3), c1 = c0 + line;
    let s0 = v128.load(c0), s1 = v128.load(c0, 16), s2 = v128.load(c0, 32), s3 = v128.load(c0, 48);
    let t0 = v128.load(c1), t1 = v128.load(c1, 16), t2 = v128.load(c1, 32), t3 = v128.load(c1, 48);
    for (let k = 0; k < depth; k++) {
      const u = strip + (<usize>k << 6);
      const f = v128.load64_splat(l0 + (<usize>k << 3)), g = v128.load64_splat(l1 + (<usize>k << 3));
      const u0 = v128.load(u), u1 = v128.load(u, 16), u2 = v128.load(u, 32), u3 = v128.load(u, 48);
      s0 = f64x2.sub(s0, f64x2.mul(f, u0)); s1 = f64x2.sub(s1, f64x2.mul(f, u1));
      s2 = f64x2.sub(s2, f64x2.mul(f, u2)); s3 = f64x2.sub(s3, f64x2.mul(f, u3));
      t0 = f64x2.sub(t0, f64x2.mul(g, u0)); t1 = f64x2.sub(t1, f64x2.mul(g, u1));
      t2 = f64x2.sub(t2, f64x2.mul(g, u2)); t3 = f64x2.sub(t3, f64x2.mul(g, u3));
    }
    v128.store(c0, s0); v128.store(c0, s1, 16); v128.store(c0, s2, 32); v128.store(c0, s3, 48);
    v128.store(c1, t0); v128.store(c1, t1, 16); v128.store(c1, t2, 32); v128.store(c1, t3, 48);
  }
}

/** A' x = b for `count` rows of `stride` doubles at `rows`, with A factorised; b is replaced by x through `scratch` (n doubles). */
export function solveTransposed(a: usize, n: i32, stride: i32, order: usize, rows: usize, count: i32, scratch: usize): void {
  const line = <usize>stride << 3;
  for (let k = 0; k < n; k++) {
    const u = a + <usize>k * line;
    const inverse = 1 / load<f64>(u + (<usize>k << 3));
    for (let r = 0; r < count; r++) {
      const b = rows + <usize>r * line;
      const value = load<f64>(b + (<usize>k << 3)) * inverse;
      if (value != 0) subtractRow(b, u, value, k + 1, stride);
      store<f64>(b + (<usize>k << 3), value);
    }
  }
  for (let k = n - 1; k > 0; k--) {
    const l = a + <usize>k * line;
    for (let r = 0; r < count; r++) {
      const b = rows + <usize>r * line;
      const value = load<f64>(b + (<usize>k << 3));
      for (let j = 0; j < k; j++) {
        const at = <usize>j << 3;
        store<f64>(b + at, load<f64>(b + at) - value * load<f64>(l + at));
      }
    }
  }
  for (let r = 0; r < count; r++) {
    const b = rows + <usize>r * line;
    for (let k = 0; k < n; k++) store<f64>(scratch + (<usize>load<i32>(order + (<usize>k << 2)) << 3), load<f64>(b + (<usize>k << 3)));
    memory.copy(b, scratch, <usize>n << 3);
  }
}

/**
 * Potentials of unit dipoles: sum over the vertices of a transfer matrix times the potential in an endless conductor of 1 S/m.
 *
 * @param vertices n points, f64 xyz
 * @param transfer [electrode][stride] f64, 0 beyond n
 * @param out [place][electrode][3]
 * @param scratch room for 3 x stride f64, 0 beyond n
 */
export function leadField(vertices: usize, n: i32, transfer: usize, electrodes: i32, stride: i32, places: usize, count: i32,
  out: usize, scratch: usize): void {
  const line = <usize>stride << 3;
  const quarter = 1 / (4 * Math.PI);
  for (let p = 0; p < count; p++) {
    const at = places + <usize>p * 24;
    const x = load<f64>(at), y = load<f64>(at, 8), z = load<f64>(at, 16);
    for (let v = 0; v < n; v++) {
      const place = vertices + <usize>v * 24;
      const dx = load<f64>(place) - x, dy = load<f64>(place, 8) - y, dz = load<f64>(place, 16) - z;
      const squared = dx * dx + dy * dy + dz * dz;
      const scale = quarter / (squared * Math.sqrt(squared));
      const to = scratch + (<usize>v << 3);
      store<f64>(to, scale * dx);
      store<f64>(to + line, scale * dy);
      store<f64>(to + 2 * line, scale * dz);
    }
    for (let e = 0; e < electrodes; e++) {
      const row = transfer + <usize>e * line;
      let sx = f64x2.splat(0), sy = sx, sz = sx;
      for (let at: usize = 0; at < line; at += 16) {
        const t = v128.load(row + at), u = scratch + at;
        sx = f64x2.add(sx, f64x2.mul(t, v128.load(u)));
        sy = f64x2.add(sy, f64x2.mul(t, v128.load(u + line)));
        sz = f64x2.add(sz, f64x2.mul(t, v128.load(u + 2 * line)));
      }
      const to = out + <usize>(p * electrodes + e) * 24;
      store<f64>(to, f64x2.extract_lane(sx, 0) + f64x2.extract_lane(sx, 1));
      store<f64>(to, f64x2.extract_lane(sy, 0) + f64x2.extract_lane(sy, 1), 8);
      store<f64>(to, f64x2.extract_lane(sz, 0) + f64x2.extract_lane(sz, 1), 16);
    }
  }
}
