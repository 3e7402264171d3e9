// part of joseph-stack
// Few long families at a stride of one voxel, as scanners without gaps have them: block by block, so that its rows stay in
// the first cache, with the planes' sums in memory. A slot is one row, of sums of sums of L itself (knots.as.ts): slot j of the first half
// of a block sum_{k < j} (j - k) L_k, of the second half sum_{k >= j} (k - j + 1) L_k. Lanes and voxels have one pitch, and the second difference
// is taken of the planes' values. A family has two arrays, of what bases give and of what knots give before that
// difference, from one plane before the first to one behind the last.
import { block, blockRows, edgeBytes, edges, families, familyCount, guard, knotBytes, knots, baseBytes, bases, loadPart, madd, ones, row, rows, storePart, width } from "./plan.as";
import { perStep, squared, steps, t0, t1 } from "./ray.as";
import { block23, findKnots } from "./knots.as";
import { add, clear, fetch } from "./sums.as";

/** Bytes of a family's record. */
export const record: usize = 48;

/** Knots that a family has still to come, what of it is wanted (1: itself, 2: the mirrored one), and which planes of either. */
export const cursorBytes: usize = 24;

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

/** Planes of a family in one block, from the one before the first on, `left` in number. */
@inline function family(mirrored: bool, left: i32, base: usize, c: v128, from: usize, to: usize, s: usize): void {
  const one = ones, f = v128.load32_splat(base, 8), share = mirrored ? f32x4.sub(one, f) : f;
  const i = <usize>(mirrored ? load<u32>(base, 4) : load<u32>(base));
  // The first lane is the plane before the first.
  let off: usize = -4, y = s, v = s + edgeBytes;
  for (; left > 12; left -= 16, off += 64, y += 64, v += 64) gather(4, mirrored, i + off, share, c, one, from, to, off, y, v);
  if (left > 8) gather(3, mirrored, i + off, share, c, one, from, to, off, y, v);
  else if (left > 4) gather(2, mirrored, i + off, share, c, one, from, to, off, y, v);
  else if (left > 0) gather(1, mirrored, i + off, share, c, one, from, to, off, y, v);
}

/** Tables of all families for the ray at hand and its opposite one. */
export function tileTables(): void {
  for (let g = families, i = 0; i < familyCount; i++, g += record)
    findKnots(load<f64>(g) + load<f64>(g, 8) * t0, load<f64>(g, 8) * t1, load<i32>(g, 36), i);
}

/** Each family's next knot. */
@inline export function cursors(): usize { return edges + <usize>familyCount * 4 * edgeBytes; }

/** One block of all families. */
@inline function tile(number: i32): void {
  let at = cursors(), s = edges, base = bases + (<usize>number << 4);
  for (let g = families, i = 0; i < familyCount; i++, g += record, at += cursorBytes, s += 4 * edgeBytes, base += baseBytes) {
    const from = <usize>load<u32>(at), left = load<i32>(g, 28) + 2;
    let to = from;
    while (load<i32>(to, 12) <= number + block23) to += 16;
    store<u32>(at, <u32>to);
    const c1 = f32x4.splat(<f32>(load<f64>(g, 8) * t1));
    family(false, left, base, c1, from, to, s);
    if (load<i32>(g, 32) >= 0) family(true, left, base, f32x4.neg(c1), from, to, s + 2 * edgeBytes);
  }
}

/** All families from their first knots on. */
export function beginKnots(): void {
  for (let i = 0, at = cursors(), k = knots; i < familyCount; i++, at += cursorBytes, k += knotBytes) store<u32>(at, <u32>k);
}

/** A ray whose steps stand in `table`; `which` of a record's numbers of planes: of the ray (0) or of its opposite (16). */
export function gatherTiles(table: usize, data: usize, which: usize): void {
  beginKnots();
  clear(edges, <usize>familyCount * 4 * edgeBytes);
  fetch(table, 0, block, 0, width);
  for (let start = 0, b = 0; start < steps; start += block, b++) {
    fetch(table, start + block, start + 2 * block, 0, width);
    sumBlock(table, start, min(start + (block >> 1), steps), min(start + block, steps));
    tile(b);
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
