// part of joseph-stack
// Few long families at a stride of one voxel, as scanners without gaps have them: block by block, so that its rows stay in
// the first cache, with the planes' sums in memory. Rows hold L itself: lanes and voxels have one pitch, and the second
// difference is taken of the planes' values. A family has two arrays, of what bases give and of what knots give before that
// difference, from one plane before the first to one behind the last.
import { block, blockRows, edgeBytes, edges, families, familyCount, guard, knotBytes, knots, baseBytes, bases, loadPart, madd, row, rows, spare, storePart, width } from "./plan.as";
import { perStep, squared, steps, t0, t1 } from "./ray.as";
import { findKnots } from "./knots.as";
import { add, addColumns, clear, fetch, integrate, spreadAtKnots } from "./sums.as";

/** Bytes of a family's record; its cursor and flags. */
export const record: usize = 48;

/** L of a step added to the sums of another slot. */
@inline function extend(step: usize, old: usize, to: usize, less: bool, weight: v128): void {
  let a = <usize>load<u32>(step), b = <usize>load<u32>(step, 4), p = old, q = old + row, next = to + row;
  const u = v128.load32_splat(step + 8), w = v128.load32_splat(step + 12), end = to + width;
  for (; to < end; a += 64, b += 64, p += 64, q += 64, to += 64, next += 64) {
    const a0 = v128.load(a), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48);
    const x0 = madd(w, v128.load(b), f32x4.mul(u, a0)), x1 = madd(w, v128.load(b, 16), f32x4.mul(u, a1));
    const x2 = madd(w, v128.load(b, 32), f32x4.mul(u, a2)), x3 = madd(w, v128.load(b, 48), f32x4.mul(u, a3));
    if (less) {
      v128.store(to, f32x4.sub(v128.load(p), x0)); v128.store(to, f32x4.sub(v128.load(p, 16), x1), 16);
      v128.store(to, f32x4.sub(v128.load(p, 32), x2), 32); v128.store(to, f32x4.sub(v128.load(p, 48), x3), 48);
    } else {
      v128.store(to, add(v128.load(p), x0)); v128.store(to, add(v128.load(p, 16), x1), 16);
      v128.store(to, add(v128.load(p, 32), x2), 32); v128.store(to, add(v128.load(p, 48), x3), 48);
    }
    v128.store(next, madd(weight, x0, v128.load(q))); v128.store(next, madd(weight, x1, v128.load(q, 16)), 16);
    v128.store(next, madd(weight, x2, v128.load(q, 32)), 32); v128.store(next, madd(weight, x3, v128.load(q, 48)), 48);
  }
}

/** The rows of the block of steps [start, end). */
function sumBlock(table: usize, start: i32, mid: i32, end: i32): void {
  const pitch = row << 1, slots = rows + guard, r = row, at = blockRows + guard;
  for (let k = start; k < mid; k++) {
    const old = slots + <usize>(k - start) * pitch;
    extend(table + (<usize>k << 4), old, old + pitch, true, f32x4.splat(<f32>(mid - k)));
  }
  for (let k = end - 1; k > mid; k--) {
    const here = slots + <usize>(k - start) * pitch;
    extend(table + (<usize>k << 4), k + 1 == end ? slots : here + pitch, here, false, f32x4.splat(<f32>(k - mid)));
  }
  const less = slots + <usize>(mid - start) * pitch, more = mid + 1 < end ? less + pitch : slots;
  const inside = mid < end, p = table + (<usize>mid << 4);
  let a = inside ? <usize>load<u32>(p) : slots, b = inside ? <usize>load<u32>(p, 4) : slots;
  const u = v128.load32_splat(p + 8), w = v128.load32_splat(p + 12);
  for (let z = at, last = at + width, i: usize = 0; z < last; z += 16, a += 16, b += 16, i += 16) {
    const x = inside ? madd(w, v128.load(b), f32x4.mul(u, v128.load(a))) : f32x4.splat(0);
    v128.store(z, add(x, f32x4.sub(v128.load(more + i), v128.load(less + i))));
    v128.store(z + 2 * r, f32x4.sub(v128.load(more + i + r), v128.load(less + i + r)));
  }
  v128.store(at + 2 * r - 16, f32x4.splat(0));
  for (let z = at - 16, last = at + width; z < last; z += 16) {
    v128.store(z + r, f32x4.sub(v128.load(z, 4), v128.load(z)));
    v128.store(z + 2 * r, f32x4.sub(v128.load(z + 2 * r, 4), v128.load(z + 2 * r)));
  }
  // Knots at or behind the last step read these.
  if (end < start + block) {
    if (inside) memory.fill(slots + <usize>(end - start) * pitch - guard, 0, pitch);
    if (end + 1 < start + block) memory.fill(slots + <usize>(end + 1 - start) * pitch - guard, 0, pitch);
  }
}

/** One step more of the running sums t (two rows), and what they give the step's columns; the slot is left at 0. */
@inline function retract(step: usize, slot: usize, t: usize, less: bool, weight: v128): void {
  let a = <usize>load<u32>(step), b = <usize>load<u32>(step, 4), p = slot, q = slot + row, o = t, n = t + row;
  const u = v128.load32_splat(step + 8), w = v128.load32_splat(step + 12), none = f32x4.splat(0);
  clear(slot - guard, guard);
  clear(slot + row - guard, guard);
  for (const end = slot + width; p < end; a += 32, b += 32, p += 32, q += 32, o += 32, n += 32) {
    const s0 = v128.load(p), s1 = v128.load(p, 16), r0 = v128.load(q), r1 = v128.load(q, 16);
    const o0 = v128.load(o), o1 = v128.load(o, 16), n0 = v128.load(n), n1 = v128.load(n, 16);
    const x0 = less ? f32x4.sub(o0, s0) : add(o0, s0), x1 = less ? f32x4.sub(o1, s1) : add(o1, s1);
    const y0 = less ? f32x4.sub(n0, r0) : add(n0, r0), y1 = less ? f32x4.sub(n1, r1) : add(n1, r1);
    v128.store(o, x0); v128.store(o, x1, 16); v128.store(n, y0); v128.store(n, y1, 16);
    v128.store(p, none); v128.store(p, none, 16); v128.store(q, none); v128.store(q, none, 16);
    const l0 = madd(weight, y0, x0), l1 = madd(weight, y1, x1), a0 = v128.load(a), a1 = v128.load(a, 16);
    v128.store(a, madd(u, l0, a0)); v128.store(a, madd(u, l1, a1), 16);
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    v128.store(b, madd(w, l0, b0)); v128.store(b, madd(w, l1, b1), 16);
  }
  clear(slot + width, guard);
  clear(slot + row + width, guard);
}

/** The transpose of sumBlock; leaves the rows at 0. */
function spreadBlock(table: usize, start: i32, mid: i32, end: i32): void {
  const pitch = row << 1, slots = rows + guard, at = blockRows + guard, running = spare + row + guard;
  integrate(at);
  memory.copy(running, at, row + width);
  for (let k = mid - 1; k >= start; k--)
    retract(table + (<usize>k << 4), slots + <usize>(k + 1 - start) * pitch, running, true, f32x4.splat(<f32>(k - mid)));
  if (mid < end) {
    const p = table + (<usize>mid << 4), u = v128.load32_splat(p + 8), w = v128.load32_splat(p + 12);
    let a = <usize>load<u32>(p), b = <usize>load<u32>(p, 4);
    for (let z = at, last = at + width; z < last; z += 16, a += 16, b += 16) addColumns(a, b, u, w, v128.load(z));
    memory.copy(running, at, row + width);
    for (let k = mid + 1; k < end; k++)
      retract(table + (<usize>k << 4), slots + <usize>(k - start) * pitch, running, false, f32x4.splat(<f32>(k - mid)));
  }
  clear(at - guard, 3 * row);
  clear(slots - guard, pitch);
  if (end < start + block) clear(slots + <usize>(end - start) * pitch - guard, end + 1 < start + block ? pitch << 1 : pitch);
}

/** n vectors of planes: adds what the block's base and knots [from, to) give to s and to v. */
@inline function gather(n: i32, mirrored: bool, i: usize, f: v128, c: v128, c1: v128, from: usize, to: usize, off: usize, s: usize, v: usize): void {
  const r = row, d = i + r, e = d + r;
  v128.store(s, madd(c, v128.load(e), madd(f, v128.load(d), add(v128.load(s), v128.load(i)))));
  if (n > 1) v128.store(s, madd(c, v128.load(e, 16), madd(f, v128.load(d, 16), add(v128.load(s, 16), v128.load(i, 16)))), 16);
  if (n > 2) v128.store(s, madd(c, v128.load(e, 32), madd(f, v128.load(d, 32), add(v128.load(s, 32), v128.load(i, 32)))), 32);
  if (n > 3) v128.store(s, madd(c, v128.load(e, 48), madd(f, v128.load(d, 48), add(v128.load(s, 48), v128.load(i, 48)))), 48);
  if (from >= to) return;
  const none = f32x4.splat(0);
  let v0 = v128.load(v), v1 = n > 1 ? v128.load(v, 16) : none, v2 = n > 2 ? v128.load(v, 32) : none, v3 = n > 3 ? v128.load(v, 48) : none;
  let u0 = none, u1 = none, u2 = none, u3 = none;
  for (let o = from; o < to; o += 16) {
    const q = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)) + off, g = v128.load32_splat(o, 8), h = q + r;
    v0 = madd(g, v128.load(q), v0); u0 = add(u0, v128.load(h));
    if (n > 1) { v1 = madd(g, v128.load(q, 16), v1); u1 = add(u1, v128.load(h, 16)); }
    if (n > 2) { v2 = madd(g, v128.load(q, 32), v2); u2 = add(u2, v128.load(h, 32)); }
    if (n > 3) { v3 = madd(g, v128.load(q, 48), v3); u3 = add(u3, v128.load(h, 48)); }
  }
  v128.store(v, madd(c1, u0, v0));
  if (n > 1) v128.store(v, madd(c1, u1, v1), 16);
  if (n > 2) v128.store(v, madd(c1, u2, v2), 32);
  if (n > 3) v128.store(v, madd(c1, u3, v3), 48);
}

/** The transpose of gather. */
@inline function spread(n: i32, mirrored: bool, i: usize, f: v128, c: v128, c1: v128, from: usize, to: usize, off: usize, s: usize, v: usize): void {
  const r = row, d = i + r, e = d + r, none = f32x4.splat(0);
  const y0 = v128.load(s), y1 = n > 1 ? v128.load(s, 16) : none, y2 = n > 2 ? v128.load(s, 32) : none, y3 = n > 3 ? v128.load(s, 48) : none;
  v128.store(i, add(v128.load(i), y0)); v128.store(d, madd(f, y0, v128.load(d))); v128.store(e, madd(c, y0, v128.load(e)));
  if (n > 1) { v128.store(i, add(v128.load(i, 16), y1), 16); v128.store(d, madd(f, y1, v128.load(d, 16)), 16); v128.store(e, madd(c, y1, v128.load(e, 16)), 16); }
  if (n > 2) { v128.store(i, add(v128.load(i, 32), y2), 32); v128.store(d, madd(f, y2, v128.load(d, 32)), 32); v128.store(e, madd(c, y2, v128.load(e, 32)), 32); }
  if (n > 3) { v128.store(i, add(v128.load(i, 48), y3), 48); v128.store(d, madd(f, y3, v128.load(d, 48)), 48); v128.store(e, madd(c, y3, v128.load(e, 48)), 48); }
  if (from >= to) return;
  const v0 = v128.load(v), v1 = n > 1 ? v128.load(v, 16) : none, v2 = n > 2 ? v128.load(v, 32) : none, v3 = n > 3 ? v128.load(v, 48) : none;
  spreadAtKnots(n, mirrored, c1, v0, v1, v2, v3, from, to, off);
}

/** All planes of a family, from one before the first to one behind the last, in one block. */
@inline function family(back: bool, mirrored: bool, count: i32, base: usize, c: v128, c1: v128, from: usize, to: usize, s: usize): void {
  const f = v128.load32_splat(base, 8), share = mirrored ? f32x4.sub(f32x4.splat(1), f) : f;
  const i = <usize>(mirrored ? load<u32>(base, 4) : load<u32>(base));
  // The first lane is the plane before the first.
  let off: usize = -4, left = count + 2, y = s, v = s + edgeBytes;
  for (; left > 12; left -= 16, off += 64, y += 64, v += 64) {
    if (back) spread(4, mirrored, i + off, share, c, c1, from, to, off, y, v);
    else gather(4, mirrored, i + off, share, c, c1, from, to, off, y, v);
  }
  if (left > 8) {
    if (back) spread(3, mirrored, i + off, share, c, c1, from, to, off, y, v);
    else gather(3, mirrored, i + off, share, c, c1, from, to, off, y, v);
  } else if (left > 4) {
    if (back) spread(2, mirrored, i + off, share, c, c1, from, to, off, y, v);
    else gather(2, mirrored, i + off, share, c, c1, from, to, off, y, v);
  } else if (left > 0) {
    if (back) spread(1, mirrored, i + off, share, c, c1, from, to, off, y, v);
    else gather(1, mirrored, i + off, share, c, c1, from, to, off, y, v);
  }
}

/** Tables of all families for the ray at hand and its opposite one. */
export function tileTables(): void {
  for (let g = families, i = 0; i < familyCount; i++, g += record)
    findKnots(load<f64>(g) + load<f64>(g, 8) * t0, load<f64>(g, 8) * t1, load<i32>(g, 36), i);
}

/** Each family's next knot. */
@inline function cursors(): usize { return edges + <usize>familyCount * 4 * edgeBytes; }

/** One block of all families whose sums are wanted. */
@inline function tile(back: bool, number: i32): void {
  let at = cursors(), s = edges, base = bases + (<usize>number << 4);
  for (let g = families, i = 0; i < familyCount; i++, g += record, at += 8, s += 4 * edgeBytes, base += baseBytes) {
    const from = <usize>load<u32>(at), wanted = load<i32>(at, 4);
    let to = from;
    while (load<i32>(to, 12) <= number) to += 16;
    store<u32>(at, <u32>to);
    const count = load<i32>(g, 28), c1 = f32x4.splat(<f32>(load<f64>(g, 8) * t1));
    if (wanted & 1) family(back, false, count, base, c1, c1, from, to, s);
    if (wanted & 2) family(back, true, count, base, f32x4.neg(c1), c1, from, to, s + 2 * edgeBytes);
  }
}

function begin(): void {
  for (let i = 0, at = cursors(), k = knots; i < familyCount; i++, at += 8, k += knotBytes) store<u32>(at, <u32>k);
}

/** A ray whose steps stand in `table`; `which` of a record's numbers of planes: of the ray (0) or of its opposite (16). */
export function gatherTiles(table: usize, data: usize, which: usize): void {
  begin();
  clear(edges, <usize>familyCount * 4 * edgeBytes);
  for (let g = families, i = 0, at = cursors(); i < familyCount; i++, g += record, at += 8)
    store<i32>(at, load<i32>(g, 32) >= 0 ? 3 : 1, 4);
  fetch(table, 0, block);
  for (let start = 0, b = 0; start < steps; start += block, b++) {
    fetch(table, start + block, start + 2 * block);
    sumBlock(table, start, min(start + (block >> 1), steps), min(start + block, steps));
    tile(false, b);
  }
  const two = f32x4.splat(-2);
  let s = edges;
  for (let g = families, i = 0; i < familyCount; i++, g += record) {
    const count = load<i32>(g, 28), length = Math.sqrt(squared + load<f64>(g, 16));
    const scale = f32x4.splat(<f32>(perStep * length)), turn = f32x4.splat(load<f64>(g, 8) * t1 > 0 ? 1 : -1);
    for (let m: usize = 0; m < 2; m++, s += 2 * edgeBytes) {
      const plane = first(g, which, m);
      if (plane < 0) continue;
      const v = s + edgeBytes, out = data + (<usize>plane << 2);
      for (let p: usize = 0, left = count; left > 0; p += 16, left -= 4) {
        const k = madd(two, v128.load(v + p, 4), add(v128.load(v + p), v128.load(v + p, 8)));
        storePart(out + p, f32x4.mul(scale, madd(turn, k, v128.load(s + p, 4))), left);
      }
    }
  }
}

/** First plane of a record's family (m = 0) or of its mirrored one (1), for the ray or its opposite; -1: none. */
@inline export function first(g: usize, which: usize, m: usize): i32 {
  return which ? load<i32>(g + (m << 2), 40) : load<i32>(g + (m << 3), 24);
}

/** The transpose of gatherTiles. */
export function spreadTiles(table: usize, data: usize, which: usize): void {
  begin();
  const none = f32x4.splat(0), two = f32x4.splat(-2);
  let s = edges, at = cursors();
  for (let g = families, i = 0; i < familyCount; i++, g += record, at += 8) {
    const count = load<i32>(g, 28), length = Math.sqrt(squared + load<f64>(g, 16));
    const scale = f32x4.splat(<f32>(perStep * length)), turn = f32x4.splat(load<f64>(g, 8) * t1 > 0 ? 1 : -1);
    let wanted = 0;
    for (let m: usize = 0; m < 2; m++, s += 2 * edgeBytes) {
      const plane = first(g, which, m);
      if (plane < 0) continue;
      const from = data + (<usize>plane << 2), v = s + edgeBytes;
      let any = none;
      clear(s, edgeBytes);
      for (let p: usize = 0, left = count; left > 0; p += 16, left -= 4) {
        const x = f32x4.mul(scale, loadPart(from + p, left));
        v128.store(s + p, x, 4);
        any = v128.or(any, x);
      }
      if (!v128.any_true(any)) continue;
      wanted |= 1 << <i32>m;
      let before = none, here = v128.load(s);
      for (let p: usize = 0; p < edgeBytes; p += 16) {
        const after = p + 16 < edgeBytes ? v128.load(s + p, 16) : none;
        const l = v128.shuffle<f32>(before, here, 3, 4, 5, 6), r = v128.shuffle<f32>(here, after, 1, 2, 3, 4);
        v128.store(v + p, f32x4.mul(turn, madd(two, here, add(l, r))));
        before = here;
        here = after;
      }
    }
    store<i32>(at, wanted, 4);
  }
  for (let start = 0, b = 0; start < steps; start += block, b++) {
    fetch(table, start, start + block);
    tile(true, b);
    spreadBlock(table, start, min(start + (block >> 1), steps), min(start + block, steps));
  }
}
