// part of joseph-stack
// Running sums over the steps of a ray, the rows that knots and bases read (knots.as.ts), and their transposes; tiles have theirs.
//
// Slot k holds two rows, of L and of (step - middle) L: in the first half of a block less the sums of its steps before k,
// in the second half those of its steps from k on; slots on the border of two blocks are 0. The block rows hold the sums of
// all its steps: T of L, then T(z + 1) - T(z) of either. A row is made of sub-rows, every stride-th voxel in each, and slots
// hold the second difference along z.
import { block, blockRows, guard, madd, row, rows, scratch, spare, stride, sub, width } from "./plan.as";
import { steps } from "./ray.as";

@inline export function add(a: v128, b: v128): v128 { return f32x4.add(a, b); }

@inline export function clear(at: usize, bytes: usize): void {
  const none = f32x4.splat(0);
  for (const end = at + bytes; at < end; at += 16) v128.store(at, none);
}

/**
 * Reads one number of each cache line, bytes [low, high), of the columns of the steps [from, to): they are on their way from the far
 * cache before the block is worked on. A ray meets a new pair of columns at each step, which no prefetcher foresees.
 */
@inline export function fetch(table: usize, from: i32, to: i32, low: usize, high: usize): void {
  let seen: u32 = 0;
  for (let p = table + (<usize>from << 4), end = table + (<usize>min(to, steps) << 4); p < end; p += 16) {
    const a = <usize>load<u32>(p), b = <usize>load<u32>(p, 4);
    for (let i = low; i < high; i += 64) seen |= load<u32>(a + i) | load<u32>(b + i);
  }
  store<u32>(scratch, seen, 8);
}

/** The next voxel's sub-row from sub-row s of a row that begins at 0, and the one before. */
@inline function next(s: i32): usize { return s + 1 < stride ? <usize>(s + 1) * sub : 4; }
@inline function before(s: i32): usize { return s > 0 ? <usize>(s - 1) * sub : <usize>(stride - 1) * sub - 4; }

/** Adds L of a step to the block's sums and its second difference to another slot's. */
function extend(step: usize, old: usize, to: usize, sign: f32, weight: f32, sums: usize): void {
  let a = <usize>load<u32>(step), b = <usize>load<u32>(step, 4);
  const u = v128.load32_splat(step + 8), w = v128.load32_splat(step + 12), g = f32x4.splat(weight), line = spare + guard;
  for (let s = 0; s < stride; s++) {
    let here = line + <usize>s * sub, t = sums + <usize>s * sub, t1 = t + row;
    for (const end = here + width; here < end; a += 32, b += 32, here += 32, t += 32, t1 += 32) {
      const x = madd(w, v128.load(b), f32x4.mul(u, v128.load(a))), y = madd(w, v128.load(b, 16), f32x4.mul(u, v128.load(a, 16)));
      v128.store(here, x); v128.store(here, y, 16);
      const x0 = v128.load(t), y0 = v128.load(t, 16), x1 = v128.load(t1), y1 = v128.load(t1, 16);
      v128.store(t, add(x0, x)); v128.store(t, add(y0, y), 16);
      v128.store(t1, madd(g, x, x1)); v128.store(t1, madd(g, y, y1), 16);
    }
  }
  if (sign == 0) return;
  const one = f32x4.splat(sign), slope = f32x4.splat(sign * weight), two = f32x4.splat(-2);
  for (let s = 0; s < stride; s++) {
    let c = line + <usize>s * sub - 16, n = line + next(s) - 16, e = line + before(s) - 16;
    let o = old + <usize>s * sub - 16, o1 = o + row, t = to + <usize>s * sub - 16, t1 = t + row;
    for (const end = c + width + 32; c < end; c += 32, n += 32, e += 32, o += 32, o1 += 32, t += 32, t1 += 32) {
      const x = madd(two, v128.load(c), add(v128.load(n), v128.load(e)));
      const y = madd(two, v128.load(c, 16), add(v128.load(n, 16), v128.load(e, 16)));
      const x0 = v128.load(o), y0 = v128.load(o, 16), x1 = v128.load(o1), y1 = v128.load(o1, 16);
      v128.store(t, madd(one, x, x0)); v128.store(t, madd(one, y, y0), 16);
      v128.store(t1, madd(slope, x, x1)); v128.store(t1, madd(slope, y, y1), 16);
    }
  }
}

/** The block rows from the sums of all its steps, which lie in the first two. */
function differences(at: usize): void {
  const r = row, size = width + 32;
  for (let s = 0; s < stride; s++) {
    const c = at + <usize>s * sub - 16, n = at + next(s) - 16;
    for (let z: usize = 0; z < size; z += 16) v128.store(c + z + 2 * r, f32x4.sub(v128.load(n + z + r), v128.load(c + z + r)));
  }
  for (let s = 0; s < stride; s++) {
    const c = at + <usize>s * sub - 16, n = at + next(s) - 16;
    for (let z: usize = 0; z < size; z += 16) v128.store(c + z + r, f32x4.sub(v128.load(n + z), v128.load(c + z)));
  }
}

/** The transpose of differences: leaves the sums of all steps in the first two rows. */
function integrate(at: usize): void {
  const r = row, size = width + 32;
  for (let s = 0; s < stride; s++) {
    const c = at + <usize>s * sub - 16, e = at + before(s) - 16;
    for (let z: usize = 0; z < size; z += 16)
      v128.store(c + z, add(v128.load(c + z), f32x4.sub(v128.load(e + z + r), v128.load(c + z + r))));
  }
  for (let s = 0; s < stride; s++) {
    const c = at + <usize>s * sub - 16, e = at + before(s) - 16;
    for (let z: usize = 0; z < size; z += 16)
      v128.store(c + z + r, f32x4.sub(v128.load(e + z + 2 * r), v128.load(c + z + 2 * r)));
  }
}

/** What back left where forward counts on 0: before the first ray. */
export function beginSums(): void {
  clear(spare, 3 * row);
}

/** All rows of a ray whose steps stand in `table`; `across` from the first ray's rows. */
export function sumUp(table: usize, across: usize): void {
  const pitch = row << 1, slots = rows + guard + across;
  let at = blockRows + guard + across;
  fetch(table, 0, block, 0, width * <usize>stride);
  for (let start = 0; start < steps; start += block, at += 3 * row) {
    fetch(table, start + block, start + 2 * block, 0, width * <usize>stride);
    const mid = min(start + (block >> 1), steps), end = min(start + block, steps), none = slots + <usize>start * pitch;
    memory.fill(at - guard, 0, pitch);
    for (let k = start; k < mid; k++) {
      const old = slots + <usize>k * pitch;
      extend(table + (<usize>k << 4), old, old + pitch, -1, <f32>(k - mid), at);
    }
    for (let k = end - 1; k > mid; k--) {
      const here = slots + <usize>k * pitch;
      extend(table + (<usize>k << 4), k + 1 == end ? none : here + pitch, here, 1, <f32>(k - mid), at);
    }
    if (mid < end) extend(table + (<usize>mid << 4), none, none, 0, 0, at);
    differences(at);
    // Knots at or behind the last step read these.
    if (end == steps) {
      if (mid < end) memory.fill(slots + <usize>end * pitch - guard, 0, pitch);
      memory.fill(slots + <usize>(end + 1) * pitch - guard, 0, pitch);
    }
  }
}

/** The transpose of extend: running sums in t, the block's in `sums`; the slot is left at 0. */
function retract(step: usize, slot: usize, t: usize, sign: f32, weight: f32, sums: usize): void {
  let a = <usize>load<u32>(step), b = <usize>load<u32>(step, 4);
  const u = v128.load32_splat(step + 8), w = v128.load32_splat(step + 12), g = f32x4.splat(weight), two = f32x4.splat(-2);
  const line = spare + guard, one = f32x4.splat(sign), none = f32x4.splat(0);
  if (sign == 0) clear(line - 16, row - guard + 16);
  else {
    for (let s = 0; s < stride; s++) {
      let q = slot + <usize>s * sub - 16, q1 = q + row, c = t + <usize>s * sub - 16, c1 = c + row, here = line + <usize>s * sub - 16;
      for (const end = q + width + 32; q < end; q += 32, q1 += 32, c += 32, c1 += 32, here += 32) {
        const x = madd(one, v128.load(q), v128.load(c)), y = madd(one, v128.load(q, 16), v128.load(c, 16));
        const x1 = madd(one, v128.load(q1), v128.load(c1)), y1 = madd(one, v128.load(q1, 16), v128.load(c1, 16));
        v128.store(c, x); v128.store(c, y, 16); v128.store(c1, x1); v128.store(c1, y1, 16);
        v128.store(here, madd(g, x1, x)); v128.store(here, madd(g, y1, y), 16);
        v128.store(q, none); v128.store(q, none, 16); v128.store(q1, none); v128.store(q1, none, 16);
      }
      clear(q, guard - 16); clear(q1, guard - 16);
      clear(q - width - guard - 16, guard - 16); clear(q1 - width - guard - 16, guard - 16);
    }
  }
  for (let s = 0; s < stride; s++) {
    let c = line + <usize>s * sub, n = line + next(s), e = line + before(s), m = sums + <usize>s * sub, m1 = m + row;
    for (const end = c + width; c < end; a += 32, b += 32, c += 32, n += 32, e += 32, m += 32, m1 += 32) {
      const k0 = madd(two, v128.load(c), add(v128.load(n), v128.load(e)));
      const k1 = madd(two, v128.load(c, 16), add(v128.load(n, 16), v128.load(e, 16)));
      const l0 = add(madd(g, v128.load(m1), v128.load(m)), k0), l1 = add(madd(g, v128.load(m1, 16), v128.load(m, 16)), k1);
      const a0 = v128.load(a), a1 = v128.load(a, 16);
      v128.store(a, madd(u, l0, a0)); v128.store(a, madd(u, l1, a1), 16);
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      v128.store(b, madd(w, l0, b0)); v128.store(b, madd(w, l1, b1), 16);
    }
  }
}

/** The transpose of sumUp: adds all rows to the columns and leaves the rows at 0. */
export function spreadOut(table: usize, across: usize): void {
  const pitch = row << 1, slots = rows + guard + across, edge = guard;
  let at = blockRows + edge + across;
  const running = spare + row + edge;
  for (let start = 0; start < steps; start += block, at += 3 * row) {
    const mid = min(start + (block >> 1), steps), end = min(start + block, steps);
    fetch(table, start, end, 0, width * <usize>stride);
    integrate(at);
    clear(running - edge, pitch);
    for (let k = mid - 1; k >= start; k--)
      retract(table + (<usize>k << 4), slots + <usize>(k + 1) * pitch, running, -1, <f32>(k - mid), at);
    clear(running - edge, pitch);
    if (mid < end) retract(table + (<usize>mid << 4), slots, running, 0, 0, at);
    for (let k = mid + 1; k < end; k++)
      retract(table + (<usize>k << 4), slots + <usize>k * pitch, running, 1, <f32>(k - mid), at);
    clear(at - edge, 3 * row);
    clear(slots + <usize>start * pitch - edge, pitch);
    if (end == steps) clear(slots + <usize>end * pitch - edge, pitch << 1);
  }
}

/** The transpose of what a gather reads at knots: n vectors v, each to its column and, times c1, to the next one. */
@inline export function spreadAtKnots(n: i32, mirrored: bool, c1: v128, v0: v128, v1: v128, v2: v128, v3: v128, from: usize, to: usize, off: usize): void {
  const r = row, none = f32x4.splat(0);
  const g0 = f32x4.mul(c1, v0), g1 = f32x4.mul(c1, v1), g2 = f32x4.mul(c1, v2), g3 = f32x4.mul(c1, v3);
  for (let o = from; o < to; o += 16) {
    const i = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)) + off, f = v128.load32_splat(o, 8), d = i + r;
    const a0 = v128.load(i), b0 = v128.load(d);
    const a1 = n > 1 ? v128.load(i, 16) : none, b1 = n > 1 ? v128.load(d, 16) : none;
    const a2 = n > 2 ? v128.load(i, 32) : none, b2 = n > 2 ? v128.load(d, 32) : none;
    const a3 = n > 3 ? v128.load(i, 48) : none, b3 = n > 3 ? v128.load(d, 48) : none;
    v128.store(i, madd(f, v0, a0)); v128.store(d, add(b0, g0));
    if (n > 1) { v128.store(i, madd(f, v1, a1), 16); v128.store(d, add(b1, g1), 16); }
    if (n > 2) { v128.store(i, madd(f, v2, a2), 32); v128.store(d, add(b2, g2), 32); }
    if (n > 3) { v128.store(i, madd(f, v3, a3), 48); v128.store(d, add(b3, g3), 48); }
  }
}
