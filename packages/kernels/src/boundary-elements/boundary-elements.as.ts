// Solid angles of linear functions over closed triangle surfaces, and a blocked LU with partial pivoting (f64, row-major).

import { addAlone, addKnown, longest, lookRound, middle } from "./hats.as";

/** Where the tables of the logarithm and the arc tangent end: memory is free from here on. */
export function firstFree(): usize { return __heap_base; }

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
  const vertices = load<i32>(surface), triangles = load<i32>(surface, 8);
  const corners = <usize>load<u32>(surface, 24);
  const far = scratch, lines = scratch + (<usize>vertices << 3);
  for (let p = 0; p < count; p++) {
    const at = points + <usize>p * 24;
    const x = load<f64>(at), y = load<f64>(at, 8), z = load<f64>(at, 16);
    const row = rows + ((<usize>p * <usize>stride + <usize>column) << 3);
    memory.fill(row, 0, <usize>vertices << 3);
    lookRound(surface, x, y, z, far, lines);
    const self = own < 0 ? -1 : own + p;
    let total: f64 = 0;
    for (let t = 0; t < triangles; t++) {
      const corner = corners + <usize>t * 24;
      if (load<i32>(corner) == self || load<i32>(corner, 4) == self || load<i32>(corner, 8) == self) continue;
      total += addKnown(surface, t, x, y, z, far, lines, row);
    }
    store<f64>(sums + <usize>(p * step), total);
    if (self >= 0) makeUp(row, self, 2 * Math.PI - total, corners, triangles);
  }
}

/**
 * Integrals over surface `from` of its hat functions times the solid angles of the hat functions of surface `seen`: pairs of triangles
 * whose centres lie within `reach` longest edges of each other by the finer of two rules. A triangle sees nothing of itself.
 *
 * @param same 1 when both are one surface
 * @param rules [rule][point](share of a, share of b, weight) f64: `coarse` points, then `fine` points
 * @param rows [vertex of `from`][stride] f64, added to from `column` on
 * @param scratch room for vertices + edges + vertices f64 and one int32 per triangle, of surface `seen`
 */
export function weighedAngles(from: usize, seen: usize, same: i32, rules: usize, coarse: i32, fine: i32, reach: f64,
  rows: usize, stride: i32, column: i32, scratch: usize): void {
  const places = <usize>load<u32>(from, 12), corners = <usize>load<u32>(from, 24), lengths = <usize>load<u32>(from, 20);
  const vertices = load<i32>(seen), triangles = load<i32>(seen, 8);
  const places2 = <usize>load<u32>(seen, 12), corners2 = <usize>load<u32>(seen, 24), lengths2 = <usize>load<u32>(seen, 20);
  const lines = scratch + (<usize>vertices << 3), row = lines + (<usize>load<i32>(seen, 4) << 3), near = row + (<usize>vertices << 3);
  for (let t = 0; t < load<i32>(from, 8); t++) {
    const corner = corners + <usize>t * 24;
    const mx = middle(places, corner, 0), my = middle(places, corner, 8), mz = middle(places, corner, 16);
    const own = longest(lengths, corner);
    for (let s = 0; s < triangles; s++) {
      const other = corners2 + <usize>s * 24;
      const dx = middle(places2, other, 0) - mx, dy = middle(places2, other, 8) - my, dz = middle(places2, other, 16) - mz;
      const limit = reach * max(own, longest(lengths2, other));
      store<i32>(near + (<usize>s << 2), same && s == t ? 2 : dx * dx + dy * dy + dz * dz < limit * limit ? 1 : 0);
    }
    const pa = places + <usize>load<i32>(corner) * 24, pb = places + <usize>load<i32>(corner, 4) * 24;
    const pc = places + <usize>load<i32>(corner, 8) * 24;
    const area = load<f64>(<usize>load<u32>(from, 28) + <usize>t * 96, 24) / 2;
    for (let q = 0; q < coarse + fine; q++) {
      const rule = rules + <usize>q * 24;
      const a = load<f64>(rule), b = load<f64>(rule, 8), c = 1 - a - b, weight = area * load<f64>(rule, 16);
      const x = a * load<f64>(pa) + b * load<f64>(pb) + c * load<f64>(pc);
      const y = a * load<f64>(pa, 8) + b * load<f64>(pb, 8) + c * load<f64>(pc, 8);
      const z = a * load<f64>(pa, 16) + b * load<f64>(pb, 16) + c * load<f64>(pc, 16);
      memory.fill(row, 0, <usize>vertices << 3);
      if (q < coarse) {
        lookRound(seen, x, y, z, scratch, lines);
        for (let s = 0; s < triangles; s++)
          if (load<i32>(near + (<usize>s << 2)) == 0) addKnown(seen, s, x, y, z, scratch, lines, row);
      } else {
        for (let s = 0; s < triangles; s++)
          if (load<i32>(near + (<usize>s << 2)) == 1) addAlone(seen, s, x, y, z, row);
      }
      addTo(rows + ((<usize>load<i32>(corner) * <usize>stride + <usize>column) << 3), row, a * weight, vertices);
      addTo(rows + ((<usize>load<i32>(corner, 4) * <usize>stride + <usize>column) << 3), row, b * weight, vertices);
      addTo(rows + ((<usize>load<i32>(corner, 8) * <usize>stride + <usize>column) << 3), row, c * weight, vertices);
    }
  }
}

function addTo(to: usize, row: usize, factor: f64, count: i32): void {
  for (let v = 0; v < count; v++) {
    const at = <usize>v << 3;
    store<f64>(to + at, load<f64>(to + at) + factor * load<f64>(row + at));
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

/** Potential of unit dipoles at x, y, z along the three axes, at a point, times a factor: added at three places. */
@inline function addEndless(px: f64, py: f64, pz: f64, x: f64, y: f64, z: f64, factor: f64, to: usize, line: usize): void {
  const dx = px - x, dy = py - y, dz = pz - z;
  const squared = dx * dx + dy * dy + dz * dz;
  const scale = factor / (4 * Math.PI * squared * Math.sqrt(squared));
  store<f64>(to, load<f64>(to) + scale * dx);
  store<f64>(to + line, load<f64>(to + line) + scale * dy);
  store<f64>(to + 2 * line, load<f64>(to + 2 * line) + scale * dz);
}

/**
 * Potentials of unit dipoles in an endless conductor, weighed with a surface's hat functions: on a triangle `depth` times halved,
 * so that its parts are shorter than their distance over `reach`, or `deepest` times.
 *
 * @param rules of all depths one after the other, 3 x 4^depth points (share of a, share of b, weight)
 * @param to 3 lines of f64, added to from the surface's first vertex on
 */
function weighedEndless(surface: usize, rules: usize, deepest: i32, reach: f64, x: f64, y: f64, z: f64, to: usize, line: usize): void {
  const places = <usize>load<u32>(surface, 12), lengths = <usize>load<u32>(surface, 20), corners = <usize>load<u32>(surface, 24);
  for (let t = 0; t < load<i32>(surface, 8); t++) {
    const corner = corners + <usize>t * 24;
    const mx = middle(places, corner, 0) - x, my = middle(places, corner, 8) - y, mz = middle(places, corner, 16) - z;
    const away = Math.sqrt(mx * mx + my * my + mz * mz);
    let depth = 0, size = reach * longest(lengths, corner), skipped = 0, points = 3;
    while (size > away && depth < deepest) { depth++; size /= 2; skipped += points; points *= 4; }
    const one = load<i32>(corner), two = load<i32>(corner, 4), three = load<i32>(corner, 8);
    const pa = places + <usize>one * 24, pb = places + <usize>two * 24, pc = places + <usize>three * 24;
    const area = load<f64>(<usize>load<u32>(surface, 28) + <usize>t * 96, 24) / 2;
    for (let q = 0; q < points; q++) {
      const rule = rules + <usize>(skipped + q) * 24;
      const a = load<f64>(rule), b = load<f64>(rule, 8), c = 1 - a - b, weight = area * load<f64>(rule, 16);
      const px = a * load<f64>(pa) + b * load<f64>(pb) + c * load<f64>(pc);
      const py = a * load<f64>(pa, 8) + b * load<f64>(pb, 8) + c * load<f64>(pc, 8);
      const pz = a * load<f64>(pa, 16) + b * load<f64>(pb, 16) + c * load<f64>(pc, 16);
      addEndless(px, py, pz, x, y, z, a * weight, to + (<usize>one << 3), line);
      addEndless(px, py, pz, x, y, z, b * weight, to + (<usize>two << 3), line);
      addEndless(px, py, pz, x, y, z, c * weight, to + (<usize>three << 3), line);
    }
  }
}

/**
 * Potentials of unit dipoles: sum over the vertices of a transfer matrix times the potential in an endless conductor of 1 S/m, at the
 * vertices, or weighed with their hat functions where there are rules.
 *
 * @param surfaces records one after the other, `shells` of them
 * @param rules 0 for potentials at the vertices
 * @param transfer [electrode][stride] f64, 0 beyond n
 * @param out [place][electrode][3]
 * @param scratch room for 3 x stride f64
 */
export function leadField(surfaces: usize, shells: i32, rules: usize, deepest: i32, reach: f64, transfer: usize, electrodes: i32,
  stride: i32, places: usize, count: i32, out: usize, scratch: usize): void {
  const line = <usize>stride << 3;
  for (let p = 0; p < count; p++) {
    const at = places + <usize>p * 24;
    const x = load<f64>(at), y = load<f64>(at, 8), z = load<f64>(at, 16);
    memory.fill(scratch, 0, 3 * line);
    for (let k = 0, to = scratch; k < shells; k++) {
      const surface = surfaces + <usize>k * 32;
      const vertices = load<i32>(surface), points = <usize>load<u32>(surface, 12);
      if (rules != 0) weighedEndless(surface, rules, deepest, reach, x, y, z, to, line);
      else for (let v = 0; v < vertices; v++) {
        const point = points + <usize>v * 24;
        addEndless(load<f64>(point), load<f64>(point, 8), load<f64>(point, 16), x, y, z, 1, to + (<usize>v << 3), line);
      }
      to += <usize>vertices << 3;
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
