// part of joseph-stack
// Few long families at a stride of one voxel, as scanners without gaps have them: block by block, so that its rows stay in
// the first cache, with the planes' sums in memory. A slot is one row, of sums of sums of L itself (knots.as.ts): slot j of the first half
// of a block sum_{k < j} (j - k) L_k, of the second half sum_{k >= j} (k - j + 1) L_k. Lanes and voxels have one pitch, and the second difference
// is taken of the planes' values. A family has two arrays, of what bases give and of what knots give before that
// difference, from one plane before the first to one behind the last.
import { block, blockRows, edgeBytes, edges, families, familyCount, guard, knotBytes, knots, baseBytes, bases, listBytes, lists, loadPart, madd, ones, row, rows, storePart, valueBytes, valueLead, values, width } from "./plan.as";
import { perStep, squared, steps, t0, t1 } from "./ray.as";
import { block23, findKnots } from "./knots.as";
import { add, clear, fetch } from "./sums.as";

/** Bytes of a family's record. */
export const record: usize = 48;

/** Knots that a family has still to come, what of it is wanted (1: itself, 2: the mirrored one), and which planes of either. */
const cursorBytes: usize = 24;

/** Voxels beside a family's place in the middle of a block that its planes may meet within it: less than 0.6 times half a block's steps. */
const reach: i32 = 8;

/** Slot of step `start` of a block: one of zeros lies before it. */
@inline function firstSlot(): usize { return rows + guard + row; }

/** The rows of the block of steps [start, end), four vectors of voxels at a time: the running sums stay in registers. */
function sumBlock(table: usize, start: i32, mid: i32, end: i32): void {
  const r = row, slots = firstSlot(), at = blockRows + guard, none = f32x4.splat(0);
  const first = table + (<usize>start << 4), middle = table + (<usize>mid << 4), last = table + (<usize>end << 4);
  const inside = mid < end;
  for (let i: usize = 0, wide = width; i < wide; i += 64) {
    let s0 = none, s1 = none, s2 = none, s3 = none, t0 = none, t1 = none, t2 = none, t3 = none, to = slots + i;
    for (let p = first; p < middle; p += 16) {
      const a = <usize>load<u32>(p) + i, b = <usize>load<u32>(p, 4) + i, u = v128.load32_splat(p, 8), w = v128.load32_splat(p, 12);
      to += r;
      s0 = madd(u, v128.load(a), s0); s1 = madd(u, v128.load(a, 16), s1); s2 = madd(u, v128.load(a, 32), s2); s3 = madd(u, v128.load(a, 48), s3);
      s0 = madd(w, v128.load(b), s0); s1 = madd(w, v128.load(b, 16), s1); s2 = madd(w, v128.load(b, 32), s2); s3 = madd(w, v128.load(b, 48), s3);
      t0 = add(t0, s0); t1 = add(t1, s1); t2 = add(t2, s2); t3 = add(t3, s3);
      v128.store(to, t0); v128.store(to, t1, 16); v128.store(to, t2, 32); v128.store(to, t3, 48);
    }
    const z = at + i, y = z + 2 * r;
    v128.store(z, s0); v128.store(z, s1, 16); v128.store(z, s2, 32); v128.store(z, s3, 48);
    v128.store(y, t0); v128.store(y, t1, 16); v128.store(y, t2, 32); v128.store(y, t3, 48);
    s0 = none; s1 = none; s2 = none; s3 = none; t0 = none; t1 = none; t2 = none; t3 = none;
    to = slots + i + <usize>(end - start) * r;
    for (let p = last - 16; p > middle; p -= 16) {
      const a = <usize>load<u32>(p) + i, b = <usize>load<u32>(p, 4) + i, u = v128.load32_splat(p, 8), w = v128.load32_splat(p, 12);
      to -= r;
      s0 = madd(u, v128.load(a), s0); s1 = madd(u, v128.load(a, 16), s1); s2 = madd(u, v128.load(a, 32), s2); s3 = madd(u, v128.load(a, 48), s3);
      s0 = madd(w, v128.load(b), s0); s1 = madd(w, v128.load(b, 16), s1); s2 = madd(w, v128.load(b, 32), s2); s3 = madd(w, v128.load(b, 48), s3);
      t0 = add(t0, s0); t1 = add(t1, s1); t2 = add(t2, s2); t3 = add(t3, s3);
      v128.store(to, t0); v128.store(to, t1, 16); v128.store(to, t2, 32); v128.store(to, t3, 48);
    }
    s0 = add(s0, v128.load(z)); s1 = add(s1, v128.load(z, 16)); s2 = add(s2, v128.load(z, 32)); s3 = add(s3, v128.load(z, 48));
    if (inside) {
      const a = <usize>load<u32>(middle) + i, b = <usize>load<u32>(middle, 4) + i, u = v128.load32_splat(middle, 8), w = v128.load32_splat(middle, 12);
      s0 = add(s0, madd(w, v128.load(b), f32x4.mul(u, v128.load(a)))); s1 = add(s1, madd(w, v128.load(b, 16), f32x4.mul(u, v128.load(a, 16))));
      s2 = add(s2, madd(w, v128.load(b, 32), f32x4.mul(u, v128.load(a, 32)))); s3 = add(s3, madd(w, v128.load(b, 48), f32x4.mul(u, v128.load(a, 48))));
    }
    v128.store(z, s0); v128.store(z, s1, 16); v128.store(z, s2, 32); v128.store(z, s3, 48);
    v128.store(y, f32x4.sub(t0, v128.load(y))); v128.store(y, f32x4.sub(t1, v128.load(y, 16)), 16);
    v128.store(y, f32x4.sub(t2, v128.load(y, 32)), 32); v128.store(y, f32x4.sub(t3, v128.load(y, 48)), 48);
  }
  v128.store(at + 2 * r - 16, none);
  for (let z = at - 16, stop = at + width; z < stop; z += 16) {
    v128.store(z + r, f32x4.sub(v128.load(z, 4), v128.load(z)));
    v128.store(z + 2 * r, f32x4.sub(v128.load(z + 2 * r, 4), v128.load(z + 2 * r)));
  }
  // Knots at or behind the last step read these.
  if (end < start + block) memory.fill(slots + <usize>(inside ? end - start : end + 1 - start) * r - guard, 0, <usize>(start + block + (inside ? 1 : 0) - end) * r);
}

/** Where the list of a block's step begins. */
@inline function listOf(step: i32): usize { return lists + 256 + <usize>step * listBytes; }

/** Values of a family's knots (m = 0), or of the mirrored one's (1), from the plane before the first on; around them is nothing. */
@inline function valuesOf(i: i32, m: usize): usize { return values + (<usize>(i << 1) + m) * valueBytes + valueLead; }

/** Empties the lists of a block's steps. */
function beginLists(): void {
  for (let k = 0, at = listOf(0); k <= block; k++, at += listBytes) store<u32>(lists + (<usize>k << 2), <u32>at);
}

/**
 * The knots [from, to) of a family and the one mirrored in the block at hand, of `size` steps, each to the list of the step that meets it
 * first: where the values of either lie for the voxel 0, and what of them the step itself is short of.
 */
function enlist(from: usize, to: usize, v: usize, w: usize, half: i32, size: i32): void {
  const origin = rows + guard, share = 0x100000000 / <u64>row + 1;
  for (let o = from; o < to; o += 16) {
    const q = <usize>load<u32>(o), g = load<f32>(o, 8), slot = <usize>((<u64>(q - rows) * share) >> 32), at = origin + slot * row, step = <i32>slot - 1;
    if (step < 0 || step >= size) continue;
    const end = lists + (<usize>step << 2), e = <usize>load<u32>(end);
    store<u32>(e, <u32>(v + at - q)); store<u32>(e, <u32>(w + at - <usize>load<u32>(o, 4)), 4);
    store<f32>(e, step < half ? -g : g - 1, 8);
    store<u32>(end, <u32>(e + 16));
  }
}

/** Four vectors of a step's l to its two columns. */
@inline function toColumns(p: usize, i: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  const a = <usize>load<u32>(p) + i, b = <usize>load<u32>(p, 4) + i, u = v128.load32_splat(p, 8);
  const a0 = v128.load(a), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48);
  v128.store(a, madd(u, x0, a0)); v128.store(a, madd(u, x1, a1), 16); v128.store(a, madd(u, x2, a2), 32); v128.store(a, madd(u, x3, a3), 48);
  const w = v128.load32_splat(p, 12);
  const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
  v128.store(b, madd(w, x0, b0)); v128.store(b, madd(w, x1, b1), 16); v128.store(b, madd(w, x2, b2), 32); v128.store(b, madd(w, x3, b3), 48);
}

/**
 * The transpose of sumBlock for the voxels [low, high), beyond which the block's planes hold nothing; leaves the rows at 0, but for
 * what lies outside the image.
 */
function spreadBlock(table: usize, start: i32, mid: i32, end: i32, low: i32, high: i32): void {
  const r = row, at = blockRows + guard;
  const first = table + (<usize>start << 4), middle = table + (<usize>mid << 4), last = table + (<usize>end << 4);
  const inside = mid < end;
  const begin = <usize>(min(<i32>(width >> 2), max(0, low)) & ~15) << 2, stop = min(width, <usize>max(0, high) << 2);
  for (let i = begin; i < stop; i += 64) {
    const z = at + i, y = z + r, x = y + r;
    let o0 = add(v128.load(z), f32x4.sub(v128.load(y - 4), v128.load(y))), o1 = add(v128.load(z, 16), f32x4.sub(v128.load(y, 12), v128.load(y, 16)));
    let o2 = add(v128.load(z, 32), f32x4.sub(v128.load(y, 28), v128.load(y, 32))), o3 = add(v128.load(z, 48), f32x4.sub(v128.load(y, 44), v128.load(y, 48)));
    v128.store(z, o0); v128.store(z, o1, 16); v128.store(z, o2, 32); v128.store(z, o3, 48);
    if (inside) toColumns(middle, i, o0, o1, o2, o3);
    let n0 = f32x4.sub(v128.load(x), v128.load(x - 4)), n1 = f32x4.sub(v128.load(x, 16), v128.load(x, 12));
    let n2 = f32x4.sub(v128.load(x, 32), v128.load(x, 28)), n3 = f32x4.sub(v128.load(x, 48), v128.load(x, 44));
    let list = listOf(mid - start - 1), end4 = lists + (<usize>(mid - start - 1) << 2);
    for (let p = middle - 16; p >= first; p -= 16, list -= listBytes, end4 -= 4) {
      for (let e = list, last = <usize>load<u32>(end4); e < last; e += 16) {
        const v = <usize>load<u32>(e) + i, w = <usize>load<u32>(e, 4) + i, g = v128.load32_splat(e, 8);
        const a = add(v128.load(v), v128.load(w)), b = add(v128.load(v, 16), v128.load(w, 16));
        const c = add(v128.load(v, 32), v128.load(w, 32)), d = add(v128.load(v, 48), v128.load(w, 48));
        n0 = add(n0, a); n1 = add(n1, b); n2 = add(n2, c); n3 = add(n3, d);
        o0 = madd(g, a, o0); o1 = madd(g, b, o1); o2 = madd(g, c, o2); o3 = madd(g, d, o3);
      }
      o0 = add(o0, n0); o1 = add(o1, n1); o2 = add(o2, n2); o3 = add(o3, n3);
      toColumns(p, i, o0, o1, o2, o3);
    }
    if (!inside) continue;
    o0 = v128.load(z); o1 = v128.load(z, 16); o2 = v128.load(z, 32); o3 = v128.load(z, 48);
    n0 = f32x4.sub(v128.load(x - 4), v128.load(x)); n1 = f32x4.sub(v128.load(x, 12), v128.load(x, 16));
    n2 = f32x4.sub(v128.load(x, 28), v128.load(x, 32)); n3 = f32x4.sub(v128.load(x, 44), v128.load(x, 48));
    list = listOf(mid - start + 1); end4 = lists + (<usize>(mid - start + 1) << 2);
    for (let p = middle + 16; p < last; p += 16, list += listBytes, end4 += 4) {
      for (let e = list, last = <usize>load<u32>(end4); e < last; e += 16) {
        const v = <usize>load<u32>(e) + i, w = <usize>load<u32>(e, 4) + i, g = v128.load32_splat(e, 8);
        const a = add(v128.load(v), v128.load(w)), b = add(v128.load(v, 16), v128.load(w, 16));
        const c = add(v128.load(v, 32), v128.load(w, 32)), d = add(v128.load(v, 48), v128.load(w, 48));
        n0 = add(n0, a); n1 = add(n1, b); n2 = add(n2, c); n3 = add(n3, d);
        o0 = madd(g, a, o0); o1 = madd(g, b, o1); o2 = madd(g, c, o2); o3 = madd(g, d, o3);
      }
      o0 = add(o0, n0); o1 = add(o1, n1); o2 = add(o2, n2); o3 = add(o3, n3);
      toColumns(p, i, o0, o1, o2, o3);
    }
  }
  // From the voxel before the first: of what lies farther out nothing is read.
  for (let k: usize = 0, some = stop > begin ? stop - begin + 16 : 16; k < 3; k++) clear(at + k * r + begin - 16, some);
}

/** n vectors of planes: adds what the block's base and knots [from, to) give to s and to v. */
@inline function gather(n: i32, mirrored: bool, i: usize, f: v128, c: v128, one: v128, from: usize, to: usize, off: usize, s: usize, v: usize): void {
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
    const q = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)) + off, g = v128.load32_splat(o, 8), l = f32x4.sub(one, g), h = q + r;
    v0 = madd(g, v128.load(q), v0); u0 = madd(l, v128.load(h), u0);
    if (n > 1) { v1 = madd(g, v128.load(q, 16), v1); u1 = madd(l, v128.load(h, 16), u1); }
    if (n > 2) { v2 = madd(g, v128.load(q, 32), v2); u2 = madd(l, v128.load(h, 32), u2); }
    if (n > 3) { v3 = madd(g, v128.load(q, 48), v3); u3 = madd(l, v128.load(h, 48), u3); }
  }
  v128.store(v, add(u0, v0));
  if (n > 1) v128.store(v, add(u1, v1), 16);
  if (n > 2) v128.store(v, add(u2, v2), 32);
  if (n > 3) v128.store(v, add(u3, v3), 48);
}

/** The transpose of gather. */
@inline function spread(n: i32, mirrored: bool, i: usize, f: v128, c: v128, one: v128, from: usize, to: usize, off: usize, s: usize, v: usize): void {
  const r = row, d = i + r, e = d + r, none = f32x4.splat(0);
  const y0 = v128.load(s), y1 = n > 1 ? v128.load(s, 16) : none, y2 = n > 2 ? v128.load(s, 32) : none, y3 = n > 3 ? v128.load(s, 48) : none;
  v128.store(i, add(v128.load(i), y0)); v128.store(d, madd(f, y0, v128.load(d))); v128.store(e, madd(c, y0, v128.load(e)));
  if (n > 1) { v128.store(i, add(v128.load(i, 16), y1), 16); v128.store(d, madd(f, y1, v128.load(d, 16)), 16); v128.store(e, madd(c, y1, v128.load(e, 16)), 16); }
  if (n > 2) { v128.store(i, add(v128.load(i, 32), y2), 32); v128.store(d, madd(f, y2, v128.load(d, 32)), 32); v128.store(e, madd(c, y2, v128.load(e, 32)), 32); }
  if (n > 3) { v128.store(i, add(v128.load(i, 48), y3), 48); v128.store(d, madd(f, y3, v128.load(d, 48)), 48); v128.store(e, madd(c, y3, v128.load(e, 48)), 48); }
  if (from >= to) return;
  const v0 = v128.load(v), v1 = n > 1 ? v128.load(v, 16) : none, v2 = n > 2 ? v128.load(v, 32) : none, v3 = n > 3 ? v128.load(v, 48) : none;
  for (let o = from; o < to; o += 16) {
    const q = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)) + off, g = v128.load32_splat(o, 8), l = f32x4.sub(one, g), h = q + r;
    const a0 = v128.load(q), b0 = v128.load(h);
    const a1 = n > 1 ? v128.load(q, 16) : none, b1 = n > 1 ? v128.load(h, 16) : none;
    const a2 = n > 2 ? v128.load(q, 32) : none, b2 = n > 2 ? v128.load(h, 32) : none;
    const a3 = n > 3 ? v128.load(q, 48) : none, b3 = n > 3 ? v128.load(h, 48) : none;
    v128.store(q, madd(g, v0, a0)); v128.store(h, madd(l, v0, b0));
    if (n > 1) { v128.store(q, madd(g, v1, a1), 16); v128.store(h, madd(l, v1, b1), 16); }
    if (n > 2) { v128.store(q, madd(g, v2, a2), 32); v128.store(h, madd(l, v2, b2), 32); }
    if (n > 3) { v128.store(q, madd(g, v3, a3), 48); v128.store(h, madd(l, v3, b3), 48); }
  }
}

/** Planes of a family in one block, from number `least` (0: the one before the first) up to `most`. */
@inline function family(back: bool, mirrored: bool, least: i32, most: i32, base: usize, c: v128, from: usize, to: usize, s: usize): void {
  const one = ones, f = v128.load32_splat(base, 8), share = mirrored ? f32x4.sub(one, f) : f;
  const i = <usize>(mirrored ? load<u32>(base, 4) : load<u32>(base));
  // The first lane is the plane before the first.
  let off = (<usize>least << 2) - 4, left = most - least, y = s + (<usize>least << 2), v = y + edgeBytes;
  for (; left > 12; left -= 16, off += 64, y += 64, v += 64) {
    if (back) spread(4, mirrored, i + off, share, c, one, from, to, off, y, v);
    else gather(4, mirrored, i + off, share, c, one, from, to, off, y, v);
  }
  if (left > 8) {
    if (back) spread(3, mirrored, i + off, share, c, one, from, to, off, y, v);
    else gather(3, mirrored, i + off, share, c, one, from, to, off, y, v);
  } else if (left > 4) {
    if (back) spread(2, mirrored, i + off, share, c, one, from, to, off, y, v);
    else gather(2, mirrored, i + off, share, c, one, from, to, off, y, v);
  } else if (left > 0) {
    if (back) spread(1, mirrored, i + off, share, c, one, from, to, off, y, v);
    else gather(1, mirrored, i + off, share, c, one, from, to, off, y, v);
  }
}

/** Tables of all families for the ray at hand and its opposite one. */
export function tileTables(): void {
  for (let g = families, i = 0; i < familyCount; i++, g += record)
    findKnots(load<f64>(g) + load<f64>(g, 8) * t0, load<f64>(g, 8) * t1, load<i32>(g, 36), i);
}

/** Each family's next knot. */
@inline function cursors(): usize { return edges + <usize>familyCount * 4 * edgeBytes; }

/** Voxels that a block's planes may meet. */
let lowest: i32, highest: i32;

/** One block of all families whose sums are wanted. */
@inline function tile(back: bool, number: i32, half: i32, size: i32): void {
  if (back) beginLists();
  let at = cursors(), s = edges, base = bases + (<usize>number << 4);
  lowest = 0x7fffffff;
  highest = 0;
  for (let g = families, i = 0; i < familyCount; i++, g += record, at += cursorBytes, s += 4 * edgeBytes, base += baseBytes) {
    const from = <usize>load<u32>(at), wanted = load<i32>(at, 4);
    let to = from;
    while (load<i32>(to, 12) <= number + block23) to += 16;
    store<u32>(at, <u32>to);
    if (back && wanted) enlist(from, to, valuesOf(i, 0) + 4, valuesOf(i, 1) + 4, half, size);
    const c1 = f32x4.splat(<f32>(load<f64>(g, 8) * t1)), place = load<i32>(base, 12);
    if (wanted & 1) {
      const least = load<i32>(at, 8), most = load<i32>(at, 12);
      if (back) { lowest = min(lowest, place + least - reach); highest = max(highest, place + most + reach); }
      family(back, false, least, most, base, c1, from, back ? from : to, s);
    }
    if (wanted & 2) {
      const least = load<i32>(at, 16), most = load<i32>(at, 20), there = load<i32>(g, 36) - place;
      if (back) { lowest = min(lowest, there + least - reach); highest = max(highest, there + most + reach); }
      family(back, true, least, most, base, f32x4.neg(c1), from, back ? from : to, s + 2 * edgeBytes);
    }
  }
}

/** All families from their first knots on. */
function begin(): void {
  for (let i = 0, at = cursors(), k = knots; i < familyCount; i++, at += cursorBytes, k += knotBytes) store<u32>(at, <u32>k);
}

/** A ray whose steps stand in `table`; `which` of a record's numbers of planes: of the ray (0) or of its opposite (16). */
export function gatherTiles(table: usize, data: usize, which: usize): void {
  begin();
  clear(edges, <usize>familyCount * 4 * edgeBytes);
  for (let g = families, i = 0, at = cursors(); i < familyCount; i++, g += record, at += cursorBytes) {
    const most = load<i32>(g, 28) + 2;
    store<i32>(at, load<i32>(g, 32) >= 0 ? 3 : 1, 4);
    store<i32>(at, 0, 8); store<i32>(at, most, 12); store<i32>(at, 0, 16); store<i32>(at, most, 20);
  }
  fetch(table, 0, block);
  for (let start = 0, b = 0; start < steps; start += block, b++) {
    fetch(table, start + block, start + 2 * block);
    sumBlock(table, start, min(start + (block >> 1), steps), min(start + block, steps));
    tile(false, b, 0, 0);
  }
  const two = f32x4.splat(-2);
  let s = edges;
  for (let g = families, i = 0; i < familyCount; i++, g += record) {
    const count = load<i32>(g, 28), length = Math.sqrt(squared + load<f64>(g, 16));
    const scale = f32x4.splat(<f32>(perStep * length)), turn = f32x4.splat(<f32>abs(load<f64>(g, 8) * t1));
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

/** The transpose of gatherTiles. Vectors of planes without counts are passed over at both ends of a family. */
export function spreadTiles(table: usize, data: usize, which: usize): void {
  begin();
  const none = f32x4.splat(0), two = f32x4.splat(-2);
  let s = edges, at = cursors();
  for (let g = families, i = 0; i < familyCount; i++, g += record, at += cursorBytes) {
    const count = load<i32>(g, 28), length = Math.sqrt(squared + load<f64>(g, 16));
    const scale = f32x4.splat(<f32>(perStep * length)), turn = f32x4.splat(<f32>abs(load<f64>(g, 8) * t1));
    let wanted = 0;
    for (let m: usize = 0; m < 2; m++, s += 2 * edgeBytes) {
      const plane = first(g, which, m);
      const v = valuesOf(i, m);
      clear(v, (<usize>(count + 5) >> 2) << 4);
      if (plane < 0) continue;
      const from = data + (<usize>plane << 2);
      let p: usize = 0, left = count;
      while (left > 0 && !v128.any_true(loadPart(from + p, left))) { p += 16; left -= 4; }
      if (left <= 0) continue;
      let q = (<usize>(count - 1) >> 2) << 4;
      while (q > p && !v128.any_true(loadPart(from + q, count - <i32>(q >> 2)))) q -= 16;
      wanted |= 1 << <i32>m;
      v128.store(s + p, none); v128.store(s + q, none, 16);
      for (let o = p; o <= q; o += 16) v128.store(s + o, f32x4.mul(scale, loadPart(from + o, count - <i32>(o >> 2))), 4);
      let before = none, here = v128.load(s + p);
      // Up to one plane behind the last.
      const stop = min(q + 32, (<usize>(count + 5) >> 2) << 4);
      for (let o = p; o < stop; o += 16) {
        const after = o <= q ? v128.load(s + o, 16) : none;
        const l = v128.shuffle<f32>(before, here, 3, 4, 5, 6), r = v128.shuffle<f32>(here, after, 1, 2, 3, 4);
        v128.store(v + o, f32x4.mul(turn, madd(two, here, add(l, r))));
        before = here;
        here = after;
      }
      store<i32>(at + (m << 3), <i32>(p >> 2), 8);
      store<i32>(at + (m << 3), <i32>(stop >> 2), 12);
    }
    store<i32>(at, wanted, 4);
  }
  for (let start = 0, b = 0; start < steps; start += block, b++) {
    fetch(table, start, start + block);
    const mid = min(start + (block >> 1), steps), end = min(start + block, steps);
    tile(true, b, mid - start, end - start);
    spreadBlock(table, start, mid, end, lowest, highest);
  }
}
